//! What a result folder holds: `result.json` ([`RunRecord`]) and one [`Trial`] in each file under
//! `trials/`.

mod cell;
mod run;
mod trial;

pub use cell::{Cell, CellKey, CellState, Load};
pub use run::{Host, RunRecord, RunState, Scenario, ServerRecord, Tool};
pub use trial::{
    CARRIED_AT_LEAST, ClientCost, Counts, LimitedBy, Metric, Outcome, PairCounts,
    RecordedHistogram, Second, ServerCost, Trial, Verdict,
};

/// Version of the result format; documented in `docs/result-format.md`.
pub const SCHEMA_VERSION: u32 = 1;
