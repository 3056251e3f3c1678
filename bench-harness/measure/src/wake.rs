//! How late the kernel wakes a sleeper, without a load and without the pacer's spin.

use std::time::Duration;

use crate::clock::{self, Clock};
use crate::histogram::Histogram;

/// What a thread saw that only slept and woke.
#[derive(Debug, Clone, PartialEq)]
pub struct Wakes {
    /// How late the kernel may wake the thread on purpose, in ns: 50 000 by default, 1 where it was
    /// told to leave that (prctl(2), `PR_SET_TIMERSLACK`). `None` where the system has no such thing.
    pub slack_ns: Option<u64>,
    /// Woken minus intended, in ns, one sample for each wake.
    pub lag: Histogram,
}

/// Puts the calling thread to sleep to `count` absolute instants, `interval` apart, and records how
/// late it wakes at each. `sharp` takes the thread's timer slack away first, for good, so a thread of
/// its own should call this. Takes `count` times `interval`.
#[must_use]
pub fn sleep_and_wake(sharp: bool, interval: Duration, count: u32) -> Wakes {
    if sharp {
        clock::sharpen_sleep();
    }
    let slack_ns = clock::sleep_slack_ns();
    let mut lag = Histogram::new();
    // An interval of centuries would never end; what does fits.
    let interval_ns = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
    let clock = Clock::start();
    for number in 1..=u64::from(count) {
        let intended_ns = interval_ns.saturating_mul(number);
        let mut now_ns = clock.now_ns();
        // A signal may end a sleep before its time. No instant is skipped: one that is over when its
        // turn comes is late by as much.
        while now_ns < intended_ns {
            clock.sleep_until_ns(intended_ns);
            now_ns = clock.now_ns();
        }
        lag.record(now_ns.saturating_sub(intended_ns).cast_signed());
    }
    Wakes { slack_ns, lag }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_a_thread(sharp: bool) -> Wakes {
        std::thread::spawn(move || sleep_and_wake(sharp, Duration::from_micros(200), 250))
            .join()
            .unwrap()
    }

    #[test]
    fn every_wake_is_recorded_and_none_is_early() {
        for sharp in [false, true] {
            let wakes = on_a_thread(sharp);
            assert_eq!((wakes.lag.count(), wakes.lag.negative()), (250, 0));
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn slack_delays_a_sleeper_until_it_is_taken_away() {
        let is_sooner = || {
            let (blunt, sharp) = (on_a_thread(false), on_a_thread(true));
            assert_eq!(sharp.slack_ns, Some(1));
            // Whoever started the test may have taken the default away.
            blunt.slack_ns != Some(50_000) || sharp.lag.quantile(0.1) < blunt.lag.quantile(0.1)
        };
        // On a machine that others use, any one of them may be disturbed.
        assert!((0..5).any(|_| is_sooner()));
    }
}
