//! Short texts: stamps, topics, payloads of scenarios.

use busbench_envelope::{PayloadSpec, Stamp, topic as topics};

use super::super::bounds::bounded;
use super::same;

/// A stamp.
pub fn stamp(data: &[u8]) -> Result<(), String> {
    let Some(stamp) = bounded(data, || Stamp::read(data))? else {
        return Ok(());
    };
    let mut text = [0; Stamp::TEXT_BYTES];
    stamp.write(&mut text);
    same("the stamp", &data, &&text[..])
}

/// A topic, subject or channel, in all directions.
pub fn topic(data: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(data) else {
        return Ok(());
    };
    let subject = bounded(data, || topics::nats_subject(text))?;
    let back = bounded(data, || topics::nats_topic(text))?;
    let channel = bounded(data, || topics::redis_channel(text))?;
    let received = bounded(data, || topics::redis_topic(text))?;
    let patterns = bounded(data, || topics::redis_patterns(text))?;
    for changed in [&subject, &back, &channel, &received, &patterns[0]] {
        same("a topic's length", &text.len(), &changed.len())?;
    }
    if !text.contains(['.', '*', '>']) {
        same("a topic on NATS", &text, &&*topics::nats_topic(&subject))?;
    }
    if !text.contains(['.', '*', '+']) {
        same("a topic on Redis", &text, &&*topics::redis_topic(&channel))?;
    }
    Ok(())
}

/// A payload, as a scenario names it.
pub fn payload_spec(data: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(data) else {
        return Ok(());
    };
    let Ok(first) = bounded(data, || text.parse::<PayloadSpec>())? else {
        return Ok(());
    };
    let again = first.to_string().parse::<PayloadSpec>();
    same("the payload", &Some(first), &again.ok())
}
