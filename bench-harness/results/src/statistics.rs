//! What a few trials say together: geometric means and their t intervals. The estimators here are
//! what [`comparison`](crate::comparison) and [`steadiness`](crate::steadiness) are built from.

use statrs::distribution::{Beta, ContinuousCDF, StudentsT};

/// Fewer trials show no interval (`docs/method.md`, "Statistics").
pub const TRIALS_FOR_AN_INTERVAL: usize = 3;

/// Trials of each cell below which nothing should be claimed (`docs/method.md`, "Statistics").
pub const TRIALS_FOR_A_CLAIM: u32 = 5;

/// Share of intervals that hold the true value.
const CONFIDENCE: f64 = 0.95;

/// A figure over trials, with its 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure, in the unit of what went in.
    pub value: f64,
    /// `None` for fewer than [`TRIALS_FOR_AN_INTERVAL`] trials, and where a trial has no logarithm.
    pub interval: Option<Interval>,
}

/// Ends of a confidence interval, in the unit of the figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Geometric mean of one figure from each trial, with a t interval on the logarithms: rates and
/// times vary by factors, not by sums. `None` without trials; 0 where a trial has 0.
#[must_use]
pub fn geometric_mean(trials: &[f64]) -> Option<Estimate> {
    if trials.is_empty() {
        return None;
    }
    let Some(logs) = logarithms(trials) else {
        return Some(Estimate {
            value: 0.0,
            interval: None,
        });
    };
    let value = mean(&logs).exp();
    Some(Estimate {
        value,
        interval: interval_around(value, &logs),
    })
}

/// The interval of a figure that was worked out over all samples at once, such as a percentile of
/// the merged histogram, from the spread of the trials' own figures. It is as wide, as a factor,
/// as the t interval of their geometric mean, and lies around the figure that is shown.
#[must_use]
pub fn interval_of_pooled(pooled: f64, trials: &[f64]) -> Option<Interval> {
    interval_around(pooled, &logarithms(trials)?)
}

/// `value` times and divided by `exp(t * s / sqrt(n))`, t with n - 1 degrees of freedom.
fn interval_around(value: f64, logs: &[f64]) -> Option<Interval> {
    if logs.len() < TRIALS_FOR_AN_INTERVAL || value <= 0.0 {
        return None;
    }
    let half_width = Mean::of(logs)?.half_width(CONFIDENCE)?;
    Some(Interval {
        low: value * (-half_width).exp(),
        high: value * half_width.exp(),
    })
}

/// An arithmetic mean with what its t statistics need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mean {
    pub(crate) value: f64,
    /// Standard deviation of the figures divided by the root of their number.
    pub(crate) standard_error: f64,
    /// Their number minus 1.
    pub(crate) degrees_of_freedom: f64,
}

impl Mean {
    /// `None` for fewer than two figures: one has no spread.
    pub(crate) fn of(figures: &[f64]) -> Option<Self> {
        if figures.len() < 2 {
            return None;
        }
        let number = figures.len() as f64;
        let value = mean(figures);
        let squares: f64 = figures.iter().map(|figure| (figure - value).powi(2)).sum();
        Some(Self {
            value,
            standard_error: (squares / (number - 1.0) / number).sqrt(),
            degrees_of_freedom: number - 1.0,
        })
    }

    /// Half the width of the t interval that holds the true mean with this confidence (0 to 1).
    pub(crate) fn half_width(&self, confidence: f64) -> Option<f64> {
        Some(t_quantile(self.degrees_of_freedom, confidence)? * self.standard_error)
    }
}

/// Quantile of Student's t distribution that leaves half of 1 - `confidence` above it.
pub(crate) fn t_quantile(degrees_of_freedom: f64, confidence: f64) -> Option<f64> {
    let distribution = StudentsT::new(0.0, 1.0, degrees_of_freedom).ok()?;
    let below = 0.5 + confidence / 2.0;
    (0.5..1.0)
        .contains(&below)
        .then(|| distribution.inverse_cdf(below))
}

/// Probability that Student's t distribution exceeds `t`; 1 where it has no such degrees of
/// freedom, so that nothing is called significant by mistake.
pub(crate) fn t_tail(degrees_of_freedom: f64, t: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees_of_freedom).map_or(1.0, |distribution| distribution.sf(t))
}

/// The interval of a probability of which `events` of `trials` came true, exact as Clopper and
/// Pearson have it ("The use of confidence or fiducial limits illustrated in the case of the
/// binomial", Biometrika 26(4), 1934): it holds the true one in at least 95 of 100 cases. `None`
/// without trials, and of more events than trials.
#[must_use]
pub fn interval_of_share(events: f64, trials: f64) -> Option<Interval> {
    if !(trials > 0.0 && (0.0..=trials).contains(&events)) {
        return None;
    }
    let tail = (1.0 - CONFIDENCE) / 2.0;
    // Without an event, or without its contrary, one end is that of all probabilities.
    let quantile = |events: f64, others: f64, below: f64| {
        Some(Beta::new(events, others).ok()?.inverse_cdf(below))
    };
    Some(Interval {
        low: quantile(events, trials - events + 1.0, tail).unwrap_or(0.0),
        high: quantile(events + 1.0, trials - events, 1.0 - tail).unwrap_or(1.0),
    })
}

/// The logarithm of a figure that has one.
pub(crate) fn logarithm(figure: f64) -> Option<f64> {
    (figure > 0.0 && figure.is_finite()).then(|| figure.ln())
}

/// `None` where a figure has no logarithm.
fn logarithms(figures: &[f64]) -> Option<Vec<f64>> {
    figures.iter().copied().map(logarithm).collect()
}

