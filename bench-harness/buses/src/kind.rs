//! Which buses there are, and what each can do.

use std::fmt;
use std::str::FromStr;

use busbench_envelope::Layout;
use busbench_envelope::native::Carrier;
use serde::{Deserialize, Serialize};

/// A message bus, with the protocol that its clients speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BusKind {
    /// nats-server, core NATS.
    NatsCore,
    /// nats-server with JetStream.
    NatsJetstream,
    /// Mosquitto, MQTT 3.1.1.
    Mqtt3,
    /// Mosquitto, MQTT 5.
    Mqtt5,
    /// Redis, `PUBLISH` and `PSUBSCRIBE`.
    RedisPubsub,
    /// Redis, `XADD` and `XREAD`.
    RedisStreams,
    /// No server: a queue in this process; the harness's own floor.
    Null,
    /// No server: a thread of this process that copies bytes from socket to socket; the floor of
    /// anything that goes over TCP.
    TcpRelay,
}

/// What a bus's protocol can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent fact of a protocol"
)]
pub struct Capabilities {
    /// Carries metadata beside the body, so layout `native` is possible.
    pub headers: bool,
    /// Has MQTT's quality-of-service levels.
    pub qos: bool,
    /// Keeps messages, so `storage` and `retention` mean something.
    pub stored: bool,
    /// Answers each publish whatever the options, so an ack window means something.
    pub acknowledged: bool,
}

/// Messages that a client sends and gets on its own account, which a server that counts for each
/// connection counts with the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnMessages {
    /// From each publisher.
    pub publisher_in: u64,
    /// To each subscriber.
    pub subscriber_out: u64,
}

impl BusKind {
    /// All buses, in the order in which plans and reports list them.
    pub const ALL: [Self; 8] = [
        Self::NatsCore,
        Self::NatsJetstream,
        Self::Mqtt3,
        Self::Mqtt5,
        Self::RedisPubsub,
        Self::RedisStreams,
        Self::Null,
        Self::TcpRelay,
    ];

    /// The buses that need no server, and are measured beside every other.
    pub const FLOORS: [Self; 2] = [Self::Null, Self::TcpRelay];

    /// The name that scenarios, results and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NatsCore => "nats-core",
            Self::NatsJetstream => "nats-jetstream",
            Self::Mqtt3 => "mqtt3",
            Self::Mqtt5 => "mqtt5",
            Self::RedisPubsub => "redis-pubsub",
            Self::RedisStreams => "redis-streams",
            Self::Null => "null",
            Self::TcpRelay => "tcp-relay",
        }
    }

    /// Whether it needs no server.
    #[must_use]
    pub const fn is_floor(self) -> bool {
        matches!(self, Self::Null | Self::TcpRelay)
    }

    /// What the protocol can do.
    #[must_use]
    pub const fn capabilities(self) -> Capabilities {
        let (headers, qos, stored, acknowledged) = match self {
            Self::NatsCore | Self::Null | Self::TcpRelay => (true, false, false, false),
            Self::NatsJetstream | Self::RedisStreams => (true, false, true, true),
            Self::Mqtt3 => (false, true, false, false),
            Self::Mqtt5 => (true, true, false, false),
            Self::RedisPubsub => (false, false, false, true),
        };
        Capabilities {
            headers,
            qos,
            stored,
            acknowledged,
        }
    }

    /// What carries an envelope's attributes in layout `native`; of a bus that has no headers, what
    /// another bus of the same server uses.
    #[must_use]
    pub const fn carrier(self) -> Carrier {
        match self {
            Self::NatsCore | Self::NatsJetstream => Carrier::Nats,
            Self::Mqtt3 | Self::Mqtt5 => Carrier::Mqtt5,
            Self::RedisPubsub | Self::RedisStreams => Carrier::RedisStreams,
            Self::Null | Self::TcpRelay => Carrier::InProcess,
        }
    }

    /// Messages of a client's own, on a connection that ended as it should.
    #[must_use]
    pub const fn own_messages(self) -> OwnMessages {
        let (publisher_in, subscriber_out) = match self {
            // A publisher ends with a barrier. Its answer, that nobody serves the subject, is no
            // message to the server (nats-server 2.9.10, measured).
            Self::NatsCore => (1, 0),
            // A subscriber's consumer is made by a request that is answered.
            Self::NatsJetstream => (0, 1),
            _ => (0, 0),
        };
        OwnMessages {
            publisher_in,
            subscriber_out,
        }
    }

    /// Why the bus cannot carry a layout; `None` where it can.
    #[must_use]
    pub fn cannot_carry(self, layout: Layout) -> Option<String> {
        (layout == Layout::Native && !self.capabilities().headers).then(|| {
            let protocol = match self {
                Self::Mqtt3 => "MQTT 3.1.1",
                _ => "Redis pub/sub",
            };
            format!("{protocol} has no headers, so it cannot carry the native layout")
        })
    }
}

impl fmt::Display for BusKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A bus's name that nobody knows.
#[derive(Debug, thiserror::Error)]
#[error(
    "unknown bus `{0}`: one of nats-core, nats-jetstream, mqtt3, mqtt5, redis-pubsub, redis-streams, null, \
     tcp-relay"
)]
pub struct UnknownBus(String);

impl FromStr for BusKind {
    type Err = UnknownBus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|bus| bus.name() == text)
            .ok_or_else(|| UnknownBus(text.to_owned()))
    }
}
