//! Reads events from CBOR.

use std::borrow::Cow;

use minicbor::Decoder;
use minicbor::decode::Error;

use crate::error::Form;
use crate::wire::cbor_read::{any, bytes, is_null, list, members, number_or_text, text};
use crate::{AddEventRequest, Any, DecodeError, Encoding, Event, Reading, Tags, Value};

pub(super) fn request(input: &[u8]) -> Result<AddEventRequest<'_>, DecodeError> {
    let mut reader = Reader { field: "body" };
    let mut decoder = Decoder::new(input);
    let form = Form::Event(Encoding::Cbor);
    let request = reader
        .request(&mut decoder)
        .map_err(|error| DecodeError::cbor(form, reader.field, input, &error))?;
    if decoder.position() < input.len() {
        return Err(DecodeError::longer(form, decoder.position()));
    }
    request.ok_or_else(|| DecodeError::missing(form, "event"))
}

/// Remembers the field that it is in, for the error.
struct Reader {
    field: &'static str,
}

impl Reader {
    fn request<'a>(
        &mut self,
        decoder: &mut Decoder<'a>,
    ) -> Result<Option<AddEventRequest<'a>>, Error> {
        let mut api_version = Cow::default();
        let mut request_id = Cow::default();
        let mut event = None;
        members(decoder, |key, decoder| {
            match &*key {
                "apiVersion" => api_version = self.text("apiVersion", decoder)?,
                "requestId" => request_id = self.text("requestId", decoder)?,
                "event" => event = Some(self.event(decoder)?),
                _ => decoder.skip()?,
            }
            Ok(())
        })?;
        Ok(event.map(|event| AddEventRequest {
            api_version,
            request_id,
            event,
        }))
    }

    fn event<'a>(&mut self, decoder: &mut Decoder<'a>) -> Result<Event<'a>, Error> {
        self.field = "event";
        let mut event = Event {
            api_version: Cow::default(),
            id: Cow::default(),
            device_name: Cow::default(),
            profile_name: Cow::default(),
            source_name: Cow::default(),
            origin: 0,
            readings: Vec::new(),
            tags: Vec::new(),
        };
        members(decoder, |key, decoder| {
            match &*key {
                "apiVersion" => event.api_version = self.text("apiVersion", decoder)?,
                "id" => event.id = self.text("id", decoder)?,
                "deviceName" => event.device_name = self.text("deviceName", decoder)?,
                "profileName" => event.profile_name = self.text("profileName", decoder)?,
                "sourceName" => event.source_name = self.text("sourceName", decoder)?,
                "origin" => event.origin = self.origin(decoder)?,
                "readings" => event.readings = self.readings(decoder)?,
                "tags" => event.tags = self.tags(decoder)?,
                _ => decoder.skip()?,
            }
            Ok(())
        })?;
        Ok(event)
    }

    fn readings<'a>(&mut self, decoder: &mut Decoder<'a>) -> Result<Vec<Reading<'a>>, Error> {
        self.field = "readings";
        let mut readings = Vec::new();
        if !is_null(decoder)? {
            list(decoder, |decoder| {
                readings.push(self.reading(decoder)?);
                Ok(())
            })?;
        }
        Ok(readings)
    }

    fn reading<'a>(&mut self, decoder: &mut Decoder<'a>) -> Result<Reading<'a>, Error> {
        self.field = "readings";
        let mut reading = Reading {
            id: Cow::default(),
            origin: 0,
            device_name: Cow::default(),
            resource_name: Cow::default(),
            profile_name: Cow::default(),
            value_type: Cow::default(),
            units: Cow::default(),
            tags: Vec::new(),
            value: Value::Null,
        };
        let mut values = Values::default();
        members(decoder, |key, decoder| {
            match &*key {
                "id" => reading.id = self.text("id", decoder)?,
                "origin" => reading.origin = self.origin(decoder)?,
                "deviceName" => reading.device_name = self.text("deviceName", decoder)?,
                "resourceName" => reading.resource_name = self.text("resourceName", decoder)?,
                "profileName" => reading.profile_name = self.text("profileName", decoder)?,
                "valueType" => reading.value_type = self.text("valueType", decoder)?,
                "units" => reading.units = self.text("units", decoder)?,
                "tags" => reading.tags = self.tags(decoder)?,
                "value" => values.text = self.optional("value", decoder, number_or_text)?,
                "binaryValue" => values.bytes = self.optional("binaryValue", decoder, bytes)?,
                "mediaType" => values.media_type = self.text("mediaType", decoder)?,
                "objectValue" => values.object = self.optional("objectValue", decoder, any)?,
                _ => decoder.skip()?,
            }
            Ok(())
        })?;
        reading.value = values.chosen();
        Ok(reading)
    }

    fn text<'a>(
        &mut self,
        field: &'static str,
        decoder: &mut Decoder<'a>,
    ) -> Result<Cow<'a, str>, Error> {
        self.field = field;
        text(decoder)
    }

    fn origin(&mut self, decoder: &mut Decoder<'_>) -> Result<i64, Error> {
        self.field = "origin";
        decoder.i64()
    }

    fn tags<'a>(&mut self, decoder: &mut Decoder<'a>) -> Result<Tags<'a>, Error> {
        self.field = "tags";
        let mut tags = Vec::new();
        if !is_null(decoder)? {
            members(decoder, |key, decoder| {
                tags.push((key, any(decoder)?));
                Ok(())
            })?;
        }
        Ok(tags)
    }

    fn optional<'a, T>(
        &mut self,
        field: &'static str,
        decoder: &mut Decoder<'a>,
        read: impl FnOnce(&mut Decoder<'a>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.field = field;
        Ok(if is_null(decoder)? {
            None
        } else {
            Some(read(decoder)?)
        })
    }
}

#[derive(Default)]
struct Values<'a> {
    text: Option<Cow<'a, str>>,
    bytes: Option<Cow<'a, [u8]>>,
    media_type: Cow<'a, str>,
    object: Option<Any<'a>>,
}

impl<'a> Values<'a> {
    /// `EdgeX` 3 writes an empty `value` beside an object or bytes.
    fn chosen(self) -> Value<'a> {
        match (self.object, self.bytes, self.text) {
            (Some(object), _, _) => Value::Object(object),
            (None, Some(bytes), _) => Value::Binary {
                bytes,
                media_type: self.media_type,
            },
            (None, None, Some(text)) => Value::Text(text),
            (None, None, None) => Value::Null,
        }
    }
}
