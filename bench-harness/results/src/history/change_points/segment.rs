//! One segment of a series, and where its two sides differ most.

use super::FEWEST_IN_SEGMENT;

/// Figures between two change points.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    start: usize,
    /// In the order of the series, less their median: sums of what is small keep more digits, and do
    /// not depend on the figures' order of magnitude.
    figures: Vec<f64>,
    /// For each figure its place among the figures in order of size.
    ranks: Vec<usize>,
    /// For each figure the sum of its distances to all others.
    distances: Vec<f64>,
    /// The sum over all pairs.
    pairs: f64,
    /// An order of the figures by their places; shuffled ever further.
    order: Vec<usize>,
}

/// A Fenwick tree over ranks: how many figures there are up to one, and their sum (Fenwick, "A new data
/// structure for cumulative frequency tables", Softw. Pract. Exp. 24(3), 1994). Kept between uses for
/// its memory alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums(Vec<(f64, f64)>);

impl Sums {
    fn clear(&mut self, length: usize) {
        self.0.clear();
        self.0.resize(length + 1, (0.0, 0.0));
    }

    fn add(&mut self, rank: usize, figure: f64) {
        let mut at = rank + 1;
        while let Some(node) = self.0.get_mut(at) {
            node.0 += 1.0;
            node.1 += figure;
            at += at & at.wrapping_neg();
        }
    }

    /// Number and sum of the figures up to a rank.
    fn up_to(&self, rank: usize) -> (f64, f64) {
        let mut at = rank + 1;
        let mut sums = (0.0, 0.0);
        while at > 0 {
            sums.0 += self.0[at].0;
            sums.1 += self.0[at].1;
            at &= at - 1;
        }
        sums
    }
}

impl Segment {
    /// `figures` are finite.
    pub(super) fn of(start: usize, figures: &[f64]) -> Self {
        let mut by_size: Vec<usize> = (0..figures.len()).collect();
        by_size.sort_by(|one, other| figures[*one].total_cmp(&figures[*other]));
        let median = by_size
            .get(figures.len() / 2)
            .map_or(0.0, |at| figures[*at]);
        let figures: Vec<f64> = figures.iter().map(|figure| figure - median).collect();
        let mut ranks = vec![0; figures.len()];
        let mut distances = vec![0.0; figures.len()];
        let all: f64 = figures.iter().sum();
        let mut below = 0.0;
        for (rank, &at) in by_size.iter().enumerate() {
            let figure = figures[at];
            ranks[at] = rank;
            let above = all - below - figure;
            let (fewer, more) = (rank as f64, (figures.len() - rank - 1) as f64);
            distances[at] = (figure * fewer - below) + (above - figure * more);
            below += figure;
        }
        Self {
            start,
            pairs: distances.iter().sum::<f64>() / 2.0,
            order: (0..figures.len()).collect(),
            figures,
            ranks,
            distances,
        }
    }

    /// Place of its first figure in the series.
    pub(super) const fn start(&self) -> usize {
        self.start
    }

    /// Place behind its last figure in the series.
    pub(super) const fn end(&self) -> usize {
        self.start + self.figures.len()
    }

    /// Shuffles the order of the figures (Fisher and Yates). `below` draws a number below another.
    pub(super) fn shuffle(&mut self, mut below: impl FnMut(usize) -> usize) {
        for end in (1..self.order.len()).rev() {
            self.order.swap(end, below(end + 1));
        }
    }

    /// The place from which on the figures differ most from those before it, and by how much; `None`
    /// where there are too few, or all are the same.
    pub(super) fn largest_divergence(&self, sums: &mut Sums) -> Option<(usize, f64)> {
        let mut largest: Option<(usize, f64)> = None;
        self.find(0..self.figures.len(), sums, |place, divergence| {
            if largest.is_none_or(|(_, most)| divergence > most) {
                largest = Some((place, divergence));
            }
            false
        });
        largest.filter(|(_, divergence)| *divergence > 0.0)
    }