pub(crate) fn mean(figures: &[f64]) -> f64 {
    figures.iter().sum::<f64>() / figures.len() as f64
}

/// The middle of the figures, or the mean of the two in the middle; `None` without any.
pub(crate) fn median(figures: &mut [f64]) -> Option<f64> {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    let upper = *figures.get(middle)?;
    if figures.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *figures.get(middle.checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, proptest};

    use super::{
        Mean, geometric_mean, interval_of_pooled, interval_of_share, median, t_quantile, t_tail,
    };

    #[test]
    fn t_quantiles_are_those_of_the_printed_table() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2, column 0.975.
        for (degrees_of_freedom, expected) in
            [(2.0, 4.303), (4.0, 2.776), (9.0, 2.262), (30.0, 2.042)]
        {
            let quantile = t_quantile(degrees_of_freedom, 0.95).unwrap();
            assert!(
                (quantile - expected).abs() < 0.0005,
                "{degrees_of_freedom}: {quantile}"
            );
        }
    }

    #[test]
    fn a_tail_is_what_its_quantile_leaves() {
        for degrees_of_freedom in [2.0, 4.0, 9.0] {
            for confidence in [0.5, 0.95, 0.9999, 0.999_999] {
                let quantile = t_quantile(degrees_of_freedom, confidence).unwrap();
                let left = 2.0 * t_tail(degrees_of_freedom, quantile);
                assert!(
                    (left / (1.0 - confidence) - 1.0).abs() < 1e-6,
                    "{degrees_of_freedom} {confidence}: {left}"
                );
            }
        }
    }

    #[test]
    fn a_confidence_without_a_quantile_has_none() {
        for (degrees_of_freedom, confidence) in [(0.0, 0.95), (4.0, 1.0), (4.0, f64::NAN)] {
            assert_eq!(t_quantile(degrees_of_freedom, confidence), None);
        }
    }

    #[test]
    fn the_standard_error_is_as_worked_out_by_hand() {
        // Squares around 3: 4, 1, 0, 1, 4; variance 10 / 4; error sqrt(2.5 / 5).
        let mean = Mean::of(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert!((mean.value - 3.0).abs() < 1e-12);
        assert!((mean.standard_error - 0.5_f64.sqrt()).abs() < 1e-12);
        assert_eq!(Mean::of(&[1.0]), None);
    }

    #[test]
    fn the_interval_of_a_share_is_that_of_clopper_and_pearson() {
        // R: binom.test(events, trials)$conf.int.
        for (events, trials, low, high) in [
            (0.0, 20.0, 0.0, 0.168_433),
            (1.0, 20.0, 0.001_265, 0.248_733),
            (2.0, 20.0, 0.012_349, 0.316_983),
            (20.0, 20.0, 0.831_567, 1.0),
        ] {
            let interval = interval_of_share(events, trials).unwrap();
            assert!((interval.low - low).abs() < 1e-6, "{interval:?}");
            assert!((interval.high - high).abs() < 1e-6, "{interval:?}");
        }
    }

    #[test]
    fn a_share_of_nothing_or_of_more_than_all_has_no_interval() {
        for (events, trials) in [(0.0, 0.0), (3.0, 2.0), (-1.0, 2.0), (f64::NAN, 2.0)] {
            assert_eq!(interval_of_share(events, trials), None);
        }
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&mut []), None);
    }

    #[test]
    fn a_geometric_mean_and_its_interval_are_as_worked_out_by_hand() {
        // ln: 0, ln 2, 2 ln 2; mean ln 2, s = ln 2, half width 4.3027 * ln 2 / sqrt 3 = 1.7219.
        let estimate = geometric_mean(&[1.0, 2.0, 4.0]).unwrap();
        let interval = estimate.interval.unwrap();
        assert!((estimate.value - 2.0).abs() < 1e-12);
        assert!((interval.low - 2.0 * (-1.7219_f64).exp()).abs() < 1e-4);
        assert!((interval.high - 2.0 * 1.7219_f64.exp()).abs() < 1e-3);
    }

    #[test]
    fn two_trials_have_no_interval() {
        assert_eq!(geometric_mean(&[3.0, 4.0]).unwrap().interval, None);
        assert_eq!(interval_of_pooled(3.5, &[3.0, 4.0]), None);
    }

    #[test]
    fn no_trials_have_no_mean() {
        assert_eq!(geometric_mean(&[]), None);
    }

    #[test]
    fn a_trial_without_deliveries_makes_the_mean_zero_without_interval() {
        let estimate = geometric_mean(&[5.0, 0.0, 6.0]).unwrap();
        assert!(estimate.value == 0.0 && estimate.interval.is_none());
    }

    #[test]
    fn equal_trials_have_an_interval_of_no_width() {
        let interval = geometric_mean(&[7.0; 3]).unwrap().interval.unwrap();
        assert!((interval.high - interval.low).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_figure_and_scales_with_it(
            trials in prop::collection::vec(1.0_f64..1e7, 3..8),
            factor in 0.01_f64..100.0,
        ) {
            let estimate = geometric_mean(&trials).unwrap();
            let interval = estimate.interval.unwrap();
            prop_assert!(interval.low <= estimate.value * (1.0 + 1e-12));
            prop_assert!(estimate.value <= interval.high * (1.0 + 1e-12));
            let scaled: Vec<f64> = trials.iter().map(|trial| trial * factor).collect();
            let high = geometric_mean(&scaled).unwrap().interval.unwrap().high;
            prop_assert!((high / (interval.high * factor) - 1.0).abs() < 1e-9);
        }
    }
}
