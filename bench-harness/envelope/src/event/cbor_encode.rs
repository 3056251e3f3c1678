//! Writes events as CBOR, the keys in the order of Go's structs.

use crate::wire::cbor_write::{bytes, integer, list_of, map_of, member, null, text};
use crate::{AddEventRequest, EncodeError, Encoding, Event, Reading, Value};

pub(super) fn request(request: &AddEventRequest<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    map_of(3, out);
    member("apiVersion", &request.api_version, out);
    member("requestId", &request.request_id, out);
    text("event", out);
    event(&request.event, out)
}

fn event(event: &Event<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    map_of(7 + u64::from(!event.tags.is_empty()), out);
    member("apiVersion", &event.api_version, out);
    member("id", &event.id, out);
    member("deviceName", &event.device_name, out);
    member("profileName", &event.profile_name, out);
    member("sourceName", &event.source_name, out);
    text("origin", out);
    integer(event.origin, out);
    text("readings", out);
    if event.readings.is_empty() {
        null(out);
    } else {
        list_of(event.readings.len(), out);
        for item in &event.readings {
            reading(item, out)?;
        }
    }
    if !event.tags.is_empty() {
        text("tags", out);
        event.tags.encode(Encoding::Cbor, out)?;
    }
    Ok(())
}

fn reading(reading: &Reading<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    map_of(members_of(reading), out);
    present("id", &reading.id, out);
    if reading.origin != 0 {
        text("origin", out);
        integer(reading.origin, out);
    }
    present("deviceName", &reading.device_name, out);
    present("resourceName", &reading.resource_name, out);
    present("profileName", &reading.profile_name, out);
    member("valueType", &reading.value_type, out);
    present("units", &reading.units, out);
    if !reading.tags.is_empty() {
        text("tags", out);
        reading.tags.encode(Encoding::Cbor, out)?;
    }
    match &reading.value {
        Value::Text(value) => member("value", value, out),
        Value::Binary {
            bytes: value,
            media_type,
        } => {
            if !value.is_empty() {
                text("binaryValue", out);
                bytes(value, out);
            }
            present("mediaType", media_type, out);
        }
        Value::Object(value) => {
            text("objectValue", out);
            value.encode(Encoding::Cbor, out)?;
        }
        Value::Null => {
            for key in ["value", "binaryValue", "objectValue"] {
                text(key, out);
                null(out);
            }
        }
    }
    Ok(())
}

/// A definite map begins with the number of its members.
fn members_of(reading: &Reading<'_>) -> u64 {
    let texts = [
        &reading.id,
        &reading.device_name,
        &reading.resource_name,
        &reading.profile_name,
        &reading.units,
    ];
    let present = texts.into_iter().map(|text| u64::from(!text.is_empty()));
    let values = match &reading.value {
        Value::Text(_) | Value::Object(_) => 1,
        Value::Binary { bytes, media_type } => {
            u64::from(!bytes.is_empty()) + u64::from(!media_type.is_empty())
        }
        Value::Null => 3,
    };
    let value_type = 1;
    present.sum::<u64>()
        + u64::from(reading.origin != 0)
        + value_type
        + u64::from(!reading.tags.is_empty())
        + values
}

#[inline]
fn present(key: &str, value: &str, out: &mut Vec<u8>) {
    if !value.is_empty() {
        member(key, value, out);
    }
}
