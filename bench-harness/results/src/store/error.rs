//! What can go wrong with a run's folder.

use std::io;
use std::path::PathBuf;

use crate::{HistogramError, Metric, SCHEMA_VERSION};

/// Why a run's folder could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder could not be made.
    #[error("create folder {}", path.display())]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder holds somebody else's files.
    #[error(
        "folder {} is not empty and holds no run: choose another with --out",
        path.display()
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds a run.
    #[error(
        "folder {} already holds a run: go on with --resume, or choose another with --out",
        path.display()
    )]
    HoldsARun {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds no run.
    #[error("no run in {}: it has no result.json", path.display())]
    NoRun {
        /// The folder.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file could not be read.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A value could not be put into JSON.
    #[error("encode {} as JSON", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A cell's id cannot be a file's name.
    #[error("cell id `{cell}` cannot name a file: only letters, digits, `-`, `_`, `.` and `+`")]
    CellName {
        /// The id.
        cell: String,
    },
    /// Not JSON, or cut off.
    #[error("{}: not JSON, or cut off", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        #[source]
        source: serde_json::Error,
    },
    /// JSON of something else.
    #[error(
        "{}: not a file of busbench: it has no integer `schema_version`",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A version that this program does not know.
    #[error(
        "{}: schema version {version} is {age} than the {SCHEMA_VERSION} that this program reads: {}",
        path.display(),
        age.hint()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The file's version.
        version: u64,
        /// Which side is old.
        age: SchemaAge,
    },
    /// The right version, and not what that version says.
    #[error("{}: not of the shape that its schema version has", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
    /// `result.json` lists a trial's file that is not there.
    #[error("{} is missing: {} lists it for cell {cell}", path.display(), run.display())]
    MissingTrial {
        /// The trial's file.
        path: PathBuf,
        /// The file that lists it.
        run: PathBuf,
        /// The cell.
        cell: String,
    },
    /// `result.json` lists a trial outside the run's folder.
    #[error("{}: trial file `{file}` of cell {cell} is not in {}/", path.display(), super::TRIALS_FOLDER)]
    OutsideTrial {
        /// The file that lists it.
        path: PathBuf,
        /// What it lists.
        file: String,
        /// The cell.
        cell: String,
    },
    /// A trial's file is another trial's.
    #[error("{}: {what} is `{found}`, and `{expected}` was expected", path.display())]
    OtherTrial {
        /// The file.
        path: PathBuf,
        /// `run` or `cell`.
        what: &'static str,
        /// What the file says.
        found: String,
        /// What the run says.
        expected: String,
    },
    /// A trial holds a histogram that cannot be decoded.
    #[error("{}: histogram {}", path.display(), metric.name())]
    Histogram {
        /// The file.
        path: PathBuf,
        /// Which histogram.
        metric: Metric,
        /// Why.
        #[source]
        source: HistogramError,
    },
}

/// How a file's schema version stands to [`SCHEMA_VERSION`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaAge {
    /// The file is from a newer program.
    Newer,
    /// The file is from an older program.
    Older,
}

impl SchemaAge {
    /// What to do about it.
    pub(crate) const fn hint(self) -> &'static str {
        match self {
            Self::Newer => "this program is old, use a newer busbench",
            Self::Older => "the file is old, read it with the busbench that wrote it",
        }
    }
}

impl std::fmt::Display for SchemaAge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Newer => "newer",
            Self::Older => "older",
        })
    }
}
