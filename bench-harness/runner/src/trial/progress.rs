//! What receivers tell senders: how far each publisher's messages have come.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// One line for each publisher; shared by all tasks of a trial.
#[derive(Debug)]
pub(super) struct Progress {
    lanes: Vec<Lane>,
    /// Distinct messages that arrived whole, for each subscriber.
    delivered: Vec<AtomicU64>,
    /// Messages that each subscriber should have had when the drain ended; 0 before.
    expected: AtomicU64,
    /// Instant of the last arrival on any subscription, in ns of the trial's clock.
    last_arrival_ns: AtomicU64,
}

/// How far the messages of one publisher have come.
#[derive(Debug)]
struct Lane {
    /// For each subscriber, one more than the highest sequence that arrived. Not the number of
    /// arrivals: a lost message must not narrow the window for ever.
    reached: Vec<AtomicU64>,
    /// The sender sleeps until the slowest subscriber has reached this; `u64::MAX`: it is awake.
    wake_at: AtomicU64,
    wake: Notify,
}

impl Progress {
    pub(super) fn new(publishers: u16, subscribers: u16) -> Self {
        let zeros = || (0..subscribers).map(|_| AtomicU64::new(0)).collect();
        let lane = || Lane {
            reached: zeros(),
            wake_at: AtomicU64::new(u64::MAX),
            wake: Notify::new(),
        };
        Self {
            lanes: (0..publishers).map(|_| lane()).collect(),
            delivered: zeros(),
            expected: AtomicU64::new(0),
            last_arrival_ns: AtomicU64::new(0),
        }
    }

    /// Called by a receiver after each batch, for each publisher that the batch held.
    pub(super) fn reached(&self, subscriber: usize, publisher: usize, next_sequence: u64) {
        let lane = &self.lanes[publisher];
        lane.reached[subscriber].store(next_sequence, Ordering::SeqCst);
        if lane.wake_at.load(Ordering::SeqCst) <= lane.slowest() {
            lane.wake.notify_one();
        }
    }

    /// Called by a receiver after each batch: distinct messages that arrived whole so far.
    pub(super) fn delivered(&self, subscriber: usize, messages: u64, now_ns: u64) {
        self.delivered[subscriber].store(messages, Ordering::Relaxed);
        self.last_arrival_ns.fetch_max(now_ns, Ordering::Relaxed);
    }

    /// The drain has ended, and this is what each subscriber should have had.
    pub(super) fn drained(&self, expected: u64) {
        self.expected.store(expected, Ordering::Relaxed);
    }

    /// Messages that each subscriber should have had when the drain ended; 0 before.
    pub(super) fn expected(&self) -> u64 {
        self.expected.load(Ordering::Relaxed)
    }

    pub(super) fn last_arrival_ns(&self) -> u64 {
        self.last_arrival_ns.load(Ordering::Relaxed)
    }

    /// Distinct messages that arrived whole at the subscriber that has the fewest.
    pub(super) fn fewest_delivered(&self) -> u64 {
        let delivered = self
            .delivered
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        delivered.min().unwrap_or(0)
    }

    /// One more than the highest sequence of `publisher` that every subscriber has seen.
    pub(super) fn slowest(&self, publisher: usize) -> u64 {
        self.lanes[publisher].slowest()
    }

    /// Waits until every subscriber has reached `sequence` of `publisher`. Cancel safe.
    pub(super) async fn wait_for(&self, publisher: usize, sequence: u64) {
        let lane = &self.lanes[publisher];
        loop {
            // The receiver stores, then looks whether somebody waits; we say that we wait, then
            // look: with sequentially consistent accesses one of the two sees the other.
            lane.wake_at.store(sequence, Ordering::SeqCst);
            if lane.slowest() >= sequence {
                break;
            }
            lane.wake.notified().await;
        }
        lane.wake_at.store(u64::MAX, Ordering::SeqCst);
    }
}

impl Lane {
    fn slowest(&self) -> u64 {
        self.reached
            .iter()
            .map(|reached| reached.load(Ordering::SeqCst))
            .min()
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::Progress;

    #[tokio::test]
    async fn a_sender_waits_for_the_slowest_subscriber() {
        let progress = Arc::new(Progress::new(1, 2));
        let waiting = tokio::spawn({
            let progress = Arc::clone(&progress);
            async move { progress.wait_for(0, 5).await }
        });
        progress.reached(0, 0, 9);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(
            !waiting.is_finished(),
            "the second subscriber has seen nothing"
        );
        progress.reached(1, 0, 5);
        tokio::time::timeout(Duration::from_secs(5), waiting)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(progress.slowest(0), 5);
    }

    #[tokio::test]
    async fn what_has_been_reached_is_not_waited_for() {
        let progress = Progress::new(2, 1);
        progress.reached(0, 1, 3);
        tokio::time::timeout(Duration::from_secs(5), progress.wait_for(1, 3))
            .await
            .unwrap();
    }
}
