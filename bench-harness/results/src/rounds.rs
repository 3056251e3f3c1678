//! What one side of a comparison measured: a run, or a folder with the rounds of one.
//!
//! Two builds that take turns on one machine leave a run for each turn (`scripts/gate`), and the
//! results of benchmarks beside it. Turns of one name belong together: they ran one after the other.

mod error;
mod merge;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

pub use error::RoundsError;

use crate::benchmarks::{is_criterion_home, read_benchmarks};
use crate::{RUN_FILE, Run, RunFolder};

/// How deep below a side's folder its runs may lie, as in `base/round-01/run`.
const DEPTH: usize = 3;

/// What one side measured, as it lies in its folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Rounds {
    path: PathBuf,
    /// By the folder's path below the side's; empty where the side is a single run.
    runs: BTreeMap<PathBuf, Run>,
    /// Nanoseconds for each iteration of each benchmark, by folder as above.
    benchmarks: BTreeMap<PathBuf, BTreeMap<String, f64>>,
}

/// What one side measured, with trials counted through over its rounds: equal numbers on both sides
/// ran one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurements {
    /// Where they were read from.
    pub path: PathBuf,
    /// The rounds as one run; `None` where there are benchmarks only.
    pub run: Option<Run>,
    /// Nanoseconds for each iteration of each benchmark, by its id, then by number of the round.
    pub benchmarks: BTreeMap<String, BTreeMap<u32, f64>>,
}

impl Rounds {
    /// Reads the folder of a run, of criterion's results, or one in which several of them lie.
    pub fn read(path: &Path) -> Result<Self, RoundsError> {
        let mut rounds = Self {
            path: path.to_owned(),
            runs: BTreeMap::new(),
            benchmarks: BTreeMap::new(),
        };
        rounds.visit(Path::new(""), DEPTH)?;
        if rounds.runs.is_empty() && rounds.benchmarks.is_empty() {
            return Err(RoundsError::Empty {
                path: path.to_owned(),
            });
        }
        Ok(rounds)
    }

    fn visit(&mut self, below: &Path, depth: usize) -> Result<(), RoundsError> {
        let folder = self.path.join(below);
        if folder.join(RUN_FILE).is_file() {
            let run = RunFolder::open(&folder)?.read()?;
            if !run.record.footprints.is_empty() {
                return Err(RoundsError::Footprints { path: folder });
            }
            self.runs.insert(below.to_owned(), run);
            return Ok(());
        }
        if is_criterion_home(&folder) {
            self.benchmarks
                .insert(below.to_owned(), read_benchmarks(&folder)?);
            return Ok(());
        }
        if depth == 0 {
            return Ok(());
        }
        let unreadable = |source| RoundsError::Read {
            path: folder.clone(),
            source,
        };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.path().is_dir() {
                self.visit(&below.join(entry.file_name()), depth - 1)?;
            }
        }
        Ok(())
    }
}

/// Both sides with trials counted through: rounds of one name get the same numbers. Where no name is
/// on both sides, as with two single runs that lie elsewhere, their order counts instead.
pub fn numbered(base: Rounds, head: Rounds) -> Result<(Measurements, Measurements), RoundsError> {
    let runs = places(base.runs.keys(), head.runs.keys());
    let benchmarks = places(base.benchmarks.keys(), head.benchmarks.keys());
    let trials = most_trials(&base).max(most_trials(&head));
    Ok((
        measurements(base, &runs.0, &benchmarks.0, trials)?,
        measurements(head, &runs.1, &benchmarks.1, trials)?,
    ))
}

impl Measurements {
    /// One side alone, with trials counted through in the order of its rounds' names.
    pub fn of(rounds: Rounds) -> Result<Self, RoundsError> {
        let runs = in_order(rounds.runs.keys());
        let benchmarks = in_order(rounds.benchmarks.keys());
        let trials = most_trials(&rounds);
        measurements(rounds, &runs, &benchmarks, trials)
    }
}

/// Place of each round, from 0.
type Places = BTreeMap<PathBuf, u32>;

fn places<'a>(
    base: impl Iterator<Item = &'a PathBuf>,
    head: impl Iterator<Item = &'a PathBuf>,
) -> (Places, Places) {
    let (base, head): (BTreeSet<_>, BTreeSet<_>) = (base.collect(), head.collect());
    if base.is_disjoint(&head) {
        return (in_order(base.into_iter()), in_order(head.into_iter()));
    }
    let all = in_order(base.union(&head).copied());
    (all.clone(), all)
}

fn in_order<'a>(names: impl Iterator<Item = &'a PathBuf>) -> Places {
    let names: BTreeSet<&PathBuf> = names.collect();
    names.into_iter().cloned().zip(0..).collect()
}

/// The highest number of a trial in any round.
fn most_trials(rounds: &Rounds) -> u32 {
    let trials = rounds
        .runs
        .values()
        .flat_map(|run| run.trials.values().flatten());
    trials.map(|trial| trial.number).max().unwrap_or(0)
}

fn measurements(
    rounds: Rounds,
    runs: &Places,
    benchmarks: &Places,
    trials: u32,
) -> Result<Measurements, RoundsError> {
    let Rounds {
        path,
        runs: by_name,
        benchmarks: times_by_name,
    } = rounds;
    let by_place = by_name
        .into_iter()
        .filter_map(|(name, run)| Some((*runs.get(&name)?, run)));
    let run = merge::merge(&path, by_place, trials)?;
    let mut by_id: BTreeMap<String, BTreeMap<u32, f64>> = BTreeMap::new();
    for (name, times) in times_by_name {
        let Some(&place) = benchmarks.get(&name) else {
            continue;
        };
        for (id, time_ns) in times {
            by_id.entry(id).or_default().insert(place, time_ns);
        }
    }
    Ok(Measurements {
        path,
        run,
        benchmarks: by_id,
    })
}

#[cfg(test)]
mod tests;
