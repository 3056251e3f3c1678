//! A scenario of either kind.

use std::num::NonZeroU32;
use std::path::Path;

use super::{FootprintScenario, OverrideError, Scenario, ScenarioError, name_of, parsed, text_of};

/// A scenario: of messages, or of footprints.
#[derive(Debug, Clone, PartialEq)]
pub enum AnyScenario {
    /// Messages go from publishers to subscribers.
    Messages(Box<Scenario>),
    /// Nothing is sent: what servers and client programs take by themselves.
    Footprint(FootprintScenario),
}

impl AnyScenario {
    /// Reads and parses a file.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        Self::parse(path, &text_of(path)?)
    }

    /// Parses a file's text. One with a `[footprint]` is a scenario of footprints, whatever else it has.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ScenarioError> {
        let table: toml::Table = parsed(path, text)?;
        if table.contains_key("footprint") {
            return Ok(Self::Footprint(FootprintScenario {
                name: name_of(path),
                path: path.to_owned(),
                file: parsed(path, text)?,
            }));
        }
        Ok(Self::Messages(Box::new(Scenario::parse(path, text)?)))
    }

    /// Follows one `KEY=VALUE` of `--set`; each kind has keys of its own.
    pub fn set(&mut self, assignment: &str) -> Result<(), OverrideError> {
        match self {
            Self::Messages(scenario) => scenario.file.set(assignment),
            Self::Footprint(scenario) => scenario.file.set(assignment),
        }
    }

    /// Gives each cell so many trials.
    pub fn set_trials(&mut self, trials: NonZeroU32) {
        match self {
            Self::Messages(scenario) => scenario.file.trials = trials,
            Self::Footprint(scenario) => scenario.file.trials = trials,
        }
    }
}
