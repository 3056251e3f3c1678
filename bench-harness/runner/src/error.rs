//! Errors of a run, and how their causes are told.

use std::error::Error;
use std::fmt::Write as _;

use busbench_brokers::BrokerError;
use busbench_buses::NullWorkError;
use busbench_results::StoreError;

/// Why a run ended before its time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A server cannot be had.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// Results cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A server is not the one that earlier trials of the run had.
    #[error("run {run} has trials on {theirs}, and this server is {ours}: begin a new run")]
    OtherServer {
        /// The run's name.
        run: String,
        /// The earlier trials' server.
        theirs: String,
        /// This one.
        ours: String,
    },
    /// A scenario tunes servers that busbench does not start.
    #[error(
        "cell {cell} asks for a tuned server, and an external server is as its owner has set it: \
         leave `tuning` at \"default\", or let busbench start the servers"
    )]
    TunedExternal {
        /// The first such cell.
        cell: String,
    },
    /// The null bus's publishers cannot work as they are told.
    #[error("cannot have the null bus be slower")]
    NullWork(#[from] NullWorkError),
    /// Nothing of a scenario of footprints can be measured.
    #[error("nothing of scenario {scenario} can be measured here: {reason}")]
    Nothing {
        /// The scenario's name.
        scenario: String,
        /// Why not the first of its cells.
        reason: String,
    },
    /// What an earlier part of a run has measured is not there any more.
    #[error("cannot go on with {run}: {cell} has trials, and cannot be had any more: {reason}")]
    Gone {
        /// The run's name.
        run: String,
        /// The cell.
        cell: String,
        /// Why not.
        reason: String,
    },
    /// `--resume` names a run of something else.
    #[error("cannot resume {run}: {what} is {theirs} there and {ours} here")]
    Resume {
        /// The run's name.
        run: String,
        /// What differs.
        what: &'static str,
        /// In the run that was begun.
        theirs: String,
        /// In the run that was asked for.
        ours: String,
    },
}

/// An error with all its causes, in one line.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Many errors repeat their cause in their own text.
        if !text.ends_with(&cause_text) {
            // Writing to a String cannot fail.
            let _ = write!(text, ": {cause_text}");
        }
        source = cause.source();
    }
    text
}
