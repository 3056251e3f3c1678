//! `busbench run`.

mod folder;

use std::path::{Path, PathBuf};

use busbench_brokers::{BrokerError, LimitRefused};
use busbench_report::Options;
use busbench_results::{Run, RunFolder, Verdict};
use busbench_runner::{AnyPlan, AnyScenario, Event, Finished, FootprintRequest, Request, RunError};
use tokio_util::sync::CancellationToken;

use super::{plan, report};
use crate::arguments::{ProgressKind, Run as Arguments};
use crate::exit::{DONE, Failure, INTERRUPTED, NOTHING_VALID, USAGE};
use crate::interrupt::cancelled_by_signals;
use crate::output;
use crate::progress::Progress;

/// The commit this program was built from; absent outside a checkout.
const COMMIT: Option<&str> = option_env!("BUSBENCH_COMMIT");

pub(crate) async fn run(arguments: &Arguments) -> Result<u8, Failure> {
    // All scenarios are checked before the first one runs.
    let plans = plans(arguments)?;
    if arguments.plan_only {
        for plan in &plans {
            output::text(&plan::describe(plan));
            if let Some(work) = arguments.null_work {
                output::line(format_args!(
                    "fire drill: publishers of the null bus work {} ns longer for each message",
                    work.nanoseconds()
                ));
            }
        }
        return Ok(DONE);
    }
    if arguments.resume.is_some() && plans.len() > 1 {
        return Err(Failure::new(
            USAGE,
            "`--resume` goes on with one scenario, not several",
        ));
    }
    let cancel = cancelled_by_signals()?;
    let mut code = DONE;
    for plan in &plans {
        let ended = one(arguments, plan, plans.len() > 1, &cancel).await?;
        code = code.max(ended);
        if ended == INTERRUPTED {
            break;
        }
    }
    Ok(code)
}

fn plans(arguments: &Arguments) -> Result<Vec<AnyPlan>, Failure> {
    let planned = |path: &PathBuf| {
        let mut scenario = AnyScenario::read(path).map_err(|error| Failure::usage(&error))?;
        for assignment in &arguments.sets {
            scenario
                .set(assignment)
                .map_err(|error| Failure::usage(&error))?;
        }
        if let Some(limit) = arguments.limit {
            match &mut scenario {
                AnyScenario::Messages(scenario) => scenario.file.hold_to(vec![limit]),
                AnyScenario::Footprint(scenario) => return Err(without_limit(&scenario.name)),
            }
        }
        if let Some(trials) = arguments.trials {
            scenario.set_trials(trials);
        }
        let mut plan = AnyPlan::new(&scenario).map_err(|error| Failure::usage(&error))?;
        plan.keep(&arguments.only)
            .map_err(|error| Failure::usage(&error))?;
        if let AnyPlan::Footprint(plan) = &mut plan {
            plan.keep_provider(arguments.provider.into())
                .map_err(|error| Failure::usage(&error))?;
        }
        let has_null_bus = match &plan {
            AnyPlan::Messages(plan) => plan.has_null_bus(),
            AnyPlan::Footprint(_) => false,
        };
        if arguments.null_work.is_some() && !has_null_bus {
            return Err(without_null_bus(plan.name()));
        }
        Ok(plan)
    };
    arguments.scenarios.iter().map(planned).collect()
}

fn without_limit(scenario: &str) -> Failure {
    Failure::new(
        USAGE,
        format!(
            "`--limit`: scenario {scenario} takes footprints, which are of servers that nothing limits: leave \
             the flag away, or run scenarios/small-machine.toml"
        ),
    )
}

fn without_null_bus(scenario: &str) -> Failure {
    Failure::new(
        USAGE,
        format!(
            "`--null-work`: scenario {scenario} does not measure the null bus, so nothing would be slower: \
             leave the flag away, or let `floors` be true, `matrix.bus` or `--only bus=` hold \"null\""
        ),
    )
}

/// Runs one plan, shows it and writes its report.
async fn one(
    arguments: &Arguments,
    plan: &AnyPlan,
    among_several: bool,
    cancel: &CancellationToken,
) -> Result<u8, Failure> {
    let resumed = arguments
        .resume
        .as_deref()
        .map(super::export::read)
        .transpose()?;
    let (name, path) = match &arguments.resume {
        Some(path) => (String::new(), path.clone()),
        None => folder::choose(arguments.out.as_deref(), plan.name(), among_several),
    };
    let folder = open(&path, resumed.is_some())?;
    let mut progress = Progress::new(arguments.quiet, arguments.progress);
    let mut listener = |event: &Event| progress.show(event);
    let ended = match plan {
        AnyPlan::Messages(plan) => {
            let request = Request {
                plan,
                name: &name,
                provider: arguments.provider.into(),
                folder: &folder,
                resumed: resumed.as_ref(),
                commit: COMMIT,
                null_work: arguments.null_work,
            };
            busbench_runner::run(&request, cancel, &mut listener).await
        }
        AnyPlan::Footprint(plan) => {
            let request = FootprintRequest {
                plan,
                name: &name,
                folder: &folder,
                resumed: resumed.as_ref(),
                commit: COMMIT,
            };
            busbench_runner::run_footprint(&request, cancel, &mut listener).await
        }
    };
    progress.end();
    let finished = ended.map_err(|error| {
        folder::remove_if_empty(&path);
        failure(&error)
    })?;
    let run = folder
        .read()
        .map_err(|error| Failure::environment(&error))?;
    let report = path.join("report");
    report::write(std::slice::from_ref(&run), &Options::default(), &report)?;
    if !arguments.quiet && arguments.progress == ProgressKind::Human {
        show(&run, &path, &report);
    }
    Ok(exit_code(&finished, cancel))
}

fn open(path: &Path, exists: bool) -> Result<RunFolder, Failure> {
    let opened = if exists {
        RunFolder::open(path)
    } else {
        RunFolder::create(path)
    };
    opened.map_err(|error| Failure::environment(&error))
}

fn failure(error: &RunError) -> Failure {
    match error {
        RunError::Resume { .. }
        | RunError::OtherServer { .. }
        | RunError::TunedExternal { .. }
        | RunError::NullWork(_)
        | RunError::Broker(BrokerError::CannotLimit {
            source: LimitRefused::External,
            ..
        }) => Failure::usage(error),
        _ => Failure::environment(error),
    }
}

fn show(run: &Run, folder: &Path, report: &Path) {
    output::text(&busbench_report::terminal(run, output::width()));
    output::line(format_args!("results: {}", folder.display()));
    output::line(format_args!(
        "report:  {}",
        report.join("index.html").display()
    ));
    let verdicts = run.trials.values().flatten().map(|trial| trial.verdict);
    let footprints = run.footprints.values().flatten();
    let mut verdicts = verdicts.chain(footprints.map(|trial| trial.verdict));
    if verdicts.any(|verdict| verdict == Verdict::Invalid) {
        output::line("some trials are invalid: they are shown, never pooled");
    }
}

fn exit_code(finished: &Finished, cancel: &CancellationToken) -> u8 {
    if cancel.is_cancelled() {
        INTERRUPTED
    } else if finished.usable_trials == 0 {
        NOTHING_VALID
    } else {
        DONE
    }
}
