//! Servers: start one as a container or as a process, or use one that runs already; stop it and
//! leave nothing behind.

mod error;
mod kind;
mod server;

pub use error::BrokerError;
pub use kind::{Provider, ProviderChoice, ServerKind};
pub use server::{ServerAddress, ServerInfo, Settings};
