//! The result file: types, store, statistics over trials, comparison. Files only; no async.

mod alike;
pub mod answers;
mod benchmarks;
pub mod claims;
pub mod comparison;
mod distribution;
pub mod explain;
pub mod export;
#[cfg(feature = "fixtures")]
pub mod fixtures;
pub mod footprint;
pub mod history;
mod parallel;
pub mod questions;
mod rounds;
pub mod schema;
mod selection;
pub mod statistics;
pub mod steadiness;
mod store;
mod summary;
mod types;

pub use alike::sets_of_alike;
pub use benchmarks::{BenchmarkError, SampleError, is_criterion_home, read_benchmarks};
pub use distribution::{Distribution, HistogramError};
pub use rounds::{Measurements, Rounds, RoundsError, numbered};
pub use selection::Selection;
pub use store::{RUN_FILE, Run, RunFolder, SchemaAge, StoreError, TRIALS_FOLDER};
pub use summary::{CellOutcome, KEY_COLUMNS, Row, summarise};
pub use types::{
    CARRIED_AT_LEAST, Cell, CellKey, CellState, ClockDrift, Cost, CostSample, CountCheck, Counts,
    Delivery, Emulation, FLOORS, FootprintCell, FootprintSubject, FootprintTrial, Guarantee, Host,
    ImageSize, Isolation, LimitedBy, Load, MachineUse, Metric, NO_LIMIT, Occupancy, Outcome,
    PairCounts, ProgramSize, PublishAck, Reason, ReasonKind, RecordedHistogram, RunRecord,
    RunState, SCHEMA_VERSION, Scenario, Second, ServerCounters, ServerLimit, ServerRecord,
    ServerSpan, Severity, Start, Throttling, Tool, Trial, Verdict, WireBytes,
};
