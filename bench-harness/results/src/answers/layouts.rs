//! What the layout of the envelope makes on each bus.

use super::{Evidence, is_measured};
use crate::comparison::{ComparedFigure, Difference, is_at_least, is_floor};
use crate::questions::Basis;
use crate::statistics::TRIALS_FOR_A_CLAIM;
use crate::{CellOutcome, Row, Verdict};

/// What native gains on one bus by one figure.
#[derive(Debug, Clone, PartialEq)]
pub struct LayoutAnswer {
    /// Place of the run.
    pub run: usize,
    /// Bus id.
    pub bus: String,
    /// By what.
    pub figure: ComparedFigure,
    /// Pairs of valid cells, in the plan's order. Empty where all are left out.
    pub gains: Vec<LayoutGain>,
    /// Pairs of measured cells that are not both valid, without loss and of enough trials.
    pub left_out: usize,
}

/// The native layout beside another one under the same conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct LayoutGain {
    /// Place of the cell with the other layout.
    pub other: usize,
    /// Place of the cell with the native one.
    pub native: usize,
    /// How native lies to the other.
    pub difference: Difference,
    /// Whether client or machine limited one of the cells: the layout costs both, so what they
    /// reached together is the figure.
    pub is_limited: bool,
}

/// One for each run, figure and bus that has cells of two layouts.
pub(super) fn all(bases: &[Basis], evidence: &[Evidence<'_>]) -> Vec<LayoutAnswer> {
    let mut answers: Vec<LayoutAnswer> = Vec::new();
    for basis in bases {
        for (run, of) in evidence.iter().enumerate() {
            for pair in &of.layouts.pairs {
                let (other, native) = (&of.rows[pair.other], &of.rows[pair.native]);
                let is_asked = basis.cells.takes(other) && !is_floor(other);
                let mut gains = pair.gains.iter();
                let difference = gains.find(|difference| difference.figure == basis.figure);
                let Some(difference) = difference else {
                    continue;
                };
                if !is_asked || !is_measured(other) || !is_measured(native) {
                    continue;
                }
                let gain = (is_sound(other) && is_sound(native)).then(|| LayoutGain {
                    other: pair.other,
                    native: pair.native,
                    difference: difference.clone(),
                    is_limited: is_at_least(other) || is_at_least(native),
                });
                add(&mut answers, (run, &other.bus, basis.figure), gain);
            }
        }
    }
    answers
}

fn add(
    answers: &mut Vec<LayoutAnswer>,
    (run, bus, figure): (usize, &str, ComparedFigure),
    gain: Option<LayoutGain>,
) {
    let left_out = usize::from(gain.is_none());
    let is_it = |answer: &&mut LayoutAnswer| {
        (answer.run, answer.bus.as_str(), answer.figure) == (run, bus, figure)
    };
    match answers.iter_mut().find(is_it) {
        Some(answer) => {
            answer.gains.extend(gain);
            answer.left_out += left_out;
        }
        None => answers.push(LayoutAnswer {
            run,
            bus: bus.to_owned(),
            figure,
            gains: gain.into_iter().collect(),
            left_out,
        }),
    }
}

fn is_sound(row: &Row) -> bool {
    row.outcome == CellOutcome::Delivered
        && row.lost.is_none_or(|lost| lost == 0)
        && row.verdict == Some(Verdict::Valid)
        && row.trials >= TRIALS_FOR_A_CLAIM
}
