//! A running server, whoever provides it.

use serde::Serialize;

use crate::{Provider, ServerKind};

/// Where a server listens, and its login.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// What a result records of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerInfo {
    /// Which server.
    pub kind: ServerKind,
    /// As the server itself says it in its handshake or `--version`.
    pub version: String,
    /// Who provided it.
    pub provider: Provider,
    /// `loopback`, `host-network`, `published-port` or `network`.
    pub network_path: String,
    /// Image name with tag (containers).
    pub image: Option<String>,
    /// Image id or digest (containers).
    pub image_digest: Option<String>,
    /// Path of the binary (processes).
    pub binary: Option<String>,
    /// SHA-256 of the binary (processes).
    pub binary_sha256: Option<String>,
    /// The effective configuration, as text: the file it was started with and, where the server
    /// can be asked (`CONFIG GET *`), what it says. No secret is in it.
    pub configuration: String,
}
