//! How a run of footprints begins, anew or where an earlier part of it ended.

use busbench_results::comparison::SmallestEffects;
use busbench_results::{
    CellState, FootprintCell, FootprintSubject, Run, RunRecord, RunState, Scenario, ServerSpan,
};

use super::FootprintRequest;
use crate::error::RunError;
use crate::host;
use crate::order::{Turn, interleaved};
use crate::plan::{PlannedFootprint, PlannedSubject};
use crate::run::{refuse_differences, tool, tool_name, without_cells};

/// The record of a new run, or the earlier part's where one is resumed.
pub(super) fn record(request: &FootprintRequest<'_>) -> Result<RunRecord, RunError> {
    match request.resumed {
        Some(run) => resumed(request, run),
        None => Ok(new(request)),
    }
}

fn new(request: &FootprintRequest<'_>) -> RunRecord {
    let plan = request.plan;
    let scenario = Scenario {
        name: plan.name.clone(),
        question: plan.question.clone(),
        hash: plan.hash.clone(),
        seed: plan.seed,
        trials: plan.trials,
        servers: ServerSpan::Trial,
        smallest_effects: SmallestEffects::default(),
        resolved: plan.resolved.clone(),
    };
    RunRecord {
        provider_reason: "only client programs, none of which needs a server".to_owned(),
        footprints: plan.cells.iter().map(cell).collect(),
        ..without_cells(request.name, request.commit, scenario)
    }
}

fn cell(planned: &PlannedFootprint) -> FootprintCell {
    let unknown = || "unknown".to_owned();
    FootprintCell {
        id: planned.id.clone(),
        subject: match planned.subject {
            PlannedSubject::Server { kind, provider } => FootprintSubject::Server {
                name: kind.name().to_owned(),
                provider: provider.name().to_owned(),
            },
            // The rest is known of a program that was built.
            PlannedSubject::Client {
                language,
                service,
                client,
            } => FootprintSubject::Client {
                language: language.to_owned(),
                service: service.to_owned(),
                client: client.to_owned(),
                library: None,
                library_version: None,
                toolchain: unknown(),
                profile: unknown(),
            },
        },
        state: CellState::Planned,
        server: None,
        program: None,
        image: None,
        trials: Vec::new(),
    }
}

/// Goes on only with the same plan, program and machine: trials of one cell are pooled.
fn resumed(request: &FootprintRequest<'_>, run: &Run) -> Result<RunRecord, RunError> {
    let plan = request.plan;
    let here = host::describe();
    let mut record = run.record.clone();
    let theirs: Vec<&str> = record
        .footprints
        .iter()
        .map(|cell| cell.id.as_str())
        .collect();
    let ours: Vec<&str> = plan.cells.iter().map(|cell| cell.id.as_str()).collect();
    let pairs = [
        (
            "the scenario's hash",
            record.scenario.hash.clone(),
            plan.hash.clone(),
        ),
        ("the list of footprints", theirs.join(" "), ours.join(" ")),
        ("the host", record.host.name.clone(), here.name),
        ("the architecture", record.host.arch.clone(), here.arch),
        (
            "busbench",
            tool_name(&record.tool),
            tool_name(&tool(request.commit)),
        ),
    ];
    refuse_differences(&record.run, pairs)?;
    record.state = RunState::Running;
    record.finished_unix_ms = None;
    Ok(record)
}

/// The trials of the cells that can be measured which no earlier part of the run has finished.
pub(super) fn turns_left(request: &FootprintRequest<'_>, record: &RunRecord) -> Vec<Turn> {
    let cells = &record.footprints;
    let done = |turn: &Turn| {
        let earlier = request
            .resumed
            .and_then(|run| run.footprints.get(&cells[turn.cell].id));
        earlier.is_some_and(|trials| trials.iter().any(|trial| trial.number == turn.trial))
    };
    // The whole order first, so that what a machine lacks does not change that of the others.
    interleaved(cells.len(), request.plan.trials, request.plan.seed)
        .into_iter()
        .filter(|turn| cells[turn.cell].state == CellState::Planned && !done(turn))
        .collect()
}
