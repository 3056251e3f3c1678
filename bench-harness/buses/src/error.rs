//! What can go wrong between a client and its server.

use std::time::Duration;

use crate::{BusKind, Endpoint};

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
        waited: Duration,
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

/// Which bus, and where: the part that all errors of one client share.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    bus: &'static str,
    endpoint: String,
}

impl Site {
    pub(crate) fn new(bus: BusKind, endpoint: &Endpoint) -> Self {
        Self {
            bus: bus.name(),
            endpoint: endpoint.to_string(),
        }
    }

    /// An action of the client failed.
    pub(crate) fn failed(
        &self,
        action: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> BusError {
        BusError::Client {
            action: action.into(),
            bus: self.bus,
            endpoint: self.endpoint.clone(),
            source: source.into(),
        }
    }

    /// The bus did not do it in time.
    pub(crate) fn timed_out(&self, action: impl Into<String>, waited: Duration) -> BusError {
        BusError::TimedOut {
            action: action.into(),
            bus: self.bus,
            endpoint: self.endpoint.clone(),
            waited,
        }
    }

    /// The connection is gone.
    pub(crate) fn closed(&self) -> BusError {
        BusError::Closed {
            bus: self.bus,
            endpoint: self.endpoint.clone(),
        }
    }
}
