//! Writes envelopes as JSON, the keys in the order of Go's struct.

use crate::wire::json_write::{self, integer, member, string};
use crate::{EncodeError, Envelope, Payload};

/// Writes an envelope around what `payload` writes; returns where the correlation id's text begins.
pub(super) fn encode(
    envelope: &Envelope,
    out: &mut Vec<u8>,
    payload: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
) -> Result<Option<usize>, EncodeError> {
    member("{\"apiVersion\":", &envelope.api_version, out);
    // The receiver's client fills in the topic; on the wire it is always empty.
    out.extend_from_slice(b",\"receivedTopic\":\"\",\"correlationID\":");
    let correlation_at = out.len() + 1;
    string(&envelope.correlation_id, out);
    member(",\"requestID\":", &envelope.request_id, out);
    out.extend_from_slice(b",\"errorCode\":");
    integer(envelope.error_code, out);
    out.extend_from_slice(b",\"payload\":");
    payload(out)?;
    member(",\"contentType\":", &envelope.content_type, out);
    if !envelope.query_params.is_empty() {
        out.extend_from_slice(b",\"queryParams\":");
        let start = out.len();
        for (key, value) in &envelope.query_params {
            member(",", key, out);
            member(":", value, out);
        }
        out[start] = b'{';
        out.push(b'}');
    }
    out.push(b'}');
    Ok(Some(correlation_at))
}

/// `EdgeX` 4: an encoded value is inlined, bytes are base64, a text is a string.
pub(super) fn inline(payload: &Payload<'_>, out: &mut Vec<u8>) {
    match payload {
        Payload::None => out.extend_from_slice(b"null"),
        Payload::Encoded(json) => out.extend_from_slice(json),
        Payload::Bytes(bytes) => json_write::base64(bytes, out),
        Payload::Text(text) => string(text, out),
    }
}

/// `EdgeX` 3: whatever was encoded is base64. A text is left as it is, as `EdgeX` 4 does in this
/// layout; version 3 sends its bytes.
pub(super) fn base64(payload: &Payload<'_>, out: &mut Vec<u8>) {
    match payload {
        Payload::None => out.extend_from_slice(b"null"),
        Payload::Encoded(bytes) | Payload::Bytes(bytes) => json_write::base64(bytes, out),
        Payload::Text(text) => string(text, out),
    }
}
