//! One trial: connect, warm up, measure, drain.

#[doc(hidden)]
pub mod bench;
mod clients;
mod closed;
mod cost;
mod counted;
mod counting;
mod drain;
mod judge;
mod lane;
mod open;
mod progress;
mod read_out;
mod receiver;
mod reconcile;
mod record;
mod sender;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use busbench_brokers::{CostReader, CounterSource};
use busbench_buses::{
    Bus, BusError, BusKind, Endpoint, Mqtt3, Mqtt5, NatsCore, NatsJetstream, NullBus, NullOrder,
    Options, Publisher, ReadOut, RedisPubsub, RedisStreams, Subscriber, TcpRelay,
};
use busbench_envelope::{Depth, EncodeError, Prepared};
use busbench_measure::{Clock, ClockWitness, Drift, Schedule, ScheduleError, Series, Spacing};
use busbench_results::{Isolation, WireBytes};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::plan::{Load, PlannedCell};
use crate::scenario::{Arrivals, Client, Phases};

use clients::{Clients, connect};
use cost::{Watch, Watched, WindowCost};
use counting::{Counted, Counting};
use lane::Lane;
use progress::Progress;
use receiver::{Received, Receiver};
use sender::{Recorder, Sent, Stamper};

pub(crate) use counted::Left;
pub(crate) use judge::{Emulators, STEAL_AT_MOST, WAKE_LAG_MATTERS_FROM_NS};
pub(crate) use read_out::Nowhere;
pub(crate) use record::{Place, not_started, record};

/// Between the clock's zero and the first message, so that every task is at its place.
pub(crate) const LEAD: Duration = Duration::from_millis(50);
/// Of one message in so many encoding and decoding are timed in closed load, and decoding at depth
/// `transport`: a reading of the clock takes a third of a delivery.
pub(crate) const TIMED_EACH: u32 = 16;
/// A client that has not connected or subscribed by then never will.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// What a trial is about.
#[derive(Debug, Clone)]
pub(crate) struct Task<'a> {
    pub(crate) cell: &'a PlannedCell,
    pub(crate) client: &'a Client,
    pub(crate) phases: &'a Phases,
    /// Seed of contents and phases of this trial.
    pub(crate) seed: u64,
    /// Tells this trial's messages from any other's.
    pub(crate) epoch: u8,
    /// Tells this trial's clients from any other's, another run's included.
    pub(crate) tag: String,
    pub(crate) endpoint: Endpoint,
    /// Reads what the server uses.
    pub(crate) server_cost: CostReader,
    /// Where the server's own counters are read, where there is a server.
    pub(crate) counter_source: Option<CounterSource>,
    /// Whether other trials have the same server, before or after this one.
    pub(crate) shares_server: bool,
    /// Whether it is counted what a message costs on the wire.
    pub(crate) counts_wire: bool,
    /// The cores of both sides, where the harness keeps to its own.
    pub(crate) isolation: Option<&'a Isolation>,
    /// What the null bus does beside carrying messages.
    pub(crate) null_order: Option<NullOrder>,
}

impl Task<'_> {
    fn options(&self) -> Options {
        Options {
            null_order: self.null_order.clone(),
            ..self.cell.options(self.client, self.endpoint.clone())
        }
    }

    fn watched(&self) -> Watched {
        Watched {
            server: self.server_cost.clone(),
            shares_server: self.shares_server,
            isolation: self.isolation.cloned(),
            sample_each: self.phases.sample_each,
        }
    }
}

/// What was seen in a trial.
pub(crate) struct Measured {
    /// The trial's clock, so that others' instants can be told on it.
    pub(crate) timed_by: Clock,
    sent: Vec<Sent>,
    received: Vec<Received>,
    /// For each subscriber, why it stopped before its time.
    receiver_errors: Vec<Option<BusError>>,
    cost: Option<WindowCost>,
    /// Unacknowledged publishes that the first publisher's client allowed.
    ack_window: Option<u32>,
    /// How evenly the clock went.
    clock: Option<Drift>,
    /// Of subscribers that did not read.
    stalled: Vec<ReadOut>,
    /// Bytes of each publisher's body.
    body_bytes: Vec<u64>,
    counted: Counted,
    /// What one message costs on the wire, or why it was not counted; `None` without a server.
    wire: Option<Result<WireBytes, String>>,
    /// Whether all that the trial made on its server was removed.
    is_cleaned_up: bool,
}

