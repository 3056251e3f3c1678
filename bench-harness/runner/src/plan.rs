//! The plan: a scenario checked, its units resolved and its matrix expanded.
//!
//! The rest of the program sees only the plan.

mod any;
mod estimate;
mod expand;
mod filter;
mod footprint;
mod matrix;
mod name;

use std::fmt::Write as _;
use std::num::{NonZeroU16, NonZeroU64};
use std::time::Duration;

use busbench_brokers::{Limit, ServerKind, Tuning};
use busbench_buses::{
    BusKind, EDGEX_MAX_ACK_PENDING, Endpoint, Options, PublishMode, Qos, Retention,
};
use busbench_envelope::{Depth, Layout, PayloadSpec, Prepared};
use busbench_results::comparison::SmallestEffects;
use busbench_results::{CellKey, ServerSpan};
use sha2::{Digest, Sha256};

use crate::scenario::{Arrivals, Client, Phases, Scenario};

pub use any::AnyPlan;
pub use estimate::Estimate;
pub use filter::{CellFilter, FilterError};
pub use footprint::{FootprintPlan, PlannedFootprint, PlannedSubject};

/// A scenario of messages that can be run.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Name of the scenario.
    pub name: String,
    /// The question that it answers.
    pub question: String,
    /// Seed of order, phases and contents.
    pub seed: u64,
    /// Trials of each cell.
    pub trials: u32,
    /// How long each part of a trial takes.
    pub phases: Phases,
    /// How clients work.
    pub client: Client,
    /// Whether servers and harness get cores of their own.
    pub pin: bool,
    /// How long one server serves.
    pub servers: ServerSpan,
    /// Every cell, the impossible ones too, in the order of the matrix.
    pub cells: Vec<PlannedCell>,
    /// By what the run is to be judged.
    pub smallest_effects: SmallestEffects,
    /// The scenario with every default and override applied, but for its smallest effects.
    pub resolved: serde_json::Value,
    /// SHA-256 over `resolved`, hex.
    pub hash: String,
}

/// One point of the matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCell {
    /// Unique within the plan; made of the values in which cells differ.
    pub id: String,
    /// What results call it.
    pub key: CellKey,
    /// The bus.
    pub bus: BusKind,
    /// Whether it stands under the scenario's other cells as a floor, asked for or not.
    pub is_floor: bool,
    /// Whether the server's silent limits are its own defaults.
    pub tuning: Tuning,
    /// Memory and CPU time that the server may use.
    pub limit: Limit,
    /// Layout of the envelope.
    pub layout: Layout,
    /// How deep messages are built and opened.
    pub depth: Depth,
    /// What a message carries.
    pub payload: PayloadSpec,
    /// MQTT's quality of service; the lowest where the bus has none.
    pub qos: Qos,
    /// What a publish waits for.
    pub publish: PublishMode,
    /// Publishing connections.
    pub publishers: NonZeroU16,
    /// Subscribing connections.
    pub subscribers: NonZeroU16,
    /// How messages are offered.
    pub load: Load,
    /// Bytes of one message, headers included.
    pub message_bytes: usize,
    /// Why the protocol cannot do it; `None` where it can.
    pub not_possible: Option<String>,
}

/// How messages are offered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Load {
    /// On a schedule.
    Open {
        /// Messages per second over all publishers.
        per_second: f64,
        /// How they are spaced.
        arrivals: Arrivals,
    },
    /// As fast as the window allows.
    Closed {
        /// Sent minus delivered by the slowest subscriber, in messages over all publishers:
        /// the smaller of the scenario's two bounds.
        window: NonZeroU64,
    },
}

/// A scenario that says what cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A list of the matrix is empty.
    #[error("scenario {scenario}: `{key}` is empty, so there is nothing to run")]
    Empty {
        /// The scenario's name.
        scenario: String,
        /// The empty list.
        key: &'static str,
    },
    /// Neither load is there.
    #[error("scenario {scenario}: it needs `[load.open]`, `[load.closed]` or both")]
    NoLoad {
        /// The scenario's name.
        scenario: String,
    },
    /// A value is beyond a limit of the harness.
    #[error("scenario {scenario}: {what} is {value}, above the limit of {limit}: {why}")]
    Limit {
        /// The scenario's name.
        scenario: String,
        /// What is too large.
        what: &'static str,
        /// How large it is.
        value: String,
        /// How large it may be.
        limit: String,
        /// Where the limit comes from.
        why: &'static str,
    },
    /// A value is below what the harness allows.
    #[error("scenario {scenario}: {what} is {value}, below the least of {least}: {why}")]
    TooSmall {
        /// The scenario's name.
        scenario: String,
        /// What is too small.
        what: &'static str,
        /// How small it is.
        value: String,
        /// How small it may be.
        least: String,
        /// Where the limit comes from.
        why: &'static str,
    },
    /// A value of a list stands there twice.
    #[error("scenario {scenario}: the matrix has the cell `{cell}` twice; is a value repeated?")]
    Repeated {
        /// The scenario's name.
        scenario: String,
        /// The cell.
        cell: String,
    },
    /// A message cannot be built.
    #[error("scenario {scenario}: cannot encode payload `{payload}` in layout `{layout}`")]
    Encode {
        /// The scenario's name.
        scenario: String,
        /// The payload.
        payload: String,
        /// The layout.
        layout: Layout,
        /// Why.
        #[source]
        source: busbench_envelope::EncodeError,
    },
    /// Footprints of servers that busbench does not start.
    #[error(
        "scenario {scenario}: a footprint is taken of servers that busbench starts, and of an external one \
         nothing can be told: leave `--provider` away, or say process or container"
    )]
    FootprintOfOthers {
        /// The scenario's name.
        scenario: String,
    },
    /// `--provider` leaves nothing to run.
    #[error(
        "scenario {scenario}: none of its servers is started by {provider}, see `footprint.providers`"
    )]
    NoSuchProvider {
        /// The scenario's name.
        scenario: String,
        /// What was asked for.
        provider: &'static str,
    },
    /// `--only` leaves nothing that can be run.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

