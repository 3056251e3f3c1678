//! A running server, whoever provides it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::affinity::process_cpus;
use crate::config::UNACKNOWLEDGED;
use crate::container::ServerContainer;
use crate::process::ServerProcess;
use crate::{
    Architecture, BrokerError, CostReader, CounterSource, Limit, LoadedFiles, Provider, ServerKind,
    external,
};

/// A running server. Stopped by [`Server::stop`], or else when it is dropped, which blocks for as
/// long as that takes.
#[derive(Debug)]
pub struct Server {
    address: ServerAddress,
    info: ServerInfo,
    counters: CounterSource,
    first_answer: Option<Duration>,
    handle: Handle,
}

/// What there is to stop.
#[derive(Debug)]
enum Handle {
    Container(Box<ServerContainer>),
    Process(ServerProcess),
    External,
}

/// Where a server listens, and its login. Its `Debug` form hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerAddress {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// User and password, where the server asks for a login.
    pub login: Option<(String, String)>,
}

/// What a scenario asks of a server; the same for all providers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Largest message in bytes that the server must take (NATS `max_payload`, 1 MiB by default).
    pub message_bytes: usize,
    /// Whether its silent limits are its own defaults.
    pub tuning: Tuning,
    /// Cores that it may use, by the kernel's numbers; `None`: all.
    pub cpus: Option<Vec<u32>>,
    /// Memory and CPU time that it may use.
    pub limit: Limit,
    /// Whether it is told how long the start took: the server is then asked for its first answer more
    /// often than it would be.
    pub times_start: bool,
}

/// Whether a server's silent limits are its own defaults: what it holds back for a subscriber that
/// is slow, before it drops messages or closes the connection.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Tuning {
    /// As the server comes.
    #[default]
    Default,
    /// Raised, alike over the servers.
    Tuned,
}

impl Tuning {
    /// The name that scenarios, results and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Tuned => "tuned",
        }
    }

    /// Deliveries to one subscriber that it has not acknowledged, where a client sets that limit:
    /// what a tuned server allows. `None`: the client's own.
    #[must_use]
    pub const fn unacknowledged_messages(self) -> Option<u16> {
        match self {
            Self::Default => None,
            Self::Tuned => Some(UNACKNOWLEDGED),
        }
    }
}

/// What a result records of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerInfo {
    /// Which server.
    pub kind: ServerKind,
    /// As the server itself says it over its protocol; `unknown` where it does not.
    pub version: String,
    /// Who provided it.
    pub provider: Provider,
    /// `loopback`, `host-network`, `published-port` or `network`.
    pub network_path: String,
    /// Image name with tag (containers).
    pub image: Option<String>,
    /// Image id or digest (containers).
    pub image_digest: Option<String>,
    /// What its program is for, told by the program's header or the image; `None` where neither can
    /// be seen (external).
    pub architecture: Option<Architecture>,
    /// What emulates it, where it is known not to be run by the CPU itself: the emulator's name.
    pub emulator: Option<String>,
    /// Path of the binary (processes).
    pub binary: Option<String>,
    /// SHA-256 of the binary (processes).
    pub binary_sha256: Option<String>,
    /// The effective configuration, as text: the file it was started with and, where the server
    /// can be asked (`CONFIG GET *`), what it says. No secret is in it.
    pub configuration: String,
    /// What it is held to, as the kernel or the engine tells it; `None` where it is held to nothing.
    pub limit: Option<Limit>,
}

impl Server {
    pub(crate) fn of_container(
        address: ServerAddress,
        info: ServerInfo,
        counters: CounterSource,
        container: ServerContainer,
    ) -> Self {
        Self {
            address,
            info,
            counters,
            first_answer: None,
            handle: Handle::Container(Box::new(container)),
        }
    }

    pub(crate) fn of_process(
        address: ServerAddress,
        info: ServerInfo,
        counters: CounterSource,
        process: ServerProcess,
    ) -> Self {
        Self {
            address,
            info,
            counters,
            first_answer: None,
            handle: Handle::Process(process),
        }
    }

