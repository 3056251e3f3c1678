//! The result file: types, store, statistics over trials. Files only; no async.

mod types;

pub use types::{
    Cell, CellKey, CellState, ClientCost, Counts, Host, LimitedBy, Load, Metric, Outcome,
    PairCounts, RecordedHistogram, RunRecord, RunState, SCHEMA_VERSION, Scenario, Second,
    ServerCost, ServerRecord, Tool, Trial, Verdict,
};
