//! The scenario file: TOML, one question each. `scenarios/reference.toml` shows every key.
//!
//! A file becomes a [`ScenarioFile`], or a [`FootprintFile`] where it has a `[footprint]`, and nothing
//! more; [`crate::AnyPlan`] gives it its meaning.

mod any;
mod footprint;
mod overrides;
mod text;

use std::fs;
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};
use std::time::Duration;

use busbench_brokers::{Limit, Tuning};
use busbench_buses::{BusKind, Qos, Storage, SubscribeMode};
use busbench_envelope::{Depth, Layout, PayloadSpec};
use busbench_results::ServerSpan;
use busbench_results::comparison::SmallestEffects;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use any::AnyScenario;
pub use footprint::{
    FOOTPRINT_KEYS, Footprint, FootprintFile, FootprintProvider, FootprintScenario,
};
pub use overrides::{OverrideError, SETTABLE_KEYS};

/// A scenario of messages as its file says it, defaults filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    /// The question that the scenario answers, one sentence.
    pub question: String,
    /// Seed of the order of trials, the phases of devices and the contents of messages.
    pub seed: u64,
    /// Trials of each cell.
    pub trials: NonZeroU32,
    /// Whether servers and harness get cores of their own.
    #[serde(default)]
    pub pin: bool,
    /// Whether the null bus and the TCP relay are measured beside the buses of the matrix.
    #[serde(default = "defaults::yes")]
    pub floors: bool,
    /// How long one server serves.
    #[serde(default)]
    pub servers: ServerSpan,
    /// Lists of values; their product is the matrix of cells.
    pub matrix: Matrix,
    /// Where one product is too much: each block is the matrix with its own lists in place of some,
    /// and the cells are those of all blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub block: Vec<Block>,
    /// How messages are offered: at a rate, as fast as a window allows, or both in turn.
    pub load: Loads,
    /// How long each part of a trial takes.
    pub phases: Phases,
    /// How clients work, alike for all buses.
    #[serde(default)]
    pub client: Client,
    /// Which change of each figure is one, as a share. How the run is judged, not how it is measured:
    /// a scenario's hash is the same without it.
    #[serde(default)]
    pub smallest_effects: SmallestEffects,
}

/// The axes of the matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// Message buses.
    pub bus: Vec<BusKind>,
    /// Layouts of the envelope.
    pub envelope: Vec<Layout>,
    /// How deep messages are built and opened.
    #[serde(default = "defaults::depth")]
    pub depth: Vec<Depth>,
    /// What a message carries, such as `1xInt32`.
    #[serde(with = "text::list")]
    pub payload: Vec<PayloadSpec>,
    /// MQTT's quality of service; buses without it have one cell for all of them.
    #[serde(default = "defaults::qos")]
    pub qos: Vec<Qos>,
    /// Whether servers' silent limits are their own defaults, or out of the way.
    #[serde(default = "defaults::tuning")]
    pub tuning: Vec<Tuning>,
    /// Memory and CPU time that servers may use; `none`: all that the machine has. Left out of the
    /// scenario's hash where that is all.
    #[serde(
        default = "defaults::limit",
        with = "text::list",
        skip_serializing_if = "defaults::is_no_limit"
    )]
    pub limit: Vec<Limit>,
    /// What a publish waits for.
    #[serde(default = "defaults::publish")]
    pub publish: Vec<PublishKind>,
    /// Publishing connections.
    #[serde(default = "defaults::one")]
    pub publishers: Vec<NonZeroU16>,
    /// Subscribing connections; each gets every message.
    #[serde(default = "defaults::one")]
    pub subscribers: Vec<NonZeroU16>,
}

/// A part of the matrix with lists of its own; those that are absent are the matrix's.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Block {
    /// Message buses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bus: Option<Vec<BusKind>>,
    /// Layouts of the envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub envelope: Option<Vec<Layout>>,
    /// How deep messages are built and opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<Vec<Depth>>,
    /// What a message carries.
    #[serde(with = "text::optional_list", skip_serializing_if = "Option::is_none")]
    pub payload: Option<Vec<PayloadSpec>>,
    /// Memory and CPU time that servers may use.
    #[serde(with = "text::optional_list", skip_serializing_if = "Option::is_none")]
    pub limit: Option<Vec<Limit>>,
    /// Which of the scenario's loads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load: Option<Vec<LoadKind>>,
}

/// One of the two ways to offer messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoadKind {
    /// `[load.open]`.
    Open,
    /// `[load.closed]`.
    Closed,
}

/// What a publish waits for; `client.ack_window` bounds the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublishKind {
    /// What EdgeX's Go client waits for, one message in flight.
    Edgex,
    /// As many unacknowledged messages as the ack window allows.
    Pipelined,
}

/// The loads; at least one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loads {
    /// At a rate, on a schedule: for latency.
    pub open: Option<OpenLoad>,
    /// As fast as the window allows: for throughput.
    pub closed: Option<ClosedLoad>,
}

/// Open load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenLoad {
    /// Messages per second over all publishers; one cell for each.
    #[serde(with = "text::rates")]
    pub rate: Vec<f64>,
    /// How messages are spaced; one cell for each.
    #[serde(default = "defaults::arrivals")]
    pub arrivals: Vec<Arrivals>,
}

/// How the messages of an open load are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// Each publisher at a fixed period, from a seeded phase: devices with schedules.
    Even,
    /// Each publisher a Poisson process, seeded: events that know nothing of each other.
    Poisson,
}

impl Arrivals {
    /// The name that scenarios, results and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Even => "even",
            Self::Poisson => "poisson",
        }
    }
}

