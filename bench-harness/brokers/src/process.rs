//! Servers as processes of this machine: a binary, a folder of its own, a port from the system.

mod binary;
mod folder;
mod group;
pub(crate) mod leftovers;
mod spawner;
pub(crate) mod version;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::net::Ipv4Addr;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::config::{Listen, configuration};
use crate::counters::{Before, Fresh};
use crate::emulation::{Runs, kernel_architecture};
use crate::footprint::FirstAnswer;
use crate::handshake::{Greeting, greet};
use crate::kind::Program;
use crate::server::{Server, recorded};
use crate::{
    BrokerError, CostReader, CounterSource, Environment, Limit, Provider, RunLabel, ServerAddress,
    ServerInfo, ServerKind, Settings, ports,
};

use binary::Binary;
use folder::ServerFolder;
use group::Group;
use spawner::ParentDeath;

/// Between two handshakes with a server that is not up yet.
const RETRY: Duration = Duration::from_millis(10);
/// Between two questions to a server whose start is timed. A refused connection takes 20 us.
const ASK_EACH: Duration = Duration::from_micros(500);

/// The binaries of this machine.
#[derive(Debug)]
pub(crate) struct ProcessProvider {
    binaries: BTreeMap<Program, Binary>,
    parent_death: ParentDeath,
}

/// A server's process, ended when it is dropped.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    child: Child,
    limit: Limit,
    /// Goes before the folder, which has the list of it.
    group: Group,
    /// An option only so that [`ServerProcess::stop`] can take it out.
    folder: Option<ServerFolder>,
    process_ids: [u32; 1],
}

/// Why a start came to nothing.
enum StartError {
    PortTaken,
    Failed(BrokerError),
}

impl ProcessProvider {
    /// Finds the programs of the servers.
    pub(crate) fn find(
        environment: &Environment,
        kinds: &[ServerKind],
    ) -> Result<Self, BrokerError> {
        let mut binaries = BTreeMap::new();
        for program in kinds.iter().map(|kind| kind.program()) {
            if let Entry::Vacant(place) = binaries.entry(program) {
                place.insert(Binary::find(environment, program)?);
            }
        }
        Ok(Self {
            binaries,
            parent_death: ParentDeath::find(environment),
        })
    }

    /// Whether one of the programs is not for this machine's CPU.
    pub(crate) fn needs_emulator(&self) -> bool {
        let host = kernel_architecture();
        let mut programs = self.binaries.values();
        programs.any(|binary| {
            let program = binary.architecture.as_ref();
            program.is_some_and(|program| !host.runs(program))
        })
    }

    /// The paths of the programs, for a person to read.
    pub(crate) fn describe(&self) -> String {
        let paths: Vec<String> = self
            .binaries
            .values()
            .map(|binary| binary.path.display().to_string())
            .collect();
        paths.join(", ")
    }

    /// Tries whether servers can be held to each of these limits. Blocks for some milliseconds.
    pub(crate) fn check_limits(run: &RunLabel, limits: &[Limit]) -> Result<(), BrokerError> {
        limits
            .iter()
            .try_for_each(|limit| group::check(run, *limit))
    }

    /// Starts a server. On an error, or when the future is dropped, nothing is left of it.
    pub(crate) async fn start(
        &self,
        kind: ServerKind,
        settings: &Settings,
        run: &RunLabel,
        patience: Duration,
    ) -> Result<Server, BrokerError> {
        self.start_on(kind, settings, run, patience, ports::free_port)
            .await
    }

    async fn start_on(
        &self,
        kind: ServerKind,
        settings: &Settings,
        run: &RunLabel,
        patience: Duration,
        mut next_port: impl FnMut() -> io::Result<u16>,
    ) -> Result<Server, BrokerError> {
        let mut port = 0;
        for _ in 0..ports::ATTEMPTS {
            let mut next_port = || {
                next_port().map_err(|source| BrokerError::File {
                    action: "get a free port of",
                    path: "127.0.0.1".into(),
                    source,
                })
            };
            port = next_port()?;
            let listen = Listen {
                address: Ipv4Addr::LOCALHOST.into(),
                port,
                monitor_port: kind
                    .program()
                    .has_monitor()
                    .then(&mut next_port)
                    .transpose()?,
            };
            match self.start_once(kind, settings, run, patience, listen).await {
                Ok(server) => return Ok(server),
                Err(StartError::PortTaken) => {}
                Err(StartError::Failed(error)) => return Err(error),
            }
        }
        Err(BrokerError::PortTaken {
            server: kind,
            attempts: ports::ATTEMPTS,
            port,
        })
    }

