//! How a run begins, anew or where an earlier part of it ended.

use std::collections::BTreeMap;

use busbench_brokers::{Provider, Tuning};
use busbench_buses::{Endpoint, NullOrder, NullWork, Options};
use busbench_results::{
    Cell, CellState, Isolation, Run, RunRecord, RunState, SCHEMA_VERSION, Scenario, Tool, Verdict,
};

use super::turns::turns;
use super::{Request, unix_ms};
use crate::error::RunError;
use crate::host;
use crate::isolation::Pinning;
use crate::order::Turn;
use crate::plan::{Plan, PlannedCell};

/// The record of a new run, or the earlier part's where one is resumed.
pub(super) fn record(
    request: &Request<'_>,
    null_order: Option<&NullOrder>,
) -> Result<RunRecord, RunError> {
    match request.resumed {
        Some(run) => resumed(request, run),
        None => Ok(new(request, null_order)),
    }
}

fn new(request: &Request<'_>, null_order: Option<&NullOrder>) -> RunRecord {
    let plan = request.plan;
    let scenario = Scenario {
        name: plan.name.clone(),
        question: plan.question.clone(),
        hash: plan.hash.clone(),
        seed: plan.seed,
        trials: plan.trials,
        servers: plan.servers,
        smallest_effects: plan.smallest_effects.clone(),
        resolved: plan.resolved.clone(),
    };
    RunRecord {
        provider_reason: "only floors, which need no server".to_owned(),
        cells: cells(plan, null_order),
        ..without_cells(request.name, request.commit, scenario)
    }
}

/// The record of a run that begins now, before anything is known of servers and cells.
pub(crate) fn without_cells(name: &str, commit: Option<&str>, scenario: Scenario) -> RunRecord {
    RunRecord {
        schema_version: SCHEMA_VERSION,
        run: name.to_owned(),
        tool: tool(commit),
        started_unix_ms: unix_ms(),
        finished_unix_ms: None,
        state: RunState::Running,
        scenario,
        host: host::describe(),
        provider: "none".to_owned(),
        provider_reason: String::new(),
        isolation: None,
        servers: BTreeMap::new(),
        cells: Vec::new(),
        footprints: Vec::new(),
    }
}

/// This program, as a result records it.
pub(crate) fn tool(commit: Option<&str>) -> Tool {
    Tool {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: commit.map(str::to_owned),
    }
}

/// A program in a few words.
pub(crate) fn tool_name(tool: &Tool) -> String {
    match &tool.commit {
        Some(commit) => format!("{} ({commit})", tool.version),
        None => tool.version.clone(),
    }
}

