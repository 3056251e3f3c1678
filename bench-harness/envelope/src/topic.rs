//! Topics, as each bus writes them.
//!
//! `EdgeX` names topics as MQTT does: levels separated by `/`, the wildcards `+` (one level) and `#`
//! (all that follow). MQTT takes them as they are.
//!
//! Source: `go-mod-messaging` v4.0.3, `internal/pkg/nats`, and v3.1.0, `internal/pkg/redis`.

use crate::AddEventRequest;

/// Where a device service publishes an event.
#[must_use]
pub fn of_event(request: &AddEventRequest<'_>, service: &str) -> String {
    let event = &request.event;
    format!(
        "edgex/events/device/{service}/{}/{}/{}",
        event.profile_name, event.device_name, event.source_name
    )
}

/// Where a publisher of raw bytes publishes them, as long as an event's topic of `EdgeX`'s own
/// benchmark.
#[must_use]
pub(crate) fn of_raw(service: &str, publisher: u16) -> String {
    format!("edgex/events/device/{service}/Random-Raw-Device/Random-Raw-D{publisher:05}/Raw")
}

/// A topic or filter as a NATS subject. A `.` within a level is kept, so it is a separator on NATS.
#[must_use]
pub fn nats_subject(topic: &str) -> String {
    translate(topic, [(b'/', b'.'), (b'+', b'*'), (b'#', b'>')])
}

/// A NATS subject as a topic or filter.
#[must_use]
pub fn nats_topic(subject: &str) -> String {
    translate(subject, [(b'.', b'/'), (b'*', b'+'), (b'>', b'#')])
}

/// A topic as a Redis channel.
#[must_use]
pub fn redis_channel(topic: &str) -> String {
    translate(topic, [(b'/', b'.')])
}

/// A filter as the patterns that a Redis subscriber asks for. Both wildcards become `*`, so `+`
/// matches several levels too; a second pattern lets `a/b/#` match `a/b`.
#[must_use]
pub fn redis_patterns(filter: &str) -> Vec<String> {
    let pattern = |filter| translate(filter, [(b'/', b'.'), (b'+', b'*'), (b'#', b'*')]);
    let mut patterns = vec![pattern(filter)];
    patterns.extend(filter.strip_suffix("/#").map(pattern));
    patterns
}

/// A Redis channel or pattern as a topic or filter. A `*` becomes `#` where it ends the pattern,
/// else `+`.
#[must_use]
pub fn redis_topic(channel: &str) -> String {
    let topic = translate(channel, [(b'.', b'/'), (b'*', b'+')]);
    match topic.strip_suffix('+') {
        Some(start) => format!("{start}#"),
        None => topic,
    }
}

/// A topic's Redis stream, as `EdgeX` 1 named it: there are no wildcards.
#[must_use]
pub fn redis_stream(topic: &str) -> String {
    format!("gmm:{topic}")
}

/// Each pair is one ASCII character for another, so the bytes of other characters stay as they are.
fn translate<const PAIRS: usize>(text: &str, pairs: [(u8, u8); PAIRS]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for byte in &mut bytes {
        let original = *byte;
        for (from, to) in pairs {
            if original == from {
                *byte = to;
            }
        }
    }
    // What was UTF-8 still is.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{nats_subject, nats_topic, redis_patterns, redis_stream};
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn a_filter_for_all_below_a_level_matches_the_level_itself_on_redis() {
        assert_eq!(redis_patterns("a/b/#"), ["a.b.*", "a.b"]);
        assert_eq!(redis_patterns("a/+/b"), ["a.*.b"]);
    }

    #[test]
    fn a_stream_is_named_as_edgex_1_did() {
        assert_eq!(redis_stream("edgex/events/x"), "gmm:edgex/events/x");
    }

    proptest! {
        #[test]
        fn a_topic_without_special_names_comes_back_from_nats(topic in "[a-zA-Zé0-9+#-]{1,6}(/[a-zA-Zé0-9+#-]{0,6}){0,5}") {
            prop_assert_eq!(nats_topic(&nats_subject(&topic)), topic);
        }
    }
}
