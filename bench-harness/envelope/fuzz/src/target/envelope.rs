//! Marshalled envelopes.

use std::borrow::Cow;

use busbench_envelope::{Layout, Message, Payload, codec};

use super::super::bounds::bounded;
use super::same;

/// An envelope in JSON, its payload inlined.
pub fn json(data: &[u8]) -> Result<(), String> {
    inlined(Layout::Json, data)
}

/// An envelope in CBOR, its payload inlined.
pub fn cbor(data: &[u8]) -> Result<(), String> {
    inlined(Layout::Cbor, data)
}

/// An envelope in JSON, its payload in base64.
pub fn json_base64(data: &[u8]) -> Result<(), String> {
    let layout = Layout::JsonBase64;
    let Some(Message { envelope, payload }) = decode(layout, data)? else {
        return Ok(());
    };
    let envelope = envelope.into_owned();
    let mut first = Vec::new();
    let read = bounded(data, || {
        payload.read_into(layout, &mut first).map(<[u8]>::to_vec)
    })?;
    // A text that is no base64: an error's of EdgeX 4.
    let Ok(bytes) = read else { return Ok(()) };
    let payload = Payload::Bytes(Cow::Borrowed(&bytes));
    let mut body = Vec::new();
    codec::encode(layout, &envelope, &payload, &mut body).map_err(|error| error.to_string())?;
    let again = codec::decode(layout, &body).map_err(|error| error.to_string())?;
    same("the envelope", &envelope, &again.envelope.into_owned())?;
    let again = again.payload.into_encoded(layout);
    let again = again.map_err(|error| error.to_string())?;
    same("the payload", &&*bytes, &&*again)
}

fn inlined(layout: Layout, data: &[u8]) -> Result<(), String> {
    let Some(Message { envelope, payload }) = decode(layout, data)? else {
        return Ok(());
    };
    let envelope = envelope.into_owned();
    let mut body = Vec::new();
    codec::encode(layout, &envelope, &payload, &mut body).map_err(|error| error.to_string())?;
    let again = codec::decode(layout, &body).map_err(|error| error.to_string())?;
    same("the envelope", &envelope, &again.envelope.into_owned())?;
    same("the payload", &payload, &again.payload)?;
    bounded(data, || payload.into_encoded(layout).is_ok()).map(drop)
}

/// What was read, if anything. A refusal must say where.
fn decode(layout: Layout, data: &[u8]) -> Result<Option<Message<'_>>, String> {
    match bounded(data, || codec::decode(layout, data))? {
        Ok(message) => Ok(Some(message)),
        Err(error) if error.position.is_some_and(|position| position > data.len()) => {
            Err(format!("{error}: beyond the input's {} bytes", data.len()))
        }
        Err(_) => Ok(None),
    }
}
