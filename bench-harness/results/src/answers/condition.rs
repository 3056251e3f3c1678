//! Cells under the same conditions with one guarantee, and which of them one figure favours.

use super::{Between, is_measured};
use crate::comparison::{
    Better, ComparedFigure, Difference, Finding, Judgement, NotComparable, is_at_least, is_floor,
    same_group,
};
use crate::statistics::TRIALS_FOR_A_CLAIM;
use crate::{CellOutcome, LimitedBy, Row, Verdict, sets_of_alike};

/// One group of cells beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Place of the run.
    pub run: usize,
    /// By what the cells are judged.
    pub figure: ComparedFigure,
    /// All that were measured, in the plan's order.
    pub cells: Vec<usize>,
    /// The cell with the best figure of those that take part.
    pub leader: Option<usize>,
    /// Without a measurable difference from the leader.
    pub as_good: Vec<(usize, Difference)>,
    /// Measurably worse than the leader.
    pub worse: Vec<(usize, Difference)>,
    /// Those that nothing can be said of, and why.
    pub no_verdict: Vec<(usize, NoVerdict)>,
    /// What follows.
    pub standing: Standing,
}

/// What can be said of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Two cells or more give a verdict.
    Judged,
    /// A cell that gives no verdict showed a better figure than all that do: it may be the best.
    Undecided,
    /// Too few trials: what was seen is a hint.
    Hint,
    /// One cell alone gives a verdict, and there is nothing to compare it with.
    Alone,
    /// No cell gives a verdict.
    Nothing,
}

/// Why nothing is said of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoVerdict {
    /// It lost messages, was saturated or failed.
    Outcome(CellOutcome),
    /// The client or the machine was used up before its server.
    Limited(LimitedBy),
    /// A trial of it is suspect or invalid.
    Verdict(Verdict),
    /// So few trials were left of it, or ran in one round with the leader's.
    TooFewTrials(u32),
    /// Its trials do not have the figure.
    NoFigure,
    /// It may not be set against the leader.
    NotCompared(String),
}

impl Condition {
    /// The leader and all that are as good: by chance one of them leads.
    pub fn favoured(&self) -> impl Iterator<Item = usize> {
        self.leader
            .into_iter()
            .chain(self.as_good.iter().map(|(cell, _)| *cell))
    }
}

/// Groups of the measured cells of a run that are taken, in the plan's order. Floors take no part.
pub(super) fn all(
    run: usize,
    rows: &[Row],
    figure: ComparedFigure,
    takes: &dyn Fn(&Row) -> bool,
    between: &Between<'_>,
) -> Vec<Condition> {
    let is_taken = |row: &Row| is_measured(row) && !is_floor(row) && takes(row);
    let cells = (0..rows.len()).filter(|&cell| is_taken(&rows[cell]));
    sets_of_alike(cells, |&one, &other| same_group(&rows[one], &rows[other]))
        .into_iter()
        .map(|cells| judged(run, rows, figure, cells, between))
        .collect()
}

