//! A against A: how often trials of one side, parted as those of two builds would be, are called
//! different.

mod assignment;
mod block;

use std::collections::{BTreeMap, BTreeSet};

use super::effects::SmallestEffects;
use super::figure::ComparedFigure;
use crate::statistics::{Interval, TRIALS_FOR_AN_INTERVAL, interval_of_share, median};
use crate::{Measurements, parallel};

use assignment::Assignments;
use block::{Blocks, Checks, Count, Figure, Place};

/// What a comparison makes of one side alone.
///
/// Its rounds, which are the trials of one number, are cut into blocks of so many as one comparison
/// takes. Within a block each two neighbours go one to the base and one to the head, as two builds
/// that take turns do, and what is then asked is what [`compare_sides`](super::compare_sides) asks,
/// of all cells and benchmarks and with one correction. Whatever is called different is a false
/// alarm.
///
/// [In order](Self::in_order) each block is one comparison. Under the hypothesis that a trial would
/// have shown the same on the other side, every other assignment of neighbours to sides is as likely,
/// and [each of them](Self::assigned) is a comparison too: the sign flips of a randomisation test
/// (Fisher, "The Design of Experiments", 1935, section 21). That is the rate of false alarms *given
/// these trials*, without the chance of one assignment. What it does not see:
///
/// - a difference between builds that is none of their code, such as the order of linking: there is
///   one build in it;
/// - what a side does to the one that runs after it, and a trend within a round: flips spread them
///   over both sides, where two builds that always take turns the same way have them between them;
/// - dependence of neighbouring rounds: flips are independent from pair to pair;
/// - unrest that these trials have not met: they are all it knows of the machine.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfCheck {
    /// Trials on each side of one comparison.
    pub trials: u32,
    /// Rounds that the side has.
    pub rounds: usize,
    /// What each comparison covers: cells in their order, then benchmarks.
    pub names: Vec<String>,
    /// Of each block, one comparison: the first of two neighbours is the base.
    pub in_order: FalseAlarms,
    /// Of each block, a comparison for each assignment, but for those that only swap the sides.
    pub assigned: FalseAlarms,
    /// Whether these are all assignments there are, or a seeded sample of them.
    pub every_assignment: bool,
    /// Comparisons that had no answer, and are not counted: no figure of theirs could be compared.
    pub unanswered: u64,
    /// Every figure of every cell and benchmark, by assigned comparisons that called it different,
    /// the most first.
    pub figures: Vec<CheckedFigure>,
    /// The smallest change, as a share, that a comparison would have shown with 80 % probability
    /// wherever it happened: of the noisiest cell, and the median over comparisons.
    pub detectable: BTreeMap<ComparedFigure, f64>,
}

/// How many comparisons called a difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FalseAlarms {
    /// All comparisons that had an answer.
    pub comparisons: u64,
    /// Those that called any figure different.
    pub alarms: u64,
    /// 95 % interval of the share, by Clopper and Pearson. A block counts once, with the share of its
    /// comparisons, because all of them rest on the same trials: exact in order, and rather too wide
    /// for assigned ones, whose shares vary less than single alarms do.
    pub interval: Option<Interval>,
}

impl FalseAlarms {
    /// Share of comparisons that called a difference; 0 without any.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.alarms as f64 / self.comparisons.max(1) as f64
    }
}

/// One figure of a cell or a benchmark over all comparisons.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedFigure {
    /// The cell's id, or the benchmark's name.
    pub name: String,
    /// `None` for trials that failed on one side alone, which are a regression without a figure.
    pub figure: Option<ComparedFigure>,
    /// Comparisons in order that called it different.
    pub in_order: u64,
    /// Assigned comparisons that called it different.
    pub assigned: u64,
    /// The smallest change of it, as a share, that a comparison would have shown with 80 %
    /// probability: median over comparisons. `None` where it was never compared.
    pub detectable: Option<f64>,
}

/// Why a side cannot be compared with itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelfCheckError {
    /// Not enough for one comparison.
    #[error(
        "a comparison of {trials} trials against {trials} needs {}, and there are {rounds}: measure \
         more, or compare fewer with --trials",
        2 * u64::from(*trials)
    )]
    TooFewRounds {
        /// Trials on each side.
        trials: u32,
        /// What there is: trials of each cell, or rounds of benchmarks.
        rounds: usize,
    },
    /// No interval, so no answer, whatever is measured.
    #[error("compare at least {TRIALS_FOR_AN_INTERVAL} trials on each side: {0} have no interval")]
    NoInterval(u32),
    /// Nothing has an answer in any comparison; the reasons, each once.
    #[error("no figure of the side can be compared with itself")]
    NoAnswer(Vec<String>),
}

