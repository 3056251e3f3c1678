//! One trial of a server: a cold start, a warm one, a window with nobody connected, a window with idle
//! clients.

use std::time::{Duration, Instant};

use busbench_brokers::{
    BrokerError, Held, LoadedFiles, Server, ServerKind, Servers, Settings, major_faults,
};
use busbench_results::{Occupancy, Reason, ReasonKind, Start};

use super::idle::IdleClients;
use super::measured::{Measured, cold, nanoseconds, not_dropped};
use crate::error::chain;

/// Mosquitto tells how many clients it has each 2 seconds, so that it may be behind.
const COUNT_PATIENCE: Duration = Duration::from_secs(5);
/// Between two questions how many clients there are.
const COUNT_EACH: Duration = Duration::from_millis(100);

/// Whose trial it is, and how it is taken.
pub(super) struct Task<'a> {
    pub(super) kind: ServerKind,
    pub(super) servers: &'a Servers,
    /// What the server runs from; the text says why it is not known.
    pub(super) files: Result<&'a LoadedFiles, &'a str>,
    pub(super) idle_clients: u16,
    pub(super) settle: Duration,
    pub(super) window: Duration,
}

/// Runs a trial. Where the future is dropped, its server goes with it.
pub(super) async fn measure(task: &Task<'_>) -> Measured {
    let mut measured = Measured::default();
    if let Err(reason) = measured.take(task).await {
        measured.reasons.push(reason);
    }
    measured
}

/// Settings of every server whose footprint is taken: its own defaults.
pub(super) fn settings() -> Settings {
    Settings {
        times_start: true,
        ..Settings::default()
    }
}

impl Measured {
    /// Measures one thing after another; `Err` is what keeps the rest from being measured.
    async fn take(&mut self, task: &Task<'_>) -> Result<(), Reason> {
        self.keep_cold(task.cold_start().await?);
        let mut server = task.start().await?;
        self.emulator.clone_from(&server.info().emulator);
        self.warm_start = start_of(&server);
        let held = self.hold(task, &mut server).await;
        let stopped = server.stop().await;
        held?;
        stopped.map_err(|error| ReasonKind::ServerDied.with(chain(&error)))
    }

    async fn hold(&mut self, task: &Task<'_>, server: &mut Server) -> Result<(), Reason> {
        tokio::time::sleep(task.settle).await;
        self.idle = Some(occupancy(server, task.window, 0).await?);
        let address = server.address().clone();
        let connected = IdleClients::connect(task.kind, &address, task.idle_clients).await;
        let mut clients =
            connected.map_err(|error| ReasonKind::ClientFailed.with(chain(&error)))?;
        tokio::time::sleep(task.settle).await;
        let occupancy = occupancy(server, task.window, task.idle_clients).await?;
        if clients.connected() != usize::from(task.idle_clients) {
            let text = format!(
                "{} of {} idle clients",
                clients.connected(),
                task.idle_clients
            );
            return Err(ReasonKind::ClientFailed.with(format!("{text} stayed connected")));
        }
        self.idle_clients = Some(occupancy);
        self.reasons
            .extend(miscounted(server, task.idle_clients.into()).await);
        Ok(())
    }
}

impl Task<'_> {
    /// A start with the program's pages dropped from memory; the text says why it was none.
    async fn cold_start(&self) -> Result<Result<Start, String>, Reason> {
        let dropped = match self.files {
            Ok(files) => files
                .drop_from_memory()
                .map_err(|error| not_dropped(&error)),
            Err(why) => Err(why.to_owned()),
        };
        if let Err(why) = dropped {
            return Ok(Err(why));
        }
        let server = self.start().await?;
        let start = start_of(&server);
        let stopped = server.stop().await;
        stopped.map_err(|error| ReasonKind::ServerDied.with(chain(&error)))?;
        let in_memory = "no page was read from disk: another process has the program in memory";
        Ok(match start {
            Some(start) => cold(start, in_memory),
            None => Err("its start was not timed".to_owned()),
        })
    }

    async fn start(&self) -> Result<Server, Reason> {
        let started = self.servers.start(self.kind, &settings()).await;
        started.map_err(|error: BrokerError| ReasonKind::ServerNotStarted.with(chain(&error)))
    }
}

/// How a server that has just answered was started.
fn start_of(server: &Server) -> Option<Start> {
    let elapsed = server.first_answer()?;
    Some(Start {
        elapsed_ns: nanoseconds(elapsed),
        major_faults: major_faults(server.process_ids()),
        rss_peak_bytes: None,
    })
}

/// CPU time over a window, and what the server holds at its end.
async fn occupancy(
    server: &mut Server,
    window: Duration,
    clients: u16,
) -> Result<Occupancy, Reason> {
    let reader = server.cost_reader();
    let (began, before) = (Instant::now(), reader.read());
    tokio::time::sleep(window).await;
    let (after, elapsed) = (reader.read(), began.elapsed());
    let held = Held::read(server.process_ids());
    if !server.is_alive().await {
        return Err(ReasonKind::ServerDied.with(server.log_tail().await));
    }
    let (Some(before), Some(after), Some(held)) = (before, after, held) else {
        let why = "its processes are not on this host, or belong to another user";
        return Err(ReasonKind::CostUnreadable.with(why));
    };
    Ok(Occupancy {
        clients: clients.into(),
        rss_bytes: held.rss_bytes,
        rss_anonymous_bytes: held.rss_anonymous_bytes,
        threads: held.threads,
        open_files: held.open_files,
        cpu_ns: after.since(&before).cpu_ns,
        window_ns: nanoseconds(elapsed),
    })
}

/// What is wrong with the number of clients that the server counts; nothing where it counts them all.
async fn miscounted(server: &Server, expected: u64) -> Option<Reason> {
    let began = Instant::now();
    loop {
        match server.counter_source().connections().await {
            Ok(counted) if counted == expected => return None,
            Ok(counted) if began.elapsed() > COUNT_PATIENCE => {
                let text = format!("the server counts {counted} clients, {expected} are connected");
                return Some(ReasonKind::CountsUnexplained.with(text));
            }
            Err(error) if began.elapsed() > COUNT_PATIENCE => {
                return Some(ReasonKind::CountersUnreadable.with(chain(&error)));
            }
            Ok(_) | Err(_) => tokio::time::sleep(COUNT_EACH).await,
        }
    }
}
