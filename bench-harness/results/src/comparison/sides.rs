//! Base against head: every cell that both have measured, and every benchmark.

mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use super::across::Across;
use super::conditions::Side;
use super::figure::{ComparedFigure, SmallestEffects};
use super::identity::Identity;
use super::measured::{Measured, Question};
use super::refusal::{fields_that_forbid, settings_that_differ};
use super::runs::DifferingField;
use super::{Comparison, Difference, compare};
use crate::statistics::geometric_mean;
use crate::{CellOutcome, Measurements, Outcome, Row, Run, Trial, summarise};

pub use verdict::SideVerdict;

/// Two sides beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct SidesComparison {
    /// By what they may differ, beside the program.
    pub across: Option<Across>,
    /// Smallest effect of interest of each figure.
    pub effects: SmallestEffects,
    /// Whether the trials of both sides took turns, so that a drift of the machine falls on both.
    pub took_turns: bool,
    /// Settings of client crates and harness that differ.
    pub settings: Vec<DifferingField>,
    /// What both have measured: cells in the head's order, then benchmarks by name.
    pub compared: Vec<Compared>,
    /// Cells and benchmarks that only one side has measured, each with that side.
    pub alone: Vec<(Side, String)>,
    /// Questions that trials could answer: those that share the correction.
    pub tested: usize,
    /// The level that remained to each of them.
    pub level: f64,
}

/// A cell or a benchmark on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The head's id of the cell, or the benchmark's name.
    pub name: String,
    /// Rows of base and head; `None` for a benchmark.
    pub rows: Option<Box<(Row, Row)>>,
    /// One for each figure.
    pub figures: Vec<ComparedValue>,
    /// Trials that could not be finished.
    pub failed: FailedTrials,
    /// What all of it means.
    pub verdict: SideVerdict,
}

/// One figure on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedValue {
    /// The base's, over all its trials; in the figure's own unit.
    pub base: Option<f64>,
    /// The head's, over all its trials.
    pub head: Option<f64>,
    /// How the head's lies to the base's.
    pub difference: Difference,
}

/// How many trials of each side could not be finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FailedTrials {
    /// Failed ones of the base.
    pub base: usize,
    /// All of the base.
    pub of_base: usize,
    /// Failed ones of the head.
    pub head: usize,
    /// All of the head.
    pub of_head: usize,
}

/// Why two sides cannot be compared at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Incomparable {
    /// They were not measured under the same conditions.
    #[error("base and head were not measured under the same conditions")]
    Fields(Vec<DifferingField>),
    /// Nothing was measured by both.
    #[error("base and head have no cell and no benchmark in common")]
    NothingInCommon,
    /// Nothing of what both measured has an answer; the reasons, each once.
    #[error("no figure of base and head can be compared")]
    NoAnswer(Vec<String>),
}

/// Compares two sides, with one correction for all that is asked.
pub fn compare_sides(
    base: &Measurements,
    head: &Measurements,
    across: Option<Across>,
    effects: &SmallestEffects,
) -> Result<SidesComparison, Incomparable> {
    let mut settings = Vec::new();
    if let (Some(base), Some(head)) = (&base.run, &head.run) {
        let fields = fields_that_forbid(&base.record, &head.record, across);
        if !fields.is_empty() {
            return Err(Incomparable::Fields(fields));
        }
        settings = settings_that_differ(&base.record, &head.record);
    }
    let (mut asked, mut alone) = (Vec::new(), Vec::new());
    ask_of_cells(
        base.run.as_ref(),
        head.run.as_ref(),
        across,
        effects,
        &mut asked,
        &mut alone,
    );
    ask_of_benchmarks(base, head, effects, &mut asked, &mut alone);
    if asked.is_empty() {
        return Err(Incomparable::NothingInCommon);
    }
    let questions: Vec<Question> = asked
        .iter()
        .flat_map(|asked| {
            asked
                .questions
                .iter()
                .map(|(question, ..)| question.clone())
        })
        .collect();
    let comparison = compare(&questions);
    let compared = answered(asked, &comparison);
    let has_verdict = |compared: &Compared| compared.verdict != SideVerdict::NotComparable;
    if !compared.iter().any(has_verdict) {
        return Err(Incomparable::NoAnswer(reasons(&compared)));
    }
    Ok(SidesComparison {
        across,
        effects: effects.clone(),
        took_turns: took_turns(base, head),
        settings,
        compared,
        alone,
        tested: comparison.tested,
        level: comparison.level,
    })
}

