//! The one clock of a trial.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(test, not(target_os = "linux")))]
#[cfg_attr(
    target_os = "linux",
    expect(dead_code, reason = "Linux compiles it to test it, and uses its own")
)]
mod portable;
mod witness;

pub use witness::{ClockWitness, Drift};

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
use portable as system;

/// A monotonic clock in nanoseconds, whose zero is the start of a trial.
///
/// All threads of a trial share copies of one clock, so that their instants can be subtracted. It
/// reads `CLOCK_MONOTONIC` on Linux, and what [`std::time::Instant`] reads elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    zero: system::Zero,
}

impl Clock {
    /// Starts a clock: its zero is now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            zero: system::Zero::now(),
        }
    }

    /// Nanoseconds since the clock's zero.
    #[inline]
    #[must_use]
    pub fn now_ns(self) -> u64 {
        self.zero.elapsed_ns()
    }

    /// Puts the calling thread to sleep until an instant, or, where a signal comes, a little less.
    /// Never wakes late on purpose, but the kernel may: by microseconds on Linux once
    /// [`sharpen_sleep`] has been called, by much more elsewhere.
    pub(crate) fn sleep_until_ns(self, instant_ns: u64) {
        self.zero.sleep_until_ns(instant_ns);
    }
}

/// Asks the kernel to wake the calling thread without slack, from now on. Returns whether it does.
pub(crate) fn sharpen_sleep() -> bool {
    system::sharpen_sleep()
}

/// How late the kernel may wake the calling thread on purpose, in ns; `None` where it does not say.
pub(crate) fn sleep_slack_ns() -> Option<u64> {
    system::sleep_slack_ns()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a system's clock, whichever this machine would use.
    macro_rules! check {
        ($system:ident) => {
            let zero = $system::Zero::now();
            let copy = zero;
            let first_ns = zero.elapsed_ns();
            let until_ns = first_ns + 5_000_000;
            zero.sleep_until_ns(until_ns);
            let woken_ns = copy.elapsed_ns();
            assert!(first_ns < 1_000_000_000, "zero is {first_ns} ns ago");
            assert!(woken_ns >= until_ns, "{} ns early", until_ns - woken_ns);
            zero.sleep_until_ns(0);
            assert!(
                zero.elapsed_ns() < woken_ns + 1_000_000_000,
                "slept for the past"
            );
        };
    }

    #[test]
    fn this_systems_clock_starts_at_zero_and_never_wakes_early() {
        check!(system);
    }

    #[test]
    fn the_portable_clock_starts_at_zero_and_never_wakes_early() {
        check!(portable);
    }

    #[test]
    fn a_clock_never_goes_back() {
        let clock = Clock::start();
        let instants: Vec<u64> = (0..10_000).map(|_| clock.now_ns()).collect();
        assert!(instants.is_sorted());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_kernel_takes_the_slack_away() {
        assert!(sharpen_sleep());
        assert_eq!(rustix::thread::current_timer_slack(), Ok(1));
    }
}
