//! Cells of one run against each other.

use std::collections::BTreeMap;

use super::conditions::{NotComparable, Side, Subject, comparable, is_floor, same_group};
use super::effects::SmallestEffects;
use super::figure::{Better, ComparedFigure};
use super::measured::{Measured, Question};
use super::{Comparison, Difference, compare};
use crate::{Row, Run, sets_of_alike};

/// Every cell of a run against every other that it may be compared with. Cells are named by their
/// place in the run's list.
#[derive(Debug, Clone, PartialEq)]
pub struct CellComparison<'a> {
    /// Cells that belong into one ranking, in the plan's order.
    pub groups: Vec<Group>,
    /// All differences that were asked for, corrected at once: so it is no matter which of them
    /// a reader picks after seeing the figures, those against the best cell included.
    pub comparison: Comparison,
    rows: &'a [Row],
    effects: SmallestEffects,
    /// What was asked of each cell.
    figures: Vec<&'static [ComparedFigure]>,
    /// Place of a difference: base, which is the earlier cell, then head.
    places: BTreeMap<(ComparedFigure, usize, usize), usize>,
}

/// Cells with one guarantee that were measured under the same conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Their places, in the plan's order.
    pub cells: Vec<usize>,
    /// One for each figure that was asked for.
    pub rankings: Vec<Ranking>,
}

/// The cells of a group beside the best of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// By what they are ranked.
    pub figure: ComparedFigure,
    /// The cell with the best figure; `None` where none has a headline. Others may be as good: the
    /// best of equal cells is so by chance.
    pub leader: Option<usize>,
    /// Each other cell of the group with its difference from the leader.
    pub against_leader: Vec<(usize, Difference)>,
}

/// Compares the headlines of a run's cells; `rows` are those that
/// [`summarise`](crate::summarise) gives. Floors and cells without a figure are in no group.
#[must_use]
pub fn compare_cells<'a>(
    run: &Run,
    rows: &'a [Row],
    effects: &SmallestEffects,
) -> CellComparison<'a> {
    compare_figures(run, rows, effects, |row| {
        ComparedFigure::headlines(row.load)
    })
}

/// The same with other figures: `figures` says what is asked of a cell, and a group is asked what
/// its first cell is. The correction is for what is asked here alone.
#[must_use]
pub fn compare_figures<'a>(
    run: &Run,
    rows: &'a [Row],
    effects: &SmallestEffects,
    figures: impl Fn(&Row) -> &'static [ComparedFigure],
) -> CellComparison<'a> {
    let figures: Vec<&'static [ComparedFigure]> = rows.iter().map(figures).collect();
    let measured: Vec<Measured<'_>> = run
        .record
        .cells
        .iter()
        .zip(rows)
        .zip(&figures)
        .map(|((cell, row), figures)| Measured::of_trials(row, run.trials_of(cell), figures))
        .collect();
    let groups = groups(rows);
    let mut questions = Vec::new();
    let mut places = BTreeMap::new();
    for cells in &groups {
        for (base, head) in pairs(cells) {
            for &figure in figures[cells[0]] {
                places.insert((figure, base, head), questions.len());
                questions.push(Question::new(
                    Subject::Servers,
                    figure,
                    &measured[base],
                    &measured[head],
                    effects,
                ));
            }
        }
    }
    let mut comparison = CellComparison {
        groups: Vec::new(),
        comparison: compare(&questions),
        rows,
        effects: effects.clone(),
        figures,
        places,
    };
    comparison.groups = groups
        .into_iter()
        .map(|cells| comparison.group(cells))
        .collect();
    comparison
}

impl CellComparison<'_> {
    /// How `head` lies to `base`; `None` where one of them is not in the run, or both are one.
    #[must_use]
    pub fn between(&self, figure: ComparedFigure, base: usize, head: usize) -> Option<Difference> {
        let asked = |base, head| {
            let place = *self.places.get(&(figure, base, head))?;
            self.comparison.differences.get(place)
        };
        if let Some(difference) = asked(base, head) {
            return Some(difference.clone());
        }
        if let Some(difference) = asked(head, base) {
            return Some(difference.reversed());
        }
        if base == head {
            return None;
        }
        let (base, head) = (self.rows.get(base)?, self.rows.get(head)?);
        let why = comparable(Subject::Servers, &[], figure, base, head)
            .err()
            .unwrap_or(NotComparable::NoFigure(Side::Head));
        Some(Difference::not_comparable(
            figure,
            self.effects.of(figure),
            why,
        ))
    }

    /// Every difference between two cells of one group, by figure, base and head: each pair both
    /// ways, and each with the headlines of its load.
    #[must_use]
    pub fn differences(&self) -> BTreeMap<(ComparedFigure, usize, usize), Difference> {
        let mut differences = BTreeMap::new();
        for (&(figure, base, head), &place) in &self.places {
            if let Some(difference) = self.comparison.differences.get(place) {
                differences.insert((figure, base, head), difference.clone());
                differences.insert((figure, head, base), difference.reversed());
            }
        }
        differences
    }

    fn group(&self, cells: Vec<usize>) -> Group {
        let figures = cells.first().map_or(&[][..], |&cell| self.figures[cell]);
        let rankings = figures
            .iter()
            .map(|&figure| self.ranking(figure, &cells))
            .collect();
        Group { cells, rankings }
    }

    fn ranking(&self, figure: ComparedFigure, cells: &[usize]) -> Ranking {
        let leader = self.leader(figure, cells);
        Ranking {
            figure,
            leader,
            against_leader: cells
                .iter()
                .filter_map(|&cell| Some((cell, self.between(figure, leader?, cell)?)))
                .collect(),
        }
    }

    fn leader(&self, figure: ComparedFigure, cells: &[usize]) -> Option<usize> {
        let ranked = cells.iter().filter_map(|&cell| {
            let row = &self.rows[cell];
            comparable(Subject::Servers, &[], figure, row, row).ok()?;
            Some((cell, figure.of_row(row).filter(|value| *value > 0.0)?))
        });
        let better = |one: &(usize, f64), other: &(usize, f64)| match figure.better() {
            Better::Higher => other.1 > one.1,
            Better::Lower => other.1 < one.1,
        };
        ranked
            .reduce(|best, next| if better(&best, &next) { next } else { best })
            .map(|(cell, _)| cell)
    }
}

/// Places of cells that have figures, by group.
fn groups(rows: &[Row]) -> Vec<Vec<usize>> {
    let has_figures = |cell: &usize| rows[*cell].trials > 0 && !is_floor(&rows[*cell]);
    let cells = (0..rows.len()).filter(has_figures);
    sets_of_alike(cells, |&one, &other| same_group(&rows[one], &rows[other]))
}

/// Every two of them once.
fn pairs(cells: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    let later = |place| cells.get(place + 1..).unwrap_or_default();
    cells
        .iter()
        .enumerate()
        .flat_map(move |(place, &base)| later(place).iter().map(move |&head| (base, head)))
}
