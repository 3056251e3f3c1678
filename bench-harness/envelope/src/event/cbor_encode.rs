//! Writes events as CBOR, the keys in the order of Go's structs.

use crate::wire::cbor_write::{Writer, Written, any, map};
use crate::{AddEventRequest, EncodeError, Event, Reading, Value};

pub(super) fn request(request: &AddEventRequest<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let mut writer = Writer::new(out);
    writer.map(3)?;
    member("apiVersion", &request.api_version, &mut writer)?;
    member("requestId", &request.request_id, &mut writer)?;
    writer.str("event")?;
    event(&request.event, &mut writer)?;
    Ok(())
}

fn event(event: &Event<'_>, writer: &mut Writer<'_>) -> Written {
    writer.map(7 + u64::from(!event.tags.is_empty()))?;
    member("apiVersion", &event.api_version, writer)?;
    member("id", &event.id, writer)?;
    member("deviceName", &event.device_name, writer)?;
    member("profileName", &event.profile_name, writer)?;
    member("sourceName", &event.source_name, writer)?;
    writer.str("origin")?.i64(event.origin)?;
    writer.str("readings")?;
    if event.readings.is_empty() {
        writer.null()?;
    } else {
        writer.array(event.readings.len() as u64)?;
        for item in &event.readings {
            reading(item, writer)?;
        }
    }
    if !event.tags.is_empty() {
        writer.str("tags")?;
        map(&event.tags, writer)?;
    }
    Ok(())
}

fn reading(reading: &Reading<'_>, writer: &mut Writer<'_>) -> Written {
    writer.map(members_of(reading))?;
    present("id", &reading.id, writer)?;
    if reading.origin != 0 {
        writer.str("origin")?.i64(reading.origin)?;
    }
    present("deviceName", &reading.device_name, writer)?;
    present("resourceName", &reading.resource_name, writer)?;
    present("profileName", &reading.profile_name, writer)?;
    member("valueType", &reading.value_type, writer)?;
    present("units", &reading.units, writer)?;
    if !reading.tags.is_empty() {
        writer.str("tags")?;
        map(&reading.tags, writer)?;
    }
    match &reading.value {
        Value::Text(text) => member("value", text, writer),
        Value::Binary { bytes, media_type } => {
            if !bytes.is_empty() {
                writer.str("binaryValue")?.bytes(bytes)?;
            }
            present("mediaType", media_type, writer)
        }
        Value::Object(value) => {
            writer.str("objectValue")?;
            any(value, writer)
        }
        Value::Null => {
            writer.str("value")?.null()?;
            writer.str("binaryValue")?.null()?;
            writer.str("objectValue")?.null()?;
            Ok(())
        }
    }
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

fn member(key: &str, text: &str, writer: &mut Writer<'_>) -> Written {
    writer.str(key)?.str(text)?;
    Ok(())
}

fn present(key: &str, text: &str, writer: &mut Writer<'_>) -> Written {
    if text.is_empty() {
        return Ok(());
    }
    member(key, text, writer)
}
