//! Servers as containers, through testcontainers.
//!
//! A container is named and labelled when it is created, it is created and made ready by a task
//! that nobody can cancel, and that task removes it again where anything fails or its caller is
//! gone. testcontainers' `watchdog` is not used: it re-raises the signal, and a run that is
//! interrupted must still save its results.

mod engine;
mod image;
mod network;
mod running;
mod size;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use testcontainers::bollard::models::{PortBinding, PortMap};
use testcontainers::core::IntoContainerPort;
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerRequest, GenericImage, ImageExt};
use tokio::sync::{RwLock, oneshot};

use crate::clean::{Removed, RemovedKind};
use crate::config::{Listen, configuration};
use crate::counters::{Before, Fresh};
use crate::footprint::FirstAnswer;
use crate::kind::Program;
use crate::run::Owner;
use crate::server::{Server, recorded};
use crate::survey::{EngineSurvey, ImageSurvey};
use crate::{
    BrokerError, CounterSource, Environment, Foreign, Limit, Provider, RunLabel, ServerAddress,
    ServerInfo, ServerKind, Settings, keeper, ports,
};

use engine::Engine;
use image::Image;
use network::Network;
pub(crate) use running::ServerContainer;
use running::StartError;
pub use size::ImageSize;

const RUN_LABEL: &str = "busbench.run";
const OWNER_LABEL: &str = "busbench.owner";
/// Port inside a container that has a network of its own.
const INNER_PORT: u16 = 4000;
/// Port of NATS's monitoring there.
const INNER_MONITOR_PORT: u16 = 4001;
const CONFIGURATION: &str = "/busbench/server.conf";
/// Every image has it, and it may be written to.
const WORKING_FOLDER: &str = "/tmp";
/// The engine has the image and creates and starts a container in less than a second.
const ENGINE_PATIENCE: Duration = Duration::from_secs(60);
/// How long a sweep waits for starts that go on.
const SWEEP_PATIENCE: Duration = Duration::from_secs(60);
const STARTING: &str = "start a container";
/// Between two questions to a server whose start is timed, which takes a good part of a second.
const ASK_EACH: Duration = Duration::from_millis(2);

/// An engine and the images of the servers.
#[derive(Debug, Clone)]
pub(crate) struct ContainerProvider {
    engine: Engine,
    images: BTreeMap<Program, Image>,
    network: Network,
    /// Read by every start until it has ended, so that a sweep can wait for all of them.
    starts: Arc<RwLock<()>>,
}

/// All that a start needs, so that it can outlive its caller.
struct Start {
    provider: ContainerProvider,
    image: Image,
    kind: ServerKind,
    settings: Settings,
    run: RunLabel,
    patience: Duration,
}

/// What a start gave.
struct Started {
    container: ServerContainer,
    address: ServerAddress,
    info: ServerInfo,
    counters: CounterSource,
    first_answer: Option<Duration>,
}

impl ContainerProvider {
    /// Finds the engine, and finds or pulls the images.
    pub(crate) async fn find(
        environment: &Environment,
        kinds: &[ServerKind],
    ) -> Result<Self, BrokerError> {
        let environment = environment.clone();
        let kinds = kinds.to_vec();
        keeper::run("look for images", async move {
            let engine = Engine::connect().await?;
            let network = Network::choose(&environment, &engine)?;
            let images = image::find(&engine, &environment, &kinds).await?;
            Ok(Self {
                engine,
                images: images.into_iter().collect(),
                network,
                starts: Arc::default(),
            })
        })
        .await?
    }

    /// Whether one of the images is not for the CPU of the engine's host.
    pub(crate) fn needs_emulator(&self) -> bool {
        let programs = self
            .images
            .values()
            .filter_map(|image| image.architecture.as_ref());
        programs
            .into_iter()
            .any(|program| self.engine.cannot_run(program))
    }