    /// Whether the shuffled order has a divergence of so much anywhere.
    pub(super) fn is_reached_shuffled(&self, threshold: f64, sums: &mut Sums) -> bool {
        let order = self.order.iter().copied();
        self.find(order, sums, |_, divergence| divergence >= threshold)
    }

    /// Goes through the divergences of an order, place by place, until one is what is looked for; says
    /// whether one was.
    ///
    /// The divergence of two sides is `m n / (m + n)` times the energy distance of their figures, by
    /// unbiased means (equations 5 and 7 of the paper).
    fn find(
        &self,
        order: impl Iterator<Item = usize>,
        sums: &mut Sums,
        mut is_it: impl FnMut(usize, f64) -> bool,
    ) -> bool {
        let length = self.figures.len();
        if length < 2 * FEWEST_IN_SEGMENT {
            return false;
        }
        sums.clear(length);
        // Sums of distances between the sides and within the left one.
        let (mut between, mut within_left) = (0.0, 0.0);
        let mut sum_left = 0.0;
        for (place, at) in order.enumerate().take(length - FEWEST_IN_SEGMENT) {
            let (figure, rank) = (self.figures[at], self.ranks[at]);
            let (fewer, below) = sums.up_to(rank);
            let more = place as f64 - fewer;
            let to_left = (figure * fewer - below) + ((sum_left - below) - figure * more);
            within_left += to_left;
            between += self.distances[at] - 2.0 * to_left;
            sums.add(rank, figure);
            sum_left += figure;
            let (left, right) = (place + 1, length - place - 1);
            if left < FEWEST_IN_SEGMENT {
                continue;
            }
            let within_right = self.pairs - between - within_left;
            let (left_number, right_number) = (left as f64, right as f64);
            let mean_pair = |sum: f64, number: f64| 2.0 * sum / (number * (number - 1.0));
            let energy = 2.0 * between / (left_number * right_number)
                - mean_pair(within_left, left_number)
                - mean_pair(within_right, right_number);
            if is_it(left, energy * left_number * right_number / length as f64) {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop, prop_assert, proptest};

    use super::super::FEWEST_IN_SEGMENT;
    use super::{Segment, Sums};

    /// As the paper has it, pair by pair.
    fn divergence(figures: &[f64], place: usize) -> f64 {
        let (left, right) = figures.split_at(place);
        let mean = |one: &[f64], other: &[f64], pairs: f64| {
            let distances = one
                .iter()
                .flat_map(|one| other.iter().map(move |other| (one - other).abs()));
            distances.sum::<f64>() / pairs
        };
        let (m, n) = (left.len() as f64, right.len() as f64);
        let energy = 2.0 * mean(left, right, m * n)
            - mean(left, left, m * (m - 1.0))
            - mean(right, right, n * (n - 1.0));
        m * n / (m + n) * energy
    }

    proptest! {
        #[test]
        fn the_largest_divergence_is_that_of_the_paper(
            figures in prop::collection::vec(-3.0_f64..3.0, 10..40),
            offset in -1e4_f64..1e4,
        ) {
            let moved: Vec<f64> = figures.iter().map(|figure| figure + offset).collect();
            let segment = Segment::of(0, &moved);
            let places = FEWEST_IN_SEGMENT..=figures.len() - FEWEST_IN_SEGMENT;
            let expected = places.map(|place| divergence(&figures, place));
            let expected = expected.fold(f64::MIN, f64::max);
            let found = segment.largest_divergence(&mut Sums::default());
            // What is 0 or less is no divergence.
            let Some((place, found)) = found else {
                prop_assert!(expected < 1e-6, "{expected}");
                return Ok(());
            };
            prop_assert!((found - expected).abs() < 1e-6, "{found} {expected}");
            prop_assert!((divergence(&figures, place) - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn figures_that_are_all_the_same_have_no_divergence() {
        let segment = Segment::of(0, &[11.512_925_464_970_229; 30]);
        assert_eq!(segment.largest_divergence(&mut Sums::default()), None);
    }
}
