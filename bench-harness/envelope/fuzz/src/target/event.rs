//! Events.

use busbench_envelope::{AddEventRequest, Encoding, Reading, Value};

use super::super::bounds::bounded;
use super::{refused, same};

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
        Err(error) => return refused(&error, data),
    };
    let verdict = bounded(data, || first.validate())?;
    let mut bytes = Vec::new();
    first
        .encode(encoding, &mut bytes)
        .map_err(|error| format!("what was read cannot be written: {error}"))?;
    let again = AddEventRequest::decode(encoding, &bytes)
        .map_err(|error| format!("what was written cannot be read: {error}"))?;
    // No bytes of a binary value are no value at all to a reader.
    if !first.event.readings.iter().any(is_empty_binary) {
        same("the event", &first, &again)?;
        same("the verdict", &verdict, &again.validate())?;
    }
    first.event.optimize();
    first.event.restore();
    other_encoding(encoding, first)
}

/// What both encodings can say is read back from the other one.
fn other_encoding(encoding: Encoding, mut request: AddEventRequest<'_>) -> Result<(), String> {
    let other = match encoding {
        Encoding::Json => Encoding::Cbor,
        Encoding::Cbor => Encoding::Json,
    };
    let mut bytes = Vec::new();
    // A tree cannot hold all that stands in a message, and JSON no infinite number.
    if request.event.build_trees().is_err() || request.encode(other, &mut bytes).is_err() {
        return Ok(());
    }
    AddEventRequest::decode(other, &bytes)
        .map(drop)
        .map_err(|error| format!("what was written in the other encoding cannot be read: {error}"))
}

fn is_empty_binary(reading: &Reading<'_>) -> bool {
    matches!(&reading.value, Value::Binary { bytes, .. } if bytes.is_empty())
}
