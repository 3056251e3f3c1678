//! The plan of a scenario of footprints: whose are taken, and how.

mod filter;

use std::collections::BTreeSet;
use std::time::Duration;

use busbench_brokers::{ProviderChoice, ServerKind};
use sha2::{Digest, Sha256};

use super::{Estimate, PlanError, hex};
use crate::scenario::{FootprintProvider, FootprintScenario};

/// What `scripts/clients` builds: in which language, what a program does beside its bus, and the programs
/// without a client and with each. async-nats and Go's libraries cannot be had without TLS.
const PROGRAMS: [(&str, &str, &[&str]); 3] = [
    (
        "rust",
        "bare",
        &["none", "nats", "mqtt", "mqtt-tls", "redis", "redis-tls"],
    ),
    ("go", "bare", &["none", "nats", "mqtt", "redis"]),
    ("go", "rest", &["none", "nats", "mqtt", "redis"]),
];
/// More clients than a server and this program may have open files, as a rule 1024.
const IDLE_CLIENTS_AT_MOST: u16 = 900;

/// Two starts, a hundred connections and what lies between, beside settling and windows.
const SERVER_SET_UP: Duration = Duration::from_millis(1200);
/// The start of the server that a client program talks to, and two starts of the program.
const CLIENT_TRIAL: Duration = Duration::from_millis(400);

/// A scenario of footprints that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FootprintPlan {
    /// Name of the scenario.
    pub name: String,
    /// The question that it answers.
    pub question: String,
    /// Seed of the order of trials.
    pub seed: u64,
    /// Trials of each cell.
    pub trials: u32,
    /// Clients that are connected and have nothing to receive.
    pub idle_clients: u16,
    /// Time before each window.
    pub settle: Duration,
    /// How long CPU time is counted.
    pub window: Duration,
    /// Who starts the servers that client programs talk to.
    pub clients_by: FootprintProvider,
    /// Every cell, in the order of the scenario's lists. What this machine lacks shows when it is run.
    pub cells: Vec<PlannedFootprint>,
    /// The scenario with every default and override applied.
    pub resolved: serde_json::Value,
    /// SHA-256 over `resolved`, hex.
    pub hash: String,
}

/// A server by one provider, or a client program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFootprint {
    /// Unique within the plan: `nats-container`, `rust-bare-nats`.
    pub id: String,
    /// Whose footprint it is.
    pub subject: PlannedSubject,
}

/// Whose footprint is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlannedSubject {
    /// A server.
    Server {
        /// Which.
        kind: ServerKind,
        /// How it is started.
        provider: FootprintProvider,
    },
    /// A program of `scripts/clients`.
    Client {
        /// `rust` or `go`.
        language: &'static str,
        /// What it does beside its bus: `bare` or `rest`.
        service: &'static str,
        /// `none`, `nats`, `mqtt`, `redis`, and some of these with `-tls`.
        client: &'static str,
    },
}

impl FootprintPlan {
    /// Lists the cells of a scenario and checks it against the limits of the harness.
    pub fn new(scenario: &FootprintScenario) -> Result<Self, PlanError> {
        let file = &scenario.file;
        let asked = &file.footprint;
        refuse_empty_lists(scenario)?;
        if asked.idle_clients.get() > IDLE_CLIENTS_AT_MOST {
            return Err(PlanError::Limit {
                scenario: scenario.name.clone(),
                what: "footprint.idle_clients",
                value: asked.idle_clients.to_string(),
                limit: IDLE_CLIENTS_AT_MOST.to_string(),
                why: "each is an open file of the server and of busbench",
            });
        }
        // Its types serialise without fail: they have no maps and no numbers that JSON lacks.
        let resolved = serde_json::to_value(file).unwrap_or_default();
        Ok(Self {
            name: scenario.name.clone(),
            question: file.question.clone(),
            seed: file.seed,
            trials: file.trials.get(),
            idle_clients: asked.idle_clients.get(),
            settle: asked.settle,
            window: asked.window,
            clients_by: clients_by(&asked.providers),
            cells: cells(scenario)?,
            hash: hex(&Sha256::digest(resolved.to_string())),
            resolved,
        })
    }

    /// Keeps the servers of one provider, and the client programs. [`ProviderChoice::Auto`] keeps all.
    pub fn keep_provider(&mut self, choice: ProviderChoice) -> Result<(), PlanError> {
        let wanted = match choice {
            ProviderChoice::Auto => return Ok(()),
            ProviderChoice::Container => FootprintProvider::Container,
            ProviderChoice::Process => FootprintProvider::Process,
            ProviderChoice::External => {
                return Err(PlanError::FootprintOfOthers {
                    scenario: self.name.clone(),
                });
            }
        };
        self.cells.retain(|cell| match cell.subject {
            PlannedSubject::Server { provider, .. } => provider == wanted,
            PlannedSubject::Client { .. } => true,
        });
        self.clients_by = wanted;
        if self.cells.is_empty() {
            return Err(PlanError::NoSuchProvider {
                scenario: self.name.clone(),
                provider: wanted.name(),
            });
        }
        Ok(())
    }

