//! What a run tells while it goes on. Whoever listens shows it; the runner prints nothing.

use std::path::PathBuf;
use std::time::Duration;

use busbench_results::{LimitedBy, Outcome, Verdict};
use serde::Serialize;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run begins; servers can be had.
    RunStarted {
        /// The run's name.
        run: String,
        /// The scenario's name.
        scenario: String,
        /// Where results go.
        folder: PathBuf,
        /// `container`, `process`, `external` or `none`.
        provider: String,
        /// Why this provider.
        reason: String,
        /// Trials to run, those of an earlier part of the run not counted.
        trials: u64,
        /// Estimated time of all of them, in seconds.
        estimated_seconds: f64,
    },
    /// Something worth knowing, such as leftovers that were removed.
    Note {
        /// One sentence.
        text: String,
    },
    /// A trial begins: its server is being started.
    TrialStarted {
        /// The cell's id.
        cell: String,
        /// Number of the trial within its cell, from 1.
        trial: u32,
        /// Trials finished in this run so far.
        finished: u64,
        /// Trials to run.
        trials: u64,
        /// Estimated time that is left, this trial included, in seconds.
        remaining_seconds: f64,
    },
    /// A trial is over and on disk.
    TrialFinished {
        /// The cell's id.
        cell: String,
        /// Number of the trial within its cell, from 1.
        trial: u32,
        /// Trials finished in this run so far.
        finished: u64,
        /// Trials to run.
        trials: u64,
        /// What happened.
        outcome: Outcome,
        /// What kept the rate from being higher.
        limited_by: LimitedBy,
        /// Whether the numbers can be trusted.
        verdict: Verdict,
        /// Why it is not valid.
        reasons: Vec<String>,
        /// Deliveries of the window per second, over all subscribers.
        delivered_per_second: f64,
        /// Messages lost.
        lost: u64,
    },
    /// A trial of a footprint is over and on disk.
    FootprintFinished {
        /// The cell's id.
        cell: String,
        /// Number of the trial within its cell, from 1.
        trial: u32,
        /// Trials finished in this run so far.
        finished: u64,
        /// Trials to run.
        trials: u64,
        /// Whether the numbers can be trusted.
        verdict: Verdict,
        /// Why it is not valid, and what is worth knowing.
        reasons: Vec<String>,
        /// To the first answer, or to a client program's end, with nothing in memory.
        cold_start_ns: Option<u64>,
        /// The same once more.
        warm_start_ns: Option<u64>,
        /// Of servers: resident memory without a client.
        idle_rss_bytes: Option<u64>,
        /// Of servers: resident memory with idle clients.
        clients_rss_bytes: Option<u64>,
    },
    /// The run is over.
    RunFinished {
        /// Where results are.
        folder: PathBuf,
        /// Whether it was interrupted.
        interrupted: bool,
    },
}

/// Time that is left, from the plan's estimate, corrected by how long trials really took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Remaining {
    estimated_left: Duration,
    estimated_done: Duration,
    took: Duration,
}

impl Remaining {
    pub(crate) const fn new(estimated: Duration) -> Self {
        Self {
            estimated_left: estimated,
            estimated_done: Duration::ZERO,
            took: Duration::ZERO,
        }
    }

    /// A trial that was estimated at `estimated` took `took`.
    pub(crate) fn trial_done(&mut self, estimated: Duration, took: Duration) {
        self.estimated_left = self.estimated_left.saturating_sub(estimated);
        self.estimated_done += estimated;
        self.took += took;
    }

    pub(crate) fn seconds(&self) -> f64 {
        let left = self.estimated_left.as_secs_f64();
        if self.estimated_done.is_zero() {
            return left;
        }
        left * self.took.as_secs_f64() / self.estimated_done.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Remaining;

    #[test]
    fn the_time_that_is_left_follows_how_long_trials_really_take() {
        let seconds = Duration::from_secs;
        let mut remaining = Remaining::new(seconds(30));
        assert!((remaining.seconds() - 30.0).abs() < 1e-9);
        remaining.trial_done(seconds(10), seconds(15));
        assert!(
            (remaining.seconds() - 30.0).abs() < 1e-9,
            "20 s left at 1.5 times the estimate"
        );
    }
}
