//! Asks a server, in its own protocol, whether it is ready and what it is.
//!
//! By hand over TCP: a client crate would reconnect, buffer and retry behind our back, and each of
//! these exchanges is a few dozen bytes.

pub(crate) mod mqtt;
mod nats;
pub(crate) mod redis;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, BufReader};
use tokio::net::TcpStream;

use crate::{ServerAddress, ServerKind};

/// Most that a server may say in a handshake: Redis's `CONFIG GET *` takes about 10 KiB. Whatever
/// listens at a wrong address cannot fill the memory.
const LONGEST_BYTES: u64 = 1 << 20;

/// One handshake takes milliseconds; a server that is busy starting may take longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// What a server said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Greeting {
    /// Its version; `None` where it does not tell.
    pub(crate) version: Option<String>,
    /// Its effective configuration, one setting a line, without secrets; empty where it cannot be
    /// asked.
    pub(crate) configuration: String,
}

/// Why a handshake failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("{0}")]
    Connection(#[from] io::Error),
    #[error("it did not finish the handshake within {PATIENCE:?}")]
    TimedOut,
    #[error("it refused: {0}")]
    Refused(String),
    #[error("it does not speak {protocol}: {got}")]
    Foreign { protocol: &'static str, got: String },
}

/// Connects and exchanges greetings.
pub(crate) async fn greet(
    kind: ServerKind,
    address: &ServerAddress,
) -> Result<Greeting, HandshakeError> {
    let exchange = async {
        let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
        stream.set_nodelay(true)?;
        let mut stream = Bounded::new(stream);
        let login = address.login.as_ref();
        match kind {
            ServerKind::Nats => nats::greet(&mut stream, login, false).await,
            ServerKind::NatsJetstream => nats::greet(&mut stream, login, true).await,
            ServerKind::Mosquitto => mqtt::greet(&mut stream, login).await,
            ServerKind::Redis => redis::greet(&mut stream, login).await,
        }
    };
    tokio::time::timeout(PATIENCE, exchange)
        .await
        .unwrap_or(Err(HandshakeError::TimedOut))
}

pub(crate) type Login = (String, String);

/// A connection whose reading end stops after [`LONGEST_BYTES`].
pub(crate) struct Bounded<S> {
    pub(crate) reader: BufReader<tokio::io::Take<tokio::io::ReadHalf<S>>>,
    pub(crate) writer: tokio::io::WriteHalf<S>,
}

impl<S: AsyncRead + AsyncWrite> Bounded<S> {
    pub(crate) fn new(stream: S) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self {
            reader: BufReader::new(reader.take(LONGEST_BYTES)),
            writer,
        }
    }
}

/// The beginning of what a server said, fit for a message.
fn excerpt(bytes: &[u8]) -> String {
    const LONGEST: usize = 60;
    if bytes.is_empty() {
        return "it closed the connection".to_owned();
    }
    let shown = &bytes[..bytes.len().min(LONGEST)];
    format!("it said `{}`", shown.escape_ascii())
}
