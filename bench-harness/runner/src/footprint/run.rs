//! A whole run of footprints: every cell's trials in their order, each on disk before the next begins.

mod preparing;

use std::collections::BTreeMap;
use std::time::Instant;

use busbench_brokers::{Environment, RunLabel};
use busbench_results::{
    CellState, FootprintTrial, Reason, Run, RunFolder, RunRecord, RunState, SCHEMA_VERSION, Verdict,
};
use tokio_util::sync::CancellationToken;

use super::begin;
use super::client;
use super::measured::Measured;
use super::prepare::Images;
use super::server::{self, Task};
use super::subjects::Subjects;
use crate::error::{RunError, chain};
use crate::event::{Event, Remaining};
use crate::order::Turn;
use crate::plan::{FootprintPlan, PlannedSubject};
use crate::run::{Finished, unix_ms};
use crate::trial::Emulators;

use preparing::Subject;

/// What a run of footprints is asked to do.
#[derive(Debug, Clone)]
pub struct FootprintRequest<'a> {
    /// What to run.
    pub plan: &'a FootprintPlan,
    /// The run's name, unique; one that is resumed keeps its own.
    pub name: &'a str,
    /// Where results go: new, or with [`FootprintRequest::resumed`] the folder of the earlier part.
    pub folder: &'a RunFolder,
    /// The earlier part of an interrupted run.
    pub resumed: Option<&'a Run>,
    /// Git commit of this program.
    pub commit: Option<&'a str>,
}

/// Runs a plan of footprints. Every finished trial is on disk when the next one begins; when `cancel`
/// says so, the trial under way is given up, its server removed and the rest kept.
pub async fn run_footprint(
    request: &FootprintRequest<'_>,
    cancel: &CancellationToken,
    listener: &mut (dyn FnMut(&Event) + Send),
) -> Result<Finished, RunError> {
    let environment = Environment::of_this_program();
    let record = begin::record(request)?;
    let label = RunLabel::new(&record.run);
    let found = tokio::select! {
        found = Subjects::find(&environment, request.plan, &label) => Some(found),
        () = cancel.cancelled() => None,
    };
    let mut session = Session {
        request,
        cancel,
        subjects: found.unwrap_or_default(),
        held: Vec::new(),
        images: Images::default(),
        finished: 0,
        usable_trials: usable_trials(request.resumed),
        record,
    };
    let prepared = Box::pin(session.prepare_all(listener)).await;
    let ended = match prepared {
        Ok(RunState::Running) => Box::pin(session.all_turns(listener)).await,
        Ok(state) => Ok(state),
        // Nothing is written of a run in which nothing can be measured.
        Err(error) => {
            session.sweep(listener).await;
            return Err(error);
        }
    };
    session.sweep(listener).await;
    let Session {
        record,
        usable_trials,
        ..
    } = session;
    // What was finished before an error is kept like what was finished before Ctrl-C.
    let state = *ended.as_ref().unwrap_or(&RunState::Interrupted);
    let finished = crate::run::finish(request.folder, record, state, usable_trials, listener);
    ended.and(finished)
}

struct Session<'a> {
    request: &'a FootprintRequest<'a>,
    cancel: &'a CancellationToken,
    subjects: Subjects,
    /// What is measured, in the order of the plan's cells.
    held: Vec<Subject>,
    images: Images,
    finished: u64,
    usable_trials: u64,
    record: RunRecord,
}

