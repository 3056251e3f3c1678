//! From the files of a folder to a [`Run`], or the file that is wrong.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::{RUN_FILE, Run, SchemaAge, StoreError, TRIALS_FOLDER};
use crate::{FootprintTrial, RunRecord, SCHEMA_VERSION, Trial};

pub(super) fn run(folder: &Path) -> Result<Run, StoreError> {
    let file = folder.join(RUN_FILE);
    let bytes = fs::read(&file).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => StoreError::NoRun {
            path: folder.to_owned(),
        },
        _ => StoreError::Read {
            path: file.clone(),
            source,
        },
    })?;
    let record: RunRecord = parse(&file, &bytes)?;
    let files = Files {
        folder,
        run: &record.run,
    };
    let cells = record.cells.iter().map(|cell| (&cell.id, &cell.trials));
    let footprints = record.footprints.iter();
    let footprints = footprints.map(|cell| (&cell.id, &cell.trials));
    Ok(Run {
        trials: files.of_cells(cells)?,
        footprints: files.of_cells(footprints)?,
        record,
        path: folder.to_owned(),
    })
}

/// What a file under `trials/` may hold.
trait Recorded: DeserializeOwned {
    /// Name of the run, and id of the cell.
    fn place(&self) -> (&str, &str);

    /// What its shape does not show.
    fn check(&self, path: &Path) -> Result<(), StoreError>;
}

impl Recorded for Trial {
    fn place(&self) -> (&str, &str) {
        (&self.run, &self.cell)
    }

    fn check(&self, path: &Path) -> Result<(), StoreError> {
        for (&metric, histogram) in &self.histograms {
            histogram.decode().map_err(|source| StoreError::Histogram {
                path: path.to_owned(),
                metric,
                source,
            })?;
        }
        Ok(())
    }
}

impl Recorded for FootprintTrial {
    fn place(&self) -> (&str, &str) {
        (&self.run, &self.cell)
    }

    fn check(&self, _path: &Path) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The files of one run's trials.
struct Files<'a> {
    folder: &'a Path,
    run: &'a str,
}

impl Files<'_> {
    /// By the cell's id, of cells and the names that they list.
    fn of_cells<'c, T: Recorded>(
        &self,
        cells: impl Iterator<Item = (&'c String, &'c Vec<String>)>,
    ) -> Result<BTreeMap<String, Vec<T>>, StoreError> {
        let mut trials = BTreeMap::new();
        for (cell, names) in cells {
            let finished = names
                .iter()
                .map(|name| self.one(cell, name))
                .collect::<Result<Vec<T>, _>>()?;
            if !finished.is_empty() {
                trials.insert(cell.clone(), finished);
            }
        }
        Ok(trials)
    }

    fn one<T: Recorded>(&self, cell: &str, name: &str) -> Result<T, StoreError> {
        let inside = name
            .strip_prefix(TRIALS_FOLDER)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(super::is_file_stem);
        if !inside {
            return Err(StoreError::OutsideTrial {
                path: self.folder.join(RUN_FILE),
                file: name.to_owned(),
                cell: cell.to_owned(),
            });
        }
        let path = self.folder.join(name);
        let bytes = fs::read(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => StoreError::MissingTrial {
                path: path.clone(),
                run: self.folder.join(RUN_FILE),
                cell: cell.to_owned(),
            },
            _ => StoreError::Read {
                path: path.clone(),
                source,
            },
        })?;
        let trial: T = parse(&path, &bytes)?;
        let (its_run, its_cell) = trial.place();
        for (what, found, expected) in [("run", its_run, self.run), ("cell", its_cell, cell)] {
            if found != expected {
                return Err(StoreError::OtherTrial {
                    path,
                    what,
                    found: found.to_owned(),
                    expected: expected.to_owned(),
                });
            }
        }
        trial.check(&path)?;
        Ok(trial)
    }
}

/// The version is looked at first: a file of another version may have any other shape.
fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, StoreError> {
    let at = || path.to_owned();
    let value: serde_json::Value = serde_json::from_slice(bytes)
        .map_err(|source| StoreError::Syntax { path: at(), source })?;
    let version = value
        .get("schema_version")
        .and_then(serde_json::Value::as_u64)
        .ok_or_else(|| StoreError::Foreign { path: at() })?;
    let age = match version.cmp(&u64::from(SCHEMA_VERSION)) {
        std::cmp::Ordering::Less => SchemaAge::Older,
        std::cmp::Ordering::Greater => SchemaAge::Newer,
        std::cmp::Ordering::Equal => {
            // From the bytes, so that an error has its line and column.
            return serde_json::from_slice(bytes)
                .map_err(|source| StoreError::Shape { path: at(), source });
        }
    };
    Err(StoreError::Version {
        path: at(),
        version,
        age,
    })
}
