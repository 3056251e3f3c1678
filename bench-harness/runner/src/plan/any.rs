//! A plan of either kind.

use busbench_brokers::Provider;

use super::{CellFilter, Estimate, FootprintPlan, Plan, PlanError};
use crate::scenario::AnyScenario;

/// What a scenario asks for, checked: messages, or footprints.
#[derive(Debug, Clone, PartialEq)]
pub enum AnyPlan {
    /// Messages go from publishers to subscribers.
    Messages(Box<Plan>),
    /// Nothing is sent.
    Footprint(FootprintPlan),
}

impl AnyPlan {
    /// Checks a scenario.
    pub fn new(scenario: &AnyScenario) -> Result<Self, PlanError> {
        Ok(match scenario {
            AnyScenario::Messages(scenario) => Self::Messages(Box::new(Plan::new(scenario)?)),
            AnyScenario::Footprint(scenario) => Self::Footprint(FootprintPlan::new(scenario)?),
        })
    }

    /// Keeps the cells that the texts of several `--only` ask for; each kind has keys of its own.
    pub fn keep(&mut self, only: &[String]) -> Result<(), PlanError> {
        match self {
            Self::Messages(plan) => {
                let mut filter = CellFilter::default();
                for text in only {
                    filter.add(text)?;
                }
                plan.keep(&filter)?;
            }
            Self::Footprint(plan) => plan.keep(only)?,
        }
        Ok(())
    }

    /// Name of the scenario.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Messages(plan) => &plan.name,
            Self::Footprint(plan) => &plan.name,
        }
    }

    /// The question that it answers.
    #[must_use]
    pub fn question(&self) -> &str {
        match self {
            Self::Messages(plan) => &plan.question,
            Self::Footprint(plan) => &plan.question,
        }
    }

    /// Trials of each cell.
    #[must_use]
    pub const fn trials(&self) -> u32 {
        match self {
            Self::Messages(plan) => plan.trials,
            Self::Footprint(plan) => plan.trials,
        }
    }

    /// How many cells there are.
    #[must_use]
    pub fn cells(&self) -> usize {
        match self {
            Self::Messages(plan) => plan.cells.len(),
            Self::Footprint(plan) => plan.cells.len(),
        }
    }

    /// How many of them can be run, as far as a plan knows.
    #[must_use]
    pub fn possible(&self) -> usize {
        match self {
            Self::Messages(plan) => plan.possible().count(),
            Self::Footprint(plan) => plan.cells.len(),
        }
    }

    /// Estimates a run with servers from `provider`; footprints have their own.
    #[must_use]
    pub fn estimate(&self, provider: Provider) -> Estimate {
        match self {
            Self::Messages(plan) => plan.estimate(provider),
            Self::Footprint(plan) => plan.estimate(),
        }
    }
}
