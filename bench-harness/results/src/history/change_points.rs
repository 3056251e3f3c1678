//! Where a series changes: E-Divisive (Matteson and James, "A nonparametric approach for multiple
//! change point analysis of multivariate data", J. Am. Statist. Assoc. 109(505), 2014), for one
//! figure, with distances to the power of 1.
//!
//! Each round looks in every segment for the place whose two sides differ most, takes the best of all
//! segments, and asks by permutations within the segments how often chance alone does as well. What
//! passes is a change point and parts its segment; the first that does not ends the search. As usual
//! for one figure of a benchmark, both sides reach to the ends of their segment (the paper's kappa is
//! the segment's end), so that a round takes n log n steps (Daly et al., "The use of change point
//! detection to identify software performance regressions in a continuous integration system", ICPE
//! 2020). Then each change point is looked for again between its neighbours, which were not known when
//! it was placed.

mod segment;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use segment::{Segment, Sums};

/// Fewest points on each side of a change point. Fewer could be a spell of bad luck; more would let a
/// change pass unseen for longer.
pub const FEWEST_IN_SEGMENT: usize = 5;

/// Fewest points of a series in which a change point can lie.
pub const POINTS_NEEDED: usize = 2 * FEWEST_IN_SEGMENT;

/// Permutations that reach the observed divergence after which no more are asked: the p-value is then
/// far from any level (Besag and Clifford, "Sequential Monte Carlo p-values", Biometrika 78(2), 1991).
const ENOUGH_REACHED: u32 = 10;

/// How often change points are looked for again at most; they hardly ever move twice.
const REVISIONS: usize = 5;

/// The same figures give the same change points.
const SEED: u64 = 2014;

/// Change points of figures in their order: places of the first figure after each change, ascending.
/// What varies by factors is handed over as logarithms. Each change point has
/// [`FEWEST_IN_SEGMENT`] figures at least on both sides of it before the next.
///
/// `level` bounds the probability that figures without any change show one. A figure that is not
/// finite belongs to no order, so with one there is no change point.
#[must_use]
pub fn change_points(figures: &[f64], level: f64) -> Vec<usize> {
    let mut search = Search::of(figures);
    search.finish(level);
    search.change_points()
}

/// A search with its next candidate, between two rounds.
#[derive(Debug, Clone)]
pub(super) struct Search {
    figures: Vec<f64>,
    segments: Vec<Segment>,
    candidate: Option<Candidate>,
    random: ChaCha8Rng,
    sums: Sums,
    /// Permutations of the candidate's round, and how many of them diverge as much.
    tried: u32,
    reached: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Candidate {
    /// Which segment.
    segment: usize,
    /// First place after the change, within the segment.
    place: usize,
    divergence: f64,
}

impl Search {
    pub(super) fn of(figures: &[f64]) -> Self {
        let is_ordered = figures.iter().all(|figure| figure.is_finite());
        let segments = if is_ordered && figures.len() >= POINTS_NEEDED {
            vec![Segment::of(0, figures)]
        } else {
            Vec::new()
        };
        Self::over(figures, segments)
    }

    fn over(figures: &[f64], segments: Vec<Segment>) -> Self {
        let mut search = Self {
            figures: figures.to_owned(),
            segments,
            candidate: None,
            random: ChaCha8Rng::seed_from_u64(SEED),
            sums: Sums::default(),
            tried: 0,
            reached: 0,
        };
        search.look();
        search
    }

    /// Places of the change points so far.
    pub(super) fn change_points(&self) -> Vec<usize> {
        self.segments.iter().skip(1).map(Segment::start).collect()
    }

    /// How often chance alone makes a change as large as the candidate's; 1 without one. The observed
    /// order counts as a permutation, so that it is never 0 (Phipson and Smyth, "Permutation p-values
    /// should never be zero", Stat. Appl. Genet. Mol. Biol. 9(1), 2010).
    pub(super) fn p_value(&self) -> f64 {
        f64::from(self.reached + 1) / f64::from(self.tried + 1)
    }

