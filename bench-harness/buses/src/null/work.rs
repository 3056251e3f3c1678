//! Work that a publisher of the null bus is told to do for each message.
//!
//! Some tens of nanoseconds are no more than a reading of the clock takes, so the work is a number
//! of steps whose time is measured before, not a wait for an instant. Each step needs the one before
//! it, and how many the last few are follows from the values, so that a processor guesses the end
//! wrongly nearly each time: it cannot have begun what comes after while it still worked. Without
//! that, 20 of 35 ns would be hidden behind the rest.

use std::hint::black_box;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// The most that a publisher may be told to work for each message.
const MOST: Duration = Duration::from_millis(1);
/// One measurement takes some tens of microseconds, beside which the clock's own time is nothing,
/// and which mostly fits between two interruptions.
const SHORTEST_PERFORMED: u32 = 1 << 11;
/// Steps of one long performance, as many as take about that time.
const STEPS_OF_LONG: u32 = 1 << 14;
/// Measurements of which the shortest counts.
const MEASUREMENTS: u32 = 200;
/// By which share the work may be longer than was asked for.
const TOLERANCE: f64 = 0.15;

/// How long a publisher of the null bus is to work for each message, beside what it does anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NullWork {
    ns: NonZeroU32,
}

/// Why a publisher cannot work so long for each message.
#[derive(Debug, thiserror::Error)]
pub enum NullWorkError {
    /// No time, or far more than a message takes.
    #[error("work of {0:?} for each message: more than 0, at most {MOST:?}, such as 35ns or 1us")]
    OutOfBounds(Duration),
    /// Less than can be done for each message.
    #[error(
        "work of {asked_ns} ns for each message: the least that this build can do on this machine is \
         {least_ns:.0} ns"
    )]
    TooShort {
        /// What was asked for.
        asked_ns: u64,
        /// What there is.
        least_ns: f64,
    },
}

impl NullWork {
    /// More than nothing, at most 1 ms.
    pub fn new(for_each_message: Duration) -> Result<Self, NullWorkError> {
        let ns = u32::try_from(for_each_message.as_nanos()).ok();
        let ns = ns.filter(|_| for_each_message <= MOST);
        let ns = ns.and_then(NonZeroU32::new);
        Ok(Self {
            ns: ns.ok_or(NullWorkError::OutOfBounds(for_each_message))?,
        })
    }

    /// Nanoseconds for each message.
    #[must_use]
    pub const fn nanoseconds(self) -> u64 {
        self.ns.get() as u64
    }

    /// Measures for some milliseconds how fast this machine works. Fails where the least work takes
    /// longer than was asked for.
    pub fn calibrated(self) -> Result<CalibratedWork, NullWorkError> {
        Speed::measured()
            .steps(self)
            .map(|steps| CalibratedWork { asked: self, steps })
    }
}

/// Work with the number of steps that it takes on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalibratedWork {
    asked: NullWork,
    steps: u32,
}

impl CalibratedWork {
    /// What was asked for.
    #[must_use]
    pub const fn asked(self) -> NullWork {
        self.asked
    }
}

/// How long work takes on this machine, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Speed {
    /// The least that can be done, without a step of its own.
    least_ns: f64,
    step_ns: f64,
}

impl Speed {
    /// Nothing makes a machine faster than it is, and much makes it slower (interruptions, another's
    /// turn), so the shortest of many measurements counts.
    fn measured() -> Self {
        let least_ns = shortest_ns(0, SHORTEST_PERFORMED);
        let long_ns = shortest_ns(STEPS_OF_LONG, 1);
        Self {
            least_ns,
            step_ns: (long_ns - least_ns) / f64::from(STEPS_OF_LONG),
        }
    }

    /// Steps after which `work` has taken its time.
    fn steps(self, work: NullWork) -> Result<u32, NullWorkError> {
        let asked_ns = f64::from(work.ns.get());
        if self.least_ns > asked_ns * (1.0 + TOLERANCE) {
            return Err(NullWorkError::TooShort {
                asked_ns: work.nanoseconds(),
                least_ns: self.least_ns,
            });
        }
        let steps = ((asked_ns - self.least_ns) / self.step_ns).round();
        // A float becomes the integer next to it: 0 where it is negative or no number.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it saturates"
        )]
        Ok(steps as u32)
    }
}

