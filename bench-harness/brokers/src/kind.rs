//! Which servers there are, and who provides them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A server program in one of its configurations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerKind {
    /// nats-server without `JetStream`.
    Nats,
    /// nats-server with `JetStream`, its store in the trial's own folder.
    NatsJetstream,
    /// Mosquitto.
    Mosquitto,
    /// Redis.
    Redis,
}

/// A program that provides one or more kinds of server: what is installed, pulled and overridden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Program {
    Nats,
    Mosquitto,
    Redis,
}

/// Who provides a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// A container, through testcontainers.
    Container,
    /// A server binary on PATH.
    Process,
    /// Somebody else's running server.
    External,
}

/// Which provider is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderChoice {
    /// Containers where an engine answers and has or can pull every image, else processes.
    #[default]
    Auto,
    /// Only containers.
    Container,
    /// Only processes.
    Process,
    /// Only the servers that the environment names.
    External,
}

impl ServerKind {
    /// All kinds of server.
    pub const ALL: [Self; 4] = [
        Self::Nats,
        Self::NatsJetstream,
        Self::Mosquitto,
        Self::Redis,
    ];

    /// The name that results and messages use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nats => "nats",
            Self::NatsJetstream => "nats-jetstream",
            Self::Mosquitto => "mosquitto",
            Self::Redis => "redis",
        }
    }

    pub(crate) const fn program(self) -> Program {
        match self {
            Self::Nats | Self::NatsJetstream => Program::Nats,
            Self::Mosquitto => Program::Mosquitto,
            Self::Redis => Program::Redis,
        }
    }
}

impl Program {
    /// All programs.
    pub(crate) const ALL: [Self; 3] = [Self::Nats, Self::Mosquitto, Self::Redis];

    /// What it is with nothing switched on.
    pub(crate) const fn plain(self) -> ServerKind {
        match self {
            Self::Nats => ServerKind::Nats,
            Self::Mosquitto => ServerKind::Mosquitto,
            Self::Redis => ServerKind::Redis,
        }
    }

    /// Whether its counters are read on a port of their own.
    pub(crate) const fn has_monitor(self) -> bool {
        matches!(self, Self::Nats)
    }

    /// The file name of the binary; in Debian the name of its package too.
    pub(crate) const fn binary(self) -> &'static str {
        match self {
            Self::Nats => "nats-server",
            Self::Mosquitto => "mosquitto",
            Self::Redis => "redis-server",
        }
    }

    /// The part of environment variables that stands for the program: `BUSBENCH_NATS_URL`.
    pub(crate) const fn variable(self) -> &'static str {
        match self {
            Self::Nats => "NATS",
            Self::Mosquitto => "MOSQUITTO",
            Self::Redis => "REDIS",
        }
    }
}

impl fmt::Display for ServerKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Container => "container",
            Self::Process => "process",
            Self::External => "external",
        })
    }
}