    pub(crate) fn of_somebody_else(
        address: ServerAddress,
        info: ServerInfo,
        counters: CounterSource,
    ) -> Self {
        Self {
            address,
            info,
            counters,
            first_answer: None,
            handle: Handle::External,
        }
    }

    pub(crate) fn with_first_answer(mut self, first_answer: Option<Duration>) -> Self {
        self.first_answer = first_answer;
        self
    }

    /// From the order to start it, as process or as container that is yet to be created, to its first
    /// answer; `None` where [`Settings::times_start`] did not ask for it.
    #[must_use]
    pub fn first_answer(&self) -> Option<Duration> {
        self.first_answer
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> &ServerAddress {
        &self.address
    }

    /// What a result records of it.
    #[must_use]
    pub fn info(&self) -> &ServerInfo {
        &self.info
    }

    /// Where its own counters are read.
    #[must_use]
    pub fn counter_source(&self) -> &CounterSource {
        &self.counters
    }

    /// Its processes on this host; none where they are elsewhere.
    #[must_use]
    pub fn process_ids(&self) -> &[u32] {
        match &self.handle {
            Handle::Container(container) => container.process_ids(),
            Handle::Process(process) => process.process_ids(),
            Handle::External => &[],
        }
    }

    /// Reads what it costs; nothing where its processes are elsewhere.
    #[must_use]
    pub fn cost_reader(&self) -> CostReader {
        match &self.handle {
            Handle::Container(container) => container.cost_reader(),
            Handle::Process(process) => process.cost_reader(),
            Handle::External => CostReader::default(),
        }
    }

    /// The files that it runs from, opened. `Err` says why they cannot be had.
    pub fn loaded_files(&self) -> std::io::Result<LoadedFiles> {
        if self.info.emulator.is_some() {
            LoadedFiles::of_emulated(self.process_ids())
        } else {
            LoadedFiles::of_processes(self.process_ids())
        }
    }

    /// Cores that its threads may use now, by the kernel's numbers; `None` where its processes are
    /// not on this host, or the system does not tell.
    #[must_use]
    pub fn cpus(&self) -> Option<Vec<u32>> {
        process_cpus(self.process_ids())
    }

    /// Whether it still runs. Cheap enough to be asked every 100 ms.
    pub async fn is_alive(&mut self) -> bool {
        match &mut self.handle {
            Handle::Container(container) => container.is_alive().await,
            Handle::Process(process) => process.is_alive(),
            Handle::External => external::accepts(&self.address).await,
        }
    }

    /// Whether the kernel has killed it because it had used up the memory that its limit allows.
    pub async fn ran_out_of_memory(&self) -> bool {
        match &self.handle {
            Handle::Container(container) => container.ran_out_of_memory().await,
            Handle::Process(process) => process.ran_out_of_memory(),
            Handle::External => false,
        }
    }

    /// The last lines of its output; empty for a server of somebody else.
    pub async fn log_tail(&self) -> String {
        match &self.handle {
            Handle::Container(container) => container.tail().await,
            Handle::Process(process) => process.tail(),
            Handle::External => String::new(),
        }
    }

    /// Stops it and removes its data, to the end also where this future is dropped. A server of
    /// somebody else stays as it is.
    pub async fn stop(self) -> Result<(), BrokerError> {
        match self.handle {
            Handle::Container(container) => container.stop().await,
            Handle::Process(process) => process.stop(),
            Handle::External => Ok(()),
        }
    }
}

/// The configuration that a result records: the file, and what the server says of itself.
pub(crate) fn recorded(file: &str, said: &str) -> String {
    match (file, said) {
        ("", said) => said.to_owned(),
        (file, "") => file.to_owned(),
        (file, said) => format!("{file}# As the server says it:\n{said}"),
    }
}

impl fmt::Debug for ServerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ServerAddress")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.login.as_ref().map(|(user, _)| user))
            .finish()
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}
