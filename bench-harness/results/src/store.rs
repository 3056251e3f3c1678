//! A run's folder: written file by file, each atomically, and read back whole.

pub(crate) mod atomic;
mod error;
mod read;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub use error::{SchemaAge, StoreError};

use crate::{FootprintTrial, RunRecord, Trial};

/// Name of the file that holds the [`RunRecord`].
pub const RUN_FILE: &str = "result.json";

/// Name of the folder with one file for each trial.
pub const TRIALS_FOLDER: &str = "trials";

/// The folder of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

/// All that a run's folder holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// `result.json`.
    pub record: RunRecord,
    /// Finished trials by cell id, in order of trial number. A cell without a trial has no entry.
    pub trials: BTreeMap<String, Vec<Trial>>,
    /// Finished trials of footprints, by the cell's id, in order of trial number. A cell without a trial
    /// has no entry.
    pub footprints: BTreeMap<String, Vec<FootprintTrial>>,
    /// Where it was read from.
    pub path: PathBuf,
}

impl RunFolder {
    /// Makes the folder of a new run and shows that it can be written to, so that a run does not
    /// find out after its first trial. An empty folder is taken; one that holds anything is
    /// refused, a run of ours too.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let folder = Self {
            path: path.to_owned(),
        };
        fs::create_dir_all(path).map_err(|source| StoreError::CreateFolder {
            path: path.to_owned(),
            source,
        })?;
        let mut entries = fs::read_dir(path).map_err(|source| StoreError::Read {
            path: path.to_owned(),
            source,
        })?;
        if entries.next().is_some() {
            return Err(if path.join(RUN_FILE).exists() {
                StoreError::HoldsARun {
                    path: path.to_owned(),
                }
            } else {
                StoreError::NotEmpty {
                    path: path.to_owned(),
                }
            });
        }
        atomic::write(&path.join("probe"), b"")?;
        atomic::remove(&path.join("probe"))?;
        Ok(folder)
    }

    /// The folder of a run that was begun earlier. [`RunFolder::read`] looks into it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.join(RUN_FILE).is_file() {
            return Err(StoreError::NoRun {
                path: path.to_owned(),
            });
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces `result.json`.
    pub fn write_run(&self, record: &RunRecord) -> Result<(), StoreError> {
        write_json(&self.path.join(RUN_FILE), record)
    }

    /// Writes one trial and returns its file's name relative to the folder, as
    /// [`Cell::trials`](crate::Cell::trials) lists it.
    ///
    /// The trial counts once `result.json` lists it: write it first, then the run. One that was
    /// written and never listed is run again and replaced.
    pub fn write_trial(&self, trial: &Trial) -> Result<String, StoreError> {
        self.write_to_trials(&trial.cell, trial.number, trial)
    }

    /// The same for a trial of a footprint.
    pub fn write_footprint(&self, trial: &FootprintTrial) -> Result<String, StoreError> {
        self.write_to_trials(&trial.cell, trial.number, trial)
    }

    fn write_to_trials<T: Serialize>(
        &self,
        cell: &str,
        number: u32,
        trial: &T,
    ) -> Result<String, StoreError> {
        if !is_file_stem(cell) {
            return Err(StoreError::CellName {
                cell: cell.to_owned(),
            });
        }
        let folder = self.path.join(TRIALS_FOLDER);
        fs::create_dir_all(&folder).map_err(|source| StoreError::CreateFolder {
            path: folder.clone(),
            source,
        })?;
        let name = format!("{cell}-{number}.json");
        write_json(&folder.join(&name), trial)?;
        Ok(format!("{TRIALS_FOLDER}/{name}"))
    }

    /// Reads the run and every trial that it lists.
    ///
    /// Refused, by file: JSON that is cut off or is something else, a schema version that this
    /// program does not know, a trial that is missing or belongs to another run or cell, a
    /// histogram that cannot be decoded.
    pub fn read(&self) -> Result<Run, StoreError> {
        read::run(&self.path)
    }
}

/// Whether an id or a name can be part of a file's name on every file system.
pub(crate) fn is_file_stem(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'))
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), StoreError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|source| StoreError::Encode {
        path: path.to_owned(),
        source,
    })?;
    bytes.push(b'\n');
    atomic::write(path, &bytes)
}
