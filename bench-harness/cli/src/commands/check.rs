//! `busbench check`.

use busbench_runner::{AnyPlan, AnyScenario};

use super::plan::{assumed_provider, duration};
use crate::arguments::Check;
use crate::exit::{DONE, Failure, USAGE};
use crate::output;

/// Looks at every file, so that all mistakes are told at once.
pub(crate) fn check(arguments: &Check) -> u8 {
    let mut code = DONE;
    for path in &arguments.files {
        match plan(path) {
            Ok(plan) => {
                let estimate = plan.estimate(assumed_provider());
                output::line(format_args!(
                    "{}: {} cells ({} not possible), {} trials, about {}",
                    path.display(),
                    plan.cells(),
                    plan.cells() - plan.possible(),
                    estimate.trials,
                    duration(estimate.time),
                ));
            }
            Err(failure) => {
                output::error(&failure);
                code = USAGE;
            }
        }
    }
    code
}

fn plan(path: &std::path::Path) -> Result<AnyPlan, Failure> {
    let scenario = AnyScenario::read(path).map_err(|error| Failure::usage(&error))?;
    AnyPlan::new(&scenario).map_err(|error| Failure::usage(&error))
}
