//! Marshalled envelopes.

use std::borrow::Cow;

use busbench_envelope::{Layout, Message, Payload, codec};

use super::super::bounds::bounded;
use super::{refused, same};

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
    let mut scratch = Vec::new();
    let read = bounded(data, || {
        codec::decode(layout, data).and_then(|message| message.read_into(layout, &mut scratch))
    })?;
    let (envelope, payload) = match read {
        Ok((envelope, payload)) => (envelope.into_owned(), payload),
        Err(error) => return refused(&error, data),
    };
    let mut body = Vec::new();
    codec::encode(
        layout,
        &envelope,
        &Payload::Bytes(Cow::Borrowed(payload)),
        &mut body,
    )
    .map_err(|error| format!("what was read cannot be written: {error}"))?;
    let again = codec::decode(layout, &body).and_then(|again| {
        let payload = again.payload.into_encoded(layout)?;
        Ok((again.envelope, payload))
    });
    let (envelope_again, payload_again) =
        again.map_err(|error| format!("what was written cannot be read: {error}"))?;
    same("the envelope", &envelope, &envelope_again.into_owned())?;
    same("the payload", &payload, &&*payload_again)
}

fn inlined(layout: Layout, data: &[u8]) -> Result<(), String> {
    let Message {
        envelope, payload, ..
    } = match bounded(data, || codec::decode(layout, data))? {
        Ok(message) => message,
        Err(error) => return refused(&error, data),
    };
    let envelope = envelope.into_owned();
    let mut body = Vec::new();
    codec::encode(layout, &envelope, &payload, &mut body)
        .map_err(|error| format!("what was read cannot be written: {error}"))?;
    let again = codec::decode(layout, &body)
        .map_err(|error| format!("what was written cannot be read: {error}"))?;
    same("the envelope", &envelope, &again.envelope.into_owned())?;
    same("the payload", &payload, &again.payload)?;
    match bounded(data, || payload.into_encoded(layout))? {
        Ok(_) => Ok(()),
        Err(error) => refused(&error, data),
    }
}