    /// Whether more permutations would tell nothing: the candidate is far from any level, or none.
    pub(super) fn is_settled(&self) -> bool {
        self.candidate.is_none() || self.reached >= ENOUGH_REACHED
    }

    /// Tries permutations until there were so many, or the candidate is settled.
    pub(super) fn permute(&mut self, permutations: u32) {
        while self.tried < permutations && !self.is_settled() {
            self.tried += 1;
            self.reached += u32::from(self.is_reached_by_chance());
        }
    }

    /// Goes on to the end of the search.
    pub(super) fn finish(&mut self, level: f64) {
        while self.passes(level) {
            self.accept();
        }
        for _ in 0..REVISIONS {
            let before = self.change_points();
            self.revise(level);
            if self.change_points() == before {
                break;
            }
        }
    }

    /// Looks for each change point again in what lies between its neighbours: it stays, moves, or is
    /// none any more.
    fn revise(&mut self, level: f64) {
        let mut left = 0;
        while left + 1 < self.segments.len() {
            let (start, end) = (self.segments[left].start(), self.segments[left + 1].end());
            let both = Segment::of(start, &self.figures[start..end]);
            let mut again = Self::over(&self.figures, vec![both]);
            if again.passes(level) {
                again.accept();
                self.segments.splice(left..=left + 1, again.segments);
                left += 1;
            } else {
                self.segments.splice(left..=left + 1, again.segments);
            }
        }
    }

    /// Whether the candidate's p-value is at most `level`, by as many permutations as that takes.
    fn passes(&mut self, level: f64) -> bool {
        self.permute(permutations_for(level));
        self.candidate.is_some() && self.p_value() <= level
    }

    /// Parts a segment at the candidate, and looks for the next.
    fn accept(&mut self) {
        let Some(candidate) = self.candidate else {
            return;
        };
        let parted = &self.segments[candidate.segment];
        let (start, end) = (parted.start(), parted.end());
        let place = start + candidate.place;
        let sides = [(start, place), (place, end)]
            .map(|(start, end)| Segment::of(start, &self.figures[start..end]));
        self.segments
            .splice(candidate.segment..=candidate.segment, sides);
        self.look();
    }

    fn look(&mut self) {
        let mut best: Option<Candidate> = None;
        for (segment, points) in self.segments.iter().enumerate() {
            let Some((place, divergence)) = points.largest_divergence(&mut self.sums) else {
                continue;
            };
            if best.is_none_or(|best| divergence > best.divergence) {
                best = Some(Candidate {
                    segment,
                    place,
                    divergence,
                });
            }
        }
        self.candidate = best;
        self.tried = 0;
        self.reached = 0;
    }

    /// Shuffles each segment within itself, and says whether one diverges as much as the candidate.
    fn is_reached_by_chance(&mut self) -> bool {
        let Some(candidate) = self.candidate else {
            return true;
        };
        // What differs in the last bits only is the same.
        let threshold = candidate.divergence * (1.0 - 1e-9);
        let Self {
            segments,
            random,
            sums,
            ..
        } = self;
        segments.iter_mut().any(|segment| {
            segment.shuffle(|end| below(random, end));
            segment.is_reached_shuffled(threshold, sums)
        })
    }
}

/// Enough for a p-value of the level, with twice its resolution.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped; a level that is no number asks for as few as can be"
)]
pub(super) fn permutations_for(level: f64) -> u32 {
    (2.0 / level).ceil().clamp(199.0, 1e7) as u32
}

/// A number from 0 to `end` - 1 (Lemire, "Fast random integer generation in an interval", ACM Trans.
/// Model. Comput. Simul. 29(1), 2019, without the rejection: its bias is below 2^-32 times `end`).
fn below(random: &mut ChaCha8Rng, end: usize) -> usize {
    ((u128::from(random.next_u32()) * end as u128) >> 32) as usize
}

#[cfg(test)]
mod tests;
