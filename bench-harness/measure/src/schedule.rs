//! When each publisher sends.

use std::ops::RangeInclusive;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const SECOND_NS: u64 = 1_000_000_000;
/// Rates are taken to a billionth of a message per second, so that a rate such as 333.3 is exact.
const RATE_STEPS: u64 = 1_000_000_000;

/// One message that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Who sends it: from 0.
    pub publisher: u16,
    /// When it is to be sent, in ns since the clock's zero.
    pub intended_ns: u64,
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
///
/// Message `i` of a publisher is due at `start + phase + i * period`, rounded down to a nanosecond.
/// That is worked out in whole numbers, so no error builds up however many messages there are.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Round 0, in order of time. All publishers have one period and phases below it, so they take
    /// turns in the same order in every round.
    first_round: Vec<Tick>,
    /// Whose turn it is in this round.
    turn: usize,
    /// From round 0 to this one: whole nanoseconds.
    round_ns: u64,
    /// What `round_ns` lacks, in `1 / divisor` ns.
    round_remainder: u64,
    /// From one round to the next: whole nanoseconds.
    period_ns: u64,
    /// What `period_ns` lacks, in `1 / divisor` ns.
    period_remainder: u64,
    divisor: u64,
    total: u64,
    left: u64,
}

impl Schedule {
    /// Lowest and highest rate over all publishers, in messages per second.
    const RATES_PER_SECOND: RangeInclusive<f64> = 1e-3..=1e8;

    /// Even spacing: each of `publishers` sends `total_per_second / publishers` messages per second,
    /// from a phase of its own that is drawn with `seed` from one period. All ticks lie in
    /// `start_ns..end_ns`.
    pub fn even(
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
        let period = Period::of_rate(total_per_second, publishers);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut first_round: Vec<Tick> = (0..publishers)
            .map(|publisher| Tick {
                publisher,
                intended_ns: start_ns.saturating_add(period.phase_ns(random.next_u64())),
            })
            .collect();
        first_round.sort_by_key(|tick| tick.intended_ns);
        let total = first_round
            .iter()
            .map(|tick| period.instants_within(end_ns.saturating_sub(tick.intended_ns)))
            .sum();
        Ok(Self {
            first_round,
            turn: 0,
            round_ns: 0,
            round_remainder: 0,
            period_ns: period.whole_ns(),
            period_remainder: period.remainder(),
            divisor: period.divisor,
            total,
            left: total,
        })
    }

    /// How many ticks the whole schedule has, however many were taken from it.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Mean time from one tick to the next over all publishers, in ns.
    #[must_use]
    pub fn mean_interval_ns(&self) -> u64 {
        self.period_ns / self.first_round.len() as u64
    }
}

impl Iterator for Schedule {
    type Item = Tick;

    #[inline]
    fn next(&mut self) -> Option<Tick> {
        self.left = self.left.checked_sub(1)?;
        if self.turn == self.first_round.len() {
            self.turn = 0;
            self.round_ns += self.period_ns;
            self.round_remainder += self.period_remainder;
            if self.round_remainder >= self.divisor {
                self.round_remainder -= self.divisor;
                self.round_ns += 1;
            }
        }
        let first = self.first_round[self.turn];
        self.turn += 1;
        Some(Tick {
            publisher: first.publisher,
            intended_ns: first.intended_ns + self.round_ns,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.left);
        (left.unwrap_or(usize::MAX), left.ok())
    }
}

/// A publisher's exact period: `dividend / divisor` ns, from 10 ns to 2^56 ns.
#[derive(Debug, Clone, Copy)]
struct Period {
    dividend: u128,
    divisor: u64,
}

impl Period {
    fn of_rate(total_per_second: f64, publishers: u16) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the caller checked the range: 1e6 to 1e17"
        )]
        let divisor = (total_per_second * RATE_STEPS as f64).round() as u64;
        Self {
            dividend: u128::from(SECOND_NS) * u128::from(RATE_STEPS) * u128::from(publishers),
            divisor,
        }
    }

    fn whole_ns(self) -> u64 {
        narrow(self.dividend / u128::from(self.divisor))
    }

    fn remainder(self) -> u64 {
        narrow(self.dividend % u128::from(self.divisor))
    }

    /// Spreads a random number evenly over the period.
    fn phase_ns(self, random: u64) -> u64 {
        narrow((u128::from(random) * u128::from(self.whole_ns())) >> u64::BITS)
    }

    /// For how many `i` from 0 `floor(i * period)` lies below `time_ns`.
    fn instants_within(self, time_ns: u64) -> u64 {
        // floor(x) < n means x < n where n is whole.
        narrow((u128::from(time_ns) * u128::from(self.divisor)).div_ceil(self.dividend))
    }
}

fn narrow(value: u128) -> u64 {
    debug_assert!(u64::try_from(value).is_ok());
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range of rates keeps all results below 2^61"
    )]
    {
        value as u64
    }
}
