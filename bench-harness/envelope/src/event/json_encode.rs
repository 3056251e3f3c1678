//! Writes events as JSON, the keys in the order of Go's structs.

use crate::wire::json_write::{base64, integer, member};
use crate::{AddEventRequest, EncodeError, Encoding, Event, Reading, Value};

pub(super) fn request(request: &AddEventRequest<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    member("{\"apiVersion\":", &request.api_version, out);
    member(",\"requestId\":", &request.request_id, out);
    out.extend_from_slice(b",\"event\":");
    event(&request.event, out)?;
    out.push(b'}');
    Ok(())
}

fn event(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    member("{\"apiVersion\":", &event.api_version, out);
    member(",\"id\":", &event.id, out);
    member(",\"deviceName\":", &event.device_name, out);
    member(",\"profileName\":", &event.profile_name, out);
    member(",\"sourceName\":", &event.source_name, out);
    out.extend_from_slice(b",\"origin\":");
    integer(event.origin, out);
    out.extend_from_slice(b",\"readings\":");
    if event.readings.is_empty() {
        out.extend_from_slice(b"null");
    } else {
        let start = out.len();
        for item in &event.readings {
            out.push(b',');
            reading(item, out)?;
        }
        out[start] = b'[';
        out.push(b']');
    }
    if !event.tags.is_empty() {
        out.extend_from_slice(b",\"tags\":");
        event.tags.encode(Encoding::Json, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// Any of a reading's members may be the first, so each begins with a comma, and the first comma
/// becomes the brace.
fn reading(reading: &Reading<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let start = out.len();
    present(",\"id\":", &reading.id, out);
    if reading.origin != 0 {
        out.extend_from_slice(b",\"origin\":");
        integer(reading.origin, out);
    }
    present(",\"deviceName\":", &reading.device_name, out);
    present(",\"resourceName\":", &reading.resource_name, out);
    present(",\"profileName\":", &reading.profile_name, out);
    member(",\"valueType\":", &reading.value_type, out);
    present(",\"units\":", &reading.units, out);
    if !reading.tags.is_empty() {
        out.extend_from_slice(b",\"tags\":");
        reading.tags.encode(Encoding::Json, out)?;
    }
    match &reading.value {
        Value::Text(text) => member(",\"value\":", text, out),
        Value::Binary { bytes, media_type } => {
            if !bytes.is_empty() {
                out.extend_from_slice(b",\"binaryValue\":");
                base64(bytes, out);
            }
            present(",\"mediaType\":", media_type, out);
        }
        Value::Object(value) => {
            out.extend_from_slice(b",\"objectValue\":");
            value.encode(Encoding::Json, out)?;
        }
        Value::Null => {
            out.extend_from_slice(b",\"value\":null,\"binaryValue\":null,\"objectValue\":null");
        }
    }
    out[start] = b'{';
    out.push(b'}');
    Ok(())
}

fn present(before: &str, text: &str, out: &mut Vec<u8>) {
    if !text.is_empty() {
        member(before, text, out);
    }
}
