//! Envelopes as CBOR, the keys in the order of Go's struct.

use std::borrow::Cow;

use minicbor::Decoder;
use minicbor::data::Type;
use minicbor::decode::Error;

use crate::envelope::QueryParams;
use crate::error::Form;
use crate::wire::cbor_read::{bytes, is_null, members, text};
use crate::wire::cbor_write::Writer;
use crate::{DecodeError, EncodeError, Envelope, EnvelopeRef, Layout, Message, Payload};

/// Writes an envelope around what `payload` writes; returns where the correlation id's text begins.
pub(super) fn encode(
    envelope: &Envelope,
    out: &mut Vec<u8>,
    payload: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<Option<usize>, EncodeError> {
    let has_params = !envelope.query_params.is_empty();
    let mut writer = Writer::new(out);
    writer.map(7 + u64::from(has_params))?;
    writer.str("apiVersion")?.str(&envelope.api_version)?;
    // The receiver's client fills in the topic; on the wire it is always empty.
    writer.str("receivedTopic")?.str("")?;
    writer.str("correlationID")?.str(&envelope.correlation_id)?;
    let correlation_at = writer.writer().len() - envelope.correlation_id.len();
    writer.str("requestID")?.str(&envelope.request_id)?;
    writer.str("errorCode")?.i64(envelope.error_code)?;
    writer.str("payload")?;
    payload(writer.writer_mut())?;
    writer.str("contentType")?.str(&envelope.content_type)?;
    if has_params {
        writer.str("queryParams")?;
        writer.map(envelope.query_params.len() as u64)?;
        for (key, value) in &envelope.query_params {
            writer.str(key)?.str(value)?;
        }
    }
    Ok(Some(correlation_at))
}

/// Writes a payload; an encoded one is CBOR already.
pub(super) fn inline(payload: &Payload<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match payload {
        Payload::None => Writer::new(out).null()?,
        Payload::Bytes(bytes) => Writer::new(out).bytes(bytes)?,
        Payload::Text(text) => Writer::new(out).str(text)?,
        Payload::Encoded(cbor) => {
            out.extend_from_slice(cbor);
            return Ok(());
        }
    };
    Ok(())
}

pub(super) fn decode(body: &[u8]) -> Result<Message<'_>, DecodeError> {
    let form = Form::Envelope(Layout::Cbor);
    let mut decoder = Decoder::new(body);
    let mut field = "body";
    let (envelope, payload, seen) = read(&mut decoder, &mut field)
        .map_err(|error| DecodeError::cbor(form, field, body, &error))?;
    if decoder.position() < body.len() {
        return Err(DecodeError::longer(form, decoder.position()));
    }
    if !seen.api_version {
        return Err(DecodeError::missing(form, "apiVersion"));
    }
    if !seen.correlation_id {
        return Err(DecodeError::missing(form, "correlationID"));
    }
    Ok(Message { envelope, payload })
}

#[derive(Default)]
struct Seen {
    api_version: bool,
    correlation_id: bool,
}

fn read<'a>(
    decoder: &mut Decoder<'a>,
    field: &mut &'static str,
) -> Result<(EnvelopeRef<'a>, Payload<'a>, Seen), Error> {
    let mut envelope = EnvelopeRef::default();
    let mut payload = Payload::None;
    let mut seen = Seen::default();
    members(decoder, |key, decoder| {
        match &*key {
            "apiVersion" => {
                *field = "apiVersion";
                envelope.api_version = text(decoder)?;
                seen.api_version = true;
            }
            "correlationID" => {
                *field = "correlationID";
                envelope.correlation_id = text(decoder)?;
                seen.correlation_id = true;
            }
            "requestID" => {
                *field = "requestID";
                envelope.request_id = text(decoder)?;
            }
            "errorCode" => {
                *field = "errorCode";
                envelope.error_code = decoder.i64()?;
            }
            "payload" => {
                *field = "payload";
                payload = read_payload(decoder)?;
            }
            "contentType" => {
                *field = "contentType";
                envelope.content_type = text(decoder)?;
            }
            "queryParams" => {
                *field = "queryParams";
                envelope.query_params = read_query_params(decoder)?;
            }
            _ => decoder.skip()?,
        }
        Ok(())
    })?;
    Ok((envelope, payload, seen))
}

fn read_payload<'a>(decoder: &mut Decoder<'a>) -> Result<Payload<'a>, Error> {
    Ok(match decoder.datatype()? {
        Type::Null | Type::Undefined => {
            decoder.skip()?;
            Payload::None
        }
        Type::String | Type::StringIndef => Payload::Text(text(decoder)?),
        Type::Bytes | Type::BytesIndef => Payload::Bytes(bytes(decoder)?),
        _ => {
            let start = decoder.position();
            decoder.skip()?;
            let value = decoder.input().get(start..decoder.position());
            Payload::Encoded(Cow::Borrowed(value.unwrap_or_default()))
        }
    })
}

fn read_query_params<'a>(decoder: &mut Decoder<'a>) -> Result<QueryParams<'a>, Error> {
    let mut params = Vec::new();
    if !is_null(decoder)? {
        members(decoder, |key, decoder| {
            params.push((key, text(decoder)?));
            Ok(())
        })?;
    }
    Ok(params)
}
