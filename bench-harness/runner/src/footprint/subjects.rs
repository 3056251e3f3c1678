//! Which servers this machine can start, by each provider.

use std::collections::BTreeMap;

use busbench_brokers::{BrokerError, Environment, ProviderChoice, RunLabel, ServerKind, Servers};

use crate::error::chain;
use crate::plan::FootprintPlan;
use crate::scenario::FootprintProvider;

/// The servers of a run.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    process: Provided,
    container: Provided,
}

/// The servers of one provider: those that can be had, and why the others cannot.
#[derive(Debug, Default)]
struct Provided {
    /// Each starts some kinds.
    servers: Vec<Servers>,
    /// Place in the list above.
    found: BTreeMap<ServerKind, usize>,
    missing: BTreeMap<ServerKind, String>,
}

impl Subjects {
    /// Looks for all that a plan asks for. What is missing is no error: its cells say why.
    pub(super) async fn find(
        environment: &Environment,
        plan: &FootprintPlan,
        label: &RunLabel,
    ) -> Self {
        let kinds = |provider| plan.servers(provider);
        let (process, container) = (
            kinds(FootprintProvider::Process),
            kinds(FootprintProvider::Container),
        );
        Self {
            process: Provided::find(environment, ProviderChoice::Process, &process, label).await,
            container: Provided::find(environment, ProviderChoice::Container, &container, label)
                .await,
        }
    }

    /// Who starts a server, or why nobody does.
    pub(super) fn servers(
        &self,
        kind: ServerKind,
        provider: FootprintProvider,
    ) -> Result<&Servers, &str> {
        let from = match provider {
            FootprintProvider::Process => &self.process,
            FootprintProvider::Container => &self.container,
        };
        match from.found.get(&kind) {
            Some(&at) => Ok(&from.servers[at]),
            None => Err(from
                .missing
                .get(&kind)
                .map_or("not asked for", String::as_str)),
        }
    }

    /// Everybody who starts servers.
    pub(super) fn all(&self) -> impl Iterator<Item = &Servers> {
        self.process.servers.iter().chain(&self.container.servers)
    }
}

impl Provided {
    async fn find(
        environment: &Environment,
        choice: ProviderChoice,
        kinds: &[ServerKind],
        label: &RunLabel,
    ) -> Self {
        let mut provided = Self::default();
        if kinds.is_empty() {
            return provided;
        }
        let all = Servers::choose_in(environment, choice, kinds, label).await;
        match all {
            Ok(servers) => provided.add(servers, kinds),
            // Without an engine none can be had, and one that is asked four times says it no better.
            Err(error @ BrokerError::NoEngine { .. }) => provided.lack(&error, kinds),
            Err(_) => {
                for &kind in kinds {
                    match Servers::choose_in(environment, choice, &[kind], label).await {
                        Ok(servers) => provided.add(servers, &[kind]),
                        Err(error) => provided.lack(&error, &[kind]),
                    }
                }
            }
        }
        provided
    }

    fn add(&mut self, servers: Servers, kinds: &[ServerKind]) {
        let at = self.servers.len();
        self.found.extend(kinds.iter().map(|kind| (*kind, at)));
        self.servers.push(servers);
    }

    fn lack(&mut self, error: &BrokerError, kinds: &[ServerKind]) {
        let reason = chain(error);
        let missing = kinds.iter().map(|kind| (*kind, reason.clone()));
        self.missing.extend(missing);
    }
}