/// Why a trial came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrialError {
    #[error("interrupted")]
    Cancelled,
    #[error("cannot build the message")]
    Encode(#[from] EncodeError),
    #[error("cannot plan the schedule")]
    Schedule(#[from] ScheduleError),
    #[error(transparent)]
    Bus(#[from] BusError),
    #[error("a client did not connect within {CONNECT_WITHIN:?}")]
    Connect,
    #[error("cannot give the relay the servers' cores")]
    Relay(#[source] std::io::Error),
    #[error("a task of the harness ended early")]
    Task(#[from] tokio::task::JoinError),
}

/// The instants of a trial, in ns of its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_field_names,
    reason = "every time in this project says its unit"
)]
pub(crate) struct Span {
    /// First message.
    pub(crate) start_ns: u64,
    /// Start of the window.
    pub(crate) window_ns: u64,
    /// End of the window, and of the load.
    pub(crate) end_ns: u64,
    /// The latest end of the drain.
    pub(crate) drained_ns: u64,
}

impl Span {
    pub(crate) fn new(phases: &Phases) -> Self {
        // A plan's phases end within 73 minutes, so nanoseconds fit into 64 bits.
        let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let start_ns = ns(LEAD);
        let window_ns = start_ns + ns(phases.warmup);
        let end_ns = window_ns + ns(phases.window);
        Self {
            start_ns,
            window_ns,
            end_ns,
            drained_ns: end_ns + ns(phases.drain_limit),
        }
    }

    /// Whether a message with this intended instant belongs to the window.
    pub(crate) const fn holds(self, intended_ns: u64) -> bool {
        self.window_ns <= intended_ns && intended_ns < self.end_ns
    }

    /// Length of the window in ns.
    pub(crate) const fn length_ns(self) -> u64 {
        self.end_ns - self.window_ns
    }

    /// From here on an arrival is late: the rate was not carried within the window. What was sent
    /// last may take its time, and a busy machine may pause, before that says anything.
    pub(crate) const fn late_ns(self) -> u64 {
        self.end_ns + 100_000_000
    }

    /// A series over the window and the drain.
    fn series(self) -> Series {
        Series::new(self.window_ns, self.drained_ns - self.window_ns)
    }
}

/// Runs one trial. Ends early, with [`TrialError::Cancelled`], when `cancel` says so.
pub(crate) async fn run(
    task: &Task<'_>,
    cancel: &CancellationToken,
) -> Result<Measured, TrialError> {
    match task.cell.bus {
        BusKind::NatsCore => run_on::<NatsCore>(task, cancel).await,
        BusKind::NatsJetstream => run_on::<NatsJetstream>(task, cancel).await,
        BusKind::Mqtt3 => run_on::<Mqtt3>(task, cancel).await,
        BusKind::Mqtt5 => run_on::<Mqtt5>(task, cancel).await,
        BusKind::RedisPubsub => run_on::<RedisPubsub>(task, cancel).await,
        BusKind::RedisStreams => run_on::<RedisStreams>(task, cancel).await,
        BusKind::Null => run_on::<NullBus>(task, cancel).await,
        BusKind::TcpRelay => run_on::<TcpRelay>(task, cancel).await,
    }
}

async fn run_on<B: Bus>(
    task: &Task<'_>,
    cancel: &CancellationToken,
) -> Result<Measured, TrialError> {
    let options = task.options();
    let messages = (0..task.cell.publishers.get())
        .map(|publisher| task.cell.message(task.seed, publisher))
        .collect::<Result<Vec<_>, _>>()?;
    let mut counting = tokio::select! {
        counting = Box::pin(Counting::begin(task.counter_source.as_ref())) => counting,
        () = cancel.cancelled() => return Err(TrialError::Cancelled),
    };
    let clients = Box::pin(connect::<B>(task, options, &messages));
    let Clients {
        bus,
        subscribers,
        stalled,
        publishers,
    } = tokio::select! {
        clients = clients => clients?,
        () = cancel.cancelled() => return Err(TrialError::Cancelled),
    };

    let ack_window = publishers
        .first()
        .filter(|_| task.cell.is_acknowledged())
        .and_then(Publisher::effective_ack_window)
        .and_then(|window| u32::try_from(window).ok());
    let witness = ClockWitness::read();
    let clock = Clock::start();
    let span = Span::new(task.phases);
    let progress = Arc::new(Progress::new(
        task.cell.publishers.get(),
        task.cell.subscribers.get(),
    ));
    let body_bytes = messages
        .iter()
        .map(|(_, message)| message.body.len() as u64)
        .collect();
    let expected: Arc<[Prepared]> = messages.into_iter().map(|(_, message)| message).collect();
    let stop_receiving = CancellationToken::new();
    let stage = Stage {
        task,
        span,
        clock,
        progress: &progress,
    };
    let receivers = stage.receivers(subscribers, &expected, &stop_receiving);
    let watch = Watch::start(clock, span, task.watched());
    let lanes = stage.lanes(publishers);

    let stop_sending = cancel.child_token();
    let latest = tokio::spawn(drain::cancel_at(
        clock,
        span.drained_ns,
        stop_sending.clone(),
    ));
    let sent = stage.offer(lanes, &stop_sending).await?;
    latest.abort();
    let expected = sent.iter().map(|sent| sent.stamped).sum();
    drain::wait(clock, span, &progress, expected, task.phases.drain, cancel).await;
    if !cancel.is_cancelled() {
        Box::pin(counting.pending()).await;
        progress.drained(expected);
    }
    stop_receiving.cancel();

    let mut measured = Measured {
        timed_by: clock,
        sent,
        received: Vec::new(),
        receiver_errors: Vec::new(),
        cost: None,
        ack_window,
        clock: ClockWitness::read()
            .zip(witness)
            .map(|(now, before)| now.since(before)),
        stalled: Vec::new(),
        body_bytes,
        counted: Counted::default(),
        wire: None,
        is_cleaned_up: false,
    };
    for receiver in receivers {
        let (received, ended) = receiver.await?;
        measured.received.push(received);
        measured.receiver_errors.push(ended.err());
    }
    measured.cost = whole_window(watch, span, clock, &measured.sent, cancel).await;
    if cancel.is_cancelled() {
        return Err(TrialError::Cancelled);
    }
    for stalled in stalled {
        let read_out = stalled.read_out(read_out::QUIET, read_out::LIMIT).await;
        measured.stalled.push(read_out);
    }
    measured.counted = tokio::select! {
        counted = Box::pin(counting.end()) => counted,
        () = cancel.cancelled() => return Err(TrialError::Cancelled),
    };
    Box::pin(leave(task, bus, &mut measured, cancel)).await?;
    Ok(measured)
}

/// Removes what the trial made on its server, and counts what a message costs on the wire.
async fn leave<B: Bus>(
    task: &Task<'_>,
    bus: B,
    measured: &mut Measured,
    cancel: &CancellationToken,
) -> Result<(), TrialError> {
    // The trial is measured; a server that is gone by now shows elsewhere.
    let closed = tokio::time::timeout(CONNECT_WITHIN, bus.close()).await;
    measured.is_cleaned_up = matches!(closed, Ok(Ok(())));
    if task.counts_wire {
        measured.wire = tokio::select! {
            wire = Box::pin(wire::count::<B>(task)) => wire,
            () = cancel.cancelled() => return Err(TrialError::Cancelled),
        };
        measured.is_cleaned_up &= !matches!(measured.wire, Some(Err(_)));
        // The count's messages stand in the server's counters, so the next trial reads them anew.
        measured.counted.last = None;
    }
    Ok(())
}

/// What the window cost. An open load's last message may come well before the window's end, so that
/// is waited for; `None` where the trial was interrupted or all publishers broke, and there is no
/// whole window whose cost could be told.
async fn whole_window(
    watch: Watch,
    span: Span,
    clock: Clock,
    sent: &[Sent],
    cancel: &CancellationToken,
) -> Option<WindowCost> {
    let has_sender = sent.iter().any(|sent| sent.error.is_none());
    if !has_sender && clock.now_ns() < span.end_ns {
        return None;
    }
    tokio::select! {
        cost = watch.finish() => cost,
        () = cancel.cancelled() => None,
    }
}

/// What all tasks of a trial share.
struct Stage<'a> {
    task: &'a Task<'a>,
    span: Span,
    clock: Clock,
    progress: &'a Arc<Progress>,
}

/// Of one message in how many the encoding is timed: of each in open load; of fewer in closed load,
/// where two more readings of the clock for each message would take a part of the throughput.
pub(crate) const fn encode_each(load: Load) -> u32 {
    match load {
        Load::Open { .. } => 1,
        Load::Closed { .. } => TIMED_EACH,
    }
}

/// Of one message in how many the decoding is timed: as the encoding, but at depth `transport`,
/// where it takes as long each time.
pub(crate) const fn decode_each(cell: &PlannedCell) -> u32 {
    match cell.depth {
        Depth::Transport => TIMED_EACH,
        Depth::Envelope | Depth::Event | Depth::Upstream => encode_each(cell.load),
    }
}

type Ended = (Received, Result<(), BusError>);

impl Stage<'_> {
    /// Offers the cell's load, and gives back what each publisher did with it.
    async fn offer<P: Publisher>(
        &self,
        lanes: Vec<Lane<P>>,
        stop: &CancellationToken,
    ) -> Result<Vec<Sent>, ScheduleError> {
        let (task, span, clock) = (self.task, self.span, self.clock);
        Ok(match task.cell.load {
            Load::Open {
                per_second,
                arrivals,
            } => {
                let publishers = task.cell.publishers.get();
                let (from, until) = (span.start_ns, span.end_ns);
                let spacing = match arrivals {
                    Arrivals::Even => Spacing::Even,
                    Arrivals::Poisson => Spacing::Poisson,
                };
                let schedule =
                    Schedule::new(spacing, per_second, publishers, from, until, task.seed)?;
                open::run(lanes, clock, schedule, stop).await
            }
            Load::Closed { window } => {
                let (window, progress) = (window.get(), self.progress);
                closed::run(lanes, clock, span.end_ns, window, progress, stop).await
            }
        })
    }

    fn receivers<S: Subscriber>(
        &self,
        subscribers: Vec<S>,
        expected: &Arc<[Prepared]>,
        stop: &CancellationToken,
    ) -> Vec<JoinHandle<Ended>> {
        let spawn = |(number, subscriber)| {
            let (expected, progress) = (Arc::clone(expected), Arc::clone(self.progress));
            let (epoch, span, clock) = (self.task.epoch, self.span, self.clock);
            let each = decode_each(self.task.cell);
            let receiver = Receiver::new(number, epoch, span, clock, expected, progress, each);
            tokio::spawn(receiver.run(subscriber, self.task.client.read_delay, stop.clone()))
        };
        (0..).zip(subscribers).map(spawn).collect()
    }

    fn lanes<P: Publisher>(&self, publishers: Vec<P>) -> Vec<Lane<P>> {
        let acknowledged = self.task.cell.is_acknowledged();
        let encode_each = encode_each(self.task.cell.load);
        let lane = |(number, publisher)| Lane {
            publisher,
            stamper: Stamper::new(self.task.epoch, number, self.span),
            recorder: Recorder::new(self.span, self.clock, acknowledged, encode_each),
        };
        (0..).zip(publishers).map(lane).collect()
    }
}
