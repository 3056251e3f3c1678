//! Histograms as they are recorded, and what percentiles say about them.

mod sparse;

use std::io::Cursor;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};

use crate::{Metric, RecordedHistogram, Trial};
use sparse::Sparse;

/// Samples that must lie above a percentile before it is shown: p99 then needs 1000 samples and
/// p99.9 needs 10 000 (`docs/method.md`, "Percentiles").
const SAMPLES_ABOVE: f64 = 10.0;

/// Why a recorded histogram cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HistogramError {
    /// The histogram could not be encoded.
    #[error("encode as V2 deflate: {0}")]
    Encode(String),
    /// Not base64.
    #[error("not base64")]
    Base64,
    /// Base64 of something else.
    #[error("not a V2 deflate histogram: {0}")]
    Decode(String),
    /// The histogram and the count beside it differ.
    #[error("holds {held} samples, and its count says {count}")]
    Count {
        /// Samples in the histogram.
        held: u64,
        /// The recorded count.
        count: u64,
    },
}

impl RecordedHistogram {
    /// Records a histogram of nanoseconds with the samples that do not fit into one: `zero` of
    /// exactly 0 ns and `overflow` above its range, both in the histogram, and `negative` ones,
    /// which are not.
    pub fn encode(
        histogram: &Histogram<u64>,
        zero: u64,
        negative: u64,
        overflow: u64,
    ) -> Result<Self, HistogramError> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(histogram, &mut bytes)
            .map_err(|error| HistogramError::Encode(error.to_string()))?;
        Ok(Self {
            v2_deflate_base64: base64_simd::STANDARD.encode_to_string(&bytes),
            count: histogram.len(),
            zero,
            negative,
            overflow,
        })
    }

    /// The histogram, in ns.
    pub fn decode(&self) -> Result<Histogram<u64>, HistogramError> {
        let histogram: Histogram<u64> = Deserializer::new()
            .deserialize(&mut Cursor::new(self.bytes()?))
            .map_err(|error| HistogramError::Decode(error.to_string()))?;
        self.check_count(histogram.len())?;
        Ok(histogram)
    }

    /// The same, in less time and memory.
    fn sparse(&self) -> Result<Sparse, HistogramError> {
        let histogram = Sparse::read(&self.bytes()?).map_err(HistogramError::Decode)?;
        self.check_count(histogram.len())?;
        Ok(histogram)
    }

    fn bytes(&self) -> Result<Vec<u8>, HistogramError> {
        base64_simd::STANDARD
            .decode_to_vec(&self.v2_deflate_base64)
            .map_err(|_| HistogramError::Base64)
    }

    fn check_count(&self, held: u64) -> Result<(), HistogramError> {
        if held == self.count {
            return Ok(());
        }
        Err(HistogramError::Count {
            held,
            count: self.count,
        })
    }
}

/// Samples of one metric, of one trial or of several put together.
#[derive(Debug, Clone)]
pub struct Distribution {
    histogram: Sparse,
    negative: u64,
}

impl Distribution {
    /// One trial's samples.
    pub fn of(recorded: &RecordedHistogram) -> Result<Self, HistogramError> {
        Ok(Self {
            histogram: recorded.sparse()?,
            negative: recorded.negative,
        })
    }

