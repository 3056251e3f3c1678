//! What a few trials say together: geometric means and their t intervals.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Fewer trials show no interval (`docs/method.md`, "Statistics").
pub const TRIALS_FOR_AN_INTERVAL: usize = 3;

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
    let trials = logs.len() as f64;
    let mean = mean(logs);
    let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (trials - 1.0);
    let half_width = t_quantile(trials - 1.0)? * (variance / trials).sqrt();
    Some(Interval {
        low: value * (-half_width).exp(),
        high: value * half_width.exp(),
    })
}

/// Quantile of Student's t distribution that leaves half of 1 - [`CONFIDENCE`] above it.
fn t_quantile(degrees_of_freedom: f64) -> Option<f64> {
    let distribution = StudentsT::new(0.0, 1.0, degrees_of_freedom).ok()?;
    Some(distribution.inverse_cdf(0.5 + CONFIDENCE / 2.0))
}

/// `None` where a figure has no logarithm.
fn logarithms(figures: &[f64]) -> Option<Vec<f64>> {
    figures
        .iter()
        .map(|&figure| (figure > 0.0).then(|| figure.ln()))
        .collect()
}

fn mean(figures: &[f64]) -> f64 {
    figures.iter().sum::<f64>() / figures.len() as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, proptest};

    use super::{geometric_mean, interval_of_pooled, t_quantile};

    #[test]
    fn t_quantiles_are_those_of_the_printed_table() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2, column 0.975.
        for (degrees_of_freedom, expected) in
            [(2.0, 4.303), (4.0, 2.776), (9.0, 2.262), (30.0, 2.042)]
        {
            let quantile = t_quantile(degrees_of_freedom).unwrap();
            assert!(
                (quantile - expected).abs() < 0.0005,
                "{degrees_of_freedom}: {quantile}"
            );
        }
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
