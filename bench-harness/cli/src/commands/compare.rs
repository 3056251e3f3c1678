//! `busbench compare`.

use std::fs;
use std::num::NonZeroU32;
use std::path::Path;

use busbench_report::comparison::{self as shown, Refused, View};
use busbench_results::comparison::{self, SelfCheckError, SmallestEffects, compare_sides};
use busbench_results::statistics::TRIALS_FOR_A_CLAIM;
use busbench_results::{Measurements, Rounds, RoundsError, numbered};

use crate::arguments::{Compare, CompareFormat};
use crate::exit::{DONE, ENVIRONMENT, Failure, NOT_COMPARABLE, REGRESSION, USAGE};
use crate::output;

/// What `--out` gets.
const FILES: [(&str, CompareFormat); 3] = [
    ("gate.txt", CompareFormat::Human),
    ("gate.md", CompareFormat::Markdown),
    ("gate.json", CompareFormat::Json),
];

pub(crate) fn compare(arguments: &Compare) -> Result<u8, Failure> {
    if let Some(side) = &arguments.self_check {
        return self_check(arguments, side);
    }
    let (Some(base), Some(head)) = (&arguments.base, &arguments.head) else {
        return Err(Failure::new(USAGE, "name two sides: BASE and HEAD"));
    };
    let (base, head) = numbered(read(base)?, read(head)?).map_err(|error| refused(&error))?;
    let effects = effects(arguments, &head);
    match compare_sides(&base, &head, arguments.across, &effects) {
        Ok(comparison) => {
            let view = View {
                base: &base,
                head: &head,
                comparison: &comparison,
            };
            tell(arguments, |format| match format {
                CompareFormat::Human => shown::human(&view, output::width()),
                CompareFormat::Markdown => shown::markdown(&view),
                CompareFormat::Json => shown::json(&view),
            })?;
            Ok(if comparison.has_regression() {
                REGRESSION
            } else {
                DONE
            })
        }
        Err(why) => {
            let refused = Refused {
                base: &base,
                head: &head,
                why: &why,
            };
            tell(arguments, |format| match format {
                CompareFormat::Human => shown::refused_human(&refused),
                CompareFormat::Markdown => shown::refused_markdown(&refused),
                CompareFormat::Json => shown::refused_json(&refused),
            })?;
            Ok(NOT_COMPARABLE)
        }
    }
}

/// How often trials of one side are called different among themselves.
fn self_check(arguments: &Compare, side: &Path) -> Result<u8, Failure> {
    let side = Measurements::of(read(side)?).map_err(|error| refused(&error))?;
    let effects = effects(arguments, &side);
    let trials = arguments.trials.map_or(TRIALS_FOR_A_CLAIM, NonZeroU32::get);
    let check = comparison::self_check(&side, &effects, trials);
    let check = check.map_err(|error| match error {
        SelfCheckError::NoInterval(_) => Failure::usage(&error),
        SelfCheckError::TooFewRounds { .. } | SelfCheckError::NoAnswer(_) => {
            Failure::of(NOT_COMPARABLE, &error)
        }
    })?;
    let text = match arguments.format {
        CompareFormat::Human => shown::self_check_human(&check, output::width()),
        CompareFormat::Json => shown::self_check_json(&check),
        CompareFormat::Markdown => {
            return Err(Failure::new(
                USAGE,
                "--self-check is printed as human or json, not as markdown",
            ));
        }
    };
    output::text(&text);
    Ok(DONE)
}

fn read(folder: &Path) -> Result<Rounds, Failure> {
    Rounds::read(folder).map_err(|error| refused(&error))
}

/// A side that cannot be read is the caller's mistake; one whose runs differ among themselves can be
/// read, and not be compared.
fn refused(error: &RoundsError) -> Failure {
    let code = match error {
        RoundsError::Mixed { .. } | RoundsError::Footprints { .. } => NOT_COMPARABLE,
        RoundsError::Read { .. }
        | RoundsError::Empty { .. }
        | RoundsError::Run(_)
        | RoundsError::Benchmarks(_) => USAGE,
    };
    Failure::of(code, error)
}

/// The head's scenario says which changes matter, and flags say it anew.
fn effects(arguments: &Compare, head: &Measurements) -> SmallestEffects {
    let mut effects = head
        .run
        .as_ref()
        .map_or_else(SmallestEffects::default, |run| {
            run.record.scenario.smallest_effects.clone()
        });
    for effect in &arguments.smallest_effects {
        effects.replace(*effect);
    }
    effects
}

/// Writes every format where a folder is named, and prints the one that was asked for.
fn tell(arguments: &Compare, rendered: impl Fn(CompareFormat) -> String) -> Result<(), Failure> {
    if let Some(folder) = &arguments.out {
        let unwritable = |path: &Path, error: std::io::Error| {
            Failure::new(
                ENVIRONMENT,
                format!("cannot write comparison {}: {error}", path.display()),
            )
        };
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
        for (name, format) in FILES {
            let path = folder.join(name);
            fs::write(&path, rendered(format)).map_err(|error| unwritable(&path, error))?;
        }
    }
    output::text(&rendered(arguments.format));
    Ok(())
}
