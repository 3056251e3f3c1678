//! How long things took.

use hdrhistogram::serialization::{
    DeserializeError, Deserializer, Serializer, V2DeflateSerializeError, V2DeflateSerializer,
};

/// Samples that must lie beyond a quantile before it is told: p99 needs 1000 samples in all.
const SAMPLES_BEYOND_QUANTILE: f64 = 10.0;

/// An HDR histogram of nanoseconds.
///
/// Samples of 0 ns to [`Histogram::HIGHEST_NS`] are kept to 3 significant digits, larger ones as the
/// highest. Negative ones count as samples below 0; how far below is not kept. 221 KB in memory,
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

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    fn of(samples: impl IntoIterator<Item = i64>) -> Histogram {
        let mut histogram = Histogram::new();
        for sample in samples {
            histogram.record(sample);
        }
        histogram
    }

    #[track_caller]
    fn assert_within_a_thousandth(found: Option<u64>, exact: u64) {
        let found = found.unwrap();
        let error = found.abs_diff(exact) as f64 / exact as f64;
        assert!(error <= 0.001, "{found} for {exact}");
    }

    #[test]
    fn quantiles_are_right_to_three_digits() {
        let histogram = of((1..=100_000).map(|step| step * 1_000));
        assert_within_a_thousandth(histogram.quantile(0.5), 50_000_000);
        assert_within_a_thousandth(histogram.quantile(0.9), 90_000_000);
        assert_within_a_thousandth(histogram.quantile(0.99), 99_000_000);
        assert_within_a_thousandth(histogram.quantile(0.999), 99_900_000);
        assert_within_a_thousandth(histogram.max_ns(), 100_000_000);
    }

    #[test]
    fn zero_and_negative_samples_are_kept_and_counted() {
        let histogram = of((0..50).map(|_| -3).chain((0..25).map(|_| 0)).chain(1..=25));
        assert_eq!(histogram.count(), 50);
        assert_eq!(histogram.zero(), 25);
        assert_eq!(histogram.negative(), 50);
        // Half of all samples are negative, three quarters are 0 or less.
        assert_eq!(histogram.quantile(0.4), Some(0));
        assert_eq!(histogram.quantile(0.75), Some(0));
        assert_eq!(histogram.quantile(0.85), Some(10));
        assert_eq!(histogram.max_ns(), Some(25));
    }

    #[test]
    fn samples_beyond_the_range_are_counted_and_kept_as_the_highest() {
        let highest = i64::try_from(Histogram::HIGHEST_NS).unwrap();
        let histogram = of([1, highest, highest + 1, i64::MAX]);
        assert_eq!(histogram.count(), 4);
        assert_eq!(histogram.overflow(), 2);
        assert_eq!(histogram.max_ns(), Some(Histogram::HIGHEST_NS));
        const { assert!(Histogram::HIGHEST_NS > 60_000_000_000) };
    }

    #[test]
    fn a_histogram_has_the_documented_size_and_keeps_it() {
        let mut histogram = Histogram::new();
        assert_eq!(
            histogram.recorded.distinct_values() * size_of::<u64>(),
            221_184
        );
        histogram.record(i64::MAX);
        assert_eq!(
            histogram.recorded.distinct_values() * size_of::<u64>(),
            221_184
        );
    }

    #[test]
    fn a_quantile_needs_ten_samples_beyond_it() {
        let check = |q: f64, samples: i64| {
            let told = |samples| of(1..=samples).quantile(q).is_some();
            assert!(told(samples), "p{} of {samples}", q * 100.0);
            assert!(!told(samples - 1), "p{} of {}", q * 100.0, samples - 1);
        };
        check(0.5, 20);
        check(0.1, 100);
        check(0.9, 100);
        check(0.99, 1_000);
        check(0.999, 10_000);
        check(0.9999, 100_000);
    }

    #[test]
    fn negative_samples_count_among_the_samples_that_a_quantile_needs() {
        assert_eq!(of([-1; 20]).quantile(0.5), Some(0));
        assert_eq!(of([-1; 20]).max_ns(), Some(0));
    }

    #[test]
    fn there_is_no_quantile_outside_0_to_1_and_none_of_nothing() {
        let histogram = of(1..=100_000);
        for q in [-0.1, 0.0, 1.0, 1.5, f64::NAN] {
            assert_eq!(histogram.quantile(q), None, "{q}");
        }
        assert_eq!(Histogram::new().quantile(0.5), None);
        assert_eq!(Histogram::new().max_ns(), None);
    }

    #[test]
    fn merged_histograms_equal_one_that_recorded_all() {
        let (first, second) = ([-5, 0, 1_000, 2_000_000], [-1, 0, 0, i64::MAX]);
        let mut merged = of(first);
        merged.merge(&of(second));
        assert_eq!(merged, of(first.into_iter().chain(second)));
        assert_eq!(
            (merged.count(), merged.zero(), merged.negative()),
            (6, 3, 2)
        );
    }

    #[test]
    fn an_encoded_histogram_comes_back_the_same() {
        for histogram in [
            Histogram::new(),
            of([0]),
            of([-1, 0, 17, 123_456_789, i64::MAX]),
            of((0..50_000).map(|step| step * step)),
        ] {
            let text = histogram.to_v2_deflate_base64().unwrap();
            let (negative, overflow) = (histogram.negative(), histogram.overflow());
            let back = Histogram::from_v2_deflate_base64(&text, negative, overflow).unwrap();
            assert_eq!(back, histogram);
            assert_eq!(back.max_ns(), histogram.max_ns());
        }
    }

    #[test]
    fn what_is_no_histogram_of_ours_is_refused() {
        let refusal = |text: &str| {
            let error = Histogram::from_v2_deflate_base64(text, 0, 0).unwrap_err();
            (error.to_string(), error.source().is_some())
        };
        let not_base64 = "cannot decode a histogram: not base64".to_owned();
        assert_eq!(refusal("???"), (not_base64, true));
        let not_v2 = "cannot decode a histogram: not in HdrHistogram's V2 format".to_owned();
        assert_eq!(refusal("AAAA"), (not_v2.clone(), true));
        let whole = of(1..=1000).to_v2_deflate_base64().unwrap();
        assert_eq!(refusal(&whole[..whole.len() / 8 * 4]), (not_v2, true));

        let mut bytes = Vec::new();
        let coarse = hdrhistogram::Histogram::<u64>::new_with_bounds(1, 1000, 2).unwrap();
        V2DeflateSerializer::new()
            .serialize(&coarse, &mut bytes)
            .unwrap();
        let (message, _) = refusal(&base64_simd::STANDARD.encode_to_string(bytes));
        assert_eq!(
            message,
            "cannot use a histogram of 1 to 1000 ns with 2 significant digits: ours have 1 to \
             68719476735 ns with 3"
        );
    }
}
