//! What two sides are asked, and what the answers say together.

use std::collections::{BTreeMap, BTreeSet};

use super::{Compared, ComparedValue, FailedTrials, Incomparable, SideVerdict};
use crate::comparison::across::Across;
use crate::comparison::conditions::Side;
use crate::comparison::effects::SmallestEffects;
use crate::comparison::figure::ComparedFigure;
use crate::comparison::identity::Identity;
use crate::comparison::measured::{Measured, Question};
use crate::comparison::{Comparison, compare};
use crate::statistics::geometric_mean;
use crate::{CellOutcome, Measurements, Outcome, Row, Run, Trial, Verdict, summarise};

/// A cell or benchmark with its questions and the values of both sides.
pub(in crate::comparison) struct Asked {
    name: String,
    rows: Option<Box<(Row, Row)>>,
    failed: FailedTrials,
    questions: Vec<(Question, Option<f64>, Option<f64>)>,
}

/// Answers to all that was asked, with one correction for it.
pub(in crate::comparison) struct Judged {
    pub(in crate::comparison) compared: Vec<Compared>,
    pub(in crate::comparison) tested: usize,
    pub(in crate::comparison) level: f64,
}

/// Asks of every cell and benchmark that both have measured, and names those that one alone has.
pub(super) fn ask(
    base: &Measurements,
    head: &Measurements,
    across: Option<Across>,
    effects: &SmallestEffects,
) -> (Vec<Asked>, Vec<(Side, String)>) {
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
    (asked, alone)
}

/// Answers with one correction for all that is asked.
pub(in crate::comparison) fn judged(asked: Vec<Asked>) -> Result<Judged, Incomparable> {
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
    Ok(Judged {
        compared,
        tested: comparison.tested,
        level: comparison.level,
    })
}

impl Asked {
    /// By what two builds of a cell are compared.
    pub(in crate::comparison) fn of_cell(
        name: &str,
        across: Option<Across>,
        base: &Measured<'_>,
        head: &Measured<'_>,
        failed: FailedTrials,
        effects: &SmallestEffects,
    ) -> Self {
        let question = |&figure: &ComparedFigure| {
            let question = Question::between_sides(across, figure, base, head, effects);
            (question, figure.of_row(base.row), figure.of_row(head.row))
        };
        let figures = ComparedFigure::of_builds(head.row.load);
        Self {
            name: name.to_owned(),
            rows: None,
            failed,
            questions: figures.iter().map(question).collect(),
        }
    }

    /// By the time of an iteration, by number of the round.
    pub(in crate::comparison) fn of_benchmark(
        name: &str,
        base: &BTreeMap<u32, f64>,
        head: &BTreeMap<u32, f64>,
        effects: &SmallestEffects,
    ) -> Self {
        let value = |times: &BTreeMap<u32, f64>| {
            let times: Vec<f64> = times.values().copied().collect();
            geometric_mean(&times).map(|estimate| estimate.value)
        };
        let figure = ComparedFigure::TimePerIterationNs;
        let question = Question::of_trials(figure, base, head, effects);
        Self {
            name: name.to_owned(),
            rows: None,
            failed: FailedTrials::default(),
            questions: vec![(question, value(base), value(head))],
        }
    }
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
            let asked = Asked::of_cell(
                &head.run.record.cells[of_head].id,
                across,
                &base.measured(of_base, figures),
                &head.measured(of_head, figures),
                FailedTrials::of(base.failures(of_base), head.failures(of_head)),
                effects,
            );
            let rows = (base.rows[of_base].clone(), head.rows[of_head].clone());
            Asked {
                rows: Some(Box::new(rows)),
                ..asked
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

    fn failures(&self, place: usize) -> impl Iterator<Item = bool> {
        self.trials(place).iter().map(has_failed)
    }

    fn measured(&self, place: usize, figures: &[ComparedFigure]) -> Measured<'_> {
        Measured::of_trials(&self.rows[place], self.trials(place), figures)
    }
}

/// Whether a trial did not do what was asked of it: it lost messages, did not carry its load, could
/// not be finished, or came to nothing that may be counted. Each of these takes figures away, which
/// then cannot show that a side is worse.
pub(in crate::comparison) fn has_failed(trial: &Trial) -> bool {
    trial.outcome != Outcome::Delivered
        || trial.verdict == Verdict::Invalid
        || trial.counts.in_time == 0
}

impl FailedTrials {
    /// From what became of each trial.
    pub(in crate::comparison) fn of(
        base: impl Iterator<Item = bool>,
        head: impl Iterator<Item = bool>,
    ) -> Self {
        let (mut failed, mut all) = ([0; 2], [0; 2]);
        let trials = base
            .map(|has_failed| (0, has_failed))
            .chain(head.map(|has_failed| (1, has_failed)));
        for (side, has_failed) in trials {
            all[side] += 1;
            failed[side] += usize::from(has_failed);
        }
        Self {
            base: failed[0],
            of_base: all[0],
            head: failed[1],
            of_head: all[1],
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
    for (name, times) in &head.benchmarks {
        let Some(of_base) = base.benchmarks.get(name) else {
            alone.push((Side::Head, name.clone()));
            continue;
        };
        asked.push(Asked::of_benchmark(name, of_base, times, effects));
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
                figures
                    .iter()
                    .map(|value| (value.difference.figure, value.difference.judgement())),
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
