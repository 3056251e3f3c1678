//! The provider of a run: chosen once, starts its servers, sweeps up at the end.

use std::time::Duration;

use crate::clean::{blocking, clean, sweep_processes};
use crate::container::{ContainerProvider, ImageSize};
use crate::emulation::own_emulator;
use crate::external::ExternalProvider;
use crate::process::ProcessProvider;
use crate::{
    BrokerError, CleanReport, Environment, Limit, LimitRefused, Provider, ProviderChoice, RunLabel,
    Server, ServerKind, Settings,
};

/// How long a server may take to answer its first handshake.
const PATIENCE: Duration = Duration::from_secs(20);

/// So much longer where server or harness is emulated: an emulator translates a server's start, which
/// is code that runs once, many times slower than a CPU runs it.
const TIMES_EMULATED: u32 = 6;

/// One provider for a whole run, ready to start servers.
#[derive(Debug)]
pub struct Servers {
    chosen: Chosen,
    reason: String,
    run: RunLabel,
    patience: Duration,
    leftovers: CleanReport,
}

#[derive(Debug)]
enum Chosen {
    Container(ContainerProvider),
    Process(ProcessProvider),
    External(ExternalProvider),
}

impl Servers {
    /// Chooses one provider for the whole run, in this program's environment.
    ///
    /// `Auto` takes containers where an engine answers and has, or can pull, every needed image,
    /// else processes. `External` greets every server, so that a wrong address shows before
    /// anything runs. What runs that were killed have left is removed first.
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
        let leftovers = clean().await?;
        let (chosen, why) = match choice {
            ProviderChoice::Auto => automatic(environment, kinds).await?,
            ProviderChoice::Container => {
                let containers = ContainerProvider::find(environment, kinds).await?;
                (Chosen::Container(containers), "asked for".to_owned())
            }
            ProviderChoice::Process => {
                let processes = find_processes(environment, kinds).await?;
                (Chosen::Process(processes), "asked for".to_owned())
            }
            ProviderChoice::External => {
                let servers = ExternalProvider::find(environment, kinds)?;
                for &kind in kinds {
                    servers.start(kind).await?;
                }
                (Chosen::External(servers), "asked for".to_owned())
            }
        };
        Ok(Self {
            reason: format!("{why}: {}", chosen.describe()),
            patience: if own_emulator().is_some() || chosen.needs_emulator() {
                PATIENCE * TIMES_EMULATED
            } else {
                PATIENCE
            },
            chosen,
            run: run.clone(),
            leftovers,
        })
    }

    /// Gives servers another time to answer their first handshake than 20 seconds, or 2 minutes where
    /// anything is emulated.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Who provides the servers.
    #[must_use]
    pub fn provider(&self) -> Provider {
        match self.chosen {
            Chosen::Container(_) => Provider::Container,
            Chosen::Process(_) => Provider::Process,
            Chosen::External(_) => Provider::External,
        }
    }

    /// Why this provider, and with which images, binaries or addresses, for a person to read.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What earlier runs that were killed had left, and was removed when the provider was chosen.
    #[must_use]
    pub fn leftovers(&self) -> &CleanReport {
        &self.leftovers
    }

    /// Refuses limits that servers of this provider cannot be held to, before any is started.
    pub async fn check_limits(&self, limits: &[Limit]) -> Result<(), BrokerError> {
        let limits: Vec<Limit> = limits
            .iter()
            .copied()
            .filter(|limit| !limit.is_none())
            .collect();
        let Some(&limit) = limits.first() else {
            return Ok(());
        };
        match &self.chosen {
            Chosen::Container(containers) => containers.check_limits(&limits),
            Chosen::Process(_) => {
                let run = self.run.clone();
                let check = move || ProcessProvider::check_limits(&run, &limits);
                blocking("try a control group", check).await
            }
            Chosen::External(_) => Err(BrokerError::CannotLimit {
                limit,
                source: LimitRefused::External,
            }),
        }
    }

    /// Starts a fresh server and returns when it has answered a handshake of its protocol, or fails
    /// when it has not within 20 seconds (2 minutes where anything is emulated). On an error, or when the future is dropped, nothing is
    /// left of it.
    pub async fn start(
        &self,
        kind: ServerKind,
        settings: &Settings,
    ) -> Result<Server, BrokerError> {
        let (run, patience) = (&self.run, self.patience);
        match &self.chosen {
            Chosen::Container(containers) => containers.start(kind, settings, run, patience).await,
            Chosen::Process(processes) => processes.start(kind, settings, run, patience).await,
            Chosen::External(servers) => servers.start(kind).await,
        }
    }

    /// The size of the image that a server comes from; `None` where it comes from none. Its layers are
    /// compressed for it, which takes seconds.
    pub async fn image_size(&self, kind: ServerKind) -> Option<Result<ImageSize, BrokerError>> {
        match &self.chosen {
            Chosen::Container(containers) => Some(containers.image_size(kind).await),
            Chosen::Process(_) | Chosen::External(_) => None,
        }
    }

    /// Removes all that this run has started and not stopped, after waiting for starts that were
    /// cancelled. The end of a run, whatever way it came.
    pub async fn sweep(&self) -> Result<CleanReport, BrokerError> {
        let removed = match &self.chosen {
            Chosen::Container(containers) => containers.sweep(&self.run).await?,
            Chosen::Process(_) => sweep_processes(&self.run).await?,
            Chosen::External(_) => Vec::new(),
        };
        Ok(CleanReport { removed })
    }
}

impl Chosen {
    /// Whether one of the servers is not for the CPU of its host.
    fn needs_emulator(&self) -> bool {
        match self {
            Self::Container(containers) => containers.needs_emulator(),
            Self::Process(processes) => processes.needs_emulator(),
            // Nothing is known of it, and it runs already.
            Self::External(_) => false,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Container(containers) => containers.describe(),
            Self::Process(processes) => processes.describe(),
            Self::External(servers) => servers.describe(),
        }
    }
}

async fn automatic(
    environment: &Environment,
    kinds: &[ServerKind],
) -> Result<(Chosen, String), BrokerError> {
    let no_containers = match ContainerProvider::find(environment, kinds).await {
        Ok(containers) => {
            let why = "a container engine answers and has every image".to_owned();
            return Ok((Chosen::Container(containers), why));
        }
        Err(error) => error,
    };
    match find_processes(environment, kinds).await {
        Ok(processes) => Ok((Chosen::Process(processes), no_containers.to_string())),
        Err(error) => Err(BrokerError::NoProvider {
            containers: Box::new(no_containers),
            processes: Box::new(error),
        }),
    }
}

/// Off the runtime: binaries are hashed.
async fn find_processes(
    environment: &Environment,
    kinds: &[ServerKind],
) -> Result<ProcessProvider, BrokerError> {
    let (environment, kinds) = (environment.clone(), kinds.to_vec());
    blocking("look for binaries", move || {
        ProcessProvider::find(&environment, &kinds)
    })
    .await
}