    /// Estimates a run in which every cell can be had.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        let round: Duration = self.cells.iter().map(|cell| self.trial_time(cell)).sum();
        Estimate {
            trials: u64::from(self.trials) * self.cells.len() as u64,
            time: round * self.trials,
            stored_bytes: 0,
        }
    }

    /// Estimated wall time of one trial of a cell.
    #[must_use]
    pub fn trial_time(&self, cell: &PlannedFootprint) -> Duration {
        match cell.subject {
            PlannedSubject::Server { provider, .. } => {
                let starts = super::estimate::start_of(provider.into()) * 2;
                (self.settle + self.window) * 2 + starts + SERVER_SET_UP
            }
            PlannedSubject::Client { .. } => CLIENT_TRIAL,
        }
    }

    /// The servers that are to be started by a provider, each once.
    #[must_use]
    pub fn servers(&self, wanted: FootprintProvider) -> Vec<ServerKind> {
        let kind = |cell: &PlannedFootprint| match cell.subject {
            PlannedSubject::Server { kind, provider } => (provider == wanted).then_some(kind),
            client @ PlannedSubject::Client { .. } => {
                let kind = client.server_of_client();
                kind.filter(|_| self.clients_by == wanted)
            }
        };
        let kinds: BTreeSet<ServerKind> = self.cells.iter().filter_map(kind).collect();
        kinds.into_iter().collect()
    }
}

/// Processes where they are asked for: their starts are no part of a client program's figures, and take
/// less time.
fn clients_by(providers: &[FootprintProvider]) -> FootprintProvider {
    let least = providers.iter().min();
    least.copied().unwrap_or(FootprintProvider::Process)
}

fn refuse_empty_lists(scenario: &FootprintScenario) -> Result<(), PlanError> {
    let asked = &scenario.file.footprint;
    let lists = [
        ("footprint.servers", asked.servers.is_empty()),
        ("footprint.providers", asked.providers.is_empty()),
    ];
    match lists.into_iter().find(|(_, is_empty)| *is_empty) {
        Some((key, _)) => Err(PlanError::Empty {
            scenario: scenario.name.clone(),
            key,
        }),
        None => Ok(()),
    }
}

fn cells(scenario: &FootprintScenario) -> Result<Vec<PlannedFootprint>, PlanError> {
    let asked = &scenario.file.footprint;
    let servers = asked.providers.iter().flat_map(|&provider| {
        let subject = move |&kind| PlannedSubject::Server { kind, provider };
        asked.servers.iter().map(subject)
    });
    let clients = PROGRAMS.iter().flat_map(|&(language, service, clients)| {
        let subject = move |&client| PlannedSubject::Client {
            language,
            service,
            client,
        };
        clients.iter().map(subject)
    });
    let subjects = servers.chain(clients.filter(|_| asked.clients));
    let mut ids = BTreeSet::new();
    let mut cells = Vec::new();
    for subject in subjects {
        let id = subject.id();
        if !ids.insert(id.clone()) {
            return Err(PlanError::Repeated {
                scenario: scenario.name.clone(),
                cell: id,
            });
        }
        cells.push(PlannedFootprint { id, subject });
    }
    Ok(cells)
}

impl PlannedSubject {
    fn id(self) -> String {
        match self {
            Self::Server { kind, provider } => format!("{}-{}", kind.name(), provider.name()),
            Self::Client {
                language,
                service,
                client,
            } => format!("{language}-{service}-{client}"),
        }
    }

    /// The server that a client program talks to.
    #[must_use]
    pub fn server_of_client(self) -> Option<ServerKind> {
        let Self::Client { client, .. } = self else {
            return None;
        };
        match client.trim_end_matches("-tls") {
            "nats" => Some(ServerKind::Nats),
            "mqtt" => Some(ServerKind::Mosquitto),
            "redis" => Some(ServerKind::Redis),
            _ => None,
        }
    }

    /// The value of a key of `--only`; `None` where it has none.
    fn value(self, key: &str) -> Option<&'static str> {
        match (self, key) {
            (Self::Server { kind, .. }, "server") => Some(kind.name()),
            (Self::Server { provider, .. }, "provider") => Some(provider.name()),
            (Self::Client { client, .. }, "client") => Some(client),
            (Self::Client { language, .. }, "language") => Some(language),
            (Self::Client { service, .. }, "service") => Some(service),
            _ => None,
        }
    }
}
