//! One point of the matrix.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Guarantee;

/// The buses that need no server. Every run measures them beside the servers: the null bus in this
/// process, and a relay that only copies bytes from socket to socket. No server can look better.
pub const FLOORS: [&str; 2] = ["null", "tcp-relay"];

/// The limit of a cell whose server has all that the machine has.
pub const NO_LIMIT: &str = "none";

/// One point of the matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// Unique within the run; also the stem of its trial files.
    pub id: String,
    /// What it measures.
    pub key: CellKey,
    /// Whether it can be measured.
    pub state: CellState,
    /// What the client crate was told, by name: TCP options, queues, limits, timeouts.
    #[serde(default)]
    pub client_settings: BTreeMap<String, String>,
    /// Key into the run's `servers`, once a trial has run on one.
    pub server: Option<String>,
    /// What the bus promises, once a trial has run and the effective configuration is known.
    #[serde(default)]
    pub guarantee: Option<Guarantee>,
    /// Files of finished trials, relative to the run's folder, in order of trial number.
    pub trials: Vec<String>,
}

/// Whether a cell can be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CellState {
    /// It is part of the plan.
    Planned,
    /// The protocol or the server cannot do it; the text says why.
    NotPossible(String),
}

/// What a cell measures: together with the run's own keys, unique.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CellKey {
    /// Bus id.
    pub bus: String,
    /// `default` or `tuned`.
    pub tuning: String,
    /// Layout of the envelope.
    pub envelope: String,
    /// How deep a message goes: `transport`.
    pub depth: String,
    /// Whose client: `library`.
    pub client: String,
    /// `pubsub`.
    pub workload: String,
    /// `open` or `closed`.
    pub load: Load,
    /// `edgex` or `pipelined`.
    pub publish: String,
    /// `edgex` or `lossless`.
    pub subscribe: String,
    /// Effective bound of unacknowledged publishes, where the bus acknowledges.
    pub ack_window: Option<u32>,
    /// Closed load: bound of sent minus delivered, in messages.
    pub window: Option<u64>,
    /// MQTT only.
    pub qos: Option<u8>,
    /// `file` or `memory`, where the bus stores.
    pub storage: Option<String>,
    /// How the server syncs what it stores, where it stores.
    pub sync: Option<String>,
    /// Messages kept, or `unlimited`, where the bus stores.
    pub retention: Option<String>,
    /// Name of the payload, such as `1xInt32`.
    pub payload: String,
    /// Bytes of the encoded payload, envelope not included.
    pub payload_bytes: u64,
    /// Publishing connections.
    pub publishers: u32,
    /// Subscribing connections.
    pub subscribers: u32,
    /// Open load: messages per second over all publishers.
    pub offered_per_second: Option<f64>,
    /// Open load: `even` or `poisson`, the spacing of messages.
    #[serde(default)]
    pub arrivals: Option<String>,
    /// Memory and CPU that the server may use, such as `memory=256MiB,cpus=0.5`; absent, and `none` in
    /// an export: all that the machine has.
    #[serde(default = "no_limit", skip_serializing_if = "is_no_limit")]
    pub limit: String,
}

fn no_limit() -> String {
    NO_LIMIT.to_owned()
}

fn is_no_limit(limit: &str) -> bool {
    limit == NO_LIMIT
}

/// How messages are offered.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Load {
    /// At a rate, on a schedule: for latency.
    #[default]
    Open,
    /// As fast as the window allows: for throughput.
    Closed,
}

impl Load {
    /// The name that result files and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}
