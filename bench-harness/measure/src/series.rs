//! What happened when: counts for each tenth of a second, and for each second.

const SECOND_NS: u64 = 1_000_000_000;
/// Fine enough to see whether a short window is steady.
const BIN_NS: u64 = SECOND_NS / BINS_PER_SECOND as u64;
const BINS_PER_SECOND: usize = 10;

/// What happened in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SeriesTally {
    /// Messages with an intended instant in it.
    pub attempted: u64,
    /// Messages handed over in it.
    pub published: u64,
    /// Deliveries that arrived in it.
    pub delivered: u64,
    /// Largest response time among them, in ns.
    pub response_max_ns: u64,
}

/// Counts for each tenth of a second from a start on, allocated once.
///
/// What happens before the start (the warm-up) is left out. What happens after the last bin is added
/// to none, and counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    start_ns: u64,
    bins: Vec<SeriesTally>,
    beyond_end: u64,
}

/// Two series over different times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot merge a series of {other_seconds} s from {other_start_ns} ns into one of {seconds} s \
     from {start_ns} ns"
)]
pub struct SeriesMismatch {
    /// Start of the one that was to grow.
    pub start_ns: u64,
    /// Its length.
    pub seconds: usize,
    /// Start of the other.
    pub other_start_ns: u64,
    /// Length of the other.
    pub other_seconds: usize,
}

impl Series {
    /// Length of a bin, in ns.
    pub const BIN_NS: u64 = BIN_NS;

    /// A series from `start_ns` on that is at least `length_ns` long, in whole seconds.
    #[must_use]
    pub fn new(start_ns: u64, length_ns: u64) -> Self {
        // A length that no memory holds is no length of a trial.
        let seconds = usize::try_from(length_ns.div_ceil(SECOND_NS)).unwrap_or(usize::MAX);
        Self {
            start_ns,
            bins: vec![SeriesTally::default(); seconds.saturating_mul(BINS_PER_SECOND)],
            beyond_end: 0,
        }
    }

    /// A message was intended for this instant.
    #[inline]
    pub fn attempted(&mut self, intended_ns: u64) {
        if let Some(bin) = self.bin_at(intended_ns) {
            bin.attempted += 1;
        }
    }

    /// A message was handed over at this instant.
    #[inline]
    pub fn published(&mut self, handed_over_ns: u64) {
        if let Some(bin) = self.bin_at(handed_over_ns) {
            bin.published += 1;
        }
    }

    /// A message arrived at this instant, with this response time; a negative one is no maximum.
    #[inline]
    pub fn delivered(&mut self, arrived_ns: u64, response_ns: i64) {
        if let Some(bin) = self.bin_at(arrived_ns) {
            bin.delivered += 1;
            let response_ns = u64::try_from(response_ns).unwrap_or(0);
            bin.response_max_ns = bin.response_max_ns.max(response_ns);
        }
    }

    /// Adds another series over the same time.
    pub fn merge(&mut self, other: &Self) -> Result<(), SeriesMismatch> {
        if (self.start_ns, self.bins.len()) != (other.start_ns, other.bins.len()) {
            return Err(SeriesMismatch {
                start_ns: self.start_ns,
                seconds: self.bins.len() / BINS_PER_SECOND,
                other_start_ns: other.start_ns,
                other_seconds: other.bins.len() / BINS_PER_SECOND,
            });
        }
        for (bin, other) in self.bins.iter_mut().zip(&other.bins) {
            bin.add(other);
        }
        self.beyond_end += other.beyond_end;
        Ok(())
    }

    /// The tenths of a second, in order.
    #[must_use]
    pub fn bins(&self) -> &[SeriesTally] {
        &self.bins
    }

    /// The seconds, in order.
    #[must_use]
    pub fn seconds(&self) -> Vec<SeriesTally> {
        let sum = |bins: &[SeriesTally]| {
            let mut second = SeriesTally::default();
            for bin in bins {
                second.add(bin);
            }
            second
        };
        self.bins.chunks(BINS_PER_SECOND).map(sum).collect()
    }

