//! What a run will take: time, and what servers will keep.

use std::time::Duration;

use busbench_brokers::{Provider, ServerKind};
use busbench_buses::BusKind;

use super::{Load, Plan, PlannedCell};

/// Start, handshake and stop of a server, as seen on a 2-core machine: 0.1 to 0.2 s as a process, 0.3
/// to 0.7 s as a container. Only an estimate: what is left is corrected as trials end.
const PROCESS_START: Duration = Duration::from_millis(150);
const CONTAINER_START: Duration = Duration::from_millis(500);
/// Connecting, the lead before the first message, the drain, and writing the trial's file.
const SET_UP: Duration = Duration::from_millis(150);
/// Mosquitto tells its counters each 2 s, so a reading waits for 1 s in the middle. One that is
/// external is read before the load, too. Other servers answer at once.
const MOSQUITTO_COUNTERS: Duration = Duration::from_secs(1);
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
        let time = self
            .possible()
            .map(|cell| self.trial_time(cell, provider))
            .sum::<Duration>();
        Estimate {
            trials,
            time: time * self.trials,
            stored_bytes: self
                .possible()
                .map(|cell| self.stored_bytes(cell))
                .max()
                .unwrap_or(0),
        }
    }

    /// Estimated wall time of one trial of a cell.
    #[must_use]
    pub fn trial_time(&self, cell: &PlannedCell, provider: Provider) -> Duration {
        let server = match (cell.server(), provider) {
            (None, _) | (_, Provider::External) => Duration::ZERO,
            (_, Provider::Process) => PROCESS_START,
            (_, Provider::Container) => CONTAINER_START,
        };
        let counters = match (cell.server(), provider) {
            (Some(ServerKind::Mosquitto), Provider::External) => 2 * MOSQUITTO_COUNTERS,
            (Some(ServerKind::Mosquitto), _) => MOSQUITTO_COUNTERS,
            _ => Duration::ZERO,
        };
        self.phases.offered() + server + SET_UP + counters
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
