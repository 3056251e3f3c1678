//! Open load: messages leave on a schedule, whatever the bus does.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use busbench_buses::{BusError, PublishObserver, Publisher, TryPublishError};
use busbench_envelope::Stamp;
use busbench_measure::{Clock, Load, Schedule, Tick, pace};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::lane::{Lane, close, close_publisher};
use super::sender::{Recorder, Sent, Stamper};

/// Most messages that may wait between the schedule and one publisher's client: 32 bytes each.
/// What comes on top was attempted and is not published.
const QUEUE_AT_MOST: usize = 1 << 20;

/// Sends on `schedule` until its end, then waits until clients have taken and servers have
/// acknowledged everything, and gives back what each publisher did. `stop` ends it early.
pub(super) async fn run<P: Publisher>(
    lanes: Vec<Lane<P>>,
    clock: Clock,
    schedule: Schedule,
    stop: &CancellationToken,
) -> Vec<Sent> {
    let most = schedule.at_most() / lanes.len().max(1) as u64 + 1;
    let most = usize::try_from(most).map_or(QUEUE_AT_MOST, |most| most.min(QUEUE_AT_MOST));
    if lanes.iter().all(|lane| lane.publisher.is_direct()) {
        run_direct(lanes, clock, schedule, stop, most).await
    } else {
        run_queued(lanes, clock, schedule, stop, most).await
    }
}

async fn run_direct<P: Publisher>(
    lanes: Vec<Lane<P>>,
    clock: Clock,
    schedule: Schedule,
    stop: &CancellationToken,
    most: usize,
) -> Vec<Sent> {
    let backlog = || VecDeque::with_capacity(most);
    let lanes = lanes.into_iter().map(|lane| DirectLane {
        lane,
        backlog: backlog(),
        most,
    });
    let load = on_pacer_thread(clock, schedule, stop, DirectLoad(lanes.collect())).await;
    let mut sent = Vec::new();
    for DirectLane { lane, .. } in load.map(|load| load.0).unwrap_or_default() {
        sent.push(close(lane, stop).await);
    }
    sent
}

async fn run_queued<P: Publisher>(
    lanes: Vec<Lane<P>>,
    clock: Clock,
    schedule: Schedule,
    stop: &CancellationToken,
    most: usize,
) -> Vec<Sent> {
    let mut tasks = Vec::new();
    let mut queued = Vec::new();
    for Lane {
        publisher,
        stamper,
        recorder,
    } in lanes
    {
        let (queue, waiting) = mpsc::channel(most);
        tasks.push(tokio::spawn(publish_queued(
            publisher,
            recorder,
            waiting,
            stop.clone(),
        )));
        queued.push(QueuedLane { queue, stamper });
    }
    let load = on_pacer_thread(clock, schedule, stop, QueuedLoad(queued)).await;
    let mut sent = Vec::new();
    for (lane, task) in load
        .map(|load| load.0)
        .unwrap_or_default()
        .into_iter()
        .zip(tasks)
    {
        // The task ends once the queue's sender is gone.
        let QueuedLane { queue, stamper } = lane;
        drop(queue);
        if let Ok(recorder) = task.await {
            sent.push(stamper.joined(recorder));
        }
    }
    sent
}

/// Runs the pacer on an OS thread of its own, inside the runtime's context, and gives the load
/// back; `None` where the thread could not be had or died.
async fn on_pacer_thread<L: Load + Send + 'static>(
    clock: Clock,
    schedule: Schedule,
    stop: &CancellationToken,
    mut load: L,
) -> Option<L> {
    let stopped = Arc::new(AtomicBool::new(false));
    let (done, finished) = oneshot::channel();
    let runtime = Handle::current();
    let pacer = {
        let stopped = Arc::clone(&stopped);
        move || {
            let _context = runtime.enter();
            pace(&clock, schedule, &stopped, &mut load);
            // The receiver is gone only where the run was cancelled.
            let _ = done.send(load);
        }
    };
    thread::Builder::new()
        .name("pacer".to_owned())
        .spawn(pacer)
        .ok()?;
    tokio::pin!(finished);
    tokio::select! {
        load = &mut finished => load.ok(),
        () = stop.cancelled() => {
            stopped.store(true, Ordering::Relaxed);
            finished.await.ok()
        }
    }
}

