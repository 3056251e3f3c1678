//! A whole run: every trial of a plan in its order, each on a fresh server or on one that the trials
//! of a bus share within a round, each on disk before the next begins.

mod begin;
pub(crate) mod server;
mod turns;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use busbench_brokers::{
    BrokerError, CostReader, Environment, Provider, ProviderChoice, RunLabel, ServerKind, Servers,
    Settings,
};
use busbench_buses::{Endpoint, NullOrder, NullWork};
use busbench_results::{Run, RunFolder, RunRecord, RunState, ServerSpan, Trial, Verdict};
use tokio_util::sync::CancellationToken;

use crate::error::{RunError, chain};
use crate::event::{Event, Remaining};
use crate::guarantee::guarantee;
use crate::isolation::Pinning;
use crate::order::Turn;
use crate::plan::{Plan, PlannedCell};
use crate::trial::{self, Emulators, Measured, Place, Task};

pub(crate) use begin::{refuse_differences, tool, tool_name, without_cells};
use server::{Lease, Started};
use turns::{epoch, session, share_server};

/// What a run is asked to do.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// What to run.
    pub plan: &'a Plan,
    /// The run's name, unique; one that is resumed keeps its own.
    pub name: &'a str,
    /// Who provides servers.
    pub provider: ProviderChoice,
    /// Where results go: new, or with [`Request::resumed`] the folder of the earlier part.
    pub folder: &'a RunFolder,
    /// The earlier part of an interrupted run.
    pub resumed: Option<&'a Run>,
    /// Git commit of this program.
    pub commit: Option<&'a str>,
    /// How long the null bus's publishers work for each message, beside what they do anyway: only in
    /// a fire drill.
    pub null_work: Option<NullWork>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// What was written to `result.json` last.
    pub record: RunRecord,
    /// Trials whose verdict is not `invalid`, those of an earlier part of the run included.
    pub usable_trials: u64,
}

/// Runs a plan. Every finished trial is on disk when the next one begins; when `cancel` says so,
/// the trial under way is given up, its server removed and the rest kept.
pub async fn run(
    request: &Request<'_>,
    cancel: &CancellationToken,
    listener: &mut (dyn FnMut(&Event) + Send),
) -> Result<Finished, RunError> {
    run_in(&Environment::of_this_program(), request, cancel, listener).await
}

/// [`run`] with servers from a given environment.
pub(crate) async fn run_in(
    environment: &Environment,
    request: &Request<'_>,
    cancel: &CancellationToken,
    listener: &mut (dyn FnMut(&Event) + Send),
) -> Result<Finished, RunError> {
    let work = request.null_work.map(NullWork::calibrated).transpose()?;
    let null_order = work.map(NullOrder::Work);
    let mut record = begin::record(request, null_order.as_ref())?;
    let label = RunLabel::new(&record.run);
    let kinds = request.plan.servers();
    let servers = if kinds.is_empty() {
        None
    } else {
        let chosen = tokio::select! {
            chosen = Servers::choose_in(environment, request.provider, &kinds, &label) => Some(chosen?),
            () = cancel.cancelled() => None,
        };
        if chosen.is_none() {
            return finish(request.folder, record, RunState::Interrupted, 0, listener);
        }
        chosen
    };
    let provider = servers
        .as_ref()
        .map_or(Provider::Process, Servers::provider);
    if let Some(servers) = &servers {
        servers.check_limits(&request.plan.limits()).await?;
        begin::refuse_other_provider(request, servers.provider())?;
        record.provider = servers.provider().to_string();
        record.provider_reason = servers.reason().to_owned();
    }
    begin::refuse_tuning_of_others(request, provider)?;
    // Held to the end of the run.
    let pinning = Pinning::begin(request.plan.pin, provider);
    begin::refuse_other_cores(request, &pinning)?;
    record.isolation = pinning.isolation().cloned();
    request.folder.write_run(&record)?;

    let turns = begin::turns_left(request, &record);
    let times = turns::times(request.plan, &turns, provider);
    let mut session = Session {
        request,
        cancel,
        pinning: &pinning,
        servers: servers.as_ref(),
        remaining: Remaining::new(times.iter().sum()),
        times,
        usable_trials: begin::usable_trials(request.resumed),
        finished: 0,
        turns,
        held: None,
        null_order,
        record,
    };
    session.tell_start(listener);
    let ended = Box::pin(session.all_turns(listener)).await;
    if let Some(lease) = session.held.take() {
        stop(lease, listener).await;
    }
    if let Some(servers) = &servers {
        let swept = servers.sweep().await;
        if let Err(error) = swept {
            let text = chain(&error);
            listener(&Event::Note { text });
        }
    }
    let Session {
        record,
        usable_trials,
        ..
    } = session;
    // What was finished before an error is kept like what was finished before Ctrl-C.
    let state = *ended.as_ref().unwrap_or(&RunState::Interrupted);
    let finished = finish(request.folder, record, state, usable_trials, listener);
    ended.and(finished)
}

