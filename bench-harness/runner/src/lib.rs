//! From a scenario to a plan, and from a plan to results. Emits events, prints nothing.

pub mod doctor;
mod error;
mod event;
mod guarantee;
mod host;
mod isolation;
mod order;
mod plan;
mod run;
mod scenario;
mod self_test;
mod trial;

pub use busbench_buses::{NullWork, NullWorkError};
pub use error::{RunError, chain};
pub use event::Event;
pub use host::describe as describe_host;
pub use plan::{CellFilter, Estimate, FilterError, Load, Plan, PlanError, PlannedCell};
pub use run::{Finished, Request, run};
pub use scenario::{
    Arrivals, Client, ClosedLoad, Loads, Matrix, OpenLoad, OverrideError, Phases, PublishKind,
    SETTABLE_KEYS, Scenario, ScenarioError, ScenarioFile,
};
pub use self_test::{
    CaseReport, Claim, CountCheck, Form, SelfTestError, SelfTestEvent, TOLERANCE_NS, TimeCheck,
    self_test, self_test_cases,
};
#[doc(hidden)]
pub use trial::bench;
