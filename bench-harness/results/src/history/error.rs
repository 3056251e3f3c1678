//! What can go wrong with a history.

use std::io;
use std::path::PathBuf;

use super::HISTORY_VERSION;
use crate::{SchemaAge, StoreError};

/// Why a history could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is no folder.
    #[error("no history in {}: record a run with --record RUN", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// No line in the whole folder.
    #[error(
        "history {} holds no line: record a run with --record RUN",
        path.display()
    )]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// The folder could not be made.
    #[error("create folder {}", path.display())]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file or folder could not be read.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder could not be kept from others while it is written to.
    #[error("lock {}", path.display())]
    Lock {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A line is not what it should be.
    #[error("{}, line {line}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: LineFault,
    },
    /// A cell of a run is there twice.
    #[error(
        "{}, line {line}: run {run} has this cell in line {first} already: remove one of them",
        path.display()
    )]
    Twice {
        /// The file.
        path: PathBuf,
        /// Number of the second line.
        line: usize,
        /// Number of the first.
        first: usize,
        /// The run's name.
        run: String,
    },
    /// A run that is to be recorded is there, or is given twice.
    #[error(
        "run {run} is in {} already: a run is recorded once",
        path.display()
    )]
    Known {
        /// The file.
        path: PathBuf,
        /// The run's name.
        run: String,
    },
    /// A run that is to be recorded has not come to its end.
    #[error(
        "run {run} in {} is not complete: go on with `busbench run SCENARIO --resume {}`, then \
         record it",
        path.display(), path.display()
    )]
    NotComplete {
        /// The run's folder.
        path: PathBuf,
        /// The run's name.
        run: String,
    },
    /// A run that is to be recorded was slowed on purpose.
    #[error(
        "run {run} in {} is a fire drill (--null-work {work_ns}ns): its null bus is no part of any \
         history",
        path.display()
    )]
    FireDrill {
        /// The run's folder.
        path: PathBuf,
        /// The run's name.
        run: String,
        /// Nanoseconds of added work for each message.
        work_ns: u64,
    },
    /// A run that is to be recorded is of footprints.
    #[error(
        "run {run} in {} is of footprints, and a history has figures of messages only",
        path.display()
    )]
    Footprints {
        /// The run's folder.
        path: PathBuf,
        /// The run's name.
        run: String,
    },
    /// A run that is to be recorded has nothing to record.
    #[error("run {run} in {} has no finished trial to record", path.display())]
    NothingMeasured {
        /// The run's folder.
        path: PathBuf,
        /// The run's name.
        run: String,
    },
    /// A scenario's name cannot be a file's.
    #[error(
        "scenario `{scenario}` cannot name a file: only letters, digits, `-`, `_`, `.` and `+`"
    )]
    ScenarioName {
        /// The name.
        scenario: String,
    },
    /// A line could not be put into JSON.
    #[error("encode a line of run {run} as JSON")]
    Encode {
        /// The run's name.
        run: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A file could not be written.
    #[error("record in the history")]
    Write(#[source] StoreError),
}

/// What the parser says of a line, by its column alone: a line has one line.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.to_string().replace(" at line 1 column ", " at column "))]
pub struct InLine(pub serde_json::Error);

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineFault {
    /// The last line, without its end.
    #[error("cut off: remove every line of its run, and record it again")]
    CutOff(#[source] InLine),
    /// Not JSON.
    #[error("not JSON")]
    Syntax(#[source] InLine),
    /// JSON of something else.
    #[error("not a line of a history: it has no integer `history_version`")]
    Foreign,
    /// A version that this program does not know.
    #[error(
        "history version {version} is {age} than the {HISTORY_VERSION} that this program reads: {}",
        age.hint()
    )]
    Version {
        /// The line's version.
        version: u64,
        /// Which side is old.
        age: SchemaAge,
    },
    /// The right version, and not what that version says.
    #[error("not of the shape that its history version has")]
    Shape(#[source] InLine),
    /// An interval ends before it begins, or does not hold its figure.
    #[error("the interval of {0} does not lie around it")]
    Interval(&'static str),
    /// A line of another scenario than the file's.
    #[error("scenario is `{found}`, and `{expected}` was expected")]
    Scenario {
        /// What the line says.
        found: String,
        /// What the file's name says.
        expected: String,
    },
}
