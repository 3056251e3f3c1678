//! What a result folder holds: `result.json` ([`RunRecord`]) and one [`Trial`] in each file under
//! `trials/`; of a footprint, one [`FootprintTrial`] in each.

mod cell;
mod cost;
mod counters;
mod emulation;
mod footprint;
mod guarantee;
mod reason;
mod run;
mod trial;
mod wire;

pub use cell::{Cell, CellKey, CellState, FLOORS, Load, NO_LIMIT};
pub use cost::{Cost, CostSample, MachineUse, Throttling};
pub use counters::{CountCheck, ServerCounters};
pub use emulation::Emulation;
pub use footprint::{
    FootprintCell, FootprintSubject, FootprintTrial, ImageSize, Occupancy, ProgramSize, Start,
};
pub use guarantee::{Delivery, Guarantee, PublishAck};
pub use reason::{Reason, ReasonKind, Severity};
pub use run::{
    Host, Isolation, RunRecord, RunState, Scenario, ServerLimit, ServerRecord, ServerSpan, Tool,
};
pub use trial::{
    CARRIED_AT_LEAST, ClockDrift, Counts, LimitedBy, Metric, Outcome, PairCounts,
    RecordedHistogram, Second, Trial, Verdict,
};
pub use wire::WireBytes;

/// Version of the result format; documented in `docs/result-format.md`.
pub const SCHEMA_VERSION: u32 = 2;