impl Plan {
    /// Expands a scenario's matrix and checks it against the limits of the harness.
    pub fn new(scenario: &Scenario) -> Result<Self, PlanError> {
        let cells = expand::cells(scenario)?;
        let file = &scenario.file;
        // A scenario file's own types serialise without fail: they have neither maps with keys
        // that are no text nor numbers that JSON lacks (rates are checked to be finite).
        let mut resolved = serde_json::to_value(file).unwrap_or_default();
        // By what a run is judged may be changed without measuring anew: it is no part of the hash.
        if let Some(keys) = resolved.as_object_mut() {
            keys.remove("smallest_effects");
        }
        let hash = hex(&Sha256::digest(resolved.to_string()));
        Ok(Self {
            name: scenario.name.clone(),
            question: file.question.clone(),
            seed: file.seed,
            trials: file.trials.get(),
            phases: file.phases.clone(),
            client: file.client.clone(),
            pin: file.pin,
            servers: file.servers,
            cells,
            smallest_effects: file.smallest_effects.clone(),
            resolved,
            hash,
        })
    }

    /// The cells that can be run.
    pub fn possible(&self) -> impl Iterator<Item = &PlannedCell> {
        self.cells.iter().filter(|cell| cell.not_possible.is_none())
    }

    /// Whether it measures the null bus, as a floor or for itself.
    #[must_use]
    pub fn has_null_bus(&self) -> bool {
        self.possible().any(|cell| cell.bus == BusKind::Null)
    }

    /// The servers that the plan needs, each once.
    #[must_use]
    pub fn servers(&self) -> Vec<ServerKind> {
        let mut kinds: Vec<_> = self.possible().filter_map(PlannedCell::server).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The limits that the plan's servers are held to, each once, that of none included.
    #[must_use]
    pub fn limits(&self) -> Vec<Limit> {
        let mut limits: Vec<_> = self.possible().map(|cell| cell.limit).collect();
        limits.sort_unstable();
        limits.dedup();
        limits
    }

    /// The largest message that the server of a cell must take: the cell's own, or that of all cells
    /// with which it shares the server.
    #[must_use]
    pub fn server_message_bytes(&self, cell: &PlannedCell) -> usize {
        let sharing = |other: &&PlannedCell| other.server_group() == cell.server_group();
        match self.servers {
            ServerSpan::Trial => cell.message_bytes,
            ServerSpan::Round => {
                let sizes = self
                    .possible()
                    .filter(sharing)
                    .map(|cell| cell.message_bytes);
                sizes.max().unwrap_or(cell.message_bytes)
            }
        }
    }
}

impl PlannedCell {
    /// The server that the cell's bus needs; the floors need none.
    #[must_use]
    pub fn server(&self) -> Option<ServerKind> {
        match self.bus {
            BusKind::NatsCore => Some(ServerKind::Nats),
            BusKind::NatsJetstream => Some(ServerKind::NatsJetstream),
            BusKind::Mqtt3 | BusKind::Mqtt5 => Some(ServerKind::Mosquitto),
            BusKind::RedisPubsub | BusKind::RedisStreams => Some(ServerKind::Redis),
            BusKind::Null | BusKind::TcpRelay => None,
        }
    }

    /// Cells that are alike in this can share a server: it is started with the same settings.
    #[must_use]
    pub const fn server_group(&self) -> (BusKind, Tuning, Limit) {
        (self.bus, self.tuning, self.limit)
    }

    /// Whether each publish is acknowledged. Redis answers every command, but in open load with
    /// pipelined publishing its client is told not to wait for the answers.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        let edgex = self.publish == PublishMode::Edgex;
        match self.bus {
            BusKind::NatsCore | BusKind::Null | BusKind::TcpRelay => false,
            BusKind::NatsJetstream => true,
            BusKind::Mqtt3 | BusKind::Mqtt5 => edgex || self.qos != Qos::AtMostOnce,
            BusKind::RedisPubsub | BusKind::RedisStreams => {
                edgex || matches!(self.load, Load::Closed { .. })
            }
        }
    }

    /// The options of the cell's clients for a server at `endpoint`.
    #[must_use]
    pub fn options(&self, client: &Client, endpoint: Endpoint) -> Options {
        Options {
            endpoint,
            publish: self.publish,
            subscribe: client.subscribe,
            qos: self.qos,
            storage: client.storage,
            retention: Retention {
                messages: client.retention,
            },
            body_bytes: self.message_bytes,
            client_queue: client.queue.get() as usize,
            max_ack_pending: self
                .tuning
                .unacknowledged_messages()
                .and_then(NonZeroU16::new)
                .unwrap_or(EDGEX_MAX_ACK_PENDING),
            null_order: None,
        }
    }

    /// The message of one publisher, and the topic that it goes to.
    pub fn message(
        &self,
        seed: u64,
        publisher: u16,
    ) -> Result<(String, Prepared), busbench_envelope::EncodeError> {
        let (topic, message) = Prepared::of_spec(&self.payload, seed, publisher, self.layout)?;
        Ok((topic, message.at_depth(self.depth)))
    }
}

impl Phases {
    /// Warm-up and window: how long messages are offered.
    #[must_use]
    pub fn offered(&self) -> Duration {
        self.warmup + self.window
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
