//! One cell as one flat row. Field names and their order are the columns of `busbench export`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{LimitedBy, Load, Outcome, Verdict};

/// One cell of one run. The names are API: columns may be added, and none changes its meaning.
/// `None` where a figure does not apply or cannot be shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Row {
    /// Name of the run.
    pub run: String,
    /// Name of the host.
    pub host: String,
    /// Architecture of the host.
    pub arch: String,
    /// Whether the harness or the cell's server was emulated.
    pub emulated: bool,
    /// Name of the scenario.
    pub scenario: String,
    /// Bus id.
    pub bus: String,
    /// As the server says it; `None` for the null bus and before the first trial.
    pub server_version: Option<String>,
    /// `container`, `process`, `external` or `none`: the run's.
    pub provider: String,
    /// `loopback`, `host-network`, `published-port` or `network`; `None` as for the version.
    pub network_path: Option<String>,
    /// `default` or `tuned`.
    pub tuning: String,
    /// Layout of the envelope.
    pub envelope: String,
    /// How deep a message goes.
    pub depth: String,
    /// Whose client.
    pub client: String,
    /// `pubsub`.
    pub workload: String,
    /// `open` or `closed`.
    pub load: Load,
    /// `edgex` or `pipelined`.
    pub publish: String,
    /// `edgex` or `lossless`.
    pub subscribe: String,
    /// Effective bound of unacknowledged publishes.
    pub ack_window: Option<u32>,
    /// Closed load: bound of sent minus delivered, in messages.
    pub window: Option<u64>,
    /// MQTT's quality of service.
    pub qos: Option<u8>,
    /// `file` or `memory`.
    pub storage: Option<String>,
    /// How the server syncs what it stores.
    pub sync: Option<String>,
    /// Messages kept, or `unlimited`.
    pub retention: Option<String>,
    /// Name of the payload.
    pub payload: String,
    /// Bytes of the encoded payload.
    pub payload_bytes: u64,
    /// Publishing connections.
    pub publishers: u32,
    /// Subscribing connections.
    pub subscribers: u32,
    /// Open load: messages per second over all publishers.
    pub offered_per_second: Option<f64>,
    /// Open load: `even` or `poisson`.
    pub arrivals: Option<String>,
    /// How long one server serves: `trial` or `round`; `None` as for the version.
    pub servers: Option<String>,
    /// Memory and CPU that the server may use, such as `memory=256MiB,cpus=0.5`, or `none`: all that the
    /// machine has.
    pub limit: String,

    /// Trials that the figures rest on: finished and not invalid.
    pub trials: u32,
    /// Publish ack and delivery, worked out from the effective configuration.
    pub guarantee: Option<String>,
    /// The worst of all finished trials, invalid ones included: a server that died once did not
    /// deliver.
    pub outcome: CellOutcome,
    /// What more than half of those pooled trials say that have the worst outcome, else `unknown`;
    /// `None` without one.
    pub limited_by: Option<LimitedBy>,
    /// The worst of the pooled trials, and at best `suspect` where a trial beside them is invalid;
    /// `invalid` where all are. `None` where none has finished.
    pub verdict: Option<Verdict>,
    /// Why the cell is not possible, or the trials' reasons, each once, joined by `; `.
    pub reasons: String,
    /// Deliveries of the window that came in time, divided by its length; geometric mean over the
    /// pooled trials.
    pub delivered_per_second: Option<f64>,
    /// Lower end of its 95 % interval, from 3 trials on.
    pub delivered_per_second_low: Option<f64>,
    /// Upper end of its 95 % interval, from 3 trials on.
    pub delivered_per_second_high: Option<f64>,
    /// Response time from the merged histogram. Only where every pooled trial carried its open load:
    /// closed load has no schedule to count from.
    pub response_p50_ns: Option<u64>,
    /// The same, 90th percentile.
    pub response_p90_ns: Option<u64>,
    /// The same, 99th percentile.
    pub response_p99_ns: Option<u64>,
    /// Lower end of its 95 % interval, from the spread of the trials' own.
    pub response_p99_low_ns: Option<u64>,
    /// Upper end of its 95 % interval, from the spread of the trials' own.
    pub response_p99_high_ns: Option<u64>,
    /// The same, 99.9th percentile.
    pub response_p99_9_ns: Option<u64>,
    /// Largest response time.
    pub response_max_ns: Option<u64>,
    /// 99th percentile of the service time: under closed load, this is the time from send to
    /// arrival with the window full.
    pub service_p99_ns: Option<u64>,
    /// 99th percentile of the wake lag.
    pub wake_lag_p99_ns: Option<u64>,
    /// 99th percentile of the blocked time.
    pub blocked_p99_ns: Option<u64>,
    /// 99th percentile of the ack time.
    pub ack_p99_ns: Option<u64>,
    /// Median of the time that encoding takes.
    pub encode_p50_ns: Option<u64>,
    /// Median of the time that decoding takes.
    pub decode_p50_ns: Option<u64>,
    /// Sums over the pooled trials, here and below, as [`Counts`](crate::Counts) explains them.
    pub attempted: Option<u64>,
    /// See [`Counts`](crate::Counts).
    pub published: Option<u64>,
    /// See [`Counts`](crate::Counts).
    pub expected: Option<u64>,
    /// See [`Counts`](crate::Counts).
    pub delivered: Option<u64>,
    /// See [`Counts`](crate::Counts).
    pub lost: Option<u64>,
    /// See [`Counts`](crate::Counts).
    pub duplicated: Option<u64>,
    /// See [`Counts`](crate::Counts).
    pub reordered: Option<u64>,
    /// See [`Counts`](crate::Counts).
    pub corrupt: Option<u64>,
    /// See [`Counts`](crate::Counts).
    pub foreign: Option<u64>,
    /// Bytes on the wire that the publisher sends for each message, TCP and IP not included; mean over
    /// the pooled trials, here and below, as [`WireBytes`](crate::WireBytes) explains them.
    pub wire_bytes_per_message: Option<f64>,
    /// CPU time of the server for each delivery.
    pub server_cpu_ns_per_message: Option<f64>,
    /// Largest resident memory of the server over the trials.
    pub server_rss_peak_bytes: Option<u64>,
    /// CPU time of the harness for each delivery.
    pub client_cpu_ns_per_message: Option<f64>,
    /// Median of the wake lag.
    pub wake_lag_p50_ns: Option<u64>,
    /// Messages that client crates dropped on the subscribing side, or held unread when the drain
    /// ended, warm-up included.
    pub client_dropped: Option<u64>,
    /// Context switches of the server, voluntary and involuntary, for each delivery.
    pub server_context_switches_per_message: Option<f64>,
    /// Context switches of the harness, voluntary and involuntary, for each delivery.
    pub client_context_switches_per_message: Option<f64>,
    /// Bytes that the server made to be written to a disk, for each delivery.
    pub server_disk_written_bytes_per_message: Option<f64>,
    /// Bytes that the server received and sent over the network, for each delivery.
    pub server_network_bytes_per_message: Option<f64>,
    /// Largest resident memory of the harness over the trials.
    pub client_rss_peak_bytes: Option<u64>,
    /// The payload's part of [`Self::wire_bytes_per_message`].
    pub wire_payload_bytes: Option<f64>,
    /// The envelope's part.
    pub wire_envelope_bytes: Option<f64>,
    /// The topic's part.
    pub wire_topic_bytes: Option<f64>,
    /// The protocol's part.
    pub wire_protocol_bytes: Option<f64>,
    /// Bytes that the server answers to the publisher.
    pub wire_publish_ack_bytes: Option<f64>,
    /// Bytes that the server sends to one subscriber.
    pub wire_delivery_bytes: Option<f64>,
    /// Bytes that one subscriber sends.
    pub wire_delivery_ack_bytes: Option<f64>,
    /// Share of the CPU time that its limit allows which the server used, 0 to 1; `None` without such a
    /// limit.
    pub server_cpu_limit_used_share: Option<f64>,
}

/// Columns that together are unique within a run: those from `run` to `limit`.
pub const KEY_COLUMNS: usize = 31;

/// What happened in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CellOutcome {
    /// Everything that was offered came through.
    Delivered,
    /// The offered rate was not reached, or the backlog grew.
    Saturated,
    /// Messages were lost.
    Lossy,
    /// A trial could not be finished.
    Failed,
    /// The protocol or the server cannot do it.
    NotPossible,
    /// No trial has finished.
    #[default]
    NotRun,
}

impl CellOutcome {
    /// The name that exports and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered => Outcome::Delivered.name(),
            Self::Saturated => Outcome::Saturated.name(),
            Self::Lossy => Outcome::Lossy.name(),
            Self::Failed => Outcome::Failed.name(),
            Self::NotPossible => "not-possible",
            Self::NotRun => "not-run",
        }
    }
}

impl From<Outcome> for CellOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Delivered => Self::Delivered,
            Outcome::Saturated => Self::Saturated,
            Outcome::Lossy => Self::Lossy,
            Outcome::Failed => Self::Failed,
        }
    }
}
