//! Reads envelopes from either encoding.

use std::borrow::Cow;

use crate::error::Form;
use crate::wire::cbor_read::CborReader;
use crate::wire::json_read::JsonReader;
use crate::wire::source::{Read, Source, make_room, skip, text};
use crate::{DecodeError, EnvelopeRef, Layout, Message, Payload};

/// A source in which a payload stands as its layout has it.
pub(super) trait PayloadSource<'a>: Source<'a> {
    /// Reads a payload; also says where it begins, a text behind its quote or head.
    fn payload(&mut self) -> Read<(Payload<'a>, usize)>;
}

pub(super) fn json(layout: Layout, body: &[u8]) -> Result<Message<'_>, DecodeError> {
    whole(Form::Envelope(layout), JsonReader::new(body))
}

pub(super) fn cbor(body: &[u8]) -> Result<Message<'_>, DecodeError> {
    whole(Form::Envelope(Layout::Cbor), CborReader::new(body))
}

fn whole<'a, S: PayloadSource<'a>>(form: Form, mut source: S) -> Result<Message<'a>, DecodeError> {
    let read = message(&mut source);
    let (message, seen) = read.map_err(|refused| source.progress().error(form, refused))?;
    if !seen.api_version {
        return Err(DecodeError::missing(form, "apiVersion"));
    }
    if !seen.correlation_id {
        return Err(DecodeError::missing(form, "correlationID"));
    }
    Ok(message)
}

/// Fields that every envelope has.
#[derive(Default)]
struct Seen {
    api_version: bool,
    correlation_id: bool,
}

fn message<'a, S: PayloadSource<'a>>(source: &mut S) -> Read<(Message<'a>, Seen)> {
    let mut envelope = EnvelopeRef::default();
    let mut payload = (Payload::None, 0);
    let mut seen = Seen::default();
    let mut map = source.map()?;
    while let Some(key) = source.key_bytes(&mut map)? {
        match &*key {
            b"apiVersion" => {
                envelope.api_version = text(source, "apiVersion")?.into();
                seen.api_version = true;
            }
            b"correlationID" => {
                envelope.correlation_id = text(source, "correlationID")?.into();
                seen.correlation_id = true;
            }
            b"requestID" => envelope.request_id = text(source, "requestID")?.into(),
            b"errorCode" => {
                source.progress().field = "errorCode";
                envelope.error_code = if source.null()? { 0 } else { source.integer()? };
            }
            b"payload" => {
                source.progress().field = "payload";
                payload = if source.null()? {
                    (Payload::None, 0)
                } else {
                    source.payload()?
                };
            }
            b"contentType" => envelope.content_type = text(source, "contentType")?.into(),
            b"queryParams" => envelope.query_params = query_params(source)?,
            unknown => skip(source, unknown)?,
        }
        source.progress().field = "body";
    }
    source.end()?;
    let (payload, payload_at) = payload;
    let message = Message {
        envelope,
        payload,
        payload_at,
    };
    Ok((message, seen))
}

fn query_params<'a, S: Source<'a>>(source: &mut S) -> Read<Vec<(Cow<'a, str>, Cow<'a, str>)>> {
    source.progress().field = "queryParams";
    let mut params = Vec::new();
    if source.null()? {
        return Ok(params);
    }
    let mut map = source.map()?;
    let start = source.progress().at;
    let mut first_bytes = 0;
    while let Some(key) = source.key(&mut map)? {
        let param = (key.into(), source.text()?.into());
        if params.is_empty() {
            first_bytes = source.progress().at - start;
        }
        make_room(&mut params, source, &map, true, first_bytes)?;
        params.push(param);
    }
    Ok(params)
}

impl<'a> PayloadSource<'a> for JsonReader<'a> {
    fn payload(&mut self) -> Read<(Payload<'a>, usize)> {
        let is_text = self.is_text();
        let start = self.progress().at;
        if is_text {
            return Ok((Payload::Text(self.text()?.into()), start + 1));
        }
        Ok((Payload::Encoded(self.raw()?.into()), start))
    }
}

impl<'a> PayloadSource<'a> for CborReader<'a> {
    fn payload(&mut self) -> Read<(Payload<'a>, usize)> {
        let start = self.progress().at;
        if self.is_text() {
            let text = self.text()?;
            let at = self.progress().at.saturating_sub(text.len());
            return Ok((Payload::Text(text.into()), at));
        }
        if self.is_bytes() {
            return Ok((Payload::Bytes(self.bytes()?), start));
        }
        Ok((Payload::Encoded(self.raw()?.into()), start))
    }
}
