//! What can be wrong with a folder of criterion's results.

use std::io;
use std::path::PathBuf;

/// Why benchmarks could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BenchmarkError {
    /// There is no such folder.
    #[error(
        "no folder {}: a benchmark program writes one where CRITERION_HOME says",
        path.display()
    )]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// A file or a folder could not be read.
    #[error("read {}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder holds no benchmark.
    #[error(
        "no benchmark in {}: run a benchmark program with CRITERION_HOME set to it, \
         and a filter that leaves some",
        path.display()
    )]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A benchmark was begun, and one of its files is not there.
    #[error(
        "{} is missing: the benchmark was ended before it was done; run it again",
        path.display()
    )]
    Unfinished {
        /// The file.
        path: PathBuf,
    },
    /// Not what criterion writes, or cut off.
    #[error(
        "{}: cut off, or not of the shape that criterion 0.8 writes; run the benchmark again",
        path.display()
    )]
    Json {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
    /// criterion wrote the benchmark to another folder, or below another one.
    #[error(
        "{}: criterion wrote it to `{folder}` below another folder than {}: name the one that \
         CRITERION_HOME named, and leave what is in it where it is",
        path.display(), home.display()
    )]
    Elsewhere {
        /// `benchmark.json`.
        path: PathBuf,
        /// The folder that was to be read.
        home: PathBuf,
        /// Where the benchmark's folder should be, below it.
        folder: String,
    },
    /// What was measured gives no time.
    #[error("{}: benchmark `{id}` gives no time; run it again", path.display())]
    Sample {
        /// The file.
        path: PathBuf,
        /// The benchmark.
        id: String,
        /// What is wrong with it.
        #[source]
        source: SampleError,
    },
    /// Two benchmarks have one id, so that a figure could be either's.
    #[error(
        "benchmark `{id}` stands in {} and in {}: give each benchmark a name of its own, \
         and each call a folder of its own",
        first.display(), second.display()
    )]
    Twice {
        /// The id.
        id: String,
        /// `benchmark.json` of the one.
        first: PathBuf,
        /// `benchmark.json` of the other.
        second: PathBuf,
    },
}

/// Why a sample gives no time of an iteration.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum SampleError {
    /// Nothing was measured.
    #[error("it has no measurement")]
    NoMeasurement,
    /// Each measurement has a count of iterations and a time.
    #[error("it has {iterations} counts of iterations and {times} times")]
    Uneven {
        /// How many counts.
        iterations: usize,
        /// How many times.
        times: usize,
    },
    /// A time or a count that a measurement cannot have; so is a time whose quotient is none.
    #[error("{time_ns} ns for {iterations} iterations: both must be above zero and finite")]
    NotATime {
        /// The time of all of the measurement's iterations.
        time_ns: f64,
        /// How many there were.
        iterations: f64,
    },
}
