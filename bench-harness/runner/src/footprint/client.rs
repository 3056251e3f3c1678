//! One trial of a client program: a cold start, a warm one, and a look at what it holds. Each takes it from
//! its start through one message of its own to its end.

use busbench_brokers::{
    ProgramRun, ServerKind, Servers, Settings, drop_file_from_memory, hold_at_end, run_to_end,
};
use busbench_results::{Reason, ReasonKind, Start};

use super::measured::{Measured, cold, nanoseconds, not_dropped};
use super::programs::ClientProgram;
use crate::error::chain;

/// Whose trial it is.
pub(super) struct Task<'a> {
    pub(super) program: &'a ClientProgram,
    /// The server that it talks to, and who starts it.
    pub(super) server: Option<(ServerKind, &'a Servers)>,
}

/// Runs a trial. Where the future is dropped, program and server go with it.
pub(super) async fn measure(task: &Task<'_>) -> Measured {
    let mut measured = Measured::default();
    if let Err(reason) = task.take(&mut measured).await {
        measured.reasons.push(reason);
    }
    measured
}

impl Task<'_> {
    async fn take(&self, measured: &mut Measured) -> Result<(), Reason> {
        let Some((kind, servers)) = self.server else {
            return self.runs(measured, None).await;
        };
        let started = servers.start(kind, &Settings::default()).await;
        let server = started.map_err(|error| ReasonKind::ServerNotStarted.with(chain(&error)))?;
        measured.emulator.clone_from(&server.info().emulator);
        let address = server.address().to_string();
        let ran = self.runs(measured, Some(&address)).await;
        let stopped = server.stop().await;
        ran?;
        stopped.map_err(|error| ReasonKind::ServerDied.with(chain(&error)))
    }

    async fn runs(&self, measured: &mut Measured, address: Option<&str>) -> Result<(), Reason> {
        let path = &self.program.path;
        let run = async || {
            let run = run_to_end(path, address).await;
            run.map_err(|error| ReasonKind::ClientFailed.with(chain(&error)))
        };
        measured.keep_cold(match drop_file_from_memory(path) {
            Ok(()) => cold(start_of(run().await?), "no page was read from disk"),
            Err(error) => Err(not_dropped(&error)),
        });
        let warm = run().await?;
        let watched = hold_at_end(path, address).await;
        let watched = watched.map_err(|error| ReasonKind::ClientFailed.with(chain(&error)))?;
        measured.warm_start = Some(Start {
            rss_peak_bytes: watched.rss_peak_bytes,
            ..start_of(warm)
        });
        Ok(())
    }
}

fn start_of(run: ProgramRun) -> Start {
    Start {
        elapsed_ns: nanoseconds(run.elapsed),
        major_faults: run.major_faults,
        rss_peak_bytes: None,
    }
}
