//! Reads events from either encoding.

use std::borrow::Cow;

use crate::error::Form;
use crate::object::{Object, Raw, Tags};
use crate::wire::cbor_read::CborReader;
use crate::wire::json_read::JsonReader;
use crate::wire::source::{Read, Source, make_room, skip, text};
use crate::{AddEventRequest, DecodeError, Encoding, Event, Reading, Text, Value};

pub(super) fn json(bytes: &[u8]) -> Result<AddEventRequest<'_>, DecodeError> {
    whole(Form::Event(Encoding::Json), JsonReader::new(bytes))
}

pub(super) fn cbor(bytes: &[u8]) -> Result<AddEventRequest<'_>, DecodeError> {
    whole(Form::Event(Encoding::Cbor), CborReader::new(bytes))
}

fn whole<'a, S: Source<'a>>(form: Form, mut source: S) -> Result<AddEventRequest<'a>, DecodeError> {
    let read = request(&mut source);
    read.map_err(|refused| source.progress().error(form, refused))?
        .ok_or_else(|| DecodeError::missing(form, "event"))
}

fn request<'a, S: Source<'a>>(source: &mut S) -> Read<Option<AddEventRequest<'a>>> {
    let mut api_version = Text::default();
    let mut request_id = Text::default();
    let mut request_event = None;
    let mut map = source.map()?;
    while let Some(key) = source.key_bytes(&mut map)? {
        match &*key {
            b"apiVersion" => api_version = text(source, "apiVersion")?,
            b"requestId" => request_id = text(source, "requestId")?,
            b"event" => request_event = Some(event(source)?),
            unknown => skip(source, unknown)?,
        }
        source.progress().field = "body";
    }
    source.end()?;
    Ok(request_event.map(|event| AddEventRequest {
        api_version,
        request_id,
        event,
    }))
}

fn event<'a, S: Source<'a>>(source: &mut S) -> Read<Event<'a>> {
    let mut event = Event {
        api_version: Text::default(),
        id: Text::default(),
        device_name: Text::default(),
        profile_name: Text::default(),
        source_name: Text::default(),
        origin: 0,
        readings: Vec::new(),
        tags: Tags::default(),
    };
    source.progress().field = "event";
    let mut map = source.map()?;
    while let Some(key) = source.key_bytes(&mut map)? {
        match &*key {
            b"apiVersion" => event.api_version = text(source, "apiVersion")?,
            b"id" => event.id = text(source, "id")?,
            b"deviceName" => event.device_name = text(source, "deviceName")?,
            b"profileName" => event.profile_name = text(source, "profileName")?,
            b"sourceName" => event.source_name = text(source, "sourceName")?,
            b"origin" => event.origin = origin(source)?,
            b"readings" => event.readings = readings(source)?,
            b"tags" => event.tags = tags(source)?,
            unknown => skip(source, unknown)?,
        }
        source.progress().field = "event";
    }
    Ok(event)
}

fn readings<'a, S: Source<'a>>(source: &mut S) -> Read<Vec<Reading<'a>>> {
    source.progress().field = "readings";
    let mut readings = Vec::new();
    if source.null()? {
        return Ok(readings);
    }
    let mut list = source.list()?;
    let start = source.progress().at;
    let mut first_bytes = 0;
    while source.item(&mut list)? {
        let item = reading(source)?;
        if readings.is_empty() {
            first_bytes = source.progress().at - start;
        }
        make_room(&mut readings, source, &list, false, first_bytes)?;
        readings.push(item);
    }
    Ok(readings)
}

fn reading<'a, S: Source<'a>>(source: &mut S) -> Read<Reading<'a>> {
    let mut reading = Reading {
        id: Text::default(),
        origin: 0,
        device_name: Text::default(),
        resource_name: Text::default(),
        profile_name: Text::default(),
        value_type: Text::default(),
        units: Text::default(),
        tags: Tags::default(),
        value: Value::Null,
    };
    let mut values = Values::default();
    let mut map = source.map()?;
    while let Some(key) = source.key_bytes(&mut map)? {
        match &*key {
            b"id" => reading.id = text(source, "id")?,
            b"origin" => reading.origin = origin(source)?,
            b"deviceName" => reading.device_name = text(source, "deviceName")?,
            b"resourceName" => reading.resource_name = text(source, "resourceName")?,
            b"profileName" => reading.profile_name = text(source, "profileName")?,
            b"valueType" => reading.value_type = text(source, "valueType")?,
            b"units" => reading.units = text(source, "units")?,
            b"tags" => reading.tags = tags(source)?,
            b"value" => values.text = value(source, "value", S::text_or_number)?,
            b"binaryValue" => values.bytes = value(source, "binaryValue", S::bytes)?,
            b"mediaType" => values.media_type = text(source, "mediaType")?,
            b"objectValue" => values.object = value(source, "objectValue", S::raw)?,
            unknown => skip(source, unknown)?,
        }
        source.progress().field = "readings";
    }
    reading.value = values.of_type(&reading.value_type, S::ENCODING);
    Ok(reading)
}

fn origin<'a, S: Source<'a>>(source: &mut S) -> Read<i64> {
    source.progress().field = "origin";
    if source.null()? {
        return Ok(0);
    }
    source.integer()
}

fn tags<'a, S: Source<'a>>(source: &mut S) -> Read<Tags<'a>> {
    source.progress().field = "tags";
    if source.null()? {
        return Ok(Tags::default());
    }
    let (bytes, is_empty) = source.raw_map()?;
    if is_empty {
        return Ok(Tags::default());
    }
    Ok(Tags::raw(Raw::new(S::ENCODING, bytes)))
}

fn value<'a, S: Source<'a>, T>(
    source: &mut S,
    field: &'static str,
    read: impl FnOnce(&mut S) -> Read<T>,
) -> Read<Option<T>> {
    source.progress().field = field;
    if source.null()? {
        return Ok(None);
    }
    read(source).map(Some)
}

#[derive(Default)]
struct Values<'a> {
    text: Option<Text<'a>>,
    bytes: Option<Cow<'a, [u8]>>,
    media_type: Text<'a>,
    object: Option<&'a [u8]>,
}

impl<'a> Values<'a> {
    /// The value that the type names. `EdgeX` 3 writes an empty `value` beside an object or bytes.
    #[inline]
    fn of_type(self, value_type: &str, encoding: Encoding) -> Value<'a> {
        match self {
            Self {
                text: Some(text),
                bytes: None,
                object: None,
                ..
            } => Value::Text(text),
            values => values.of_several(value_type, encoding),
        }
    }

    fn of_several(self, value_type: &str, encoding: Encoding) -> Value<'a> {
        let media_type = self.media_type;
        let text = self.text.map(Value::Text);
        let binary = self.bytes.map(|bytes| Value::Binary { bytes, media_type });
        let object = self
            .object
            .map(|bytes| Value::Object(Object::Raw(Raw::new(encoding, bytes))));
        match value_type {
            "Binary" => binary.or(object).or(text),
            "Object" | "ObjectArray" => object.or(binary).or(text),
            _ => text.or(object).or(binary),
        }
        .unwrap_or(Value::Null)
    }
}
