//! What a result folder holds: `result.json` ([`RunRecord`]) and one [`Trial`] in each file under
//! `trials/`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the result format; documented in `docs/result-format.md`.
pub const SCHEMA_VERSION: u32 = 1;

/// One scenario on one host: `result.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// [`SCHEMA_VERSION`] of the program that wrote it.
    pub schema_version: u32,
    /// The run's name: start time, scenario and a random suffix.
    pub run: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// Milliseconds since 1970-01-01 UTC.
    pub started_unix_ms: u64,
    /// Milliseconds since 1970-01-01 UTC; absent while the run goes on or when it was killed.
    pub finished_unix_ms: Option<u64>,
    /// How far the run came.
    pub state: RunState,
    /// What was run.
    pub scenario: Scenario,
    /// Where it was run.
    pub host: Host,
    /// `container`, `process` or `external`; `none` where only the null bus ran.
    pub provider: String,
    /// Why this provider.
    pub provider_reason: String,
    /// The servers that took part, by id.
    pub servers: BTreeMap<String, ServerRecord>,
    /// Every cell of the plan, in the plan's order.
    pub cells: Vec<Cell>,
}

/// The program that wrote a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Package version.
    pub version: String,
    /// Git commit it was built from, `-dirty` appended where the tree had changes.
    pub commit: Option<String>,
}

/// How far a run came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// It goes on, or was killed.
    Running,
    /// All trials of the plan were run.
    Complete,
    /// Ctrl-C ended it; `--resume` goes on from here.
    Interrupted,
}

/// The scenario of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scenario {
    /// Name: the file's, without extension.
    pub name: String,
    /// The question it answers.
    pub question: String,
    /// SHA-256 over the resolved scenario.
    pub hash: String,
    /// Seed of order, phases and contents.
    pub seed: u64,
    /// Trials planned for each cell.
    pub trials: u32,
    /// The scenario with every default and override applied.
    pub resolved: serde_json::Value,
}

/// The machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    /// Host name.
    pub name: String,
    /// `x86_64`, `aarch64`.
    pub arch: String,
    /// As the kernel names it.
    pub cpu_model: String,
    /// Logical CPUs that this process may use.
    pub cores: u32,
    /// Physical memory in bytes.
    pub memory_bytes: u64,
    /// Operating system's name and release.
    pub os: String,
    /// Kernel release.
    pub kernel: String,
    /// CPU frequency governor, where the kernel shows one.
    pub governor: Option<String>,
    /// Hypervisor or container technology, where it can be told.
    pub virtualization: Option<String>,
    /// Whether the program runs under a user-mode emulator such as qemu-user.
    pub emulated: bool,
    /// Kernel clock source.
    pub clock_source: Option<String>,
}

/// A server that took part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerRecord {
    /// `nats`, `nats-jetstream`, `mosquitto`, `redis`.
    pub name: String,
    /// As the server says it.
    pub version: String,
    /// `container`, `process` or `external`.
    pub provider: String,
    /// `loopback`, `host-network`, `published-port` or `network`.
    pub network_path: String,
    /// Image name and tag.
    pub image: Option<String>,
    /// Image id or digest.
    pub image_digest: Option<String>,
    /// Path of the binary.
    pub binary: Option<String>,
    /// SHA-256 of the binary, hex.
    pub binary_sha256: Option<String>,
    /// Effective configuration as text; no secrets.
    pub configuration: String,
}

/// One point of the matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// Unique within the run; also the stem of its trial files.
    pub id: String,
    /// What it measures.
    pub key: CellKey,
    /// Whether it can be measured.
    pub state: CellState,
    /// Key into [`RunRecord::servers`], once a trial has run on one.
    pub server: Option<String>,
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
}

/// How messages are offered.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Load {
    /// At a rate, on a schedule: for latency.
    Open,
    /// As fast as the window allows: for throughput.
    Closed,
}

/// One measured window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trial {
    /// [`SCHEMA_VERSION`] of the program that wrote it.
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
    /// Why it is not `valid`, or what is worth knowing: short fragments.
    pub reasons: Vec<String>,
    /// Sums over the window.
    pub counts: Counts,
    /// The same for each publisher x subscriber, in order of subscriber, then publisher.
    pub pairs: Vec<PairCounts>,
    /// Histograms of the window, in ns.
    pub histograms: BTreeMap<Metric, RecordedHistogram>,
    /// One entry for each second of the window and of the drain after it.
    pub series: Vec<Second>,
    /// What the server used during the window, where it can be read.
    pub server_cost: Option<ServerCost>,
    /// What the harness used during the window.
    pub client_cost: Option<ClientCost>,
    /// Share of all cores that was busy during the window, 0 to 1, whoever used them.
    pub machine_busy: Option<f64>,
    /// Messages that client crates dropped on the subscribing side.
    pub client_dropped: u64,
    /// Largest number of messages that waited between schedule and client.
    pub backlog_peak: u64,
    /// Bytes of the body, plus headers where the layout has them outside, for one message.
    pub message_bytes: u64,
}

/// What happened in a trial.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything that was offered came through.
    Delivered,
    /// The offered rate was not reached, or the backlog grew.
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
    /// A thread of the server used its core up.
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
    /// Handed over minus woken: the client or the server pushed back.
    Blocked,
    /// Acknowledged minus handed over.
    Ack,
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

/// What a server used during the window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerCost {
    /// CPU time of all its threads, in ns.
    pub cpu_ns: u64,
    /// CPU time of its busiest thread, in ns.
    pub busiest_thread_cpu_ns: u64,
    /// Peak resident memory since its start, in bytes.
    pub rss_peak_bytes: u64,
}

/// What the harness used during the window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientCost {
    /// CPU time of all threads, in ns.
    pub cpu_ns: u64,
    /// CPU time of the busiest thread, in ns.
    pub busiest_thread_cpu_ns: u64,
    /// Peak resident memory since the start of the program, in bytes.
    pub rss_peak_bytes: u64,
}
