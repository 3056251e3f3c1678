//! The folder of a history: a file for each scenario, replaced whole when runs are added.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{HISTORY_VERSION, HistoryError, HistoryLine, InLine, LineFault};
use crate::store::{atomic, is_file_stem};
use crate::{Run, RunState, SchemaAge};

/// How the names of a history's files end.
const EXTENSION: &str = "jsonl";

/// The folder of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryFolder {
    path: PathBuf,
}

/// A line and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLine {
    /// The file.
    pub path: PathBuf,
    /// Its number in the file, from 1.
    pub number: usize,
    /// What it says.
    pub line: HistoryLine,
}

/// A run that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The run's name.
    pub run: String,
    /// Cells that were added.
    pub cells: usize,
    /// The file that they were added to.
    pub path: PathBuf,
}

impl HistoryFolder {
    /// The folder at this path, whether or not there is one yet.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Every line, by file name and line number. Files that do not end in `.jsonl` are left alone, and
    /// one without a line says nothing.
    ///
    /// Refused, by file and line: what is cut off, not JSON, of a version that this program does not
    /// know, of another scenario than the file's name says, a figure below 0, and a cell that is there
    /// twice for one run. A folder without a line is refused, too.
    pub fn read(&self) -> Result<Vec<PlacedLine>, HistoryError> {
        if !self.path.is_dir() {
            return Err(HistoryError::NoFolder {
                path: self.path.clone(),
            });
        }
        let lines = self.lines()?;
        if lines.is_empty() {
            return Err(HistoryError::Empty {
                path: self.path.clone(),
            });
        }
        Ok(lines)
    }

    /// Adds every cell of these runs of which a trial has finished. Either all of them can be added or
    /// nothing is written: refused are a run that is there already or given twice, one that is not
    /// complete, one without a finished trial, and a folder that cannot be read.
    ///
    /// Each file is replaced as a whole, so that it is there as before or with all lines. Where others
    /// record at the same time, one waits for the other.
    pub fn record(&self, runs: &[Run]) -> Result<Vec<Recorded>, HistoryError> {
        fs::create_dir_all(&self.path).map_err(|source| HistoryError::CreateFolder {
            path: self.path.clone(),
            source,
        })?;
        let _lock = self.lock()?;
        let known = self.lines()?;
        let mut runs_known: BTreeMap<&str, PathBuf> = known
            .iter()
            .map(|placed| (placed.line.run.as_str(), placed.path.clone()))
            .collect();
        let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
        let mut recorded = Vec::new();
        for run in runs {
            let path = self.file_of(run)?;
            let name = run.record.run.as_str();
            if let Some(path) = runs_known.insert(name, path.clone()) {
                let run = name.to_owned();
                return Err(HistoryError::Known { path, run });
            }
            let lines = recordable(run)?;
            let text = match texts.entry(path.clone()) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    let before = entry.key().clone();
                    entry.insert(text_to_append_to(&before)?)
                }
            };
            for line in &lines {
                let json = serde_json::to_string(line).map_err(|source| HistoryError::Encode {
                    run: name.to_owned(),
                    source,
                })?;
                text.push_str(&json);
                text.push('\n');
            }
            recorded.push(Recorded {
                run: name.to_owned(),
                cells: lines.len(),
                path,
            });
        }
        for (path, text) in texts {
            atomic::write(&path, text.as_bytes()).map_err(HistoryError::Write)?;
        }
        Ok(recorded)
    }

    fn file_of(&self, run: &Run) -> Result<PathBuf, HistoryError> {
        let scenario = &run.record.scenario.name;
        if !is_file_stem(scenario) {
            return Err(HistoryError::ScenarioName {
                scenario: scenario.clone(),
            });
        }
        Ok(self.path.join(format!("{scenario}.{EXTENSION}")))
    }

    fn lines(&self) -> Result<Vec<PlacedLine>, HistoryError> {
        let unreadable = |source| HistoryError::Read {
            path: self.path.clone(),
            source,
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == EXTENSION)
            {
                files.push(path);
            }
        }
        files.sort();
        let mut lines = Vec::new();
        for path in files {
            lines.extend(lines_of(&path, &text_of(&path)?)?);
        }
        Ok(lines)
    }

    /// Held until it is dropped.
    #[cfg(unix)]
    fn lock(&self) -> Result<File, HistoryError> {
        let fault = |source| HistoryError::Lock {
            path: self.path.clone(),
            source,
        };
        let folder = File::open(&self.path).map_err(fault)?;
        folder.lock().map_err(fault)?;
        Ok(folder)
    }

    /// Folders cannot be opened for locking here.
    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    fn lock(&self) -> Result<(), HistoryError> {
        Ok(())
    }
}

