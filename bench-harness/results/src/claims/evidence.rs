//! What a verdict rests on.

use super::footprints::FootprintSeen;
use super::tally::Counts;
use crate::comparison::{ComparedFigure, Difference, Judgement};
use crate::statistics::Interval;

/// A comparison that judges a claim. Cells are named by their place in their run's list.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// Place of the run among those that were judged.
    pub run: usize,
    /// What the claim's cell is compared with.
    pub base: usize,
    /// The cell that the claim is about.
    pub head: usize,
    /// How head lies to base.
    pub difference: Difference,
}

/// A cell that shows whether something works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellSeen {
    /// Place of the run among those that were judged.
    pub run: usize,
    /// Place of the cell in its run's list.
    pub cell: usize,
    /// Whether it delivered everything.
    pub works: bool,
}

/// What judges a part of a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence {
    /// The strongest differences first, those without one last.
    Comparisons(Vec<Tested>),
    /// In the order of runs and plans.
    Cells(Vec<CellSeen>),
    /// In the order of runs and plans.
    Footprints(Vec<FootprintSeen>),
}

/// What the comparisons of one figure say.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// What was compared.
    pub figure: ComparedFigure,
    /// How often it came out which way.
    pub counts: Counts,
    /// Place of the strongest difference in favour of the claim among the evidence.
    pub best: Option<usize>,
    /// Place of the strongest difference against the claim among the evidence.
    pub worst: Option<usize>,
    /// From the lowest to the highest end of the intervals of comparisons without a measurable
    /// difference: what they leave room for.
    pub room: Option<Interval>,
}

/// How far from 1 a measured difference lies, up or down; 0 where none was measured.
fn strength(difference: &Difference) -> f64 {
    match difference.judgement() {
        Judgement::Better | Judgement::Worse => {
            difference.ratio.map_or(0.0, |ratio| ratio.ln().abs())
        }
        _ => 0.0,
    }
}

/// The strongest first; those as strong stay in the order of runs and plans.
pub(super) fn sort(tested: &mut [Tested]) {
    tested.sort_by(|one, other| strength(&other.difference).total_cmp(&strength(&one.difference)));
}

/// By figure, of evidence that is [sorted](sort).
pub(super) fn effects(tested: &[Tested]) -> Vec<Effect> {
    let mut figures: Vec<ComparedFigure> = tested
        .iter()
        .map(|tested| tested.difference.figure)
        .collect();
    figures.sort_unstable();
    figures.dedup();
    figures
        .into_iter()
        .map(|figure| effect(figure, tested))
        .collect()
}

fn effect(figure: ComparedFigure, tested: &[Tested]) -> Effect {
    let own = || {
        tested
            .iter()
            .enumerate()
            .map(|(place, tested)| (place, &tested.difference))
            .filter(|(_, difference)| difference.figure == figure)
    };
    let first = |judgement| {
        own()
            .find(|(_, difference)| difference.judgement() == judgement)
            .map(|(place, _)| place)
    };
    let mut counts = Counts::default();
    for (_, difference) in own() {
        counts.count(difference.judgement());
    }
    Effect {
        figure,
        counts,
        best: first(Judgement::Better),
        worst: first(Judgement::Worse),
        room: own()
            .filter(|(_, difference)| difference.judgement() == Judgement::NoMeasurableDifference)
            .filter_map(|(_, difference)| difference.interval)
            .reduce(|one, other| Interval {
                low: one.low.min(other.low),
                high: one.high.max(other.high),
            }),
    }
}