impl SidesComparison {
    /// Whether the head is worse anywhere.
    #[must_use]
    pub fn has_regression(&self) -> bool {
        self.compared.iter().any(|compared| {
            matches!(
                compared.verdict,
                SideVerdict::Regressed | SideVerdict::Mixed
            )
        })
    }

    /// Confidence of every interval, 0 to 1.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        1.0 - self.level
    }

    /// What became of each figure that was asked for.
    pub fn differences(&self) -> impl Iterator<Item = &Difference> {
        let figures = self.compared.iter().flat_map(|compared| &compared.figures);
        figures.map(|value| &value.difference)
    }
}

/// A cell or benchmark with its questions and the values of both sides.
struct Asked {
    name: String,
    rows: Option<Box<(Row, Row)>>,
    failed: FailedTrials,
    questions: Vec<(Question, Option<f64>, Option<f64>)>,
}

fn ask_of_cells(
    base: Option<&Run>,
    head: Option<&Run>,
    across: Option<Across>,
    effects: &SmallestEffects,
    asked: &mut Vec<Asked>,
    alone: &mut Vec<(Side, String)>,
) {
    let (base, head) = (base.map(SideRun::of), head.map(SideRun::of));
    let of_base = base
        .as_ref()
        .map(|side| side.by_identity(across))
        .unwrap_or_default();
    let of_head = head
        .as_ref()
        .map(|side| side.by_identity(across))
        .unwrap_or_default();
    let pairs: BTreeMap<usize, usize> = of_head
        .iter()
        .filter_map(|(identity, place)| Some(((*place)?, (*of_base.get(identity)?)?)))
        .collect();
    let in_base: BTreeSet<usize> = pairs.values().copied().collect();
    if let (Some(base), Some(head)) = (&base, &head) {
        asked.extend(pairs.iter().map(|(&of_head, &of_base)| {
            let figures = ComparedFigure::of_builds(head.rows[of_head].load);
            let measured = (
                base.measured(of_base, figures),
                head.measured(of_head, figures),
            );
            let question = |&figure: &ComparedFigure| {
                let (base, head) = (&measured.0, &measured.1);
                let question = Question::between_sides(across, figure, base, head, effects);
                (question, figure.of_row(base.row), figure.of_row(head.row))
            };
            Asked {
                name: head.run.record.cells[of_head].id.clone(),
                questions: figures.iter().map(question).collect(),
                failed: FailedTrials::of(base.trials(of_base), head.trials(of_head)),
                rows: Some(Box::new((
                    base.rows[of_base].clone(),
                    head.rows[of_head].clone(),
                ))),
            }
        }));
    }
    for (side, of, paired) in [
        (Side::Base, &base, in_base),
        (Side::Head, &head, pairs.keys().copied().collect()),
    ] {
        let Some(of) = of else { continue };
        let places = of.measured_places().filter(|place| !paired.contains(place));
        alone.extend(places.map(|place| (side, of.run.record.cells[place].id.clone())));
    }
}

/// A run with its rows.
struct SideRun<'a> {
    run: &'a Run,
    rows: Vec<Row>,
}

impl<'a> SideRun<'a> {
    fn of(run: &'a Run) -> Self {
        Self {
            run,
            rows: summarise(run),
        }
    }

    fn measured_places(&self) -> impl Iterator<Item = usize> {
        self.rows
            .iter()
            .enumerate()
            .filter(|(_, row)| {
                !matches!(row.outcome, CellOutcome::NotPossible | CellOutcome::NotRun)
            })
            .map(|(place, _)| place)
    }

