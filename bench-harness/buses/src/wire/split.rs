//! What the bytes that a publisher sends are for.

use busbench_envelope::native::{self, Carrier};
use busbench_envelope::{Layout, Prepared, topic};

use super::conversation::Reading;
use super::{WireBytes, WireError, WireSubject};
use crate::BusKind;

/// Splits what was counted of each message. What is neither payload nor envelope nor topic is the
/// protocol's.
pub(super) fn of(subject: &WireSubject<'_>, each: Reading) -> Result<WireBytes, WireError> {
    let message = subject.message;
    let payload = message.payload.len() as u64;
    let body = message.body.len() as u64;
    let topic = topic_bytes(subject.bus, subject.topic) as u64;
    let with_envelope = body + attribute_bytes(subject.bus, message) as u64;
    let counted = each.publish;
    let too_few = |parts| WireError::TooFew { counted, parts };
    let envelope = with_envelope.checked_sub(payload);
    let envelope = envelope.ok_or_else(|| too_few(payload + topic))?;
    let parts = with_envelope + topic;
    Ok(WireBytes {
        payload,
        envelope,
        topic,
        protocol: counted.checked_sub(parts).ok_or_else(|| too_few(parts))?,
        publish_ack: each.publish_ack,
        delivery: each.delivery,
        delivery_ack: each.delivery_ack,
    })
}

/// Length of the topic as the bus writes it.
fn topic_bytes(bus: BusKind, edgex_topic: &str) -> usize {
    match bus {
        BusKind::NatsCore | BusKind::NatsJetstream => topic::nats_subject(edgex_topic).len(),
        BusKind::Mqtt3 | BusKind::Mqtt5 => edgex_topic.len(),
        BusKind::RedisPubsub => topic::redis_channel(edgex_topic).len(),
        BusKind::RedisStreams => topic::redis_stream(edgex_topic).len(),
        BusKind::Null | BusKind::TcpRelay => 0,
    }
}

/// Bytes of the envelope's attributes, where they stand beside the body.
fn attribute_bytes(bus: BusKind, message: &Prepared) -> usize {
    if message.layout != Layout::Native {
        return 0;
    }
    let bytes = bus.carrier().attribute_bytes(&message.envelope);
    match bus.carrier() {
        // The payload's field has its name in every layout: that is the protocol's.
        Carrier::RedisStreams => bytes - native::redis::wire_bytes(&[]),
        Carrier::Nats | Carrier::Mqtt5 | Carrier::InProcess => bytes,
    }
}

#[cfg(test)]
mod tests {
    use busbench_envelope::{Layout, PayloadSpec, Prepared};

    use super::super::conversation::Reading;
    use super::super::{WireBytes, WireError, WireSubject};
    use crate::BusKind;

    fn split(bus: BusKind, layout: Layout, publish: u64) -> Result<WireBytes, WireError> {
        let spec: PayloadSpec = "1xInt32".parse().expect("a payload");
        let (topic, message) = Prepared::of_spec(&spec, 1, 0, layout).expect("an event");
        let subject = WireSubject {
            bus,
            tag: "",
            filter: "",
            topic: &topic,
            message: &message,
            epoch: 1,
            publisher: 0,
        };
        let each = Reading {
            publish,
            publish_ack: 1,
            delivery: 2,
            delivery_ack: 3,
        };
        super::of(&subject, each)
    }

    #[test]
    fn the_parts_are_what_was_counted() {
        for layout in Layout::ALL {
            let bytes = split(BusKind::RedisStreams, layout, 2_000).expect("enough");
            assert_eq!(bytes.publish(), 2_000, "{layout}");
            assert_eq!(bytes.topic, 88, "{layout}");
            let others = (bytes.publish_ack, bytes.delivery, bytes.delivery_ack);
            assert_eq!(others, (1, 2, 3), "{layout}");
        }
    }

    #[test]
    fn fewer_bytes_than_the_message_has_are_refused() {
        let fits = split(BusKind::NatsCore, Layout::Native, 2_000).expect("enough");
        let least = 2_000 - fits.protocol;
        let none = split(BusKind::NatsCore, Layout::Native, least).expect("enough");
        assert_eq!(none.protocol, 0);
        let refused = split(BusKind::NatsCore, Layout::Native, least - 1);
        assert!(matches!(refused, Err(WireError::TooFew { .. })));
    }
}
