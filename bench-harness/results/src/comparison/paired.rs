//! The t statistics of paired log-ratios.

use statrs::function::gamma::ln_gamma;

use crate::statistics::{Interval, Mean, TRIALS_FOR_AN_INTERVAL, t_quantile, t_tail};

/// Quantile of the normal distribution below which 80 % lie: the power that a smallest detectable
/// change is stated for.
const POWER_QUANTILE: f64 = 0.841_621;

/// Which difference may be claimed at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claimable {
    Both,
    /// That the head is higher.
    Higher,
    /// That the head is lower.
    Lower,
}

/// Mean log-ratio, head by base, of trials that ran in the same rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Paired {
    mean: Mean,
    /// Logarithm of the smallest ratio above 1 that is of interest.
    smallest: f64,
}

impl Paired {
    /// `None` for fewer pairs than an interval needs. The effect is a share: 0.05 is a ratio of
    /// 1.05, or of 1 / 1.05. The resolution is the standard deviation that a log-ratio has at
    /// [least](super::ComparedFigure::resolution).
    pub(super) fn new(log_ratios: &[f64], smallest_effect: f64, resolution: f64) -> Option<Self> {
        if log_ratios.len() < TRIALS_FOR_AN_INTERVAL {
            return None;
        }
        let mut mean = Mean::of(log_ratios)?;
        let at_least = resolution / (log_ratios.len() as f64).sqrt();
        mean.standard_error = mean.standard_error.max(at_least);
        Some(Self {
            mean,
            smallest: smallest_effect.max(0.0).ln_1p(),
        })
    }

    /// Geometric mean of the ratios.
    pub(super) fn ratio(&self) -> f64 {
        self.mean.value.exp()
    }

    /// Probability of trials that differ so much if the true difference is no larger than the
    /// smallest of interest (the minimum-effect test of `McCarthy` and Smyth, "Testing significance
    /// relative to a fold-change threshold is a TREAT", Bioinformatics 25(6), 2009). Twice one
    /// tail, however far the other lies: so the p-value is at most p exactly where the two-sided
    /// interval of confidence 1 - p lies beyond the smallest effect.
    pub(super) fn p_value(&self, claimable: Claimable) -> f64 {
        let beyond = match claimable {
            Claimable::Both => self.mean.value.abs(),
            Claimable::Higher => self.mean.value,
            Claimable::Lower => -self.mean.value,
        } - self.smallest;
        let t = beyond / self.mean.standard_error;
        (2.0 * t_tail(self.mean.degrees_of_freedom, t)).min(1.0)
    }

    /// Interval of the ratio.
    pub(super) fn interval(&self, confidence: f64) -> Option<Interval> {
        let half_width = self.mean.half_width(confidence)?;
        Some(Interval {
            low: (self.mean.value - half_width).exp(),
            high: (self.mean.value + half_width).exp(),
        })
    }

    /// Whether the difference lies beyond the smallest effect on the side that may not be claimed.
    pub(super) fn forbidden(&self, claimable: Claimable, level: f64) -> bool {
        let other_side = match claimable {
            Claimable::Both => return false,
            Claimable::Higher => Claimable::Lower,
            Claimable::Lower => Claimable::Higher,
        };
        self.p_value(other_side) <= level
    }

