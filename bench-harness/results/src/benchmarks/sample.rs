//! From the measurements of one call to the time of an iteration.

use serde::Deserialize;

use super::SampleError;

/// criterion's `sample.json`: how long so many iterations took, time and again.
#[derive(Debug, Deserialize)]
pub(super) struct Sample {
    /// Iterations of each measurement. Linear sampling has more in each one, flat sampling as many.
    iters: Vec<f64>,
    /// What all of them took together, in nanoseconds.
    times: Vec<f64>,
}

impl Sample {
    /// The time of an iteration in the fastest measurement, in nanoseconds.
    ///
    /// What disturbs a measurement only ever adds time, and takes turns of many milliseconds, so that
    /// the fastest of a call's measurements is disturbed least (Chen and Revels, "Robust benchmarking
    /// in noisy environments", 2016, arXiv:1608.04295). Between calls it varies less than criterion's
    /// own estimates: `docs/gate.md` has the figures. Each measurement is of many iterations, so that
    /// work which only some of them do is in all of them.
    pub(super) fn time_ns(&self) -> Result<f64, SampleError> {
        if self.iters.len() != self.times.len() {
            return Err(SampleError::Uneven {
                iterations: self.iters.len(),
                times: self.times.len(),
            });
        }
        self.iters
            .iter()
            .zip(&self.times)
            .map(|(&iterations, &time_ns)| time_of_one(iterations, time_ns))
            .reduce(|one, other| Ok(one?.min(other?)))
            .unwrap_or(Err(SampleError::NoMeasurement))
    }
}

fn time_of_one(iterations: f64, time_ns: f64) -> Result<f64, SampleError> {
    let is_amount = |value: f64| value.is_finite() && value > 0.0;
    let one_ns = time_ns / iterations;
    if is_amount(iterations) && is_amount(time_ns) && is_amount(one_ns) {
        Ok(one_ns)
    } else {
        Err(SampleError::NotATime {
            time_ns,
            iterations,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

    use super::{Sample, SampleError};

    fn sample(measurements: &[(f64, f64)]) -> Sample {
        let (iters, times) = measurements.iter().copied().unzip();
        Sample { iters, times }
    }

    #[test]
    fn the_fastest_measurement_counts_wherever_it_stands() {
        let slow = (10.0, 120.0);
        let fast = (20.0, 200.0);
        for order in [[fast, slow, slow], [slow, fast, slow], [slow, slow, fast]] {
            assert_eq!(sample(&order).time_ns(), Ok(10.0));
        }
    }

    #[test]
    fn one_disturbed_measurement_of_two_changes_nothing() {
        let quiet = sample(&[(1.0, 7.5), (2.0, 15.0)]);
        let disturbed = sample(&[(1.0, 7.5), (2.0, 4000.0)]);
        assert_eq!(quiet.time_ns(), disturbed.time_ns());
    }

    #[test]
    fn a_sample_without_measurements_or_with_halves_of_them_gives_no_time() {
        assert_eq!(sample(&[]).time_ns(), Err(SampleError::NoMeasurement));
        let uneven = Sample {
            iters: vec![1.0, 2.0],
            times: vec![3.0],
        };
        let expected = SampleError::Uneven {
            iterations: 2,
            times: 1,
        };
        assert_eq!(uneven.time_ns(), Err(expected));
    }

    #[test]
    fn one_impossible_measurement_takes_the_time_away() {
        let impossible = [
            (0.0, 5.0),
            (-1.0, 5.0),
            (-1.0, -5.0),
            (5.0, 0.0),
            (5.0, -1.0),
            (5.0, f64::NAN),
            (f64::NAN, 5.0),
            (5.0, f64::INFINITY),
            (f64::INFINITY, 5.0),
            // The quotient is too small for a number above zero.
            (10.0, f64::from_bits(1)),
            (1e-300, 1e300),
        ];
        for measurement in impossible {
            let error = sample(&[(1.0, 1.0), measurement]).time_ns().unwrap_err();
            assert!(
                matches!(error, SampleError::NotATime { .. }),
                "{measurement:?}: {error}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_time_is_above_zero_and_finite(
            measurements in prop::collection::vec(any::<(f64, f64)>(), 0..5),
        ) {
            if let Ok(time_ns) = sample(&measurements).time_ns() {
                prop_assert!(time_ns.is_finite() && time_ns > 0.0);
            }
        }

        #[test]
        fn no_measurement_is_faster_than_the_time(
            measurements in prop::collection::vec((1.0..1e6, 1.0..1e9), 1..20),
        ) {
            let time_ns = sample(&measurements).time_ns().unwrap_or(0.0);
            prop_assert!(measurements.iter().all(|(iterations, time)| time / iterations >= time_ns));
            let is_one = |(iterations, time): &(f64, f64)| (time / iterations).eq(&time_ns);
            prop_assert_eq!(measurements.iter().any(is_one), true);
        }
    }
}
