//! What the measurements favour, by [question](crate::questions): only from cells that were measured
//! and are valid, within one run, one guarantee and the same conditions.

mod condition;
mod contender;
mod layouts;
mod series;

pub use condition::{Condition, NoVerdict, Standing};
pub use contender::Carried;
pub use layouts::{LayoutAnswer, LayoutGain};
pub use series::{Favour, Series};

use crate::comparison::{
    CellComparison, ComparedFigure, Difference, LayoutComparison, compare_figures,
};
use crate::questions::{Question, questions};
use crate::{CellOutcome, Row, Run};

/// How `head` lies to `base`, by their places in the run's list.
pub type Between<'a> = dyn Fn(ComparedFigure, usize, usize) -> Option<Difference> + 'a;

/// A run, and what is known of how its cells differ.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// The run.
    pub run: &'a Run,
    /// Those that [`summarise`](crate::summarise) gives.
    pub rows: &'a [Row],
    /// What [`compare_cells`](crate::comparison::compare_cells) found of headlines: the reader of a
    /// report meets one number for a difference, and it is worked out once.
    pub headlines: &'a Between<'a>,
    /// What [`compare_layouts`](crate::comparison::compare_layouts) found.
    pub layouts: &'a LayoutComparison,
}

/// What is known to a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What was asked.
    pub question: &'static Question,
    /// Groups of cells that may be compared, in the order of the question's figures, of the runs and
    /// of their plans. Empty where no such cell was measured.
    pub conditions: Vec<Condition>,
    /// What they say together, for each run, figure, guarantee and way of publishing.
    pub series: Vec<Series>,
    /// The highest rates that were carried, where a question offers more than one.
    pub carried: Vec<Carried>,
    /// What the layout of the envelope makes on each bus.
    pub layouts: Vec<LayoutAnswer>,
}

/// What is asked beside headlines, of servers that serve one trial.
const OF_A_FRESH_SERVER: &[ComparedFigure] = &[ComparedFigure::ServerRssPeakBytes];

/// Answers every question from these runs. Runs are named by their place, and so are their cells.
#[must_use]
pub fn answers(evidence: &[Evidence<'_>]) -> Vec<Answer> {
    answers_to(questions(), evidence)
}

fn answers_to(questions: &'static [Question], evidence: &[Evidence<'_>]) -> Vec<Answer> {
    let memory: Vec<CellComparison<'_>> = evidence
        .iter()
        .map(|of| {
            let effects = &of.run.record.scenario.smallest_effects;
            compare_figures(of.run, of.rows, effects, |row| memory_of(questions, row))
        })
        .collect();
    questions
        .iter()
        .map(|question| answer(question, evidence, &memory))
        .collect()
}

/// Only of cells that a question is about: what nobody asks makes no correction harder.
fn memory_of(questions: &[Question], row: &Row) -> &'static [ComparedFigure] {
    let is_asked = questions
        .iter()
        .flat_map(|question| &question.basis)
        .any(|basis| OF_A_FRESH_SERVER.contains(&basis.figure) && basis.cells.takes(row));
    if is_asked { OF_A_FRESH_SERVER } else { &[] }
}

fn answer(
    question: &'static Question,
    evidence: &[Evidence<'_>],
    memory: &[CellComparison<'_>],
) -> Answer {
    let mut conditions = Vec::new();
    let mut carried = Vec::new();
    for basis in &question.basis {
        for (run, (of, memory)) in evidence.iter().zip(memory).enumerate() {
            let takes = |row: &Row| basis.cells.takes(row);
            let between = |figure, base, head| {
                if OF_A_FRESH_SERVER.contains(&figure) {
                    memory.between(figure, base, head)
                } else {
                    (of.headlines)(figure, base, head)
                }
            };
            let found = condition::all(run, of.rows, basis.figure, &takes, &between);
            if basis.figure == ComparedFigure::ResponseP99Ns {
                carried.extend(contender::carried(run, of.rows, &found));
            }
            conditions.extend(found);
        }
    }
    Answer {
        question,
        series: series::all(&conditions, evidence),
        conditions,
        carried,
        layouts: layouts::all(&question.layouts, evidence),
    }
}

/// Whether a cell has run.
fn is_measured(row: &Row) -> bool {
    !matches!(row.outcome, CellOutcome::NotRun | CellOutcome::NotPossible)
}
