//! A container that runs.

use std::time::{Duration, Instant};

use testcontainers::bollard::models::{ContainerInspectResponse, HostConfig};
use testcontainers::{ContainerAsync, GenericImage, TestcontainersError};

use crate::config::Listen;
use crate::footprint::FirstAnswer;
use crate::handshake::{Greeting, greet};
use crate::limit::PERIOD_US;
use crate::run::{is_running, started_ticks};
use crate::{BrokerError, CostReader, Limit, Provider, ServerAddress, keeper, ports};

use super::Start;
use super::engine::Engine;
use super::network::Network;

/// Between two handshakes with a server that is not up yet.
const RETRY: Duration = Duration::from_millis(20);
/// Between two questions to the engine whether the container still runs.
const LOOK: Duration = Duration::from_millis(200);
/// The engine learns of a process's end within milliseconds, unless it is very busy.
const DEATH_PATIENCE: Duration = Duration::from_secs(5);
/// Lines of output that a message shows.
const TAIL_LINES: usize = 20;
/// The engine removes a container within a second, unless it is very busy.
const REMOVAL_PATIENCE: Duration = Duration::from_secs(30);

/// A server's container, removed when it is dropped.
#[derive(Debug)]
pub(crate) struct ServerContainer {
    /// An option only so that it can be taken out and dropped on the keeper's runtime: outside a
    /// runtime it panics.
    container: Option<ContainerAsync<GenericImage>>,
    engine: Engine,
    process_ids: Vec<u32>,
    /// What the engine says that it is held to; `None` where it is held to nothing.
    limit: Option<Limit>,
    /// When the first of the processes started, which tells it from a later one of the same id.
    started_ticks: Option<u64>,
}

/// Where a container's server is reached.
pub(super) struct Addresses {
    pub(super) server: ServerAddress,
    /// NATS's monitoring.
    pub(super) monitor: Option<(String, u16)>,
}

/// Why a start came to nothing.
pub(super) enum StartError {
    PortTaken,
    Failed(BrokerError),
}