/// Time of one of so many performances in a row, where nothing disturbed.
fn shortest_ns(steps: u32, performances: u32) -> f64 {
    let mut worker = Worker::new(steps);
    let measured = |_| {
        let begun = Instant::now();
        for _ in 0..performances {
            worker.perform();
        }
        begun.elapsed()
    };
    let shortest = (0..MEASUREMENTS).map(measured).min().unwrap_or_default();
    shortest.as_nanos() as f64 / f64::from(performances)
}

/// Works, for one publisher.
#[derive(Debug)]
pub(super) struct Worker {
    steps: u32,
    /// Where the work before ended: the next begins there, so that no two are done at once.
    value: u64,
}

impl Worker {
    pub(super) fn of(work: CalibratedWork) -> Self {
        Self::new(work.steps)
    }

    const fn new(steps: u32) -> Self {
        Self { steps, value: 1 }
    }

    /// Works once. No loop is over a range: without optimisation each step of it would be a call.
    #[inline(never)]
    pub(super) fn perform(&mut self) {
        let mut value = self.value;
        let mut left = black_box(self.steps);
        while left > 0 {
            value = value.wrapping_mul(FACTOR);
            value ^= value >> 29;
            left -= 1;
        }
        // Four steps on average. Their end is a surprise: what is guessed is that they go on.
        loop {
            value = value.wrapping_mul(FACTOR);
            value ^= value >> 29;
            if value & ENDS_AT_ZERO == 0 {
                break;
            }
        }
        self.value = value;
    }
}

/// Bits that are 0 in one value of four: there the work ends.
const ENDS_AT_ZERO: u64 = 0b11;
/// Odd, so that a value is never 0 if it was not before, and never the same for long.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{NullWork, NullWorkError, Speed, shortest_ns};

    fn work(ns: u64) -> NullWork {
        NullWork::new(Duration::from_nanos(ns)).unwrap()
    }

    #[test]
    fn work_is_longer_than_nothing_and_at_most_a_millisecond() {
        for ns in [1, 35, 999_999, 1_000_000] {
            assert_eq!(work(ns).nanoseconds(), ns);
        }
        let more = Duration::from_nanos(1_000_001);
        for refused in [Duration::ZERO, more, Duration::from_secs(5), Duration::MAX] {
            let error = NullWork::new(refused).unwrap_err().to_string();
            assert!(error.contains("more than 0, at most 1ms"), "{error}");
        }
    }

    #[test]
    fn steps_fill_what_the_least_work_leaves() {
        let speed = Speed {
            least_ns: 12.0,
            step_ns: 2.0,
        };
        for (ns, expected) in [(11, 0), (12, 0), (20, 4), (23, 6), (1_000_000, 499_994)] {
            assert_eq!(speed.steps(work(ns)).unwrap(), expected, "{ns} ns");
        }
        let error = speed.steps(work(10)).unwrap_err();
        assert!(matches!(
            error,
            NullWorkError::TooShort { asked_ns: 10, .. }
        ));
        assert!(error.to_string().ends_with("on this machine is 12 ns"));
    }

    #[test]
    fn work_takes_as_long_as_was_asked_for() {
        // Without optimisation a step is twice as long and the least work 30 ns.
        let shortest_ns_asked = if cfg!(debug_assertions) { 100 } else { 20 };
        for asked_ns in [20, 35, 100, 1000] {
            if asked_ns < shortest_ns_asked {
                continue;
            }
            let work = work(asked_ns).calibrated().unwrap();
            let performances = u32::try_from(20_000 / asked_ns).unwrap();
            let took_ns = shortest_ns(work.steps, performances);
            let share = took_ns / asked_ns as f64;
            assert!((0.85..1.15).contains(&share), "{took_ns} for {asked_ns} ns");
        }
    }
}
