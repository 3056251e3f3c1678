//! Writes envelopes as CBOR, the keys in the order of Go's struct.

use crate::wire::cbor_write::{bytes, integer, map_of, member, null, text};
use crate::{EncodeError, Envelope, Payload};

/// Writes an envelope around what `payload` writes; returns where the correlation id's text begins.
pub(super) fn encode(
    envelope: &Envelope,
    out: &mut Vec<u8>,
    payload: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<Option<usize>, EncodeError> {
    let has_params = !envelope.query_params.is_empty();
    map_of(7 + u64::from(has_params), out);
    member("apiVersion", &envelope.api_version, out);
    // The receiver's client fills in the topic; on the wire it is always empty.
    member("receivedTopic", "", out);
    member("correlationID", &envelope.correlation_id, out);
    let correlation_at = out.len() - envelope.correlation_id.len();
    member("requestID", &envelope.request_id, out);
    text("errorCode", out);
    integer(envelope.error_code, out);
    text("payload", out);
    payload(out)?;
    member("contentType", &envelope.content_type, out);
    if has_params {
        text("queryParams", out);
        map_of(envelope.query_params.len() as u64, out);
        for (key, value) in &envelope.query_params {
            member(key, value, out);
        }
    }
    Ok(Some(correlation_at))
}

/// Writes a payload; an encoded one is CBOR already.
pub(super) fn inline(payload: &Payload<'_>, out: &mut Vec<u8>) {
    match payload {
        Payload::None => null(out),
        Payload::Bytes(payload) => bytes(payload, out),
        Payload::Text(payload) => text(payload, out),
        Payload::Encoded(cbor) => out.extend_from_slice(cbor),
    }
}