    /// The images, for a person to read.
    pub(crate) fn describe(&self) -> String {
        let names: Vec<&str> = self
            .images
            .values()
            .map(|image| image.name.as_str())
            .collect();
        names.join(", ")
    }

    /// Refuses limits that the engine cannot hold containers to.
    pub(crate) fn check_limits(&self, limits: &[Limit]) -> Result<(), BrokerError> {
        limits.iter().try_for_each(|&limit| {
            let held = self.engine.resources.can_hold(limit);
            held.map_err(|source| BrokerError::CannotLimit { limit, source })
        })
    }

    /// Starts a server. On an error, or when the future is dropped, nothing is left of it.
    pub(crate) async fn start(
        &self,
        kind: ServerKind,
        settings: &Settings,
        run: &RunLabel,
        patience: Duration,
    ) -> Result<Server, BrokerError> {
        let image = self
            .images
            .get(&kind.program())
            .ok_or(BrokerError::NotChosen { server: kind })?;
        let start = Start {
            provider: self.clone(),
            image: image.clone(),
            kind,
            settings: settings.clone(),
            run: run.clone(),
            patience,
        };
        let (answer, started) = oneshot::channel();
        // Taken before the task is, so that no sweep comes between.
        let going_on = Arc::clone(&self.starts).read_owned().await;
        let task = async move {
            // Refused where the caller is gone. The container is not left to its `Drop`, which
            // would block the keeper's thread.
            if let Err(Ok(orphan)) = answer.send(start.run().await) {
                orphan.container.remove_here().await;
            }
            drop(going_on);
        };
        keeper::run(STARTING, task).await?;
        let started = started
            .await
            .map_err(|_| BrokerError::KeeperGone { action: STARTING })??;
        Ok(Server::of_container(
            started.address,
            started.info,
            started.counters,
            started.container,
        )
        .with_first_answer(started.first_answer))
    }

    /// The size of the image that a server comes from. Its layers are compressed for it, which takes
    /// seconds.
    pub(crate) async fn image_size(&self, kind: ServerKind) -> Result<ImageSize, BrokerError> {
        let image = self
            .images
            .get(&kind.program())
            .ok_or(BrokerError::NotChosen { server: kind })?;
        let (engine, name) = (self.engine.clone(), image.name.clone());
        keeper::run(
            "measure an image",
            async move { size::of(&engine, &name).await },
        )
        .await?
    }

    /// Removes all containers of a run of this program, after waiting for starts that go on.
    pub(crate) async fn sweep(&self, run: &RunLabel) -> Result<Vec<Removed>, BrokerError> {
        let (engine, starts) = (self.engine.clone(), Arc::clone(&self.starts));
        let run = run.to_string();
        keeper::run("sweep up containers", async move {
            // A start ends of itself; an engine that hangs is no reason to wait for ever.
            let _no_start = tokio::time::timeout(SWEEP_PATIENCE, starts.write()).await;
            remove_where(&engine, |found_run, owner| {
                found_run == run && owner == Owner::this_program()
            })
            .await
        })
        .await?
    }
}

/// What an engine and its images give, without pulling or starting any.
pub(crate) async fn survey(
    environment: &Environment,
) -> Result<(EngineSurvey, BTreeMap<Program, Vec<ImageSurvey>>), BrokerError> {
    let environment = environment.clone();
    keeper::run("look for images", async move {
        let engine = Engine::connect().await?;
        let network = Network::choose(&environment, &engine)?;
        let mut images = BTreeMap::new();
        for program in Program::ALL {
            let found = image::survey(&engine, &environment, program).await?;
            images.insert(program, found);
        }
        let survey = EngineSurvey {
            version: engine.version,
            network_path: network.name().to_owned(),
            shares_network: engine.shares_network,
            architecture: engine.architecture,
        };
        Ok((survey, images))
    })
    .await?
}