    async fn start_once(
        &self,
        kind: ServerKind,
        settings: &Settings,
        run: &RunLabel,
        patience: Duration,
        listen: Listen,
    ) -> Result<Server, StartError> {
        let binary = self
            .binaries
            .get(&kind.program())
            .ok_or(BrokerError::NotChosen { server: kind })?;
        let file = configuration(kind, settings, listen);
        let started_at = Instant::now();
        let host = Ipv4Addr::LOCALHOST.to_string();
        let asker = settings
            .times_start
            .then(|| FirstAnswer::watch(kind.program(), &host, listen.port, ASK_EACH));
        let (mut process, spawned_at) = self.spawn(kind, binary, run, &file, settings).await?;
        let address = ServerAddress {
            host,
            port: listen.port,
            login: None,
        };
        let started = binary.path.display().to_string();
        let greeting = process.ready(kind, &address, patience, binary).await?;
        let first_answer = FirstAnswer::after(spawned_at, asker.flatten()).await;
        let fresh = Fresh::new(started_at, &greeting);
        let runs = Runs::of_process(process.child.id(), binary.architecture.clone());
        let note = match &self.parent_death {
            ParentDeath::Signal(_) => String::new(),
            ParentDeath::None(why) => {
                format!("# would outlive busbench if that is killed: {why}\n")
            }
        };
        let info = ServerInfo {
            kind,
            version: greeting.version.unwrap_or_else(|| "unknown".to_owned()),
            provider: Provider::Process,
            network_path: "loopback".to_owned(),
            image: None,
            image_digest: None,
            architecture: runs.architecture,
            emulator: runs.emulator,
            binary: Some(started),
            binary_sha256: Some(binary.sha256.clone()),
            configuration: note + &recorded(&file, &greeting.configuration),
            limit: process.group.limit(),
        };
        let counters = CounterSource {
            kind,
            address: address.clone(),
            monitor: listen.monitor_port.map(|port| (address.host.clone(), port)),
            before: Before::Fresh(fresh),
        };
        Ok(Server::of_process(address, info, counters, process).with_first_answer(first_answer))
    }

    /// Starts the process; gives when that was ordered, too.
    async fn spawn(
        &self,
        kind: ServerKind,
        binary: &Binary,
        run: &RunLabel,
        configuration: &str,
        settings: &Settings,
    ) -> Result<(ServerProcess, Instant), BrokerError> {
        let folder = ServerFolder::create(run)?;
        let file = folder.write("server.conf", configuration)?;
        let (stdout, stderr) = folder.output()?;
        let group = Group::make(&folder, settings.limit)?;
        let mut command = group.command(&self.parent_death, &binary.path);
        if kind.program() != Program::Redis {
            command.arg("-c");
        }
        command
            .arg(file)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr);
        let spawned_at = Instant::now();
        let child = spawner::spawn(command, settings.cpus.clone())
            .await?
            .map_err(|source| BrokerError::Spawn {
                server: kind,
                binary: binary.path.clone(),
                source,
            })?;
        let process = ServerProcess {
            process_ids: [child.id()],
            child,
            limit: settings.limit,
            group,
            folder: Some(folder),
        };
        Ok((process, spawned_at))
    }
}

/// Where the program of a server is on this machine.
#[cfg(test)]
pub(crate) fn find_program(
    environment: &Environment,
    program: Program,
) -> Option<std::path::PathBuf> {
    binary::locate(environment, program).ok()
}