impl Session<'_> {
    async fn all_turns(
        &mut self,
        listener: &mut (dyn FnMut(&Event) + Send),
    ) -> Result<RunState, RunError> {
        let turns = begin::turns_left(self.request, &self.record);
        let plan = self.request.plan;
        let time = |turn: &Turn| plan.trial_time(&plan.cells[turn.cell]);
        let mut remaining = Remaining::new(turns.iter().map(time).sum());
        self.tell_start(turns.len() as u64, remaining.seconds(), listener);
        for turn in &turns {
            if self.cancel.is_cancelled() {
                return Ok(RunState::Interrupted);
            }
            let id = plan.cells[turn.cell].id.clone();
            listener(&Event::TrialStarted {
                cell: id.clone(),
                trial: turn.trial,
                finished: self.finished,
                trials: turns.len() as u64,
                remaining_seconds: remaining.seconds(),
            });
            let (began, started_unix_ms) = (Instant::now(), unix_ms());
            let cancel = self.cancel;
            let measured = tokio::select! {
                measured = Box::pin(self.measure(*turn)) => measured,
                // The trial is dropped, and its server with it.
                () = cancel.cancelled() => return Ok(RunState::Interrupted),
            };
            let trial = self.trial(id, *turn, started_unix_ms, measured);
            self.keep(*turn, &trial)?;
            remaining.trial_done(time(turn), began.elapsed());
            listener(&told(&trial, self.finished, turns.len() as u64));
        }
        Ok(RunState::Complete)
    }

    async fn measure(&self, turn: Turn) -> Measured {
        let plan = self.request.plan;
        match (plan.cells[turn.cell].subject, &self.held[turn.cell]) {
            (PlannedSubject::Server { kind, provider }, Subject::Server { files }) => {
                let Ok(servers) = self.subjects.servers(kind, provider) else {
                    return Measured::default();
                };
                let task = Task {
                    kind,
                    servers,
                    files: files.as_ref().map_err(String::as_str),
                    idle_clients: plan.idle_clients,
                    settle: plan.settle,
                    window: plan.window,
                };
                server::measure(&task).await
            }
            (subject @ PlannedSubject::Client { .. }, Subject::Client(program)) => {
                let server = subject.server_of_client().and_then(|kind| {
                    let servers = self.subjects.servers(kind, plan.clients_by).ok()?;
                    Some((kind, servers))
                });
                client::measure(&client::Task { program, server }).await
            }
            // No turn is taken of what cannot be had.
            _ => Measured::default(),
        }
    }

    fn trial(
        &self,
        cell: String,
        turn: Turn,
        started_unix_ms: u64,
        measured: Measured,
    ) -> FootprintTrial {
        let mut reasons: Vec<Reason> = measured.reasons;
        let emulators = Emulators {
            server: measured.emulator,
            ..Emulators::of_harness()
        };
        reasons.extend(emulators.reason());
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.kind.severity()));
        FootprintTrial {
            schema_version: SCHEMA_VERSION,
            run: self.record.run.clone(),
            cell,
            number: turn.trial,
            started_unix_ms,
            verdict: Verdict::of(&reasons),
            reasons,
            cold_start: measured.cold_start,
            warm_start: measured.warm_start,
            idle: measured.idle,
            idle_clients: measured.idle_clients,
        }
    }

    fn keep(&mut self, turn: Turn, trial: &FootprintTrial) -> Result<(), RunError> {
        let file = self.request.folder.write_footprint(trial)?;
        let cell = &mut self.record.footprints[turn.cell];
        cell.trials.push(file);
        self.request.folder.write_run(&self.record)?;
        self.finished += 1;
        self.usable_trials += u64::from(trial.verdict != Verdict::Invalid);
        Ok(())
    }

    fn tell_start(
        &self,
        trials: u64,
        estimated_seconds: f64,
        listener: &mut (dyn FnMut(&Event) + Send),
    ) {
        listener(&Event::RunStarted {
            run: self.record.run.clone(),
            scenario: self.record.scenario.name.clone(),
            folder: self.request.folder.path().to_owned(),
            provider: self.record.provider.clone(),
            reason: self.record.provider_reason.clone(),
            trials,
            estimated_seconds,
        });
        // Many have one reason: there is no engine, or nobody has built client programs.
        let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for cell in &self.record.footprints {
            if let CellState::NotPossible(reason) = &cell.state {
                missing.entry(reason).or_default().push(&cell.id);
            }
        }
        for (reason, cells) in missing {
            let text = format!("not possible: {}: {reason}", cells.join(", "));
            listener(&Event::Note { text });
        }
    }

    /// Removes what is left of servers, whatever way the run came to its end.
    async fn sweep(&self, listener: &mut (dyn FnMut(&Event) + Send)) {
        for servers in self.subjects.all() {
            if let Err(error) = servers.sweep().await {
                let text = chain(&error);
                listener(&Event::Note { text });
            }
        }
    }
}

fn told(trial: &FootprintTrial, finished: u64, trials: u64) -> Event {
    Event::FootprintFinished {
        cell: trial.cell.clone(),
        trial: trial.number,
        finished,
        trials,
        verdict: trial.verdict,
        reasons: trial.reasons.iter().map(ToString::to_string).collect(),
        cold_start_ns: trial.cold_start.map(|start| start.elapsed_ns),
        warm_start_ns: trial.warm_start.map(|start| start.elapsed_ns),
        idle_rss_bytes: trial.idle.map(|idle| idle.rss_bytes),
        clients_rss_bytes: trial.idle_clients.map(|idle| idle.rss_bytes),
    }
}

/// Trials of the earlier part that can be used.
fn usable_trials(resumed: Option<&Run>) -> u64 {
    let trials = resumed
        .into_iter()
        .flat_map(|run| run.footprints.values().flatten());
    let usable = trials.filter(|trial| trial.verdict != Verdict::Invalid);
    usable.count() as u64
}
