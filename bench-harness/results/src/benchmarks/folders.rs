//! Where criterion keeps the last call of each benchmark.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::BenchmarkError;

/// The folder with a benchmark's last call. A group or a function may have this name too.
pub(super) const LAST_CALL: &str = "new";
/// What such a folder holds, in the order in which criterion writes it: any of it shows that a
/// benchmark was begun.
const FILES: [&str; 4] = [
    "tukey.json",
    super::SAMPLE_FILE,
    "estimates.json",
    super::BENCHMARK_FILE,
];
/// How deep a benchmark's own folder is at most: group, function, value. criterion replaces the
/// slashes in each of them. No search goes deeper, whatever folder it was given.
const LEVELS: usize = 3;

/// The folders of all last calls, sorted by path.
pub(super) fn of_last_calls(criterion_home: &Path) -> Result<Vec<PathBuf>, BenchmarkError> {
    let mut calls = Vec::new();
    let mut level = vec![criterion_home.to_owned()];
    for _ in 0..=LEVELS {
        let mut below = Vec::new();
        for folder in &level {
            below.extend(folders_in(folder)?);
        }
        calls.extend(below.iter().filter(|folder| is_last_call(folder)).cloned());
        level = below;
    }
    calls.sort();
    Ok(calls)
}

fn is_last_call(folder: &Path) -> bool {
    folder.file_name() == Some(OsStr::new(LAST_CALL))
        && FILES.iter().any(|file| folder.join(file).is_file())
}

/// Folders only: a link may lead back to where it stands.
fn folders_in(folder: &Path) -> Result<Vec<PathBuf>, BenchmarkError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => BenchmarkError::Missing {
            path: folder.to_owned(),
        },
        _ => BenchmarkError::Read {
            path: folder.to_owned(),
            source,
        },
    };
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}
