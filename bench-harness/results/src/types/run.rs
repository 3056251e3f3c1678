//! A run: what was run, by whom, where, on which servers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cell, FootprintCell};
use crate::comparison::{SmallestEffects, of_known_figures};

/// One scenario on one host: `result.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// `SCHEMA_VERSION` of the program that wrote it.
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
    /// Which cores server and harness had, where they were to have cores of their own.
    #[serde(default)]
    pub isolation: Option<Isolation>,
    /// The servers that took part, by id.
    pub servers: BTreeMap<String, ServerRecord>,
    /// Every cell of the plan, in the plan's order; none in a run of footprints.
    pub cells: Vec<Cell>,
    /// Every server and client program whose footprint the plan takes, in the plan's order; none in
    /// other runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub footprints: Vec<FootprintCell>,
}

impl RunRecord {
    /// Nanoseconds that the null bus's publishers were told to work for each message, in a fire drill;
    /// `None` in any other run.
    #[must_use]
    pub fn null_work_ns(&self) -> Option<u64> {
        let settings = self.cells.iter().map(|cell| &cell.client_settings);
        let mut told = settings.filter_map(|settings| settings.get("null_work_ns"));
        told.next()?.parse().ok()
    }

    /// What a reader must know before any figure of a fire drill; `None` for any other run.
    #[must_use]
    pub fn fire_drill(&self) -> Option<String> {
        let work_ns = self.null_work_ns()?;
        Some(format!(
            "fire drill: the null bus's publishers were told to work {work_ns} ns longer for each message \
             (--null-work), so its figures are not the harness's own"
        ))
    }
}

/// Which cores each side had, by the kernel's numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Isolation {
    /// Cores of the servers.
    pub server_cpus: Vec<u32>,
    /// Cores of the harness.
    pub generator_cpus: Vec<u32>,
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
    /// How long one server serves. Runs that were written before there was a choice had a server
    /// for each trial.
    #[serde(default)]
    pub servers: ServerSpan,
    /// Which change of each figure is one, as a share: how the run is judged, and no part of how it was
    /// measured. Runs that were written before a scenario could say so have the default's.
    #[serde(default, deserialize_with = "of_known_figures")]
    #[schemars(with = "BTreeMap<String, f64>")]
    pub smallest_effects: SmallestEffects,
    /// The scenario with every default and override applied, but for its smallest effects.
    pub resolved: serde_json::Value,
}

/// How long one server serves before it is stopped and its data removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServerSpan {
    /// For one trial.
    #[default]
    Trial,
    /// For the trials of one bus and tuning within one round.
    Round,
}

impl ServerSpan {
    /// The name that scenarios, results and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Round => "round",
        }
    }
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
    /// What its program is for, as its header or the image tells: `x86_64`, `aarch64`. Absent where
    /// neither can be seen, and in runs that were written before it was looked for.
    #[serde(default)]
    pub arch: Option<String>,
    /// Whether it is known to run under an emulator.
    #[serde(default)]
    pub emulated: bool,
    /// Path of the binary.
    pub binary: Option<String>,
    /// SHA-256 of the binary, hex.
    pub binary_sha256: Option<String>,
    /// Effective configuration as text; no secrets.
    pub configuration: String,
    /// What it was held to, as the kernel or the container engine tells it; absent where it had all
    /// that the machine has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<ServerLimit>,
}

/// What a server may use.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServerLimit {
    /// Memory in bytes, its part of the page cache included; `null`: without a bound.
    pub memory_bytes: Option<u64>,
    /// CPU time for each second, in seconds: 0.5 is half of a core; `null`: without a bound.
    pub cpus: Option<f64>,
}
