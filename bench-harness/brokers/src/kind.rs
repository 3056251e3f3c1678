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

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Container => "container",
            Self::Process => "process",
            Self::External => "external",
        })
    }
}