impl ServerContainer {
    /// Waits until the server in a container has answered a handshake, on a port that is its own.
    pub(super) async fn ready(
        container: ContainerAsync<GenericImage>,
        engine: &Engine,
        start: &Start,
        listen: Listen,
        asker: Option<FirstAnswer>,
    ) -> Result<(Self, Addresses, Greeting, Option<FirstAnswer>), StartError> {
        let begun = Instant::now();
        let mut state = engine.inspect(container.id()).await?;
        let network = start.provider.network;
        let addresses = Addresses::find(&container, engine, network, listen).await?;
        let (address, port) = (&addresses.server, listen.port);
        // A published port is known only now.
        let asker = asker.or_else(|| start.asker(&address.host, address.port));
        let mut looked = begun;
        loop {
            let answer = greet(start.kind, address).await;
            if answer.is_ok() || looked.elapsed() > LOOK {
                state = engine.inspect(container.id()).await?;
                looked = Instant::now();
            }
            if let Some(status) = ended(&state) {
                let log = engine.tail(container.id(), TAIL_LINES).await;
                let limit = start.settings.limit;
                return Err(if ports::says_port_taken(&log) {
                    StartError::PortTaken
                } else if was_out_of_memory(&state) {
                    let image = &start.image.name;
                    StartError::Failed(BrokerError::out_of_memory(start.kind, image, limit, log))
                } else {
                    StartError::Failed(BrokerError::ended(
                        start.kind,
                        &start.image.name,
                        Provider::Container,
                        start.image.architecture.as_ref(),
                        status,
                        log,
                    ))
                });
            }
            let process_ids = process_ids(&state);
            let reason = match answer {
                Ok(greeting) => {
                    if network == Network::Host && ports::listens(&process_ids, port) == Some(false)
                    {
                        "another process answers on its port".to_owned()
                    } else {
                        let limit = (!start.settings.limit.is_none()).then(|| told_limit(&state));
                        let container = Self::new(container, engine, process_ids, limit);
                        return Ok((container, addresses, greeting, asker));
                    }
                }
                Err(error) => error.to_string(),
            };
            if begun.elapsed() > start.patience {
                return Err(StartError::Failed(BrokerError::NotReady {
                    server: start.kind,
                    started: start.image.name.clone(),
                    address: address.to_string(),
                    waited: start.patience,
                    reason,
                    log: engine.tail(container.id(), TAIL_LINES).await,
                }));
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    fn new(
        container: ContainerAsync<GenericImage>,
        engine: &Engine,
        process_ids: Vec<u32>,
        limit: Option<Limit>,
    ) -> Self {
        Self {
            limit,
            container: Some(container),
            engine: engine.clone(),
            started_ticks: process_ids.first().and_then(|id| started_ticks(*id)),
            process_ids,
        }
    }

    pub(crate) fn process_ids(&self) -> &[u32] {
        &self.process_ids
    }

    pub(crate) fn cost_reader(&self) -> CostReader {
        #[cfg(target_os = "linux")]
        if let Some(container) = &self.container {
            return CostReader::of_container(&self.process_ids, container.id());
        }
        CostReader::of_processes(&self.process_ids)
    }

    /// What it is held to: as the kernel tells it where its control group is here, else as the engine.
    pub(crate) fn limit(&self) -> Option<Limit> {
        let told = self.limit?;
        #[cfg(target_os = "linux")]
        {
            Some(self.cost_reader().limit().unwrap_or(told))
        }
        #[cfg(not(target_os = "linux"))]
        {
            Some(told)
        }
    }

    /// Whether the kernel has killed it because it had used up its memory.
    pub(crate) async fn ran_out_of_memory(&self) -> bool {
        let Some(id) = self.id().filter(|_| self.limit.is_some()) else {
            return false;
        };
        let engine = self.engine.clone();
        let state = async move {
            let begun = Instant::now();
            loop {
                let state = engine.inspect(&id).await?;
                // The kernel has killed the process a little before the engine knows of it.
                if ended(&state).is_some() || begun.elapsed() > DEATH_PATIENCE {
                    return Ok::<_, BrokerError>(state);
                }
                tokio::time::sleep(RETRY).await;
            }
        };
        let state = keeper::run("look at a container", state).await;
        matches!(state, Ok(Ok(state)) if was_out_of_memory(&state))
    }

    /// Asks `/proc` where the processes are in it, else the engine.
    pub(crate) async fn is_alive(&self) -> bool {
        if let (Some(process_id), Some(started)) = (self.process_ids.first(), self.started_ticks) {
            return is_running(*process_id, started);
        }
        let Some(id) = self.id() else { return false };
        let engine = self.engine.clone();
        let state = keeper::run(
            "look at a container",
            async move { engine.inspect(&id).await },
        );
        matches!(state.await, Ok(Ok(state)) if ended(&state).is_none())
    }

    pub(crate) async fn tail(&self) -> String {
        let Some(id) = self.id() else {
            return String::new();
        };
        let engine = self.engine.clone();
        let tail = async move { engine.tail(&id, TAIL_LINES).await };
        keeper::run("read a container's output", tail)
            .await
            .unwrap_or_default()
    }

    /// Removes the container with its data. Goes on to its end when the future is dropped.
    pub(crate) async fn stop(mut self) -> Result<(), BrokerError> {
        let Some(container) = self.container.take() else {
            return Ok(());
        };
        let engine = self.engine.clone();
        keeper::run("remove a container", remove(container, engine)).await?
    }

    /// [`Self::stop`] for the keeper itself.
    pub(super) async fn remove_here(mut self) {
        if let Some(container) = self.container.take() {
            // Where this fails the label stays, and a sweep finds it.
            let _ = remove(container, self.engine.clone()).await;
        }
    }

    fn id(&self) -> Option<String> {
        self.container
            .as_ref()
            .map(|container| container.id().to_owned())
    }
}

impl Drop for ServerContainer {
    fn drop(&mut self) {
        if let Some(container) = self.container.take() {
            let engine = self.engine.clone();
            let removal = async {
                let _ = remove(container, engine).await;
            };
            keeper::run_blocking(removal, REMOVAL_PATIENCE);
        }
    }
}

/// By testcontainers; a container that it could not remove may have been removed by hand.
async fn remove(
    container: ContainerAsync<GenericImage>,
    engine: Engine,
) -> Result<(), BrokerError> {
    let id = container.id().to_owned();
    if container.rm().await.is_err() {
        engine.remove(&id).await?;
    }
    Ok(())
}

impl Addresses {
    async fn find(
        container: &ContainerAsync<GenericImage>,
        engine: &Engine,
        network: Network,
        listen: Listen,
    ) -> Result<Self, TestcontainersError> {
        let host = if network == Network::Host || engine.publishes_here {
            "127.0.0.1".to_owned()
        } else {
            container.get_host().await?.to_string()
        };
        let outer = async |port: u16| match network {
            Network::Host => Ok(port),
            Network::Published => container.get_host_port_ipv4(port).await,
        };
        let monitor = match listen.monitor_port {
            Some(port) => Some((host.clone(), outer(port).await?)),
            None => None,
        };
        let server = ServerAddress {
            host,
            port: outer(listen.port).await?,
            login: None,
        };
        Ok(Self { server, monitor })
    }
}

/// Asks the engine to hold a container to a limit; memory and swap together are no more than memory
/// alone, so that there is no swap.
pub(super) fn hold(host: &mut HostConfig, limit: Limit) {
    if let Some(bytes) = limit.memory_bytes() {
        let bytes = i64::try_from(bytes).ok();
        (host.memory, host.memory_swap) = (bytes, bytes);
    }
    if let Some(quota_us) = limit.quota_us() {
        host.cpu_period = i64::try_from(PERIOD_US).ok();
        host.cpu_quota = i64::try_from(quota_us).ok();
    }
}

/// What the engine says that a container is held to.
fn told_limit(state: &ContainerInspectResponse) -> Limit {
    let host = state.host_config.as_ref();
    let number = |of: fn(&HostConfig) -> Option<i64>| {
        host.and_then(of)
            .and_then(|number| u64::try_from(number).ok())
            .filter(|number| *number > 0)
    };
    let period_us = number(|host| host.cpu_period).unwrap_or(PERIOD_US);
    Limit::in_force(
        number(|host| host.memory),
        number(|host| host.cpu_quota),
        period_us,
    )
}

fn was_out_of_memory(state: &ContainerInspectResponse) -> bool {
    let state = state.state.as_ref();
    state.is_some_and(|state| state.oom_killed == Some(true))
}

/// How a container ended; `None` while it runs.
fn ended(state: &ContainerInspectResponse) -> Option<String> {
    let state = state.state.as_ref()?;
    if state.running == Some(true) {
        return None;
    }
    let code = state.exit_code.unwrap_or_default();
    Some(format!("exit code {code}"))
}

/// The container's processes in this host's `/proc`. The engine tells the id that the first has on
/// its own host; where that is another, the process here is not of the container's control group.
fn process_ids(container: &ContainerInspectResponse) -> Vec<u32> {
    let ids = || {
        let first = u32::try_from(container.state.as_ref()?.pid?).ok()?;
        let groups = std::fs::read_to_string(format!("/proc/{first}/cgroup")).ok()?;
        groups
            .contains(container.id.as_ref()?)
            .then(|| family(first))
    };
    ids().unwrap_or_default()
}

/// A process and all its descendants.
fn family(first: u32) -> Vec<u32> {
    #[cfg(target_os = "linux")]
    {
        let mut family = Vec::new();
        let mut pending = vec![first];
        while let Some(process_id) = pending.pop() {
            let process = i32::try_from(process_id)
                .ok()
                .and_then(|process_id| procfs::process::Process::new(process_id).ok());
            let Some(process) = process else { continue };
            family.push(process_id);
            let tasks = process.tasks().into_iter().flatten().flatten();
            pending.extend(tasks.filter_map(|task| task.children().ok()).flatten());
        }
        family
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = first;
        Vec::new()
    }
}

impl From<BrokerError> for StartError {
    fn from(error: BrokerError) -> Self {
        Self::Failed(error)
    }
}

impl From<TestcontainersError> for StartError {
    fn from(error: TestcontainersError) -> Self {
        Self::Failed(BrokerError::Engine {
            action: "learn where a container listens".to_owned(),
            reason: error.to_string(),
        })
    }
}
