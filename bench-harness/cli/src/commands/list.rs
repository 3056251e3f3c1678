//! `busbench list`.

use std::fs;
use std::path::{Path, PathBuf};

use busbench_runner::{AnyPlan, AnyScenario};

use super::plan::{assumed_provider, duration};
use crate::arguments::List;
use crate::exit::{DONE, Failure, USAGE};
use crate::output;

pub(crate) fn list(arguments: &List) -> Result<u8, Failure> {
    let mut code = DONE;
    for path in scenarios(&arguments.folder)? {
        match entry(&path) {
            Ok(entry) => output::line(entry),
            Err(failure) => {
                output::error(&failure);
                code = USAGE;
            }
        }
    }
    Ok(code)
}

fn scenarios(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(
            USAGE,
            format!("cannot list scenarios in {}: {error}", folder.display()),
        )
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(Failure::new(
            USAGE,
            format!("no scenario in {}", folder.display()),
        ));
    }
    paths.sort();
    Ok(paths)
}

fn entry(path: &Path) -> Result<String, Failure> {
    let scenario = AnyScenario::read(path).map_err(|error| Failure::usage(&error))?;
    let plan = AnyPlan::new(&scenario).map_err(|error| Failure::usage(&error))?;
    let estimate = plan.estimate(assumed_provider());
    let possible = plan.possible();
    let not_possible = match plan.cells() - possible {
        0 => String::new(),
        cells => format!("; {cells} not possible"),
    };
    Ok(format!(
        "{}\n  {}\n  {possible} cells x {} trials, about {}{not_possible}",
        path.display(),
        plan.question(),
        plan.trials(),
        duration(estimate.time)
    ))
}