    /// Places of cells; `None` where several are the same but for what may differ.
    fn by_identity(&self, across: Option<Across>) -> BTreeMap<Identity<'_>, Option<usize>> {
        let mut places: BTreeMap<Identity<'_>, Option<usize>> = BTreeMap::new();
        for place in self.measured_places() {
            places
                .entry(Identity::across(&self.rows[place], across))
                .and_modify(|known| *known = None)
                .or_insert(Some(place));
        }
        places
    }

    fn trials(&self, place: usize) -> &'a [Trial] {
        self.run.trials_of(&self.run.record.cells[place])
    }

    fn measured(&self, place: usize, figures: &[ComparedFigure]) -> Measured<'_> {
        Measured::of_trials(&self.rows[place], self.trials(place), figures)
    }
}

impl FailedTrials {
    fn of(base: &[Trial], head: &[Trial]) -> Self {
        let failed = |trials: &[Trial]| {
            let failed = |trial: &&Trial| trial.outcome == Outcome::Failed;
            trials.iter().filter(failed).count()
        };
        Self {
            base: failed(base),
            of_base: base.len(),
            head: failed(head),
            of_head: head.len(),
        }
    }
}

fn ask_of_benchmarks(
    base: &Measurements,
    head: &Measurements,
    effects: &SmallestEffects,
    asked: &mut Vec<Asked>,
    alone: &mut Vec<(Side, String)>,
) {
    let figure = ComparedFigure::TimePerIterationNs;
    let value = |times: &BTreeMap<u32, f64>| {
        let times: Vec<f64> = times.values().copied().collect();
        geometric_mean(&times).map(|estimate| estimate.value)
    };
    for (name, times) in &head.benchmarks {
        let Some(of_base) = base.benchmarks.get(name) else {
            alone.push((Side::Head, name.clone()));
            continue;
        };
        let question = Question::of_trials(figure, of_base, times, effects);
        asked.push(Asked {
            name: name.clone(),
            rows: None,
            failed: FailedTrials::default(),
            questions: vec![(question, value(of_base), value(times))],
        });
    }
    let only_base = base
        .benchmarks
        .keys()
        .filter(|name| !head.benchmarks.contains_key(*name));
    alone.extend(only_base.map(|name| (Side::Base, name.clone())));
}

fn answered(asked: Vec<Asked>, comparison: &Comparison) -> Vec<Compared> {
    let mut differences = comparison.differences.iter().cloned();
    asked
        .into_iter()
        .map(|asked| {
            let figures: Vec<ComparedValue> = asked
                .questions
                .into_iter()
                .zip(differences.by_ref())
                .map(|((_, base, head), difference)| ComparedValue {
                    base,
                    head,
                    difference,
                })
                .collect();
            let verdict = SideVerdict::of(
                figures.iter().map(|value| value.difference.judgement()),
                asked.failed,
            );
            Compared {
                name: asked.name,
                rows: asked.rows,
                figures,
                failed: asked.failed,
                verdict,
            }
        })
        .collect()
}

fn reasons(compared: &[Compared]) -> Vec<String> {
    let mut reasons: Vec<String> = compared
        .iter()
        .flat_map(|compared| &compared.figures)
        .filter_map(|value| value.difference.reason())
        .collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons
}

/// Whether, in the order of time, the side changes at least once for each round that both have.
fn took_turns(base: &Measurements, head: &Measurements) -> bool {
    let (Some(base), Some(head)) = (&base.run, &head.run) else {
        // Criterion does not say when it measured.
        return true;
    };
    let starts = |run: &Run, side: Side| -> Vec<(u64, Side, u32)> {
        let trials = run.trials.values().flatten();
        trials
            .map(|trial| (trial.started_unix_ms, side, trial.number))
            .collect()
    };
    let (mut all, of_head) = (starts(base, Side::Base), starts(head, Side::Head));
    let numbers = |trials: &[(u64, Side, u32)]| -> BTreeSet<u32> {
        trials.iter().map(|(.., number)| *number).collect()
    };
    let rounds = numbers(&all).intersection(&numbers(&of_head)).count();
    all.extend(of_head);
    all.sort_by_key(|(start, ..)| *start);
    let changes = all.windows(2).filter(|two| two[0].1 != two[1].1).count();
    changes >= rounds
}

#[cfg(test)]
mod tests;
