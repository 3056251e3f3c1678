//! The closed loop's window: what was sent and has not come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use busbench_envelope::Stamp;
use tokio::sync::Notify;

/// Shared by one publisher and one subscriber.
#[derive(Debug, Clone)]
pub(crate) struct Window(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    size: u64,
    /// Tells our messages from those that an earlier run left with the server.
    epoch: u8,
    delivered: AtomicU64,
    is_waiting: AtomicBool,
    room: Notify,
}

impl Window {
    pub(crate) fn new(size: u64) -> Self {
        Self(Arc::new(Inner {
            size,
            epoch: std::process::id().to_le_bytes()[0],
            delivered: AtomicU64::new(0),
            is_waiting: AtomicBool::new(false),
            room: Notify::new(),
        }))
    }

    /// The stamp of message number `sent` (from 0), stamped now.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a run has fewer than 2^32 messages and takes less than 2^64 ns"
    )]
    pub(crate) fn stamp(&self, sent: u64, start: Instant) -> Stamp {
        Stamp {
            epoch: self.0.epoch,
            sequence: sent as u32,
            intended_ns: start.elapsed().as_nanos() as u64,
            ..Stamp::default()
        }
    }

    pub(crate) fn delivered(&self) -> u64 {
        self.0.delivered.load(Ordering::Relaxed)
    }

    /// Whether message number `sent` (from 0) may go.
    pub(crate) fn has_room(&self, sent: u64) -> bool {
        sent - self.0.delivered.load(Ordering::Acquire) < self.0.size
    }

    /// Waits until message number `sent` may go.
    pub(crate) async fn room(&self, sent: u64) {
        while !self.has_room(sent) {
            self.0.is_waiting.store(true, Ordering::SeqCst);
            if sent - self.0.delivered.load(Ordering::SeqCst) >= self.0.size {
                self.0.room.notified().await;
            }
        }
    }

    /// A message with this stamp arrived.
    pub(crate) fn arrived(&self, stamp_text: &[u8]) {
        if Stamp::read(stamp_text).is_none_or(|stamp| stamp.epoch != self.0.epoch) {
            return;
        }
        self.0.delivered.fetch_add(1, Ordering::SeqCst);
        if self.0.is_waiting.load(Ordering::SeqCst) {
            self.0.is_waiting.store(false, Ordering::SeqCst);
            self.0.room.notify_one();
        }
    }
}
