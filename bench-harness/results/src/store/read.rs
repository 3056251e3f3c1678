//! From the files of a folder to a [`Run`], or the file that is wrong.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::{RUN_FILE, Run, SchemaAge, StoreError, TRIALS_FOLDER};
use crate::{Cell, RunRecord, SCHEMA_VERSION, Trial};

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
    let mut trials = BTreeMap::new();
    for cell in &record.cells {
        let finished = cell
            .trials
            .iter()
            .map(|name| trial(folder, &record.run, cell, name))
            .collect::<Result<Vec<_>, _>>()?;
        if !finished.is_empty() {
            trials.insert(cell.id.clone(), finished);
        }
    }
    Ok(Run {
        record,
        trials,
        path: folder.to_owned(),
    })
}

fn trial(folder: &Path, run: &str, cell: &Cell, name: &str) -> Result<Trial, StoreError> {
    let inside = name
        .strip_prefix(TRIALS_FOLDER)
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(super::is_file_stem);
    if !inside {
        return Err(StoreError::OutsideTrial {
            path: folder.join(RUN_FILE),
            file: name.to_owned(),
            cell: cell.id.clone(),
        });
    }
    let path = folder.join(name);
    let bytes = fs::read(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => StoreError::MissingTrial {
            path: path.clone(),
            run: folder.join(RUN_FILE),
            cell: cell.id.clone(),
        },
        _ => StoreError::Read {
            path: path.clone(),
            source,
        },
    })?;
    let trial: Trial = parse(&path, &bytes)?;
    for (what, found, expected) in [
        ("run", trial.run.as_str(), run),
        ("cell", trial.cell.as_str(), cell.id.as_str()),
    ] {
        if found != expected {
            return Err(StoreError::OtherTrial {
                path,
                what,
                found: found.to_owned(),
                expected: expected.to_owned(),
            });
        }
    }
    for (&metric, histogram) in &trial.histograms {
        histogram.decode().map_err(|source| StoreError::Histogram {
            path: path.clone(),
            metric,
            source,
        })?;
    }
    Ok(trial)
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