/// Closed load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedLoad {
    /// Bound of sent minus delivered by the slowest subscriber, in messages over all publishers;
    /// one cell for each.
    pub window: Vec<NonZeroU64>,
    /// The same bound in bytes; the smaller of the two holds.
    #[serde(default = "defaults::window_bytes")]
    pub window_bytes: NonZeroU64,
}

/// How long each part of a trial takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phases {
    /// Load before the window: connections, caches and the server's own start settle.
    #[serde(with = "text::duration")]
    pub warmup: Duration,
    /// The measured window.
    #[serde(with = "text::duration")]
    pub window: Duration,
    /// The drain ends this long after the last arrival; what has not come by then is lost.
    #[serde(with = "text::duration", default = "defaults::drain")]
    pub drain: Duration,
    /// The drain ends after this long at the latest.
    #[serde(with = "text::duration", default = "defaults::drain_limit")]
    pub drain_limit: Duration,
    /// Time between two readings of CPU time and memory within the window, for plots over time; at
    /// least 250 ms. Longer than the window: none are taken.
    #[serde(with = "text::duration", default = "defaults::sample_each")]
    pub sample_each: Duration,
}

/// How clients work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Client {
    /// How subscribers read.
    pub subscribe: SubscribeMode,
    /// How long an application takes over each message: a subscriber that reads slowly. Absent: no
    /// time at all.
    #[serde(
        with = "text::optional_duration",
        skip_serializing_if = "Option::is_none"
    )]
    pub read_delay: Option<Duration>,
    /// Further subscribing connections that are never read, as of a process that was stopped. What
    /// they should have had counts as expected.
    #[serde(skip_serializing_if = "is_zero")]
    pub stalled_subscribers: u16,
    /// Unacknowledged publishes of one publisher, with `publish = "pipelined"`.
    pub ack_window: NonZeroU32,
    /// Messages that a client crate may hold between hand-over and socket.
    pub queue: NonZeroU32,
    /// `JetStream`: where the stream is kept.
    pub storage: Storage,
    /// `JetStream` and Redis streams: messages kept; absent: without limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<NonZeroU64>,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            subscribe: SubscribeMode::Lossless,
            read_delay: None,
            stalled_subscribers: 0,
            ack_window: defaults::ACK_WINDOW,
            queue: defaults::CLIENT_QUEUE,
            storage: Storage::File,
            retention: None,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u16) -> bool {
    *number == 0
}

mod defaults {
    use std::num::{NonZeroU16, NonZeroU32, NonZeroU64};
    use std::time::Duration;

    use busbench_brokers::{Limit, Tuning};
    use busbench_buses::Qos;
    use busbench_envelope::Depth;

    use super::{Arrivals, PublishKind};

    pub(super) const ACK_WINDOW: NonZeroU32 = NonZeroU32::new(256).unwrap();
    /// async-nats's own default for its command queue.
    pub(super) const CLIENT_QUEUE: NonZeroU32 = NonZeroU32::new(2048).unwrap();

    pub(super) fn depth() -> Vec<Depth> {
        vec![Depth::Transport]
    }

    pub(super) fn qos() -> Vec<Qos> {
        vec![Qos::AtMostOnce]
    }

    pub(super) fn publish() -> Vec<PublishKind> {
        vec![PublishKind::Pipelined]
    }

    pub(super) fn yes() -> bool {
        true
    }

    pub(super) fn tuning() -> Vec<Tuning> {
        vec![Tuning::Default]
    }

    pub(super) fn limit() -> Vec<Limit> {
        vec![Limit::NONE]
    }

    pub(super) fn is_no_limit(limits: &[Limit]) -> bool {
        limits == [Limit::NONE]
    }

    pub(super) fn arrivals() -> Vec<Arrivals> {
        vec![Arrivals::Even]
    }

    pub(super) fn one() -> Vec<NonZeroU16> {
        vec![NonZeroU16::MIN]
    }

    /// Well below Redis's `client-output-buffer-limit pubsub 32mb 8mb 60`.
    pub(super) fn window_bytes() -> NonZeroU64 {
        const { NonZeroU64::new(4 << 20).unwrap() }
    }

    pub(super) fn drain() -> Duration {
        Duration::from_millis(500)
    }

    pub(super) fn drain_limit() -> Duration {
        Duration::from_secs(10)
    }

    pub(super) fn sample_each() -> Duration {
        Duration::from_millis(250)
    }
}

/// A scenario of messages with the name of its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The file's name without `.toml`.
    pub name: String,
    /// Where it was read from.
    pub path: PathBuf,
    /// What it says.
    pub file: ScenarioFile,
}

/// A scenario file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// It cannot be read.
    #[error("cannot read scenario {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A folder was named.
    #[error("{path} is a folder, not a scenario: name its files, such as {path}/quick.toml")]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// It is no scenario; the source says line, column and key.
    #[error("scenario {path} is not valid\n{message}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// The parser's message, with line and column.
        message: String,
    },
}

impl Scenario {
    /// Parses the text of a file.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ScenarioError> {
        Ok(Self {
            name: name_of(path),
            path: path.to_owned(),
            file: parsed(path, text)?,
        })
    }
}

/// The text of a scenario's file.
fn text_of(path: &Path) -> Result<String, ScenarioError> {
    if path.is_dir() {
        return Err(ScenarioError::Folder {
            path: path.to_owned(),
        });
    }
    fs::read_to_string(path).map_err(|source| ScenarioError::Read {
        path: path.to_owned(),
        source,
    })
}

fn name_of(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// A file's text as what it is; the error has line and column.
fn parsed<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, ScenarioError> {
    toml::from_str(text).map_err(|error| ScenarioError::Parse {
        path: path.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })
}