/// Removes the containers of programs that are gone. An engine that does not answer has none.
pub(crate) async fn clean() -> Result<Vec<Removed>, BrokerError> {
    keeper::run("remove containers", async {
        match Engine::connect().await {
            Ok(engine) => remove_where(&engine, |_, owner| owner.is_gone()).await,
            Err(_) => Ok(Vec::new()),
        }
    })
    .await?
}

async fn remove_where(
    engine: &Engine,
    belongs: impl Fn(&str, &Owner) -> bool,
) -> Result<Vec<Removed>, BrokerError> {
    let mut removed = Vec::new();
    for container in engine.labelled(OWNER_LABEL).await? {
        let labels = container.labels.unwrap_or_default();
        let run = labels.get(RUN_LABEL).cloned().unwrap_or_default();
        let owner = labels
            .get(OWNER_LABEL)
            .and_then(|owner| Owner::parse(owner));
        let (Some(id), Some(owner)) = (container.id, owner) else {
            continue;
        };
        if belongs(&run, &owner) && engine.remove(&id).await? {
            let name = container.names.unwrap_or_default().into_iter().next();
            removed.push(Removed {
                kind: RemovedKind::Container,
                name: name.map_or(id, |name| name.trim_start_matches('/').to_owned()),
                run,
            });
        }
    }
    Ok(removed)
}

impl Start {
    async fn run(&self) -> Result<Started, BrokerError> {
        let has_monitor = self.kind.program().has_monitor();
        let mut port = INNER_PORT;
        for _ in 0..ports::ATTEMPTS {
            let mut monitor_port = INNER_MONITOR_PORT;
            if self.provider.network == Network::Host {
                let free_port = || {
                    ports::free_port().map_err(|source| BrokerError::File {
                        action: "get a free port of",
                        path: "127.0.0.1".into(),
                        source,
                    })
                };
                (port, monitor_port) = (free_port()?, free_port()?);
            }
            let listen = Listen {
                address: self.provider.network.listen_address(),
                port,
                monitor_port: has_monitor.then_some(monitor_port),
            };
            match self.run_once(listen).await {
                Ok(started) => return Ok(started),
                Err(StartError::PortTaken) => {}
                Err(StartError::Failed(error)) => return Err(error),
            }
        }
        Err(BrokerError::PortTaken {
            server: self.kind,
            attempts: ports::ATTEMPTS,
            port,
        })
    }

    async fn run_once(&self, listen: Listen) -> Result<Started, StartError> {
        let engine = &self.provider.engine;
        let name = self.container_name();
        let file = configuration(self.kind, &self.settings, listen);
        let request = self.request(&name, &file, listen);
        let early = self.asker_before_start(listen);
        let started_at = Instant::now();
        let started = match request.start().await {
            Ok(container) => ServerContainer::ready(container, engine, self, listen, early).await,
            Err(error) => Err(StartError::Failed(self.refused(&name, &error.to_string()))),
        };
        match started {
            Ok((container, addresses, greeting, asker)) => {
                let first_answer = FirstAnswer::after(started_at, asker).await;
                let runs = self.image.runs(container.process_ids(), engine);
                let counters = CounterSource {
                    kind: self.kind,
                    address: addresses.server.clone(),
                    monitor: addresses.monitor,
                    before: Before::Fresh(Fresh::new(started_at, &greeting)),
                };
                let info = ServerInfo {
                    kind: self.kind,
                    version: greeting.version.unwrap_or_else(|| "unknown".to_owned()),
                    provider: Provider::Container,
                    network_path: self.provider.network.name().to_owned(),
                    image: Some(self.image.name.clone()),
                    image_digest: Some(self.image.digest.clone()),
                    architecture: runs.architecture,
                    emulator: runs.emulator,
                    binary: None,
                    binary_sha256: None,
                    configuration: recorded(&file, &greeting.configuration),
                    limit: container.limit(),
                };
                Ok(Started {
                    container,
                    address: addresses.server,
                    info,
                    counters,
                    first_answer,
                })
            }
            Err(error) => {
                // testcontainers leaves what it created and could not start.
                engine.remove(&name).await?;
                Err(error)
            }
        }
    }

