//! What can go wrong between a client and its server.

/// A failed action on a bus.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// An action of the client failed.
    #[error("cannot {action} on {bus} at {endpoint}")]
    Client {
        /// What was tried, as a verb phrase: "connect", "subscribe to `edgex.>`".
        action: String,
        /// The bus's name.
        bus: &'static str,
        /// `host:port`.
        endpoint: String,
        /// The client crate's own error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The bus did not answer in time.
    #[error("{bus} at {endpoint} did not {action} within {waited:?}")]
    TimedOut {
        /// What was awaited, as a verb phrase: "acknowledge a publish".
        action: String,
        /// The bus's name.
        bus: &'static str,
        /// `host:port`.
        endpoint: String,
        /// How long it was waited for.
        waited: std::time::Duration,
    },
    /// The server ended the connection.
    #[error("{bus} at {endpoint} closed the connection")]
    Closed {
        /// The bus's name.
        bus: &'static str,
        /// `host:port`.
        endpoint: String,
    },
}
