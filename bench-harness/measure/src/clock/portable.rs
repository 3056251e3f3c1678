//! What the standard library gives: for systems without a sleep to an absolute instant.

use std::time::{Duration, Instant};

/// A clock's zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct Zero(Instant);

impl Zero {
    pub(super) fn now() -> Self {
        Self(Instant::now())
    }

    #[inline]
    pub(super) fn elapsed_ns(self) -> u64 {
        // 2^64 ns are 584 years.
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    pub(super) fn sleep_until_ns(self, instant_ns: u64) {
        let left_ns = instant_ns.saturating_sub(self.elapsed_ns());
        std::thread::sleep(Duration::from_nanos(left_ns));
    }
}

pub(super) fn sharpen_sleep() -> bool {
    false
}

pub(super) fn sleep_slack_ns() -> Option<u64> {
    None
}