/// The lines of a run that may be recorded.
fn recordable(run: &Run) -> Result<Vec<HistoryLine>, HistoryError> {
    let (path, name) = (run.path.clone(), run.record.run.clone());
    if run.record.state != RunState::Complete {
        return Err(HistoryError::NotComplete { path, run: name });
    }
    if let Some(work_ns) = run.record.null_work_ns() {
        return Err(HistoryError::FireDrill {
            path,
            run: name,
            work_ns,
        });
    }
    if !run.record.footprints.is_empty() {
        return Err(HistoryError::Footprints { path, run: name });
    }
    let lines = HistoryLine::of(run);
    if lines.is_empty() {
        return Err(HistoryError::NothingMeasured { path, run: name });
    }
    Ok(lines)
}

fn text_of(path: &Path) -> Result<String, HistoryError> {
    fs::read_to_string(path).map_err(|source| HistoryError::Read {
        path: path.to_owned(),
        source,
    })
}

/// The file's text with an end to its last line, which somebody's editor may have taken away.
fn text_to_append_to(path: &Path) -> Result<String, HistoryError> {
    let mut text = match text_of(path) {
        Err(HistoryError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            String::new()
        }
        other => other?,
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

fn lines_of(path: &Path, text: &str) -> Result<Vec<PlacedLine>, HistoryError> {
    let scenario = path.file_stem().unwrap_or_default().to_string_lossy();
    let number_of_lines = text.lines().count();
    let mut first_of: BTreeMap<String, usize> = BTreeMap::new();
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let has_end = number < number_of_lines || text.ends_with('\n');
        let fault = |source| HistoryError::Line {
            path: path.to_owned(),
            line: number,
            source,
        };
        let line = parse(line, has_end).map_err(fault)?;
        if line.series.scenario != scenario {
            return Err(fault(LineFault::Scenario {
                found: line.series.scenario,
                expected: scenario.into_owned(),
            }));
        }
        let cell = serde_json::to_string(&(&line.run, &line.series.cell));
        let cell = cell.map_err(|source| fault(LineFault::Shape(InLine(source))))?;
        if let Some(first) = first_of.insert(cell, number) {
            return Err(HistoryError::Twice {
                path: path.to_owned(),
                line: number,
                first,
                run: line.run,
            });
        }
        lines.push(PlacedLine {
            path: path.to_owned(),
            number,
            line,
        });
    }
    Ok(lines)
}

/// The version is looked at first: a line of another version may have any other shape.
fn parse(text: &str, has_end: bool) -> Result<HistoryLine, LineFault> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|source| {
        if has_end || !source.is_eof() {
            LineFault::Syntax(InLine(source))
        } else {
            LineFault::CutOff(InLine(source))
        }
    })?;
    let version = value
        .get("history_version")
        .and_then(serde_json::Value::as_u64)
        .ok_or(LineFault::Foreign)?;
    let age = match version.cmp(&u64::from(HISTORY_VERSION)) {
        std::cmp::Ordering::Less => SchemaAge::Older,
        std::cmp::Ordering::Greater => SchemaAge::Newer,
        std::cmp::Ordering::Equal => {
            // From the text, so that an error has its column.
            let line: HistoryLine =
                serde_json::from_str(text).map_err(|source| LineFault::Shape(InLine(source)))?;
            return match line.odd_interval() {
                Some(figure) => Err(LineFault::Interval(figure)),
                None => Ok(line),
            };
        }
    };
    Err(LineFault::Version { version, age })
}