    /// All trials' samples of a metric in one histogram; `None` where no trial has any. Percentiles
    /// of trials are never averaged.
    pub fn pool<'a>(
        trials: impl IntoIterator<Item = &'a Trial>,
        metric: Metric,
    ) -> Result<Option<Self>, HistogramError> {
        let mut pooled: Option<Self> = None;
        for trial in trials {
            let Some(recorded) = trial.histograms.get(&metric) else {
                continue;
            };
            let one = Self::of(recorded)?;
            pooled = Some(match pooled {
                None => one,
                Some(mut sum) => {
                    sum.histogram.add(&one.histogram);
                    sum.negative += one.negative;
                    sum
                }
            });
        }
        Ok(pooled.filter(|distribution| distribution.samples() > 0))
    }

    /// Number of samples, negative ones included.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.histogram.len() + self.negative
    }

    /// The value in ns that a share `quantile` (0 to 1) of the samples does not exceed. Negative
    /// samples rank lowest and count as 0. `None` where there are too few samples: 10 must lie
    /// above it.
    #[must_use]
    pub fn quantile_ns(&self, quantile: f64) -> Option<u64> {
        let samples = self.samples();
        // The difference 1 - 0.999 is not exact in binary: a sample's millionth is not missed.
        if (samples as f64) * (1.0 - quantile) < SAMPLES_ABOVE - 1e-6 {
            return None;
        }
        let rank = quantile * samples as f64 - self.negative as f64;
        if rank <= 0.0 {
            return Some(0);
        }
        Some(
            self.histogram
                .value_at_quantile(rank / self.histogram.len() as f64),
        )
    }

    /// The arithmetic mean in ns, to the histogram's precision; negative samples count as 0. `None`
    /// without samples. Means of what follows on each other add up, which percentiles do not.
    #[must_use]
    pub fn mean_ns(&self) -> Option<f64> {
        let samples = self.samples();
        let sum = self.histogram.mean() * self.histogram.len() as f64;
        (samples > 0).then(|| sum / samples as f64)
    }

    /// The largest sample in ns, to the histogram's precision; `None` without samples.
    #[must_use]
    pub fn max_ns(&self) -> Option<u64> {
        (self.samples() > 0).then(|| self.histogram.max())
    }
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    use super::Distribution;
    use crate::RecordedHistogram;

    fn recorded(values: impl IntoIterator<Item = u64>, negative: u64) -> RecordedHistogram {
        let mut histogram = Histogram::new_with_bounds(1, 60_000_000_000, 3).unwrap();
        for value in values {
            histogram.record(value).unwrap();
        }
        RecordedHistogram::encode(&histogram, 0, negative, 0).unwrap()
    }

    fn check(samples: u64, quantile: f64, shown: bool) {
        let distribution = Distribution::of(&recorded(1..=samples, 0)).unwrap();
        assert_eq!(
            distribution.quantile_ns(quantile).is_some(),
            shown,
            "quantile {quantile} of {samples} samples"
        );
    }

    #[test]
    fn a_percentile_needs_ten_samples_above_it() {
        check(19, 0.5, false);
        check(20, 0.5, true);
        check(999, 0.99, false);
        check(1_000, 0.99, true);
        check(9_999, 0.999, false);
        check(10_000, 0.999, true);
    }

    #[test]
    fn a_percentile_is_exact_to_three_digits() {
        let distribution = Distribution::of(&recorded(1..=100_000, 0)).unwrap();
        let p99 = distribution.quantile_ns(0.99).unwrap();
        assert!((99_000..=99_100).contains(&p99), "{p99}");
    }

    #[test]
    fn negative_samples_rank_lowest() {
        let distribution = Distribution::of(&recorded(1_001..=1_040, 60)).unwrap();
        assert_eq!(distribution.samples(), 100);
        assert_eq!(distribution.quantile_ns(0.5), Some(0));
        assert_eq!(distribution.quantile_ns(0.8), Some(1_020));
    }

    #[test]
    fn the_mean_counts_negative_samples_as_zero() {
        let mean = |recorded| Distribution::of(&recorded).unwrap().mean_ns();
        assert_eq!(mean(recorded([100, 200, 600], 0)), Some(300.0));
        assert_eq!(mean(recorded([100, 200, 600], 3)), Some(150.0));
        assert_eq!(mean(recorded([], 0)), None);
    }

    #[test]
    fn an_empty_distribution_has_no_figures() {
        let distribution = Distribution::of(&recorded([], 0)).unwrap();
        assert_eq!(distribution.quantile_ns(0.5), None);
        assert_eq!(distribution.max_ns(), None);
    }

    #[test]
    fn a_cut_off_histogram_is_refused() {
        let mut cut = recorded(1..=1_000, 0);
        cut.v2_deflate_base64.truncate(40);
        assert!(cut.decode().is_err());
    }

    proptest! {
        #[test]
        fn a_histogram_survives_its_record(
            values in prop::collection::vec(0_u64..50_000_000_000, 0..200),
        ) {
            let record = recorded(values.iter().copied(), 0);
            let mut expected = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3).unwrap();
            for value in values {
                expected.record(value).unwrap();
            }
            prop_assert_eq!(record.decode().unwrap(), expected);
        }
    }
}
