//! Events.

use busbench_envelope::{AddEventRequest, Encoding, Reading, Value};

use super::super::bounds::bounded;
use super::same;

/// An event in JSON.
pub fn event_json(data: &[u8]) -> Result<(), String> {
    event(Encoding::Json, data)
}

/// An event in CBOR.
pub fn event_cbor(data: &[u8]) -> Result<(), String> {
    event(Encoding::Cbor, data)
}

fn event(encoding: Encoding, data: &[u8]) -> Result<(), String> {
    let mut first = match bounded(data, || AddEventRequest::decode(encoding, data))? {
        Ok(request) => request,
        Err(error) if error.position.is_some_and(|position| position > data.len()) => {
            return Err(format!("{error}: beyond the input's {} bytes", data.len()));
        }
        Err(_) => return Ok(()),
    };
    let valid = bounded(data, || {
        first.validate().map_err(|refused| refused.to_string())
    })?;
    let bytes = encode(encoding, &first)?;
    let again = decode(encoding, &bytes)?;
    compare(&first, &again)?;
    // No bytes of a binary value are no value at all to a reader.
    if !first.event.readings.iter().any(is_empty_binary) {
        let again = again.validate().map_err(|refused| refused.to_string());
        same("the verdict", &valid, &again)?;
    }
    // Not the values themselves: NaN is not equal to itself, and bytes of which there are none are
    // no value to a reader. Their bytes settle at the second writing.
    let settled = encode(encoding, &again)?;
    let last = encode(encoding, &decode(encoding, &settled)?)?;
    same("the event's bytes", &settled, &last)?;

    first.event.optimize();
    first.event.restore();
    Ok(())
}

fn is_empty_binary(reading: &Reading<'_>) -> bool {
    matches!(&reading.value, Value::Binary { bytes, .. } if bytes.is_empty())
}

fn encode(encoding: Encoding, request: &AddEventRequest<'_>) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let written = request.encode(encoding, &mut bytes);
    written.map_err(|error| format!("what was read cannot be written: {error}"))?;
    Ok(bytes)
}

fn decode(encoding: Encoding, bytes: &[u8]) -> Result<AddEventRequest<'_>, String> {
    AddEventRequest::decode(encoding, bytes)
        .map_err(|error| format!("what was written cannot be read: {error}"))
}

fn compare(one: &AddEventRequest<'_>, other: &AddEventRequest<'_>) -> Result<(), String> {
    let texts = |request: &AddEventRequest<'_>| {
        let event = &request.event;
        [
            &request.api_version,
            &request.request_id,
            &event.api_version,
            &event.id,
            &event.device_name,
            &event.profile_name,
            &event.source_name,
        ]
        .map(ToString::to_string)
    };
    same("the event", &texts(one), &texts(other))?;
    same("the origin", &one.event.origin, &other.event.origin)?;
    same("the tags", &one.event.tags.len(), &other.event.tags.len())?;
    let readings = (&one.event.readings, &other.event.readings);
    same("the readings", &readings.0.len(), &readings.1.len())?;
    for (one, other) in readings.0.iter().zip(readings.1) {
        same("a reading's id", &one.id, &other.id)?;
        same("a reading's origin", &one.origin, &other.origin)?;
        same("a device", &one.device_name, &other.device_name)?;
        same("a resource", &one.resource_name, &other.resource_name)?;
        same("a profile", &one.profile_name, &other.profile_name)?;
        same("a value's type", &one.value_type, &other.value_type)?;
        same("a unit", &one.units, &other.units)?;
        if let Value::Text(_) | Value::Binary { .. } = &other.value {
            same("a value", &one.value, &other.value)?;
        }
    }
    Ok(())
}
