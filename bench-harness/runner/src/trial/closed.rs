//! Closed load: messages leave as fast as the window allows.
//!
//! The window is sent minus delivered by the slowest subscriber, in messages; every publisher has
//! its equal share of it.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use busbench_buses::{BusError, Publisher};
use busbench_measure::{Clock, ClosedWindow};
use tokio_util::sync::CancellationToken;

use super::lane::{Lane, close};
use super::progress::Progress;
use super::sender::Sent;

/// Messages sent between two looks at the window.
const BURST: u64 = 64;
/// A window that stays full for this long holds messages that were lost; it is opened again.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(1);

/// Sends until `end_ns`, then waits until clients have taken and servers have acknowledged
/// everything, and gives back what each publisher did. `stop` ends it early.
pub(super) async fn run<P: Publisher>(
    lanes: Vec<Lane<P>>,
    clock: Clock,
    end_ns: u64,
    window: u64,
    progress: &Arc<Progress>,
    stop: &CancellationToken,
) -> Vec<Sent> {
    let share = NonZeroU64::new(window / lanes.len().max(1) as u64).unwrap_or(NonZeroU64::MIN);
    let share = ClosedWindow::of(share);
    let mut tasks = Vec::new();
    for (publisher, mut lane) in lanes.into_iter().enumerate() {
        let (progress, stop) = (Arc::clone(progress), stop.clone());
        tasks.push(tokio::spawn(async move {
            let turn = Turn {
                clock,
                end_ns,
                window: share,
                publisher,
                progress: &progress,
            };
            let sent = tokio::select! {
                sent = turn.send(&mut lane) => sent,
                () = stop.cancelled() => Ok(()),
            };
            if let Err(error) = sent {
                lane.recorder.stopped_by(error);
            }
            close(lane, &stop).await
        }));
    }
    let mut sent = Vec::new();
    for task in tasks {
        sent.extend(task.await);
    }
    sent
}

struct Turn<'a> {
    clock: Clock,
    end_ns: u64,
    window: ClosedWindow,
    publisher: usize,
    progress: &'a Progress,
}

impl Turn<'_> {
    async fn send<P: Publisher>(&self, lane: &mut Lane<P>) -> Result<(), BusError> {
        let mut given_up: u64 = 0;
        loop {
            let slowest = self.progress.slowest(self.publisher);
            // Of those that were given up, some may have come late.
            let still_missing = given_up.saturating_sub(slowest);
            let room = self
                .window
                .room(lane.stamper.stamped(), slowest, still_missing);
            for _ in 0..room.min(BURST) {
                let now_ns = self.clock.now_ns();
                if now_ns >= self.end_ns {
                    return lane.publisher.flush(&mut lane.recorder).await;
                }
                let stamp = lane.stamper.unscheduled(now_ns);
                lane.publisher.publish(&stamp, &mut lane.recorder).await?;
            }
            if room == 0 {
                lane.publisher.flush(&mut lane.recorder).await?;
                if !self.wait_for_room(lane).await? {
                    given_up = lane.stamper.stamped();
                    lane.stamper.window_reopened();
                }
            }
            if self.clock.now_ns() >= self.end_ns {
                return lane.publisher.flush(&mut lane.recorder).await;
            }
        }
    }

    /// Waits until the window has room for a message. Whether it has. (Waiting for more room at
    /// once saves wake-ups and costs MQTT a quarter of its rate: the server runs dry meanwhile.)
    async fn wait_for_room<P: Publisher>(&self, lane: &mut Lane<P>) -> Result<bool, BusError> {
        let window = self.window.messages().get();
        let enough = (lane.stamper.stamped() + 1).saturating_sub(window);
        let room = self.progress.wait_for(self.publisher, enough);
        let given_up = tokio::time::sleep(GIVEN_UP_AFTER);
        tokio::pin!(room, given_up);
        loop {
            tokio::select! {
                biased;
                () = &mut room => return Ok(true),
                acknowledged = lane.publisher.acknowledgements(&mut lane.recorder) => acknowledged?,
                () = &mut given_up => return Ok(false),
            }
        }
    }
}
