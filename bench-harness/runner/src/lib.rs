//! From a scenario to a plan, and from a plan to results. Emits events, prints nothing.

pub mod doctor;
mod error;
mod event;
mod footprint;
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
pub use footprint::{FootprintRequest, run_footprint};
pub use host::describe as describe_host;
pub use plan::{
    AnyPlan, CellFilter, Estimate, FilterError, FootprintPlan, Load, Plan, PlanError, PlannedCell,
    PlannedFootprint, PlannedSubject,
};
pub use run::{Finished, Request, run};
pub use scenario::{
    AnyScenario, Arrivals, Client, ClosedLoad, FOOTPRINT_KEYS, Footprint, FootprintFile,
    FootprintProvider, FootprintScenario, Loads, Matrix, OpenLoad, OverrideError, Phases,
    PublishKind, SETTABLE_KEYS, Scenario, ScenarioError, ScenarioFile,
};
pub use self_test::{
    CaseReport, Claim, CountCheck, Form, SelfTestError, SelfTestEvent, TOLERANCE_NS, TimeCheck,
    self_test, self_test_cases,
};
#[doc(hidden)]
pub use trial::bench;
