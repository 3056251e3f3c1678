//! The result file: types, store, statistics over trials. Files only; no async.

mod distribution;
pub mod export;
#[cfg(feature = "fixtures")]
pub mod fixtures;
pub mod schema;
pub mod statistics;
mod store;
mod summary;
mod types;

pub use distribution::{Distribution, HistogramError};
pub use store::{RUN_FILE, Run, RunFolder, SchemaAge, StoreError, TRIALS_FOLDER};
pub use summary::{CellOutcome, KEY_COLUMNS, Row, summarise};
pub use types::{
    CARRIED_AT_LEAST, Cell, CellKey, CellState, ClientCost, Counts, Host, LimitedBy, Load, Metric,
    Outcome, PairCounts, RecordedHistogram, RunRecord, RunState, SCHEMA_VERSION, Scenario, Second,
    ServerCost, ServerRecord, Tool, Trial, Verdict,
};
