//! One measured window.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::steadiness::Steadiness;

use super::{Cost, CostSample, CountCheck, MachineUse, Reason, ServerCounters, WireBytes};

/// One measured window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trial {
    /// `SCHEMA_VERSION` of the program that wrote it.
    pub schema_version: u32,
    /// The run's name.
    pub run: String,
    /// The cell's id.
    pub cell: String,
    /// Number of the trial within its cell, from 1.
    pub number: u32,
    /// Milliseconds since 1970-01-01 UTC.
    pub started_unix_ms: u64,
    /// Length of the warm-up, in ns.
    pub warmup_ns: u64,
    /// Length of the measured window, in ns.
    pub window_ns: u64,
    /// What happened: a result, whatever it is.
    pub outcome: Outcome,
    /// What kept the rate from being higher.
    pub limited_by: LimitedBy,
    /// Whether the numbers can be trusted.
    pub verdict: Verdict,
    /// Why it is not `valid`, and what is worth knowing: the worst first.
    pub reasons: Vec<Reason>,
    /// Sums over the window.
    pub counts: Counts,
    /// The same for each publisher x subscriber, in order of subscriber, then publisher.
    pub pairs: Vec<PairCounts>,
    /// Histograms of the window, in ns.
    pub histograms: BTreeMap<Metric, RecordedHistogram>,
    /// One entry for each second of the window and of the drain after it.
    pub series: Vec<Second>,
    /// What the server used during the window, where it can be read.
    pub server_cost: Option<Cost>,
    /// What the harness used during the window.
    pub client_cost: Option<Cost>,
    /// What both had used at instants of the window.
    #[serde(default)]
    pub cost_series: Vec<CostSample>,
    /// What the machine did during the window, whoever made it do so.
    #[serde(default)]
    pub machine: MachineUse,
    /// How the window went on from its start to its end; absent where it is too short to tell.
    #[serde(default)]
    pub steadiness: Option<Steadiness>,
    /// How evenly the clock went.
    #[serde(default)]
    pub clock: Option<ClockDrift>,
    /// What the server counted from before the load to the end of the drain, warm-up included.
    #[serde(default)]
    pub server_counters: Option<ServerCounters>,
    /// The harness's counts beside the server's.
    #[serde(default)]
    pub count_checks: Vec<CountCheck>,
    /// Unacknowledged publishes that each publisher's client allowed, where the bus acknowledges;
    /// servers may allow fewer than were asked for.
    #[serde(default)]
    pub ack_window: Option<u32>,
    /// Messages that client crates dropped on the subscribing side.
    pub client_dropped: u64,
    /// Largest number of messages that waited between schedule and client.
    pub backlog_peak: u64,
    /// Bytes of the body, plus headers where the layout has them outside, for one message.
    pub message_bytes: u64,
    /// What one message costs on the wire; absent where there is no server, where it could not be
    /// counted, and on a shared server in all but a cell's first trial.
    #[serde(default)]
    pub wire: Option<WireBytes>,
}

/// Share of what was offered that must come in time for an open load to be carried.
pub const CARRIED_AT_LEAST: f64 = 0.99;

impl Trial {
    /// Deliveries of the window that came in time, for each second of it, over all subscriptions.
    #[must_use]
    pub fn delivered_per_second(&self) -> f64 {
        self.counts.in_time as f64 * 1e9 / self.window_ns.max(1) as f64
    }

    /// Deliveries between the two readings of the trial's costs: what CPU time is divided by.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.counts.arrived.unwrap_or(self.counts.delivered)
    }

    /// Whether what was attempted came in time at every subscription, but for one in a hundred. A
    /// response time of a load that was not carried tells only how long a backlog grew.
    #[must_use]
    pub fn carried_its_load(&self) -> bool {
        let subscriptions = self
            .pairs
            .iter()
            .map(|pair| u64::from(pair.subscriber) + 1)
            .max();
        let offered = self.counts.attempted * subscriptions.unwrap_or(1);
        self.counts.in_time as f64 >= CARRIED_AT_LEAST * offered as f64
    }
}

/// What happened in a trial.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything that was offered came through.
    Delivered,
    /// Open load: less than 99 % of what was offered came in time.
    Saturated,
    /// Messages were lost.
    Lossy,
    /// The trial could not be finished: the server died, or a client broke.
    Failed,
}

/// What kept the rate from being higher.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum LimitedBy {
    /// Nothing: what was offered was carried.
    Offered,
    /// A thread of the harness or its client crate used its core up.
    Client,
    /// A thread of the server used its core up, or the server its limit of CPU time or memory.
    Server,
    /// All cores together were used up.
    Machine,
    /// None of these can be shown.
    Unknown,
}