    /// How much was told of instants after the last bin.
    #[must_use]
    pub fn beyond_end(&self) -> u64 {
        self.beyond_end
    }

    #[inline]
    fn bin_at(&mut self, at_ns: u64) -> Option<&mut SeriesTally> {
        let index = at_ns.checked_sub(self.start_ns)? / BIN_NS;
        let bin = usize::try_from(index)
            .ok()
            .and_then(|index| self.bins.get_mut(index));
        if bin.is_none() {
            self.beyond_end += 1;
        }
        bin
    }
}

impl SeriesTally {
    fn add(&mut self, other: &Self) {
        self.attempted += other.attempted;
        self.published += other.published;
        self.delivered += other.delivered;
        self.response_max_ns = self.response_max_ns.max(other.response_max_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START_NS: u64 = 5_500_000_000;

    #[test]
    fn each_instant_counts_in_its_own_second() {
        let mut series = Series::new(START_NS, 2_000_000_000);
        series.attempted(START_NS);
        series.attempted(START_NS + SECOND_NS - 1);
        series.attempted(START_NS + SECOND_NS);
        series.published(START_NS + SECOND_NS);
        series.delivered(START_NS, 30);
        series.delivered(START_NS + 1, 20);
        series.delivered(START_NS + SECOND_NS, -5);
        let expected = [
            SeriesTally {
                attempted: 2,
                published: 0,
                delivered: 2,
                response_max_ns: 30,
            },
            SeriesTally {
                attempted: 1,
                published: 1,
                delivered: 1,
                response_max_ns: 0,
            },
        ];
        assert_eq!(series.seconds(), expected);
        assert_eq!(series.beyond_end(), 0);
    }

    #[test]
    fn the_warm_up_is_left_out_and_what_comes_after_the_end_is_counted() {
        let mut series = Series::new(START_NS, 1_000_000_000);
        series.attempted(START_NS - 1);
        series.published(0);
        assert_eq!(series, Series::new(START_NS, 1_000_000_000));
        series.delivered(START_NS + SECOND_NS, 7);
        series.published(u64::MAX);
        assert_eq!(series.seconds(), [SeriesTally::default()]);
        assert_eq!(series.beyond_end(), 2);
    }

    #[test]
    fn a_part_of_a_second_has_a_slot_of_its_own() {
        assert_eq!(Series::new(0, 2_000_000_001).seconds().len(), 3);
        assert_eq!(Series::new(0, 0).seconds().len(), 0);
    }

    #[test]
    fn a_second_is_the_sum_of_its_tenths() {
        let mut series = Series::new(START_NS, SECOND_NS);
        for tenth in 0..10 {
            series.delivered(START_NS + tenth * Series::BIN_NS, tenth.cast_signed());
        }
        assert_eq!(series.bins().len(), 10);
        assert!(series.bins().iter().all(|bin| bin.delivered == 1));
        let second = SeriesTally {
            delivered: 10,
            response_max_ns: 9,
            ..SeriesTally::default()
        };
        assert_eq!(series.seconds(), [second]);
    }

    #[test]
    fn merged_series_add_counts_and_keep_the_larger_maximum() {
        let mut first = Series::new(0, SECOND_NS);
        first.delivered(1, 10);
        first.attempted(SECOND_NS);
        let mut second = Series::new(0, SECOND_NS);
        second.delivered(2, 7);
        second.published(2);
        second.attempted(SECOND_NS);
        first.merge(&second).unwrap();
        let expected = SeriesTally {
            attempted: 0,
            published: 1,
            delivered: 2,
            response_max_ns: 10,
        };
        assert_eq!(first.seconds(), [expected]);
        assert_eq!(first.beyond_end(), 2);
    }

    #[test]
    fn series_over_other_seconds_are_not_merged() {
        let mut series = Series::new(0, SECOND_NS);
        let error = series.merge(&Series::new(5, 2 * SECOND_NS)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot merge a series of 2 s from 5 ns into one of 1 s from 0 ns"
        );
        assert_eq!(series, Series::new(0, SECOND_NS));
    }
}