impl ServerProcess {
    pub(crate) fn process_ids(&self) -> &[u32] {
        &self.process_ids
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    pub(crate) fn tail(&self) -> String {
        self.folder
            .as_ref()
            .map(ServerFolder::tail)
            .unwrap_or_default()
    }

    pub(crate) fn cost_reader(&self) -> CostReader {
        self.group.cost_reader(&self.process_ids)
    }

    /// Whether the kernel has killed it because it had used up its memory.
    pub(crate) fn ran_out_of_memory(&self) -> bool {
        self.group.ran_out_of_memory()
    }

    /// Ends the process and removes its folder; blocks for some milliseconds. There is nothing to
    /// end gently for: the data goes too.
    pub(crate) fn stop(mut self) -> Result<(), BrokerError> {
        self.end();
        std::mem::take(&mut self.group).remove()?;
        self.folder.take().map_or(Ok(()), ServerFolder::remove)
    }

    fn end(&mut self) {
        // Fails only where the process has ended and was waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until the server has answered a handshake, on a port that is its own.
    async fn ready(
        &mut self,
        kind: ServerKind,
        address: &ServerAddress,
        patience: Duration,
        binary: &Binary,
    ) -> Result<Greeting, StartError> {
        let begun = Instant::now();
        loop {
            let answer = tokio::select! {
                // An exit first: whoever has the port may have answered the handshake.
                biased;
                status = self.exit() => return Err(self.ended(kind, binary, status)),
                answer = greet(kind, address) => answer,
            };
            let reason = match answer {
                Ok(greeting) => match ports::listens(&self.process_ids, address.port) {
                    Some(true) => return Ok(greeting),
                    // Only root may look into a process that has just ended.
                    None if self.is_alive() => return Ok(greeting),
                    Some(false) | None => "another process answers on its port".to_owned(),
                },
                Err(error) => error.to_string(),
            };
            if begun.elapsed() > patience {
                return Err(StartError::Failed(BrokerError::NotReady {
                    server: kind,
                    started: binary.path.display().to_string(),
                    address: address.to_string(),
                    waited: patience,
                    reason,
                    log: self.tail(),
                }));
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Waits until the process ends.
    async fn exit(&mut self) -> ExitStatus {
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status;
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    fn ended(&self, kind: ServerKind, binary: &Binary, status: ExitStatus) -> StartError {
        let log = self.tail();
        if ports::says_port_taken(&log) {
            return StartError::PortTaken;
        }
        let started = binary.path.display().to_string();
        if self.ran_out_of_memory() {
            return StartError::Failed(BrokerError::out_of_memory(kind, &started, self.limit, log));
        }
        let status = status.to_string();
        let architecture = binary.architecture.as_ref();
        let provider = Provider::Process;
        StartError::Failed(BrokerError::ended(
            kind,
            &started,
            provider,
            architecture,
            status,
            log,
        ))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // The folder goes after the process, which writes to it.
        self.end();
    }
}

impl From<BrokerError> for StartError {
    fn from(error: BrokerError) -> Self {
        Self::Failed(error)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn provider() -> ProcessProvider {
        ProcessProvider::find(&Environment::of_this_program(), &ServerKind::ALL).unwrap()
    }

    fn label(test: &str) -> RunLabel {
        RunLabel::new(&format!("{test}-{}", std::process::id()))
    }

    #[tokio::test]
    async fn a_server_that_finds_its_port_taken_gets_another() {
        for kind in ServerKind::ALL {
            let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let taken = (taken.local_addr().unwrap().port(), taken);
            let mut given = vec![ports::free_port().unwrap(), taken.0];
            let next = || given.pop().map_or_else(ports::free_port, Ok);
            let run = label("taken");
            let server = provider()
                .start_on(kind, &Settings::default(), &run, PATIENCE, next)
                .await
                .unwrap();
            assert_ne!(server.address().port, taken.0);
            server.stop().await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_nats_server_that_finds_its_monitoring_port_taken_gets_others() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = (taken.local_addr().unwrap().port(), taken);
        let mut given = vec![taken.0, ports::free_port().unwrap()];
        let next = || given.pop().map_or_else(ports::free_port, Ok);
        let run = label("monitor-taken");
        let server = provider()
            .start_on(ServerKind::Nats, &Settings::default(), &run, PATIENCE, next)
            .await
            .unwrap();
        let counters = server.counter_source();
        assert_ne!(counters.monitor.as_ref().unwrap().1, taken.0);
        counters.begin().await.unwrap();
        server.stop().await.unwrap();
    }

    #[tokio::test]
    async fn another_server_of_the_same_kind_on_the_port_is_not_taken_for_ours() {
        for kind in ServerKind::ALL {
            let run = label("same");
            let provider = provider();
            let settings = Settings::default();
            let first = provider
                .start(kind, &settings, &run, PATIENCE)
                .await
                .unwrap();
            let taken = first.address().port;
            let mut given = vec![ports::free_port().unwrap(), taken];
            let next = || given.pop().map_or_else(ports::free_port, Ok);
            let second = provider
                .start_on(kind, &settings, &run, PATIENCE, next)
                .await
                .unwrap();
            assert_ne!(second.address().port, taken, "{kind}");
            second.stop().await.unwrap();
            first.stop().await.unwrap();
        }
    }

    #[tokio::test]
    async fn ports_that_are_all_taken_end_the_search_with_an_error() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let run = label("all-taken");
        let error = provider()
            .start_on(
                ServerKind::Redis,
                &Settings::default(),
                &run,
                PATIENCE,
                || Ok(port),
            )
            .await
            .unwrap_err();
        let expected = format!("redis found its port taken 5 times, last {port}");
        assert_eq!(error.to_string(), expected);
    }
}