pub(crate) fn finish(
    folder: &RunFolder,
    mut record: RunRecord,
    state: RunState,
    usable_trials: u64,
    listener: &mut (dyn FnMut(&Event) + Send),
) -> Result<Finished, RunError> {
    record.state = state;
    record.finished_unix_ms = Some(unix_ms());
    folder.write_run(&record)?;
    listener(&Event::RunFinished {
        folder: folder.path().to_owned(),
        interrupted: state == RunState::Interrupted,
    });
    Ok(Finished {
        record,
        usable_trials,
    })
}

struct Session<'a> {
    request: &'a Request<'a>,
    cancel: &'a CancellationToken,
    pinning: &'a Pinning,
    servers: Option<&'a Servers>,
    turns: Vec<Turn>,
    /// Estimated time of each.
    times: Vec<Duration>,
    /// The server that the next turn shares with the one before it.
    held: Option<Box<Lease>>,
    /// What the null bus does beside carrying messages.
    null_order: Option<NullOrder>,
    record: RunRecord,
    remaining: Remaining,
    usable_trials: u64,
    finished: u64,
}

impl Session<'_> {
    fn tell_start(&self, listener: &mut (dyn FnMut(&Event) + Send)) {
        listener(&Event::RunStarted {
            run: self.record.run.clone(),
            scenario: self.record.scenario.name.clone(),
            folder: self.request.folder.path().to_owned(),
            provider: self.record.provider.clone(),
            reason: self.record.provider_reason.clone(),
            trials: self.turns.len() as u64,
            estimated_seconds: self.remaining.seconds(),
        });
        if let Some(text) = self.record.fire_drill() {
            listener(&Event::Note { text });
        }
        let leftovers = self.servers.map(Servers::leftovers);
        if let Some(leftovers) = leftovers.filter(|left| !left.removed.is_empty()) {
            let text = leftovers.to_string().trim_end().to_owned();
            listener(&Event::Note { text });
        }
    }

    async fn all_turns(
        &mut self,
        listener: &mut (dyn FnMut(&Event) + Send),
    ) -> Result<RunState, RunError> {
        for (at, turn) in self.turns.clone().into_iter().enumerate() {
            if self.cancel.is_cancelled() {
                return Ok(RunState::Interrupted);
            }
            let cell = &self.request.plan.cells[turn.cell];
            listener(&Event::TrialStarted {
                cell: cell.id.clone(),
                trial: turn.trial,
                finished: self.finished,
                trials: self.turns.len() as u64,
                remaining_seconds: self.remaining.seconds(),
            });
            let began = Instant::now();
            let next = self.turns.get(at + 1);
            let is_kept = next.is_some_and(|next| share_server(self.request.plan, turn, *next));
            let Some(trial) = self.one(cell, turn, is_kept, listener).await? else {
                return Ok(RunState::Interrupted);
            };
            self.keep(turn, &trial)?;
            self.remaining.trial_done(self.times[at], began.elapsed());
            self.finished += 1;
            listener(&self.told(cell, &trial));
        }
        Ok(RunState::Complete)
    }

    /// One trial, on the server that the one before it has left or on a fresh one; `None` where the
    /// run was interrupted. `is_kept` says that the next turn is to have the same server.
    async fn one(
        &mut self,
        cell: &PlannedCell,
        turn: Turn,
        is_kept: bool,
        listener: &mut (dyn FnMut(&Event) + Send),
    ) -> Result<Option<Trial>, RunError> {
        let plan = self.request.plan;
        let mut place = Place {
            run: self.record.run.clone(),
            number: turn.trial,
            started_unix_ms: unix_ms(),
            emulators: Emulators::of_harness(),
            server_died: None,
            server_out_of_memory: None,
            not_pinned: self.pinning.doubt().map(str::to_owned),
        };
        let session = session(&self.record.run);
        let epoch = epoch(session, turn);
        let mut task = Task {
            cell,
            client: &plan.client,
            phases: &plan.phases,
            seed: plan.seed.wrapping_add(u64::from(turn.trial)),
            epoch,
            tag: format!("{session:08x}-{}", turn.place),
            endpoint: Endpoint::none(),
            server_cost: CostReader::default(),
            isolation: self.pinning.isolation(),
            null_order: self.null_order.clone(),
            counter_source: None,
            shares_server: plan.servers == ServerSpan::Round,
            // The bytes are the same each time; on a shared server it costs a reading of counters.
            counts_wire: plan.servers == ServerSpan::Trial || turn.trial == 1,
        };
        let (Some(servers), Some(kind)) = (self.servers, cell.server()) else {
            self.note_guarantee(turn.cell, "");
            let measured = Box::pin(trial::run(&task, self.cancel)).await;
            return Ok(
                (!self.cancel.is_cancelled()).then(|| trial::record(&task, &place, measured))
            );
        };
        let mut lease = match self.lease(servers, kind, cell).await {
            Ok(Started::Ready(lease)) => lease,
            Ok(Started::Interrupted) => return Ok(None),
            Err(error)
                if matches!(error, BrokerError::OutOfMemory { .. })
                    || self
                        .record
                        .servers
                        .contains_key(&server::server_key(kind, cell)) =>
            {
                // It started before, so this is one trial's misfortune, not the environment's; or the
                // scenario asks whether it starts with so little.
                return Ok(Some(trial::not_started(&task, &place, &error)));
            }
            Err(error) => return Err(error.into()),
        };
        if let Err(error) = self.note_server(turn.cell, &lease) {
            // The sweep at the end tries again where this fails.
            let _ = lease.stop().await;
            return Err(error);
        }
        place.emulators.server = lease.emulator().map(str::to_owned);
        task.endpoint = lease.endpoint();
        task.server_cost = lease.cost_reader();
        place.not_pinned = self.pinning.doubt_of_server(lease.cpus().as_deref());
        task.counter_source = Some(lease.counter_source());
        let measured = Box::pin(trial::run(&task, self.cancel)).await;
        place.server_died = lease.last_words_if_dead().await;
        if place.server_died.is_some() && lease.ran_out_of_memory().await {
            place.server_out_of_memory = Some(cell.limit);
        }
        let left = measured.as_ref().ok().and_then(Measured::left);
        match left.filter(|_| is_kept && place.server_died.is_none()) {
            Some(left) => self.held = Some(lease.for_next_trial(left)),
            None => stop(lease, listener).await,
        }
        Ok((!self.cancel.is_cancelled()).then(|| trial::record(&task, &place, measured)))
    }

    /// The server of a trial: the one that the trial before it has left, or a fresh one.
    async fn lease(
        &mut self,
        servers: &Servers,
        kind: ServerKind,
        cell: &PlannedCell,
    ) -> Result<Started, BrokerError> {
        if let Some(lease) = self.held.take() {
            return Ok(Started::Ready(lease));
        }
        let isolation = self.pinning.isolation();
        let settings = Settings {
            message_bytes: self.request.plan.server_message_bytes(cell),
            tuning: cell.tuning,
            cpus: isolation.map(|isolation| isolation.server_cpus.clone()),
            limit: cell.limit,
            times_start: false,
        };
        Box::pin(server::start(servers, kind, &settings, self.cancel)).await
    }

    /// One cell's trials are pooled, so they must all be of one server.
    fn note_server(&mut self, cell: usize, lease: &Lease) -> Result<(), RunError> {
        let (id, server) = lease.record(&self.request.plan.cells[cell]);
        if let Some(earlier) = self.record.servers.get(&id)
            && !server::is_same(earlier, &server)
        {
            return Err(RunError::OtherServer {
                run: self.record.run.clone(),
                theirs: server::describe(earlier),
                ours: server::describe(&server),
            });
        }
        self.note_guarantee(cell, &server.configuration);
        self.record.cells[cell].server = Some(id.clone());
        self.record.servers.entry(id).or_insert(server);
        Ok(())
    }

    fn note_guarantee(&mut self, cell: usize, configuration: &str) {
        let Plan { cells, client, .. } = self.request.plan;
        self.record.cells[cell].guarantee = Some(guarantee(&cells[cell], client, configuration));
    }

    fn keep(&mut self, turn: Turn, trial: &Trial) -> Result<(), RunError> {
        let file = self.request.folder.write_trial(trial)?;
        let cell = &mut self.record.cells[turn.cell];
        cell.trials.push(file);
        // What the client was really allowed, which may be less than what was asked for.
        cell.key.ack_window = trial.ack_window.or(cell.key.ack_window);
        self.request.folder.write_run(&self.record)?;
        if trial.verdict != Verdict::Invalid {
            self.usable_trials += 1;
        }
        Ok(())
    }

    fn told(&self, cell: &PlannedCell, trial: &Trial) -> Event {
        Event::TrialFinished {
            cell: cell.id.clone(),
            trial: trial.number,
            finished: self.finished,
            trials: self.turns.len() as u64,
            outcome: trial.outcome,
            limited_by: trial.limited_by,
            verdict: trial.verdict,
            reasons: trial.reasons.iter().map(ToString::to_string).collect(),
            delivered_per_second: trial.delivered_per_second(),
            lost: trial.counts.lost,
        }
    }
}

/// What was measured stands where a server cannot be stopped; the sweep at the end tries again.
async fn stop(lease: Box<Lease>, listener: &mut (dyn FnMut(&Event) + Send)) {
    if let Err(error) = lease.stop().await {
        let text = chain(&error);
        listener(&Event::Note { text });
    }
}

pub(crate) fn unix_ms() -> u64 {
    // A clock before 1970 is wrong anyway.
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
