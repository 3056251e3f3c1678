//! When each publisher sends.

mod even;
mod poisson;

use std::ops::RangeInclusive;

use even::Even;
use poisson::Poisson;

/// One message that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Who sends it: from 0.
    pub publisher: u16,
    /// When it is to be sent, in ns since the clock's zero.
    pub intended_ns: u64,
}

/// How messages are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    /// Each publisher sends at a fixed period, from a seeded phase of its own: devices with
    /// schedules.
    Even,
    /// Each publisher is a Poisson process of its own: events that know nothing of each other. Bursts
    /// are part of it.
    Poisson,
}

/// Why there is no such schedule.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ScheduleError {
    /// Zero, negative, not a number, or too high to tell messages apart in whole nanoseconds.
    #[error("cannot schedule {total_per_second} messages per second: give 0.001 to 100000000")]
    Rate {
        /// What was asked for.
        total_per_second: f64,
    },
    /// Nobody to send.
    #[error("cannot schedule messages of no publisher: give at least 1")]
    NoPublishers,
    /// It ends before it starts, or there.
    #[error("cannot schedule messages from {start_ns} ns to {end_ns} ns: the end must be later")]
    NoTime {
        /// First instant.
        start_ns: u64,
        /// First instant after it.
        end_ns: u64,
    },
}

/// The instants at which messages are due, in order of time: an iterator of [`Tick`]s.
#[derive(Debug, Clone)]
pub struct Schedule {
    spaced: Spaced,
}

#[derive(Debug, Clone)]
enum Spaced {
    Even(Even),
    Poisson(Box<Poisson>),
}

impl Schedule {
    /// Lowest and highest rate over all publishers, in messages per second.
    const RATES_PER_SECOND: RangeInclusive<f64> = 1e-3..=1e8;

    /// Each of `publishers` sends `total_per_second / publishers` messages per second, spaced as
    /// `spacing` says, with what is random drawn from `seed`. All ticks lie in `start_ns..end_ns`.
    pub fn new(
        spacing: Spacing,
        total_per_second: f64,
        publishers: u16,
        start_ns: u64,
        end_ns: u64,
        seed: u64,
    ) -> Result<Self, ScheduleError> {
        if !Self::RATES_PER_SECOND.contains(&total_per_second) {
            return Err(ScheduleError::Rate { total_per_second });
        }
        if publishers == 0 {
            return Err(ScheduleError::NoPublishers);
        }
        if end_ns <= start_ns {
            return Err(ScheduleError::NoTime { start_ns, end_ns });
        }
        let spaced = match spacing {
            Spacing::Even => Spaced::Even(Even::new(
                total_per_second,
                publishers,
                start_ns,
                end_ns,
                seed,
            )),
            Spacing::Poisson => Spaced::Poisson(Box::new(Poisson::new(
                total_per_second,
                publishers,
                start_ns,
                end_ns,
                seed,
            ))),
        };
        Ok(Self { spaced })
    }

    /// How many ticks the whole schedule has, however many were taken from it: exact where they are
    /// spaced evenly; what is not exceeded in a billion Poisson schedules otherwise.
    #[must_use]
    pub fn at_most(&self) -> u64 {
        match &self.spaced {
            Spaced::Even(even) => even.total(),
            Spaced::Poisson(poisson) => poisson.at_most(),
        }
    }

    /// Mean time from one tick to the next over all publishers, in ns.
    #[must_use]
    pub fn mean_interval_ns(&self) -> u64 {
        match &self.spaced {
            Spaced::Even(even) => even.mean_interval_ns(),
            Spaced::Poisson(poisson) => poisson.mean_interval_ns(),
        }
    }
}

impl Iterator for Schedule {
    type Item = Tick;

    #[inline]
    fn next(&mut self) -> Option<Tick> {
        match &mut self.spaced {
            Spaced::Even(even) => even.next(),
            Spaced::Poisson(poisson) => poisson.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Schedule, ScheduleError, Spacing};

    #[test]
    fn what_cannot_be_scheduled_is_refused() {
        for spacing in [Spacing::Even, Spacing::Poisson] {
            for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-4, 1.1e8] {
                let error = Schedule::new(spacing, rate, 1, 0, 1, 0).unwrap_err();
                assert!(
                    matches!(error, ScheduleError::Rate { .. }),
                    "{rate}: {error}"
                );
            }
            let error = Schedule::new(spacing, 1.0, 0, 0, 1, 0).unwrap_err();
            assert_eq!(error, ScheduleError::NoPublishers);
            let error = Schedule::new(spacing, 1.0, 1, 5, 5, 0).unwrap_err();
            assert_eq!(
                error.to_string(),
                "cannot schedule messages from 5 ns to 5 ns: the end must be later"
            );
        }
    }
}