/// Refuses to go on with a run where something of it, there and here, is not the same.
pub(crate) fn refuse_differences(
    run: &str,
    pairs: impl IntoIterator<Item = (&'static str, String, String)>,
) -> Result<(), RunError> {
    match pairs.into_iter().find(|(_, theirs, ours)| theirs != ours) {
        Some((what, theirs, ours)) => Err(RunError::Resume {
            run: run.to_owned(),
            what,
            theirs,
            ours,
        }),
        None => Ok(()),
    }
}

fn cells(plan: &Plan, null_order: Option<&NullOrder>) -> Vec<Cell> {
    plan.cells
        .iter()
        .map(|cell| Cell {
            id: cell.id.clone(),
            key: cell.key.clone(),
            state: match &cell.not_possible {
                Some(reason) => CellState::NotPossible(reason.clone()),
                None => CellState::Planned,
            },
            client_settings: client_settings(plan, cell, null_order),
            server: None,
            guarantee: None,
            trials: Vec::new(),
        })
        .collect()
}

fn client_settings(
    plan: &Plan,
    cell: &PlannedCell,
    null_order: Option<&NullOrder>,
) -> BTreeMap<String, String> {
    let options = Options {
        null_order: null_order.cloned(),
        ..cell.options(&plan.client, Endpoint::none())
    };
    let settings = cell.bus.client_settings(&options).into_iter();
    settings
        .map(|setting| (setting.name.to_owned(), setting.value))
        .collect()
}

/// Goes on only with the same plan, program and machine: trials of one cell are pooled.
fn resumed(request: &Request<'_>, run: &Run) -> Result<RunRecord, RunError> {
    let plan = request.plan;
    let here = host::describe();
    let mut record = run.record.clone();
    let ids = |cells: &[Cell]| cells.iter().map(|cell| cell.id.clone()).collect::<Vec<_>>();
    let work = |work_ns: Option<u64>| match work_ns {
        Some(work_ns) => format!("{work_ns}ns"),
        None => "none".to_owned(),
    };
    let pairs = [
        (
            "the scenario's hash",
            record.scenario.hash.clone(),
            plan.hash.clone(),
        ),
        (
            "the list of cells",
            ids(&record.cells).join(" "),
            ids(&cells(plan, None)).join(" "),
        ),
        ("the host", record.host.name.clone(), here.name),
        ("the architecture", record.host.arch.clone(), here.arch),
        (
            "busbench",
            tool_name(&record.tool),
            tool_name(&tool(request.commit)),
        ),
        (
            "the null bus's work for each message (`--null-work`)",
            work(record.null_work_ns()),
            work(request.null_work.map(NullWork::nanoseconds)),
        ),
    ];
    refuse_differences(&record.run, pairs)?;
    // Nothing is measured by them: what the scenario says now is what the whole run is judged by.
    record.scenario.smallest_effects = plan.smallest_effects.clone();
    record.state = RunState::Running;
    record.finished_unix_ms = None;
    Ok(record)
}

/// Refuses servers from another provider than the earlier part of the run had.
pub(super) fn refuse_other_provider(
    request: &Request<'_>,
    provider: Provider,
) -> Result<(), RunError> {
    let Some(earlier) = request
        .resumed
        .map(|run| &run.record)
        .filter(|record| !record.servers.is_empty())
    else {
        return Ok(());
    };
    let ours = provider.to_string();
    if earlier.provider == ours {
        return Ok(());
    }
    Err(RunError::Resume {
        run: earlier.run.clone(),
        what: "the provider of servers",
        theirs: earlier.provider.clone(),
        ours,
    })
}

/// Refuses to call somebody else's servers tuned: nothing is set there.
pub(super) fn refuse_tuning_of_others(
    request: &Request<'_>,
    provider: Provider,
) -> Result<(), RunError> {
    let tuned = |cell: &&PlannedCell| cell.tuning == Tuning::Tuned;
    match request.plan.possible().find(tuned) {
        Some(cell) if provider == Provider::External => Err(RunError::TunedExternal {
            cell: cell.id.clone(),
        }),
        _ => Ok(()),
    }
}

/// Refuses to go on with other cores than the earlier part of the run had.
pub(super) fn refuse_other_cores(request: &Request<'_>, pinning: &Pinning) -> Result<(), RunError> {
    let Some(run) = request.resumed.filter(|run| !run.trials.is_empty()) else {
        return Ok(());
    };
    let earlier = &run.record;
    let cores = |isolation: Option<&Isolation>| match isolation {
        Some(Isolation {
            server_cpus,
            generator_cpus,
        }) => format!("{server_cpus:?} and {generator_cpus:?}"),
        None => "none of their own".to_owned(),
    };
    let (theirs, ours) = (
        cores(earlier.isolation.as_ref()),
        cores(pinning.isolation()),
    );
    if theirs == ours {
        return Ok(());
    }
    Err(RunError::Resume {
        run: earlier.run.clone(),
        what: "the cores of servers and harness",
        theirs,
        ours,
    })
}

/// The trials that no earlier part of the run has finished.
pub(super) fn turns_left(request: &Request<'_>, record: &RunRecord) -> Vec<Turn> {
    let done = |turn: &Turn| {
        let cell = &record.cells[turn.cell].id;
        let trials = request.resumed.and_then(|run| run.trials.get(cell));
        trials.is_some_and(|trials| trials.iter().any(|trial| trial.number == turn.trial))
    };
    turns(request.plan)
        .into_iter()
        .filter(|turn| !done(turn))
        .collect()
}

/// Trials of the earlier part that can be used.
pub(super) fn usable_trials(resumed: Option<&Run>) -> u64 {
    let trials = resumed
        .into_iter()
        .flat_map(|run| run.trials.values().flatten());
    trials
        .filter(|trial| trial.verdict != Verdict::Invalid)
        .count() as u64
}
