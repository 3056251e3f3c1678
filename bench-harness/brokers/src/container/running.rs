//! A container that runs.

use std::time::{Duration, Instant};

use testcontainers::bollard::models::ContainerInspectResponse;
use testcontainers::{ContainerAsync, GenericImage, TestcontainersError};

use crate::config::Listen;
use crate::handshake::{Greeting, greet};
use crate::run::{is_running, started_ticks};
use crate::{BrokerError, CostReader, Provider, ServerAddress, keeper, ports};

use super::Start;
use super::engine::Engine;
use super::network::Network;

/// Between two handshakes with a server that is not up yet.
const RETRY: Duration = Duration::from_millis(20);
/// Between two questions to the engine whether the container still runs.
const LOOK: Duration = Duration::from_millis(200);
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
    ) -> Result<(Self, Addresses, Greeting), StartError> {
        let begun = Instant::now();
        let mut state = engine.inspect(container.id()).await?;
        let network = start.provider.network;
        let addresses = Addresses::find(&container, engine, network, listen).await?;
        let (address, port) = (&addresses.server, listen.port);
        let mut looked = begun;
        loop {
            let answer = greet(start.kind, address).await;
            if answer.is_ok() || looked.elapsed() > LOOK {
                state = engine.inspect(container.id()).await?;
                looked = Instant::now();
            }
            if let Some(status) = ended(&state) {
                let log = engine.tail(container.id(), TAIL_LINES).await;
                return Err(if ports::says_port_taken(&log) {
                    StartError::PortTaken
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
                        let container = Self::new(container, engine, process_ids);
                        return Ok((container, addresses, greeting));
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
    ) -> Self {
        Self {
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
