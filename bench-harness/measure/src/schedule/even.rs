//! Even spacing, from seeded phases.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::Tick;

const SECOND_NS: u64 = 1_000_000_000;
/// Rates are taken to a billionth of a message per second, so that a rate such as 333.3 is exact.
const RATE_STEPS: u64 = 1_000_000_000;

/// Even spacing.
///
/// Message `i` of a publisher is due at `start + phase + i * period`, rounded down to a nanosecond.
/// That is worked out in whole numbers, so no error builds up however many messages there are.
#[derive(Debug, Clone)]
pub(super) struct Even {
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

impl Even {
    /// From a phase of its own, drawn with `seed` from one period, each publisher sends its share of
    /// the rate. The caller has checked the arguments.
    pub(super) fn new(
        total_per_second: f64,
        publishers: u16,
        start_ns: u64,
        end_ns: u64,
        seed: u64,
    ) -> Self {
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
        Self {
            first_round,
            turn: 0,
            round_ns: 0,
            round_remainder: 0,
            period_ns: period.whole_ns(),
            period_remainder: period.remainder(),
            divisor: period.divisor,
            total,
            left: total,
        }
    }

    /// How many ticks the whole schedule has, however many were taken from it.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Mean time from one tick to the next over all publishers, in ns.
    pub(super) fn mean_interval_ns(&self) -> u64 {
        self.period_ns / self.first_round.len() as u64
    }
}

impl Iterator for Even {
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

#[cfg(test)]
mod tests {
    use super::*;

    const START_NS: u64 = 7_000_000_123;

    fn even(total_per_second: f64, publishers: u16, length_ns: u64) -> Even {
        let end_ns = START_NS + length_ns;
        Even::new(total_per_second, publishers, START_NS, end_ns, 42)
    }

    /// Instants of each publisher.
    fn by_publisher(schedule: Even, publishers: u16) -> Vec<Vec<u64>> {
        let mut instants = vec![Vec::new(); usize::from(publishers)];
        for tick in schedule {
            instants[usize::from(tick.publisher)].push(tick.intended_ns);
        }
        instants
    }

    /// Checks all that an even schedule promises against the formula of its definition.
    fn check(total_per_second: f64, publishers: u16, length_ns: u64) {
        let case = format!("{total_per_second}/s, {publishers} publishers, {length_ns} ns");
        let schedule = even(total_per_second, publishers, length_ns);
        let ticks: Vec<Tick> = schedule.clone().collect();
        assert_eq!(schedule.total(), ticks.len() as u64, "{case}: total");
        let within = START_NS..START_NS + length_ns;
        assert!(ticks.iter().all(|tick| within.contains(&tick.intended_ns)));
        assert!(ticks.is_sorted_by_key(|tick| tick.intended_ns), "{case}");

        let period_ns = 1e9 * f64::from(publishers) / total_per_second;
        for instants in by_publisher(schedule, publishers) {
            let Some(&first) = instants.first() else {
                assert!(
                    length_ns as f64 <= period_ns,
                    "{case}: a publisher is silent"
                );
                continue;
            };
            assert!(((first - START_NS) as f64) < period_ns, "{case}: phase");
            for (number, instant) in instants.iter().enumerate() {
                let due_ns = number as f64 * period_ns;
                let error_ns = (instant - first) as f64 - due_ns;
                // Rounded down to a nanosecond; the tolerance is this test's own f64.
                assert!(
                    (-1.001..=0.001).contains(&error_ns),
                    "{case}: {number} is {error_ns} off"
                );
            }
            let next_ns = (first - START_NS) as f64 + instants.len() as f64 * period_ns;
            assert!(
                next_ns > length_ns as f64 - 0.001,
                "{case}: one is missing at the end"
            );
        }
    }

    #[test]
    fn ticks_are_even_and_exactly_as_many_as_fit() {
        check(1.0, 1, 10_000_000_000);
        check(1000.0, 1, 1_000_000_000);
        check(1000.0, 7, 1_000_000_000);
        check(333.3, 3, 10_000_000_000);
        check(0.001, 1, 500_000_000_000);
        check(99_999.7, 13, 1_234_567_891);
        check(1e8, 1, 1_000_001);
        check(10.0, 100, 3_000_000_000);
    }

    #[test]
    fn few_publishers_with_little_time_may_have_nothing_to_send() {
        let schedule = even(0.001, 1, 1);
        assert_eq!(schedule.total(), 0);
        assert_eq!(schedule.count(), 0);
    }

    #[test]
    fn a_million_ticks_of_a_rate_that_does_not_divide_a_second_do_not_drift() {
        let instants: Vec<u64> = even(333.3, 1, 4_000_000_000_000)
            .map(|tick| tick.intended_ns)
            .take(1_000_001)
            .collect();
        // 1e6 / 333.3 s, worked out by hand in whole numbers.
        assert_eq!(instants[1_000_000] - instants[0], 3_000_300_030_003);
        assert_eq!(instants[333_300] - instants[0], 100_000_000_000 * 10);
    }

    #[test]
    fn phases_are_spread_and_follow_the_seed() {
        let phases = |seed| -> Vec<u64> {
            Even::new(100.0, 100, 0, 1_000_000_000, seed)
                .map(|tick| tick.intended_ns)
                .collect()
        };
        assert_eq!(phases(1), phases(1));
        assert_ne!(phases(1), phases(2));
        // 100 phases over a second: each tenth should hold 10, and is never empty or half of them.
        for tenth in 0..10 {
            let within = |phase: &&u64| **phase / 100_000_000 == tenth;
            let count = phases(1).iter().filter(within).count();
            assert!((1..50).contains(&count), "{count} phases in tenth {tenth}");
        }
    }

    #[test]
    fn publishers_share_the_rate_equally() {
        for instants in by_publisher(even(300.0, 3, 10_000_000_000), 3) {
            assert_eq!(instants.len(), 1000);
        }
        assert_eq!(even(10_000.0, 3, 1_000_000_000).mean_interval_ns(), 100_000);
    }

    #[test]
    fn a_schedule_at_the_end_of_the_clock_does_not_overflow() {
        let start_ns = u64::MAX - 1_000_000_000;
        let schedule = Even::new(10.0, 3, start_ns, u64::MAX, 5);
        let total = schedule.total();
        assert!((9..=12).contains(&total));
        assert_eq!(schedule.count() as u64, total);
    }
}
