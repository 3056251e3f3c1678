//! Poisson arrivals, seeded.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::Tick;

const SECOND_NS: f64 = 1e9;
/// A Poisson count exceeds its mean by more than this many standard deviations less than once in a
/// billion times, where the mean is not small.
const DEVIATIONS: f64 = 6.0;
/// What that bound lacks where the mean is small.
const AT_LEAST: f64 = 20.0;

/// One Poisson process for each publisher, all of one rate.
///
/// Their superposition is a Poisson process of the whole rate whose arrivals belong to the publishers
/// with equal chances, independently (Kingman, Poisson Processes, 1993, sections 2.2 and 5.1), so that
/// one process is drawn and its arrivals are dealt out. Gaps are added up in `f64`: over 73 minutes
/// that is exact to a thousandth of a nanosecond.
#[derive(Debug, Clone)]
pub(super) struct Poisson {
    random: ChaCha8Rng,
    publishers: u16,
    start_ns: u64,
    length_ns: f64,
    mean_ns: f64,
    /// Instant of the latest arrival, in ns since `start_ns`.
    at_ns: f64,
}

impl Poisson {
    /// The caller has checked the arguments.
    pub(super) fn new(
        total_per_second: f64,
        publishers: u16,
        start_ns: u64,
        end_ns: u64,
        seed: u64,
    ) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
            publishers,
            start_ns,
            length_ns: (end_ns - start_ns) as f64,
            mean_ns: SECOND_NS / total_per_second,
            at_ns: 0.0,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and the cast saturates"
    )]
    pub(super) fn at_most(&self) -> u64 {
        let mean = self.length_ns / self.mean_ns;
        (mean + DEVIATIONS * mean.sqrt() + AT_LEAST) as u64
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 10 ns to 10^12 ns"
    )]
    pub(super) fn mean_interval_ns(&self) -> u64 {
        self.mean_ns as u64
    }
}

impl Iterator for Poisson {
    type Item = Tick;

    #[inline]
    fn next(&mut self) -> Option<Tick> {
        // 53 random bits make an even number in (0, 1]; its logarithm is never infinite.
        let even = ((self.random.next_u64() >> 11) + 1) as f64 * f64::EPSILON / 2.0;
        self.at_ns -= self.mean_ns * even.ln();
        if self.at_ns >= self.length_ns {
            // Stays there, so that a finished schedule stays finished.
            self.at_ns = self.length_ns;
            return None;
        }
        let dealt = (u128::from(self.random.next_u64()) * u128::from(self.publishers)) >> 64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "below the number of publishers; from 0 to the schedule's length"
        )]
        Some(Tick {
            publisher: dealt as u16,
            intended_ns: self.start_ns + self.at_ns as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Poisson, Tick};

    const SECOND_NS: u64 = 1_000_000_000;

    fn ticks(per_second: f64, publishers: u16, length_ns: u64, seed: u64) -> Vec<Tick> {
        Poisson::new(per_second, publishers, 7, 7 + length_ns, seed).collect()
    }

    #[test]
    fn gaps_are_exponential() {
        let ticks = ticks(1000.0, 1, 100 * SECOND_NS, 3);
        // 100 000 expected, with a standard deviation of 316.
        assert!((98_700..101_300).contains(&ticks.len()), "{}", ticks.len());
        let gaps: Vec<f64> = ticks
            .windows(2)
            .map(|pair| (pair[1].intended_ns - pair[0].intended_ns) as f64)
            .collect();
        // Shares beyond multiples of the mean, 1 ms: e^-x, to 5 standard deviations at most.
        for times in [0.1, 0.5, 1.0, 2.0, 5.0] {
            let beyond = gaps.iter().filter(|gap| **gap > times * 1e6).count();
            let share = beyond as f64 / gaps.len() as f64;
            let expected = f64::exp(-times);
            let deviation = (expected * (1.0 - expected) / gaps.len() as f64).sqrt();
            assert!(
                (share - expected).abs() < 5.0 * deviation,
                "{times}: {share} instead of {expected}"
            );
        }
    }

    #[test]
    fn publishers_are_alike_and_independent() {
        let ticks = ticks(4000.0, 4, 25 * SECOND_NS, 5);
        for publisher in 0..4 {
            let own = ticks.iter().filter(|tick| tick.publisher == publisher);
            let count = own.count();
            // 25 000 expected, with a standard deviation of 158.
            assert!((24_200..25_800).contains(&count), "{publisher}: {count}");
        }
        let same = ticks
            .windows(2)
            .filter(|pair| pair[0].publisher == pair[1].publisher)
            .count();
        let share = same as f64 / ticks.len() as f64;
        assert!((share - 0.25).abs() < 0.01, "{share}");
    }

    #[test]
    fn ticks_are_in_order_within_their_time_and_no_more_than_the_bound() {
        for seed in 0..200 {
            let length_ns = 50_000_000;
            let ticks = ticks(2000.0, 3, length_ns, seed);
            assert!(ticks.is_sorted_by_key(|tick| tick.intended_ns));
            let within = 7..7 + length_ns;
            assert!(ticks.iter().all(|tick| within.contains(&tick.intended_ns)));
            let schedule = Poisson::new(2000.0, 3, 7, 7 + length_ns, seed);
            assert!(ticks.len() as u64 <= schedule.at_most());
        }
    }

    #[test]
    fn the_seed_decides_and_a_finished_schedule_stays_finished() {
        assert_eq!(ticks(500.0, 2, SECOND_NS, 1), ticks(500.0, 2, SECOND_NS, 1));
        assert_ne!(ticks(500.0, 2, SECOND_NS, 1), ticks(500.0, 2, SECOND_NS, 2));
        let mut schedule = Poisson::new(500.0, 2, 0, SECOND_NS, 1);
        assert!(schedule.by_ref().count() > 300);
        assert_eq!(schedule.next(), None);
        assert_eq!(schedule.mean_interval_ns(), 2_000_000);
    }
}