    /// The error of a container that the engine did not start.
    fn refused(&self, name: &str, reason: &str) -> BrokerError {
        let image = &self.image;
        match Foreign::in_output(reason, image.architecture.as_ref()) {
            Some(why) => {
                BrokerError::foreign(self.kind, image.name.clone(), why, Provider::Container)
            }
            None => BrokerError::Engine {
                action: format!("start {} from {} as {name}", self.kind, image.name),
                reason: reason.to_owned(),
            },
        }
    }

    /// Where the start is timed and the server's address is known beforehand.
    fn asker_before_start(&self, listen: Listen) -> Option<FirstAnswer> {
        if self.provider.network != Network::Host {
            return None;
        }
        self.asker("127.0.0.1", listen.port)
    }

    /// Asks for the first answer where the start is timed.
    fn asker(&self, host: &str, port: u16) -> Option<FirstAnswer> {
        if !self.settings.times_start {
            return None;
        }
        FirstAnswer::watch(self.kind.program(), host, port, ASK_EACH)
    }

    fn container_name(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let process_id = std::process::id();
        format!("busbench-{}-{process_id}-{}-{count}", self.run, self.kind)
    }

    /// The entry point is the server itself, so that official images and those of `scripts/images`
    /// start alike, whatever their scripts would do first.
    fn request(&self, name: &str, file: &str, listen: Listen) -> ContainerRequest<GenericImage> {
        let (image, tag) = image::name_and_tag(&self.image.name);
        let arguments: &[&str] = match self.kind.program() {
            Program::Nats | Program::Mosquitto => &["-c", CONFIGURATION],
            Program::Redis => &[CONFIGURATION],
        };
        let request = GenericImage::new(image, tag)
            .with_entrypoint(self.kind.program().binary())
            .with_container_name(name)
            .with_label(RUN_LABEL, self.run.as_str())
            .with_label(OWNER_LABEL, Owner::this_program().to_string())
            .with_copy_to(CONFIGURATION, file.as_bytes().to_vec())
            .with_cmd(arguments.iter().copied())
            .with_working_dir(WORKING_FOLDER)
            .with_startup_timeout(ENGINE_PATIENCE);
        let (request, bindings) = match self.provider.network {
            Network::Host => (request.with_network("host"), None),
            Network::Published => {
                let to_loopback = self.provider.engine.publishes_here;
                let ports = [listen.port].into_iter().chain(listen.monitor_port);
                let request = ports.clone().fold(request, |request, port| {
                    request.with_mapped_port(0, port.tcp())
                });
                (request, Some(bindings(ports, to_loopback)))
            }
        };
        let cpus = self.settings.cpus.as_deref().map(cpuset);
        let limit = self.settings.limit;
        // One modifier for all: a second would replace the first.
        request.with_host_config_modifier(move |host| {
            if let Some(bindings) = &bindings {
                host.port_bindings = Some(bindings.clone());
            }
            host.cpuset_cpus.clone_from(&cpus);
            running::hold(host, limit);
        })
    }
}

/// Publishes ports to this host alone where that will do: the server asks for no login.
fn bindings(ports: impl Iterator<Item = u16>, to_loopback: bool) -> PortMap {
    let binding = PortBinding {
        host_ip: to_loopback.then(|| "127.0.0.1".to_owned()),
        host_port: None,
    };
    ports
        .map(|port| (format!("{port}/tcp"), Some(vec![binding.clone()])))
        .collect()
}

/// Cores as the engine takes them: `0,2`.
fn cpuset(cpus: &[u32]) -> String {
    let numbers: Vec<String> = cpus.iter().map(u32::to_string).collect();
    numbers.join(",")
}