fn judged(
    run: usize,
    rows: &[Row],
    figure: ComparedFigure,
    cells: Vec<usize>,
    between: &Between<'_>,
) -> Condition {
    let mut no_verdict: Vec<(usize, NoVerdict)> = cells
        .iter()
        .filter_map(|&cell| Some((cell, excluded(figure, &rows[cell])?)))
        .collect();
    let is_out = |cell: usize| no_verdict.iter().any(|(other, _)| *other == cell);
    let mut taking_part: Vec<usize> = cells
        .iter()
        .copied()
        .filter(|&cell| !is_out(cell))
        .collect();
    let (enough, few): (Vec<usize>, Vec<usize>) = taking_part
        .iter()
        .partition(|&&cell| rows[cell].trials >= TRIALS_FOR_A_CLAIM);
    let is_hint = enough.is_empty();
    if !is_hint {
        taking_part = enough;
        no_verdict.extend(few.iter().map(|&cell| (cell, too_few(&rows[cell]))));
    }
    let value = |cell: usize| figure.of_row(&rows[cell]);
    let leader = leader(figure, &taking_part, &value, between);
    let (mut as_good, mut worse) = (Vec::new(), Vec::new());
    for &cell in &taking_part {
        let Some(leader) = leader.filter(|&leader| leader != cell) else {
            continue;
        };
        let Some(difference) = between(figure, leader, cell) else {
            let why = NoVerdict::NotCompared("not asked for".to_owned());
            no_verdict.push((cell, why));
            continue;
        };
        match (difference.judgement(), &difference.finding) {
            (_, Finding::NotComparable(why)) => no_verdict.push((cell, not_compared(why))),
            _ if !is_hint && difference.pairs < TRIALS_FOR_A_CLAIM => {
                no_verdict.push((cell, NoVerdict::TooFewTrials(difference.pairs)));
            }
            (Judgement::TooFewTrials, _) => no_verdict.push((cell, too_few(&rows[cell]))),
            (Judgement::Worse, _) => worse.push((cell, difference)),
            _ => as_good.push((cell, difference)),
        }
    }
    no_verdict.sort_by_key(|(cell, _)| *cell);
    let standing = if leader.is_none() {
        Standing::Nothing
    } else if is_hint {
        Standing::Hint
    } else if no_verdict
        .iter()
        .any(|(cell, why)| rivals(figure, why, value(*cell), leader.and_then(value)))
    {
        Standing::Undecided
    } else if as_good.is_empty() && worse.is_empty() {
        Standing::Alone
    } else {
        Standing::Judged
    };
    Condition {
        run,
        figure,
        cells,
        leader,
        as_good,
        worse,
        no_verdict,
        standing,
    }
}

/// Why a cell takes no part; `None` where it does.
fn excluded(figure: ComparedFigure, row: &Row) -> Option<NoVerdict> {
    if row.lost.is_some_and(|lost| lost > 0) {
        return Some(NoVerdict::Outcome(CellOutcome::Lossy));
    }
    if is_at_least(row) {
        return Some(NoVerdict::Limited(
            row.limited_by.unwrap_or(LimitedBy::Unknown),
        ));
    }
    if row.outcome != CellOutcome::Delivered {
        return Some(NoVerdict::Outcome(row.outcome));
    }
    match row.verdict {
        Some(Verdict::Valid) => {}
        Some(verdict) => return Some(NoVerdict::Verdict(verdict)),
        None => return Some(NoVerdict::NoFigure),
    }
    let has_figure = figure.of_row(row).is_some_and(|value| value > 0.0);
    (!has_figure).then_some(NoVerdict::NoFigure)
}

fn too_few(row: &Row) -> NoVerdict {
    NoVerdict::TooFewTrials(row.trials)
}

fn not_compared(why: &NotComparable) -> NoVerdict {
    match why {
        NotComparable::NoFigure(_) => NoVerdict::NoFigure,
        NotComparable::Conditions(which) => {
            NoVerdict::NotCompared(format!("other {}", which.join(", ")))
        }
        other => NoVerdict::NotCompared(other.to_string()),
    }
}

/// The cell with the best figure. Figures of cells are taken over all trials at once, and differences
/// trial by trial: where these find another cell measurably better, it leads.
fn leader(
    figure: ComparedFigure,
    cells: &[usize],
    value: &dyn Fn(usize) -> Option<f64>,
    between: &Between<'_>,
) -> Option<usize> {
    let best = cells
        .iter()
        .filter_map(|&cell| Some((cell, value(cell)?)))
        .reduce(|best, next| {
            if is_better(figure, next.1, best.1) {
                next
            } else {
                best
            }
        })?
        .0;
    let beats = |cell: usize| {
        between(figure, best, cell)
            .is_some_and(|difference| difference.judgement() == Judgement::Better)
    };
    Some(
        cells
            .iter()
            .copied()
            .find(|&cell| cell != best && beats(cell))
            .unwrap_or(best),
    )
}

const fn is_better(figure: ComparedFigure, one: f64, other: f64) -> bool {
    match figure.better() {
        Better::Higher => one > other,
        Better::Lower => one < other,
    }
}

/// Whether a cell that gives no verdict may be better than the leader: it showed a better figure, and
/// what keeps it out says nothing against its server.
fn rivals(
    figure: ComparedFigure,
    why: &NoVerdict,
    value: Option<f64>,
    leader: Option<f64>,
) -> bool {
    if let NoVerdict::Outcome(_) | NoVerdict::NoFigure = why {
        return false;
    }
    matches!((value, leader), (Some(value), Some(leader)) if is_better(figure, value, leader))
}
