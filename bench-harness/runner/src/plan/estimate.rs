//! What a run will take: time, and what servers will keep.

use std::time::Duration;

use busbench_brokers::{Provider, ServerKind};
use busbench_buses::BusKind;
use busbench_results::ServerSpan;

use super::{Load, Plan, PlannedCell};

/// Start, handshake and stop of a server, as seen on a 2-core machine: 0.1 to 0.2 s as a process, 0.3
/// to 0.7 s as a container. Only an estimate: what is left is corrected as trials end.
const PROCESS_START: Duration = Duration::from_millis(150);
const CONTAINER_START: Duration = Duration::from_millis(500);
/// Connecting, the lead before the first message, the drain, and writing the trial's file.
const SET_UP: Duration = Duration::from_millis(150);
/// Mosquitto tells its counters so often, first so long after its start, and a trial ends when it is
/// told them. Other servers answer at once.
const MOSQUITTO_TELLS: Duration = Duration::from_secs(2);
/// No bus that keeps messages carried more in closed load where we measured; for the worst case only.
const CLOSED_PER_SECOND_AT_MOST: f64 = 500_000.0;

/// What a run will take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Trials over all cells.
    pub trials: u64,
    /// Wall time of all trials.
    pub time: Duration,
    /// The most that a server will keep in one trial, in bytes: memory or disk.
    pub stored_bytes: u64,
}

impl Plan {
    /// Estimates a run with servers from `provider`.
    #[must_use]
    pub fn estimate(&self, provider: Provider) -> Estimate {
        let trials = u64::from(self.trials) * self.possible().count() as u64;
        let mut started = Vec::new();
        let round: Duration = self
            .possible()
            .map(|cell| {
                let group = cell.server_group();
                let is_shared = self.servers == ServerSpan::Round && started.contains(&group);
                started.push(group);
                let start = if is_shared {
                    Duration::ZERO
                } else {
                    Self::start_time(cell, provider)
                };
                self.trial_time(cell, provider) + start
            })
            .sum();
        Estimate {
            trials,
            time: round * self.trials,
            stored_bytes: self
                .possible()
                .map(|cell| self.stored_bytes(cell))
                .max()
                .unwrap_or(0),
        }
    }

    /// Estimated wall time of one trial of a cell, but for starting and stopping its server.
    #[must_use]
    pub fn trial_time(&self, cell: &PlannedCell, provider: Provider) -> Duration {
        let trial = self.phases.offered() + SET_UP;
        if cell.server() != Some(ServerKind::Mosquitto) {
            return trial;
        }
        // It begins at a telling, or at the server's start, and ends at another.
        let tellings = trial.as_nanos().div_ceil(MOSQUITTO_TELLS.as_nanos());
        let load = MOSQUITTO_TELLS * u32::try_from(tellings).unwrap_or(u32::MAX);
        match provider {
            // Told before the load, too: nobody knows what others did since the trial before.
            Provider::External => load + MOSQUITTO_TELLS,
            Provider::Process | Provider::Container => load,
        }
    }

    /// Estimated time for the start and the stop of a cell's server.
    pub(crate) fn start_time(cell: &PlannedCell, provider: Provider) -> Duration {
        match cell.server() {
            None => Duration::ZERO,
            Some(_) => start_of(provider),
        }
    }

    fn stored_bytes(&self, cell: &PlannedCell) -> u64 {
        if !matches!(cell.bus, BusKind::NatsJetstream | BusKind::RedisStreams) {
            return 0;
        }
        let per_second = match cell.load {
            Load::Open { per_second, .. } => per_second,
            Load::Closed { .. } => CLOSED_PER_SECOND_AT_MOST,
        };
        let offered = (per_second * self.phases.offered().as_secs_f64()).ceil();
        let kept = match self.client.retention {
            Some(kept) => offered.min(kept.get() as f64),
            None => offered,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a non-negative estimate far below 2^63"
        )]
        let bytes = (kept * cell.message_bytes as f64) as u64;
        bytes
    }
}

/// Estimated time for the start and the stop of a server.
pub(super) const fn start_of(provider: Provider) -> Duration {
    match provider {
        Provider::External => Duration::ZERO,
        Provider::Process => PROCESS_START,
        Provider::Container => CONTAINER_START,
    }
}
