//! Layout `native`: the envelope's attributes in the protocol's own headers, the payload alone as
//! the body.
//!
//! `EdgeX` does this on NATS ([`nats`]). On MQTT 5 ([`mqtt5`]) and Redis streams ([`redis`]) it is
//! what `EdgeX` could do with the same attributes: no `EdgeX` client speaks MQTT 5, and the one that
//! spoke to Redis streams (version 1) sent the whole envelope as JSON in one field.

pub mod mqtt5;
pub mod nats;
pub mod redis;

use crate::Envelope;

/// Which protocol carries the attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A NATS header block.
    Nats,
    /// MQTT 5 properties.
    Mqtt5,
    /// Fields of a Redis stream entry.
    RedisStreams,
    /// No protocol: the message never leaves the process.
    InProcess,
}

impl Carrier {
    /// Bytes that the attributes take on the wire, as the protocol writes them.
    #[must_use]
    pub fn attribute_bytes(self, envelope: &Envelope) -> usize {
        match self {
            Self::Nats => nats::block(&nats::fields(envelope)).len(),
            Self::Mqtt5 => mqtt5::properties(envelope).wire_bytes(),
            Self::RedisStreams => redis::wire_bytes(&redis::fields(envelope)),
            Self::InProcess => 0,
        }
    }
}

/// One text for each query parameter: `key:value`, as `EdgeX` writes them on NATS.
fn query_texts(envelope: &Envelope) -> impl Iterator<Item = String> {
    envelope
        .query_params
        .iter()
        .map(|(key, value)| format!("{key}:{value}"))
}
