//! How long things took.

use hdrhistogram::serialization::{
    DeserializeError, Deserializer, Serializer, V2DeflateSerializeError, V2DeflateSerializer,
};

/// Samples that must lie beyond a quantile before it is told: p99 needs 1000 samples in all.
const SAMPLES_BEYOND_QUANTILE: f64 = 10.0;

/// An HDR histogram of nanoseconds.
///
/// Samples of 0 ns to [`Histogram::HIGHEST_NS`] are kept to 3 significant digits, larger ones as the
/// highest. Negative ones count as samples below 0; how far below is not kept. 210 KB in memory,
/// allocated once.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    recorded: hdrhistogram::Histogram<u64>,
    negative: u64,
    overflow: u64,
}

/// Why a histogram could not be encoded or decoded.
#[derive(Debug, thiserror::Error)]
pub enum HistogramError {
    /// Not base64.
    #[error("cannot decode a histogram: not base64")]
    Base64(#[source] base64_simd::Error),
    /// Base64 of something else, or truncated.
    #[error("cannot decode a histogram: not in HdrHistogram's V2 format")]
    Format(#[source] DeserializeError),
    /// A histogram with another range or precision.
    #[error(transparent)]
    Mismatch(#[from] HistogramMismatch),
    /// A count is too large for the format.
    #[error("cannot encode a histogram in HdrHistogram's V2 format")]
    Encode(#[source] V2DeflateSerializeError),
}

/// A histogram with another range or precision than ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot use a histogram of {low_ns} to {high_ns} ns with {significant_digits} significant \
     digits: ours have 1 to {} ns with 3",
    Histogram::HIGHEST_NS
)]
pub struct HistogramMismatch {
    /// Its unit.
    pub low_ns: u64,
    /// Its highest value.
    pub high_ns: u64,
    /// Its precision.
    pub significant_digits: u8,
}

impl Histogram {
    /// The highest value that is told from larger ones: 68.7 s, the end of the first range of
    /// buckets that holds 60 s.
    pub const HIGHEST_NS: u64 = (1 << 36) - 1;

    /// The lowest value that is told from 0.
    const LOWEST_NS: u64 = 1;
    const SIGNIFICANT_DIGITS: u8 = 3;

    /// An empty histogram. All have the same layout, so that any two can be merged, and a fixed
    /// one, so that recording never allocates.
    #[must_use]
    pub fn new() -> Self {
        #[expect(
            clippy::expect_used,
            clippy::missing_panics_doc,
            reason = "the bounds are constants that every test runs through"
        )]
        let recorded = hdrhistogram::Histogram::new_with_bounds(
            Self::LOWEST_NS,
            Self::HIGHEST_NS,
            Self::SIGNIFICANT_DIGITS,
        )
        .expect("the bounds are valid");
        Self {
            recorded,
            negative: 0,
            overflow: 0,
        }
    }

    /// Records one sample.
    #[inline]
    pub fn record(&mut self, ns: i64) {
        match u64::try_from(ns) {
            Ok(ns) => {
                self.overflow += u64::from(ns > Self::HIGHEST_NS);
                self.recorded.saturating_record(ns.min(Self::HIGHEST_NS));
            }
            Err(_) => self.negative += 1,
        }
    }

    /// Adds all samples of another histogram.
    pub fn merge(&mut self, other: &Self) {
        self.recorded += &other.recorded;
        self.negative += other.negative;
        self.overflow += other.overflow;
    }

    /// Samples from 0 on, zero and overflow included, negative ones not.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.recorded.len()
    }

    /// Samples of exactly 0 ns.
    #[must_use]
    pub fn zero(&self) -> u64 {
        self.recorded.count_at(0)
    }

    /// Samples below 0 ns.
    #[must_use]
    pub fn negative(&self) -> u64 {
        self.negative
    }

    /// Samples above [`Self::HIGHEST_NS`].
    #[must_use]
    pub fn overflow(&self) -> u64 {
        self.overflow
    }

    /// The value that a share `q` of all samples does not exceed, in ns: the upper end of its
    /// bucket; 0 where it is negative. `None` with too few samples: 10 must lie beyond the quantile,
    /// on its thinner side, so p50 needs 20, p99 1000 and p99.9 10 000; and for `q` outside 0..1.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let samples = self.count() + self.negative;
        if !has_samples_for(q, samples) {
            return None;
        }
        // Negative samples come first.
        let rank = q * samples as f64 - self.negative as f64;
        if rank <= 0.0 {
            return Some(0);
        }
        Some(self.recorded.value_at_quantile(rank / self.count() as f64))
    }

    /// The largest sample, in ns, to 3 digits; 0 where all are negative; `None` where there is none.
    #[must_use]
    pub fn max_ns(&self) -> Option<u64> {
        (self.count() + self.negative > 0).then(|| self.recorded.max())
    }

    /// The samples from 0 on in `HdrHistogram`'s V2 format, deflated, in base64. Negative and
    /// overflown samples have to be kept beside it.
    ///
    /// Source: `HdrHistogram` 2.2, `AbstractHistogram.encodeIntoCompressedByteBuffer`.
    pub fn to_v2_deflate_base64(&self) -> Result<String, HistogramError> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(&self.recorded, &mut bytes)
            .map_err(HistogramError::Encode)?;
        Ok(base64_simd::STANDARD.encode_to_string(bytes))
    }

    /// A histogram from what [`Self::to_v2_deflate_base64`] gave and what was kept beside it.
    pub fn from_v2_deflate_base64(
        text: &str,
        negative: u64,
        overflow: u64,
    ) -> Result<Self, HistogramError> {
        let bytes = base64_simd::STANDARD
            .decode_to_vec(text)
            .map_err(HistogramError::Base64)?;
        let recorded = Deserializer::new()
            .deserialize::<u64, _>(&mut bytes.as_slice())
            .map_err(HistogramError::Format)?;
        let found = HistogramMismatch {
            low_ns: recorded.low(),
            high_ns: recorded.high(),
            significant_digits: recorded.sigfig(),
        };
        let ours = HistogramMismatch {
            low_ns: Self::LOWEST_NS,
            high_ns: Self::HIGHEST_NS,
            significant_digits: Self::SIGNIFICANT_DIGITS,
        };
        if found != ours {
            return Err(found.into());
        }
        Ok(Self {
            recorded,
            negative,
            overflow,
        })
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

fn has_samples_for(q: f64, samples: u64) -> bool {
    // Not `SAMPLES / thinner <= samples`: 10 / (1 - 0.99) is a little more than 1000.
    const ROUNDING: f64 = 1e-6;
    let thinner = q.min(1.0 - q);
    thinner > 0.0 && samples as f64 * thinner + ROUNDING >= SAMPLES_BEYOND_QUANTILE
}
