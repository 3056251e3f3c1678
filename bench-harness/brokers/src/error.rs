//! What can go wrong with a server.

/// A failed action on a server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerError {}
