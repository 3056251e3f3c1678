//! How a client connects, publishes and subscribes.

use std::fmt;
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64};

use serde::{Deserialize, Serialize};

use crate::null::NullOrder;

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Login, where the server asks for one.
    pub credentials: Option<Credentials>,
}

impl Endpoint {
    /// No server at all, for the null bus.
    #[must_use]
    pub fn none() -> Self {
        Self {
            host: "none".to_owned(),
            port: 0,
            credentials: None,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

/// A login. Its `Debug` form hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("user", &self.user)
            .field("password", &"***")
            .finish()
    }
}

/// What a publish waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishMode {
    /// What EdgeX's Go client waits for, one message in flight: NATS core nothing, JetStream its
    /// `PubAck`, MQTT the token (QoS 0: written to the socket; 1: `PUBACK`; 2: `PUBCOMP`), Redis
    /// the reply.
    Edgex,
    /// As many unacknowledged messages as the window allows.
    Pipelined {
        /// Unacknowledged publishes of one publisher, where the bus acknowledges.
        ack_window: NonZeroU32,
    },
}

impl PublishMode {
    /// How many publishes may wait for an answer at once: 1 for [`Self::Edgex`].
    #[must_use]
    pub const fn ack_window(self) -> NonZeroU32 {
        match self {
            Self::Edgex => NonZeroU32::MIN,
            Self::Pipelined { ack_window } => ack_window,
        }
    }
}

/// How a subscriber reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscribeMode {
    /// As EdgeX's clients do: Redis streams read from `$` each time (EdgeX v1), JetStream push
    /// consumer with explicit acks.
    Edgex,
    /// So that nothing is skipped: Redis streams go on from the last id.
    Lossless,
}

/// MQTT's quality of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Qos {
    /// 0.
    AtMostOnce,
    /// 1.
    AtLeastOnce,
    /// 2.
    ExactlyOnce,
}

impl TryFrom<u8> for Qos {
    type Error = String;

    fn try_from(level: u8) -> Result<Self, Self::Error> {
        match level {
            0 => Ok(Self::AtMostOnce),
            1 => Ok(Self::AtLeastOnce),
            2 => Ok(Self::ExactlyOnce),
            _ => Err(format!("qos is 0, 1 or 2, not {level}")),
        }
    }
}

impl From<Qos> for u8 {
    fn from(qos: Qos) -> Self {
        match qos {
            Qos::AtMostOnce => 0,
            Qos::AtLeastOnce => 1,
            Qos::ExactlyOnce => 2,
        }
    }
}

/// Where a bus that keeps messages keeps them (JetStream).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Storage {
    /// On disk, EdgeX's own choice by default.
    File,
    /// In the server's memory.
    Memory,
}

/// How much a bus that keeps messages may keep; older ones are discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Messages kept; `None`: without limit, as EdgeX provisions it.
    pub messages: Option<NonZeroU64>,
}

/// Everything that a bus's clients need to know; the same for all buses.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server. The null bus ignores it.
    pub endpoint: Endpoint,
    /// What a publish waits for.
    pub publish: PublishMode,
    /// How a subscriber reads.
    pub subscribe: SubscribeMode,
    /// MQTT only.
    pub qos: Qos,
    /// JetStream only.
    pub storage: Storage,
    /// JetStream and Redis streams.
    pub retention: Retention,
    /// Largest body in bytes; packet limits of clients are set to carry it.
    pub body_bytes: usize,
    /// Largest number of messages that a client may hold between hand-over and socket, where the
    /// crate lets us say so (async-nats's command queue, rumqttc's request channel).
    pub client_queue: usize,
    /// JetStream only: deliveries to one subscriber that it has not acknowledged.
    pub max_ack_pending: NonZeroU16,
    /// Null bus only: what it does beside carrying messages; `None` but in the self-test and in fire
    /// drills.
    pub null_order: Option<NullOrder>,
}

/// What EdgeX allows a consumer of JetStream.
pub const EDGEX_MAX_ACK_PENDING: NonZeroU16 = NonZeroU16::new(1000).unwrap();

#[cfg(test)]
impl Options {
    /// Options of a bus that is never opened.
    pub(crate) fn for_tests(publish: PublishMode) -> Self {
        Self {
            endpoint: Endpoint {
                host: "127.0.0.1".to_owned(),
                port: 1,
                credentials: None,
            },
            publish,
            subscribe: SubscribeMode::Lossless,
            qos: Qos::AtMostOnce,
            storage: Storage::Memory,
            retention: Retention { messages: None },
            body_bytes: 1024,
            client_queue: 64,
            max_ack_pending: EDGEX_MAX_ACK_PENDING,
            null_order: None,
        }
    }
}
