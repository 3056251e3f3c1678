//! `CLOCK_MONOTONIC`, and sleep to an absolute instant of it.

use std::num::NonZeroU64;

use rustix::thread::{ClockId, Timespec};

const SECOND_NS: u64 = 1_000_000_000;

/// The kernel wakes a sleeper late by its slack, to wake several at once: 50 us by default
/// (prctl(2), `PR_SET_TIMERSLACK`).
const TIMER_SLACK_NS: NonZeroU64 = NonZeroU64::MIN;

/// A clock's zero: nanoseconds of `CLOCK_MONOTONIC`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Zero(u64);

impl Zero {
    pub(super) fn now() -> Self {
        Self(monotonic_ns())
    }

    #[inline]
    pub(super) fn elapsed_ns(self) -> u64 {
        monotonic_ns() - self.0
    }

    pub(super) fn sleep_until_ns(self, instant_ns: u64) {
        let until = self.0.saturating_add(instant_ns);
        let request = Timespec {
            tv_sec: (until / SECOND_NS).cast_signed(),
            tv_nsec: (until % SECOND_NS).cast_signed(),
        };
        // The only error is a signal's interruption; the caller looks at the clock in any case.
        let _ = rustix::thread::clock_nanosleep_absolute(ClockId::Monotonic, &request);
    }
}

pub(super) fn sharpen_sleep() -> bool {
    rustix::thread::set_current_timer_slack(Some(TIMER_SLACK_NS)).is_ok()
}

pub(super) fn sleep_slack_ns() -> Option<u64> {
    rustix::thread::current_timer_slack().ok()
}

#[inline]
fn monotonic_ns() -> u64 {
    let now = rustix::time::clock_gettime(ClockId::Monotonic);
    now.tv_sec.cast_unsigned() * SECOND_NS + now.tv_nsec.cast_unsigned()
}