    /// The true change, as a share, that trials with this spread show beyond the smallest effect
    /// with 80 % probability, at this level. From Johnson and Welch's approximation of the
    /// noncentral t distribution ("Applications of the non-central t-distribution", Biometrika
    /// 31, 1940); the usual sum of two quantiles is too small at the levels that many comparisons
    /// leave to 5 trials.
    pub(super) fn detectable(&self, level: f64) -> Option<f64> {
        let freedom = self.mean.degrees_of_freedom;
        let critical = t_quantile(freedom, 1.0 - level)?;
        let half = freedom / 2.0;
        // The mean of the ratio of an observed standard deviation to the true one.
        let bias = (ln_gamma(half + 0.5) - ln_gamma(half)).exp() / half.sqrt();
        let spread = (1.0 + critical * critical * (1.0 - bias * bias)).sqrt();
        let standard_errors = critical * bias + POWER_QUANTILE * spread;
        let true_error = self.mean.standard_error / bias;
        Some((self.smallest + standard_errors * true_error).exp_m1())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    use super::{Claimable, Paired};
    use crate::comparison::ComparedFigure;

    /// That of times.
    const RESOLUTION: f64 = ComparedFigure::ResponseP50Ns.resolution();

    const LOG_RATIOS: [f64; 5] = [0.11, 0.09, 0.10, 0.12, 0.08];

    #[test]
    fn the_ratio_and_its_interval_are_as_worked_out_by_hand() {
        // Mean 0.1, s = 0.015811, error 0.0070711, t(4, 0.975) = 2.7764: half width 0.019632.
        let paired = Paired::new(&LOG_RATIOS, 0.05, RESOLUTION).unwrap();
        let interval = paired.interval(0.95).unwrap();
        assert!((paired.ratio() - 0.1_f64.exp()).abs() < 1e-12);
        assert!((interval.low - 0.080_368_f64.exp()).abs() < 1e-5);
        assert!((interval.high - 0.119_632_f64.exp()).abs() < 1e-5);
    }

    #[test]
    fn the_p_value_counts_from_the_smallest_effect() {
        // Without one t = 14.142: p = 0.000145 (R: 2 * pt(14.142, 4, lower.tail = FALSE)).
        let from_zero = Paired::new(&LOG_RATIOS, 0.0, RESOLUTION)
            .unwrap()
            .p_value(Claimable::Both);
        assert!((from_zero - 0.000_145).abs() < 1e-6, "{from_zero}");
        let from_five_percent = Paired::new(&LOG_RATIOS, 0.05, RESOLUTION).unwrap();
        assert!(from_five_percent.p_value(Claimable::Both) > 10.0 * from_zero);
        let beyond = Paired::new(&LOG_RATIOS, 0.2, RESOLUTION).unwrap();
        assert!(beyond.p_value(Claimable::Both) >= 1.0);
    }

    #[test]
    fn only_the_side_that_may_be_claimed_counts() {
        let paired = Paired::new(&LOG_RATIOS, 0.05, RESOLUTION).unwrap();
        let both = paired.p_value(Claimable::Both);
        assert!((paired.p_value(Claimable::Higher) - both).abs() < 1e-15);
        assert!(paired.p_value(Claimable::Lower) >= 1.0);
        assert!(paired.forbidden(Claimable::Lower, 0.05));
        assert!(!paired.forbidden(Claimable::Higher, 0.05));
        assert!(!paired.forbidden(Claimable::Both, 0.05));
    }

    #[test]
    fn fewer_than_three_pairs_are_no_sample() {
        assert_eq!(Paired::new(&[0.5, 0.5], 0.05, RESOLUTION), None);
        assert!(Paired::new(&[0.5, 0.5, 0.5], 0.05, RESOLUTION).is_some());
    }

    #[test]
    fn equal_ratios_have_the_width_of_the_histograms_precision() {
        let interval = Paired::new(&[0.0; 5], 0.05, RESOLUTION)
            .unwrap()
            .interval(0.95)
            .unwrap();
        let width = interval.high - interval.low;
        assert!((0.000_5..0.002).contains(&width), "{width}");
    }

    #[test]
    fn the_detectable_change_agrees_with_the_noncentral_t_distribution() {
        // Five pairs at 5 % need a noncentrality of 3.76 for a power of 80 % (Cohen's d 1.68); the
        // true error is the observed one by 0.9400 on average.
        let paired = Paired::new(&LOG_RATIOS, 0.0, RESOLUTION).unwrap();
        let standard_errors = paired.detectable(0.05).unwrap().ln_1p() / paired.mean.standard_error;
        assert!(
            (standard_errors * 0.94 - 3.76).abs() < 0.03,
            "{standard_errors}"
        );
    }

    proptest! {
        #[test]
        fn a_p_value_is_small_exactly_where_the_interval_lies_beyond(
            log_ratios in prop::collection::vec(-0.5_f64..0.5, 3..9),
            smallest_effect in 0.0_f64..0.3,
            level in 0.000_1_f64..0.2,
        ) {
            let paired = Paired::new(&log_ratios, smallest_effect, RESOLUTION).unwrap();
            let interval = paired.interval(1.0 - level).unwrap();
            let beyond = interval.low > 1.0 + smallest_effect
                || interval.high < 1.0 / (1.0 + smallest_effect);
            let p_value = paired.p_value(Claimable::Both);
            if (p_value / level - 1.0).abs() > 1e-6 {
                prop_assert_eq!(p_value < level, beyond);
            }
        }

        #[test]
        fn sides_may_be_swapped(log_ratios in prop::collection::vec(-0.5_f64..0.5, 3..9)) {
            let swapped: Vec<f64> = log_ratios.iter().map(|log| -log).collect();
            let one = Paired::new(&log_ratios, 0.05, RESOLUTION).unwrap();
            let other = Paired::new(&swapped, 0.05, RESOLUTION).unwrap();
            prop_assert!((one.ratio() * other.ratio() - 1.0).abs() < 1e-12);
            prop_assert!(
                (one.p_value(Claimable::Higher) - other.p_value(Claimable::Lower)).abs() < 1e-12
            );
        }
    }
}
