//! Attributes in protocols' own headers.

use busbench_envelope::native;
use busbench_envelope::{Envelope, EnvelopeRef};

use super::super::bounds::bounded;
use super::{refused, same};

/// Parts names and values in the inputs of [`mqtt5`] and [`redis`]: no UTF-8 text has it.
pub(crate) const SEPARATOR: u8 = 0xff;

/// A NATS header block.
pub fn nats(data: &[u8]) -> Result<(), String> {
    let first = match bounded(data, || native::nats::read_block(data))? {
        Ok(envelope) => envelope.into_owned(),
        Err(error) => return refused(&error, data),
    };
    let mut block = Vec::new();
    native::nats::write_block(&first, &mut block);
    let again = read_block(&block)?;
    // Half a line break within a value becomes a space when it is written.
    let mut settled = Vec::new();
    native::nats::write_block(&again, &mut settled);
    same("the envelope", &again, &read_block(&settled)?)?;
    if has_line_break(&first) {
        return Ok(());
    }
    same("the envelope", &first, &again)
}

fn read_block(block: &[u8]) -> Result<Envelope, String> {
    native::nats::read_block(block)
        .map(EnvelopeRef::into_owned)
        .map_err(|error| format!("what was written cannot be read: {error}"))
}

fn has_line_break(envelope: &Envelope) -> bool {
    let parameters = envelope.query_params.iter();
    [
        &envelope.api_version,
        &envelope.correlation_id,
        &envelope.request_id,
        &envelope.content_type,
    ]
    .into_iter()
    .chain(parameters.flat_map(|(key, value)| [key, value]))
    .any(|text| text.contains(['\r', '\n']))
}

/// MQTT 5 properties: content type and correlation data, then names and values.
pub fn mqtt5(data: &[u8]) -> Result<(), String> {
    let mut pieces = data.split(|&byte| byte == SEPARATOR);
    let content_type = pieces.next().and_then(text);
    let correlation_data = pieces.next();
    let users = pairs(pieces).filter_map(|(name, value)| Some((name, text(value)?)));
    let read = bounded(data, || {
        native::mqtt5::read(content_type, correlation_data, users)
    })?;
    let Ok(first) = read.map(EnvelopeRef::into_owned) else {
        return Ok(());
    };
    let properties = native::mqtt5::properties(&first);
    let users = &properties.user_properties;
    let again = native::mqtt5::read(
        Some(&properties.content_type),
        Some(&properties.correlation_data),
        users.iter().map(|(name, value)| (*name, value.as_str())),
    )
    .map_err(|error| format!("what was written cannot be read: {error}"))?;
    same("the envelope", &first, &again.into_owned())
}

/// Fields of a Redis stream entry: names and values.
pub fn redis(data: &[u8]) -> Result<(), String> {
    let fields = pairs(data.split(|&byte| byte == SEPARATOR));
    let read = bounded(data, || native::redis::read_pairs(fields))?;
    let Ok((first, payload)) = read else {
        return Ok(());
    };
    let first = first.into_owned();
    let fields = native::redis::fields(&first);
    let written = fields.iter().map(|(name, value)| (*name, value.as_bytes()));
    let (again, payload_again) =
        native::redis::read_pairs(written.chain([(native::redis::PAYLOAD, payload)]))
            .map_err(|error| format!("what was written cannot be read: {error}"))?;
    same("the envelope", &first, &again.into_owned())?;
    same("the payload", &payload, &payload_again)
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Pieces by two, where the first is a text, as clients give names.
fn pairs<'a>(
    mut pieces: impl Iterator<Item = &'a [u8]> + Clone,
) -> impl Iterator<Item = (&'a str, &'a [u8])> + Clone {
    std::iter::from_fn(move || Some((text(pieces.next()?)?, pieces.next()?)))
}
