//! Walks a schedule in real time.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::clock;
use crate::{Clock, Schedule, Tick};

/// The longest spin before a tick. It hides most of the time that waking takes, about 23 us on a
/// virtual machine of 2 cores, and costs no more of a core than sleeping through: at 10 000 ticks per
/// second it turns a median lag of 23 us into one of 3 us, at 18 % of a core with and without
/// (`benches/wake_lag.rs`, Linux 6.18).
const MAX_SPIN_NS: u64 = 20_000;
/// The spin takes at most this part of the mean interval, and so of a core.
const SPIN_SHARE: u64 = 5;
/// Pause before what was refused is tried again.
const RETRY_NS: u64 = 50_000;
/// Longest sleep, so that a stop is noticed in time.
const MAX_SLEEP_NS: u64 = 50_000_000;

/// What a pacer drives: it hands messages to their clients.
pub trait Load {
    /// A message is due: hands it over, or keeps it where the client refuses it. `woken_ns` is when
    /// the pacer turned to this tick; it is late by the length of whatever held the thread before.
    fn tick(&mut self, tick: Tick, woken_ns: u64);

    /// Tries again what was refused, in its order; true while something is left. Called after each
    /// tick and, while it returns true, every 50 us between ticks. A call that takes long delays
    /// the ticks that come due meanwhile.
    fn retry(&mut self) -> bool;
}

/// What a pacer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacerReport {
    /// Ticks that the load was told of.
    pub ticks: u64,
    /// Whether it was stopped before the schedule's end.
    pub stopped_early: bool,
    /// Whether it was stopped while the load still had something to try again.
    pub left_over: bool,
    /// Whether the kernel wakes this thread without slack (Linux); wake lag is large without.
    pub precise_sleep: bool,
}

/// Drives a load along a schedule on the calling thread, which should do nothing else, until the
/// schedule has ended and nothing is left to try again, or until `stop` is set (noticed within
/// 50 ms).
///
/// Sleeps to the absolute instant of each tick and spins for its last 20 us, or a fifth of the mean
/// interval where that is less. No tick is ever skipped: what is late is told at once, one after the
/// other, each with its own intended instant. Keeps the thread's timer slack at 1 ns (Linux).
pub fn pace(
    clock: &Clock,
    schedule: Schedule,
    stop: &AtomicBool,
    load: &mut impl Load,
) -> PacerReport {
    let mut pacer = Pacer {
        clock,
        stop,
        load,
        spin_ns: MAX_SPIN_NS.min(schedule.mean_interval_ns() / SPIN_SHARE),
        left: false,
    };
    let mut report = PacerReport {
        ticks: 0,
        stopped_early: false,
        left_over: false,
        precise_sleep: clock::sharpen_sleep(),
    };
    for tick in schedule {
        let Some(woken_ns) = pacer.wait_until(tick.intended_ns) else {
            report.stopped_early = true;
            break;
        };
        pacer.load.tick(tick, woken_ns);
        pacer.left = pacer.load.retry();
        report.ticks += 1;
    }
    report.left_over = pacer.retry_until_done();
    report
}

struct Pacer<'a, L> {
    clock: &'a Clock,
    stop: &'a AtomicBool,
    load: &'a mut L,
    spin_ns: u64,
    /// Whether the load has something to try again.
    left: bool,
}

impl<L: Load> Pacer<'_, L> {
    /// Returns the instant at which it saw that the intended one had come; `None` when stopped.
    fn wait_until(&mut self, intended_ns: u64) -> Option<u64> {
        let wake_ns = intended_ns.saturating_sub(self.spin_ns);
        loop {
            if self.stopped() {
                return None;
            }
            let now_ns = self.clock.now_ns();
            if now_ns >= intended_ns {
                return Some(now_ns);
            }
            if now_ns >= wake_ns {
                std::hint::spin_loop();
                continue;
            }
            if self.left {
                let retry_ns = now_ns + RETRY_NS;
                self.clock.sleep_until_ns(wake_ns.min(retry_ns));
                // Not when a tick is about to be due: it would be late.
                if retry_ns < wake_ns {
                    self.left = self.load.retry();
                }
            } else {
                self.clock
                    .sleep_until_ns(wake_ns.min(now_ns + MAX_SLEEP_NS));
            }
        }
    }

    /// Returns whether something was left when it was stopped.
    fn retry_until_done(&mut self) -> bool {
        while self.left && !self.stopped() {
            self.clock.sleep_until_ns(self.clock.now_ns() + RETRY_NS);
            self.left = self.load.retry();
        }
        self.left
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
