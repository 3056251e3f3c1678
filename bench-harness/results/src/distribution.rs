//! Histograms as they are recorded, and what percentiles say about them.

use std::io::Cursor;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};

use crate::{Metric, RecordedHistogram, Trial};

/// Samples that must lie above a percentile before it is shown: p99 then needs 1000 samples and
/// p99.9 needs 10 000 (`docs/method.md`, rule 4).
const SAMPLES_ABOVE: f64 = 10.0;

/// Why a recorded histogram cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HistogramError {
    /// The histogram could not be encoded.
    #[error("encode as V2 deflate: {0}")]
    Encode(String),
    /// Not base64.
    #[error("not base64: {0}")]
    Base64(String),
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
        let bytes = base64_simd::STANDARD
            .decode_to_vec(&self.v2_deflate_base64)
            .map_err(|error| HistogramError::Base64(error.to_string()))?;
        let histogram: Histogram<u64> = Deserializer::new()
            .deserialize(&mut Cursor::new(bytes))
            .map_err(|error| HistogramError::Decode(error.to_string()))?;
        if histogram.len() != self.count {
            return Err(HistogramError::Count {
                held: histogram.len(),
                count: self.count,
            });
        }
        Ok(histogram)
    }
}

/// Samples of one metric, of one trial or of several put together.
#[derive(Debug, Clone)]
pub struct Distribution {
    histogram: Histogram<u64>,
    negative: u64,
}

impl Distribution {
    /// One trial's samples.
    pub fn of(recorded: &RecordedHistogram) -> Result<Self, HistogramError> {
        Ok(Self {
            histogram: recorded.decode()?,
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
                    // Grows as needed, so that histograms of different ranges add up.
                    sum.histogram.auto(true);
                    sum.histogram
                        .add(&one.histogram)
                        .map_err(|error| HistogramError::Decode(error.to_string()))?;
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

    /// The largest sample in ns, to the histogram's precision; `None` without samples.
    #[must_use]
    pub fn max_ns(&self) -> Option<u64> {
        (self.samples() > 0).then(|| self.histogram.max())
    }
}