/// Publishers whose clients take a message without waiting: the pacer hands over itself.
struct DirectLoad<P>(Vec<DirectLane<P>>);

struct DirectLane<P> {
    lane: Lane<P>,
    /// Refused hand-overs, in order: their wait is blocked time.
    backlog: VecDeque<Stamp>,
    most: usize,
}

impl<P: Publisher> DirectLane<P> {
    /// Whether the message is off our hands: taken, or its client is broken for good.
    fn hand_over(&mut self, stamp: &Stamp) -> bool {
        let Lane {
            publisher,
            recorder,
            ..
        } = &mut self.lane;
        match publisher.try_publish(stamp, recorder) {
            Ok(()) => recorder.handed_over(stamp),
            Err(TryPublishError::Full) => return false,
            Err(TryPublishError::Failed(error)) => recorder.stopped_by(error),
        }
        true
    }
}

impl<P: Publisher> Load for DirectLoad<P> {
    fn tick(&mut self, tick: Tick, woken_ns: u64) {
        let lane = &mut self.0[usize::from(tick.publisher)];
        let stamp = lane.lane.stamper.scheduled(tick.intended_ns, woken_ns);
        if lane.lane.recorder.is_stopped() {
            return;
        }
        let taken = lane.backlog.is_empty() && lane.hand_over(&stamp);
        if !taken && lane.backlog.len() < lane.most {
            lane.backlog.push_back(stamp);
            lane.lane.stamper.waiting(lane.backlog.len());
        }
    }

    fn retry(&mut self) -> bool {
        for lane in &mut self.0 {
            while let Some(stamp) = lane.backlog.front().copied() {
                if !lane.hand_over(&stamp) {
                    break;
                }
                lane.backlog.pop_front();
            }
        }
        self.0.iter().any(|lane| !lane.backlog.is_empty())
    }
}

/// Publishers that wait for answers: a bounded queue stands between pacer and client.
struct QueuedLoad(Vec<QueuedLane>);

struct QueuedLane {
    queue: mpsc::Sender<Stamp>,
    stamper: Stamper,
}

impl Load for QueuedLoad {
    fn tick(&mut self, tick: Tick, woken_ns: u64) {
        let lane = &mut self.0[usize::from(tick.publisher)];
        let stamp = lane.stamper.scheduled(tick.intended_ns, woken_ns);
        // A full queue, or a publisher that is broken: attempted, and not published.
        if lane.queue.try_send(stamp).is_ok() {
            lane.stamper
                .waiting(lane.queue.max_capacity() - lane.queue.capacity());
        }
    }

    fn retry(&mut self) -> bool {
        false
    }
}

/// Publishes what comes through the queue until its sender is dropped.
async fn publish_queued<P: Publisher>(
    mut publisher: P,
    mut recorder: Recorder,
    mut waiting: mpsc::Receiver<Stamp>,
    stop: CancellationToken,
) -> Recorder {
    loop {
        let work = async {
            tokio::select! {
                biased;
                stamp = waiting.recv() => match stamp {
                    Some(first) => publish_all(&mut publisher, &mut recorder, first, &mut waiting)
                        .await
                        .map(|()| true),
                    None => Ok(false),
                },
                acknowledged = publisher.acknowledgements(&mut recorder) => {
                    acknowledged.map(|()| true)
                }
            }
        };
        let worked = tokio::select! {
            worked = work => worked,
            () = stop.cancelled() => break,
        };
        match worked {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                recorder.stopped_by(error);
                break;
            }
        }
    }
    close_publisher(publisher, &mut recorder, &stop).await;
    recorder
}

async fn publish_all<P: Publisher>(
    publisher: &mut P,
    recorder: &mut Recorder,
    first: Stamp,
    waiting: &mut mpsc::Receiver<Stamp>,
) -> Result<(), BusError> {
    publisher.publish(&first, recorder).await?;
    while let Ok(stamp) = waiting.try_recv() {
        publisher.publish(&stamp, recorder).await?;
    }
    publisher.flush(recorder).await
}
