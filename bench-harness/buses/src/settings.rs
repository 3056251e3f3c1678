//! What each bus's client is set to, for the record.
//!
//! Silent limits of client crates decide what a benchmark measures, so every one that matters is
//! set on purpose and stated in the result (`docs/method.md`, "Silent limits").

use std::fmt::Display;

use crate::{BusKind, Options};
use crate::{
    mqtt3, mqtt5, nats_core, nats_jetstream, null, redis_pubsub, redis_streams, tcp_relay,
};

/// One setting of a client, as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSetting {
    /// Name, with its unit as a suffix where it has one.
    pub name: &'static str,
    /// Value.
    pub value: String,
}

impl ClientSetting {
    pub(crate) fn new(name: &'static str, value: impl Display) -> Self {
        Self {
            name,
            value: value.to_string(),
        }
    }
}

impl BusKind {
    /// The settings that the bus's clients run with under `options`.
    #[must_use]
    pub fn client_settings(self, options: &Options) -> Vec<ClientSetting> {
        match self {
            Self::NatsCore => nats_core::settings(options),
            Self::NatsJetstream => nats_jetstream::settings(options),
            Self::Mqtt3 => mqtt3::settings(options),
            Self::Mqtt5 => mqtt5::settings(options),
            Self::RedisPubsub => redis_pubsub::settings(options),
            Self::RedisStreams => redis_streams::settings(options),
            Self::Null => null::settings(options),
            Self::TcpRelay => tcp_relay::settings(options),
        }
    }
}
