//! What criterion wrote in one call of a benchmark program: time of one iteration, by benchmark.
//!
//! criterion keeps a folder for each benchmark, and in it `new/` with the last call, `base/` with
//! the one before and `change/` with their comparison. Only `new/` is read: what is compared is up
//! to us.

mod error;
mod folders;
mod sample;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use error::{BenchmarkError, SampleError};
use sample::Sample;

/// The benchmark's names.
const BENCHMARK_FILE: &str = "benchmark.json";
/// What was measured.
const SAMPLE_FILE: &str = "sample.json";

/// What criterion says of a benchmark.
#[derive(Deserialize)]
struct Names {
    full_id: String,
    /// The benchmark's folder below the one that `CRITERION_HOME` named: the id, cut and without
    /// some of its characters.
    directory_name: String,
}

/// Whether this is a folder that `CRITERION_HOME` named: whether a benchmark in it says that it stands
/// at its place below this very folder, rather than below one further down. A folder that cannot be
/// read is none.
#[must_use]
pub fn is_criterion_home(path: &Path) -> bool {
    folders::of_last_calls(path).is_ok_and(|calls| {
        calls.iter().any(|call| {
            read(&call.join(BENCHMARK_FILE)).is_ok_and(|names: Names| names.belongs(path, call))
        })
    })
}

/// The time of one iteration of each benchmark in a folder that criterion wrote, in nanoseconds, by
/// the benchmark's full id.
///
/// The time is that of the fastest sample: see `benchmarks/sample.rs`. criterion notes no unit; what
/// measures time measures it in nanoseconds, and so do all benchmarks of this project.
///
/// Refused, by file: a folder without a benchmark, a benchmark that was ended before it was done,
/// JSON that is cut off or is something else, a benchmark that criterion wrote elsewhere, times that
/// are not above zero, two benchmarks of one id.
pub fn read_benchmarks(criterion_home: &Path) -> Result<BTreeMap<String, f64>, BenchmarkError> {
    let calls = folders::of_last_calls(criterion_home)?;
    if calls.is_empty() {
        return Err(BenchmarkError::Empty {
            path: criterion_home.to_owned(),
        });
    }
    let mut found: BTreeMap<String, (f64, PathBuf)> = BTreeMap::new();
    for call in calls {
        let names_path = call.join(BENCHMARK_FILE);
        let names: Names = read(&names_path)?;
        if !names.belongs(criterion_home, &call) {
            return Err(BenchmarkError::Elsewhere {
                path: names_path,
                home: criterion_home.to_owned(),
                folder: names.directory_name,
            });
        }
        let sample_path = call.join(SAMPLE_FILE);
        let sample: Sample = read(&sample_path)?;
        let time_ns = sample.time_ns().map_err(|source| BenchmarkError::Sample {
            path: sample_path,
            id: names.full_id.clone(),
            source,
        })?;
        match found.entry(names.full_id) {
            Entry::Vacant(place) => {
                place.insert((time_ns, names_path));
            }
            Entry::Occupied(other) => {
                return Err(BenchmarkError::Twice {
                    id: other.key().clone(),
                    first: other.get().1.clone(),
                    second: names_path,
                });
            }
        }
    }
    Ok(found
        .into_iter()
        .map(|(id, (time_ns, _))| (id, time_ns))
        .collect())
}

impl Names {
    /// Whether a last call stands where criterion put it.
    fn belongs(&self, home: &Path, call: &Path) -> bool {
        call == home.join(&self.directory_name).join(folders::LAST_CALL)
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, BenchmarkError> {
    let bytes = fs::read(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => BenchmarkError::Unfinished {
            path: path.to_owned(),
        },
        _ => BenchmarkError::Read {
            path: path.to_owned(),
            source,
        },
    })?;
    serde_json::from_slice(&bytes).map_err(|source| BenchmarkError::Json {
        path: path.to_owned(),
        source,
    })
}