/// Compares a side with itself, in comparisons of `trials` against `trials`.
///
/// Fewer than 3 trials on a side are refused, and so are fewer rounds than one comparison takes.
pub fn self_check(
    side: &Measurements,
    effects: &SmallestEffects,
    trials: u32,
) -> Result<SelfCheck, SelfCheckError> {
    let pairs = usize::try_from(trials).unwrap_or(usize::MAX);
    if pairs < TRIALS_FOR_AN_INTERVAL {
        return Err(SelfCheckError::NoInterval(trials));
    }
    let Blocks { blocks, rounds } = Blocks::of(side, pairs);
    if blocks.is_empty() {
        return Err(SelfCheckError::TooFewRounds { trials, rounds });
    }
    let names = block::names(side);
    let assignments = Assignments::of(pairs);
    let mut checks = parallel::map(&blocks, |block| block.check(&assignments, effects));
    if checks.iter().all(|checks| checks.assigned.comparisons == 0) {
        let reasons: BTreeSet<String> = checks
            .into_iter()
            .flat_map(|checks| checks.reasons)
            .collect();
        return Err(SelfCheckError::NoAnswer(reasons.into_iter().collect()));
    }
    let noisiest = checks
        .iter_mut()
        .flat_map(|checks| std::mem::take(&mut checks.noisiest));
    Ok(SelfCheck {
        trials,
        rounds,
        detectable: medians(noisiest),
        in_order: FalseAlarms::of(checks.iter().map(|checks| checks.in_order)),
        assigned: FalseAlarms::of(checks.iter().map(|checks| checks.assigned)),
        every_assignment: assignments.are_all,
        unanswered: checks.iter().map(|checks| checks.unanswered).sum(),
        names: covered(&names, &checks),
        figures: figures(&names, checks),
    })
}

impl FalseAlarms {
    fn of(blocks: impl Iterator<Item = Count>) -> Self {
        let (mut all, mut answered, mut shares) = (Count::default(), 0.0, 0.0);
        for block in blocks.filter(|block| block.comparisons > 0) {
            all.comparisons += block.comparisons;
            all.alarms += block.alarms;
            answered += 1.0;
            shares += block.alarms as f64 / block.comparisons as f64;
        }
        Self {
            comparisons: all.comparisons,
            alarms: all.alarms,
            interval: interval_of_share(shares, answered),
        }
    }
}

fn medians(values: impl Iterator<Item = (ComparedFigure, f64)>) -> BTreeMap<ComparedFigure, f64> {
    let mut by_figure: BTreeMap<ComparedFigure, Vec<f64>> = BTreeMap::new();
    for (figure, value) in values {
        by_figure.entry(figure).or_default().push(value);
    }
    by_figure
        .into_iter()
        .filter_map(|(figure, mut values)| Some((figure, median(&mut values)?)))
        .collect()
}

/// Names of what was compared: not those that no block has rounds of.
fn covered(names: &[&str], blocks: &[Checks]) -> Vec<String> {
    let places = blocks.iter().flat_map(|block| block.figures.keys());
    let places: BTreeSet<usize> = places.map(|(place, _)| *place).collect();
    places
        .into_iter()
        .map(|place| names[place].to_owned())
        .collect()
}

fn figures(names: &[&str], blocks: Vec<Checks>) -> Vec<CheckedFigure> {
    let mut all: BTreeMap<Place, Figure> = BTreeMap::new();
    for (place, figure) in blocks.into_iter().flat_map(|block| block.figures) {
        all.entry(place).or_default().add(figure);
    }
    let mut figures: Vec<CheckedFigure> = all
        .into_iter()
        .map(|(place, mut figure)| CheckedFigure {
            name: names[place.0].to_owned(),
            figure: place.1,
            in_order: figure.in_order,
            assigned: figure.assigned,
            detectable: median(&mut figure.detectable),
        })
        .collect();
    figures.sort_by_key(|figure| std::cmp::Reverse(figure.assigned));
    figures
}

#[cfg(test)]
mod tests;