/// Whether a trial's numbers can be trusted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Yes.
    Valid,
    /// With care; the reasons say why.
    Suspect,
    /// No: shown, never pooled.
    Invalid,
}

/// Sums of a window. A message belongs to the window that holds its intended instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// The schedule called for it.
    pub attempted: u64,
    /// The client took it (acknowledged, where publishes are).
    pub published: u64,
    /// Published x subscriptions that should get it.
    pub expected: u64,
    /// Distinct messages that arrived whole, over all subscriptions.
    pub delivered: u64,
    /// Those of them that came within the window or a tenth of a second after it: what the delivered
    /// rate counts. The rest came in the drain, from a backlog.
    pub in_time: u64,
    /// First deliveries that came within the window, those of warm-up messages among them: what the
    /// costs of the window are divided by. `None` in trials that were recorded without.
    #[serde(default)]
    pub arrived: Option<u64>,
    /// First deliveries of the whole trial, warm-up and drain included: what counters that are read
    /// before and after the trial are divided by. `None` in trials that were recorded without.
    #[serde(default)]
    pub arrived_in_all: Option<u64>,
    /// Expected and not delivered by the end of the drain.
    pub lost: u64,
    /// Arrived once more.
    pub duplicated: u64,
    /// Arrived after a later message of the same publisher.
    pub reordered: u64,
    /// Arrived with other bytes than were sent.
    pub corrupt: u64,
    /// Arrived from an earlier trial, or from somebody else (whole trial).
    pub foreign: u64,
    /// Publishes that the server refused, or whose acknowledgement did not come.
    pub failed: u64,
}

/// Counts of one publisher x subscription, over the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PairCounts {
    /// Number of the publisher, from 0.
    pub publisher: u32,
    /// Number of the subscriber, from 0.
    pub subscriber: u32,
    /// Published by the publisher.
    pub expected: u64,
    /// Distinct messages that arrived whole.
    pub delivered: u64,
    /// Expected and not delivered.
    pub lost: u64,
    /// Arrived once more.
    pub duplicated: u64,
    /// Arrived after a later one.
    pub reordered: u64,
    /// Arrived with other bytes.
    pub corrupt: u64,
}

/// What a histogram holds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Opened minus intended.
    Response,
    /// Opened minus woken.
    Service,
    /// Woken minus intended.
    WakeLag,
    /// Handed over minus encoded: the client or the server pushed back.
    Blocked,
    /// Acknowledged minus handed over.
    Ack,
    /// Encoded minus woken, or minus the instant at which its turn came: building the bytes.
    Encode,
    /// Opened minus arrived: taking the bytes apart.
    Decode,
}

/// An HDR histogram of nanoseconds with what does not fit into one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedHistogram {
    /// `HdrHistogram`'s V2 format, deflated, in base64; 3 significant digits.
    pub v2_deflate_base64: String,
    /// Samples in the histogram, zero and overflow included.
    pub count: u64,
    /// Samples of exactly 0 ns.
    pub zero: u64,
    /// Negative samples: counted, not in the histogram.
    pub negative: u64,
    /// Samples above the histogram's range, recorded as its highest value.
    pub overflow: u64,
}

/// One second of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Second {
    /// Messages with an intended instant in this second.
    pub attempted: u64,
    /// Messages handed over in this second.
    pub published: u64,
    /// Deliveries that arrived in this second, over all subscribers.
    pub delivered: u64,
    /// Largest response time among them, in ns.
    pub response_max_ns: u64,
}

/// How far the clock that times everything was from two others over a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClockDrift {
    /// Length of the trial by `CLOCK_MONOTONIC`, in ns.
    pub elapsed_ns: u64,
    /// How much longer it was than by `CLOCK_MONOTONIC_RAW`, which nobody adjusts, in ns.
    pub against_raw_ns: i64,
    /// How long the machine was suspended, by `CLOCK_BOOTTIME`, in ns.
    pub suspended_ns: i64,
}

impl Outcome {
    /// The name that result files and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Saturated => "saturated",
            Self::Lossy => "lossy",
            Self::Failed => "failed",
        }
    }
}

impl LimitedBy {
    /// The name that result files and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Client => "client",
            Self::Server => "server",
            Self::Machine => "machine",
            Self::Unknown => "unknown",
        }
    }
}

impl Verdict {
    /// The name that result files and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspect => "suspect",
            Self::Invalid => "invalid",
        }
    }
}

impl Metric {
    /// The name that result files and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Service => "service",
            Self::WakeLag => "wake-lag",
            Self::Blocked => "blocked",
            Self::Ack => "ack",
            Self::Encode => "encode",
            Self::Decode => "decode",
        }
    }
}
