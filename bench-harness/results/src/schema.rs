//! JSON Schemas of the files that a run's folder and a history hold, for readers that are not this program.
//! They are committed under `schema/`; a test holds them to the types.

use schemars::{Schema, schema_for};

use crate::history::HistoryLine;
use crate::{FootprintTrial, RunRecord, Trial};

/// The schema of `result.json`.
#[must_use]
pub fn result() -> Schema {
    schema_for!(RunRecord)
}

/// The schema of a file under `trials/`.
#[must_use]
pub fn trial() -> Schema {
    schema_for!(Trial)
}

/// The schema of a file under `trials/` of a footprint.
#[must_use]
pub fn footprint() -> Schema {
    schema_for!(FootprintTrial)
}

/// The schema of a line of a history.
#[must_use]
pub fn history_line() -> Schema {
    schema_for!(HistoryLine)
}
