//! From two cells to a question that their trials can answer.

use std::collections::BTreeMap;

use super::across::Across;
use super::conditions::{NotComparable, Side, Subject, comparable, is_at_least};
use super::effects::SmallestEffects;
use super::figure::{ComparedFigure, Times};
use super::paired::Claimable;
use crate::statistics::{logarithm, mean};
use crate::{CellOutcome, LimitedBy, Row, Trial, Verdict};

/// A cell as it is compared: its row, and figures of its trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured<'a> {
    pub(super) row: &'a Row,
    /// By number of the trial.
    figures: BTreeMap<ComparedFigure, BTreeMap<u32, f64>>,
}

impl<'a> Measured<'a> {
    /// A cell with figures by number of the trial. A figure that is not finite is left out.
    #[must_use]
    pub fn new(row: &'a Row, mut figures: BTreeMap<ComparedFigure, BTreeMap<u32, f64>>) -> Self {
        for trials in figures.values_mut() {
            trials.retain(|_, value| value.is_finite());
        }
        Self { row, figures }
    }

    /// Takes these figures of a cell's trials. Invalid trials are left out, and so is a trial that
    /// does not have a figure.
    #[must_use]
    pub fn of_trials(row: &'a Row, trials: &[Trial], figures: &[ComparedFigure]) -> Self {
        let mut of_each: BTreeMap<ComparedFigure, BTreeMap<u32, f64>> = figures
            .iter()
            .map(|&figure| (figure, BTreeMap::new()))
            .collect();
        for trial in trials
            .iter()
            .filter(|trial| trial.verdict != Verdict::Invalid)
        {
            let mut times = Times::default();
            for (figure, values) in &mut of_each {
                let value = figure.of_times(trial, &mut times);
                values.extend(value.map(|value| (trial.number, value)));
            }
        }
        Self::new(row, of_each)
    }

    /// The cell with the trials for which `number` has one, under that number.
    pub(super) fn renumbered(&self, number: impl Fn(u32) -> Option<u32>) -> Self {
        let of_figure = |trials: &BTreeMap<u32, f64>| {
            trials
                .iter()
                .filter_map(|(&old, &value)| Some((number(old)?, value)))
                .collect()
        };
        let figures = self.figures.iter();
        Self {
            row: self.row,
            figures: figures
                .map(|(&figure, trials)| (figure, of_figure(trials)))
                .collect(),
        }
    }

    fn trials(&self, side: Side, figure: ComparedFigure) -> Result<Trials<'_>, NotComparable> {
        let outcome = self.row.outcome;
        if figure.is_response() && outcome != CellOutcome::Delivered {
            return Err(NotComparable::Outcome(side, outcome));
        }
        match self.figures.get(&figure) {
            Some(trials) if !trials.is_empty() && figure.of_row(self.row).is_some() => Ok(trials),
            _ => Err(NotComparable::NoFigure(side)),
        }
    }
}

type Trials<'a> = &'a BTreeMap<u32, f64>;

/// Whether one figure of two cells differs. All questions of one comparison are
/// [answered](super::compare) together.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub(super) figure: ComparedFigure,
    pub(super) smallest_effect: f64,
    pub(super) asked: Result<Asked, NotComparable>,
}

/// What a question is answered from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// Head by base, of each trial that both have.
    pub(super) log_ratios: Vec<f64>,
    pub(super) claimable: Claimable,
    /// Why the other side may not be claimed.
    pub(super) limited_elsewhere: Option<NotComparable>,
}

impl Question {
    /// Asks for a difference of `head` from `base`.
    #[must_use]
    pub fn new(
        subject: Subject,
        figure: ComparedFigure,
        base: &Measured<'_>,
        head: &Measured<'_>,
        effects: &SmallestEffects,
    ) -> Self {
        Self {
            figure,
            smallest_effect: effects.of(figure),
            asked: ask((subject, &[]), figure, base, head),
        }
    }

    /// Asks for a difference between two sides that differ by this, or by the program alone.
    pub(super) fn between_sides(
        across: Option<Across>,
        figure: ComparedFigure,
        base: &Measured<'_>,
        head: &Measured<'_>,
        effects: &SmallestEffects,
    ) -> Self {
        let subject = across.map_or(Subject::Builds, Across::subject);
        let may_differ = across.map_or(&[][..], Across::columns);
        Self {
            figure,
            smallest_effect: effects.of(figure),
            asked: ask((subject, may_differ), figure, base, head),
        }
    }

    /// Asks for a difference between figures by number of the trial that no cell stands behind.
    pub(super) fn of_trials(
        figure: ComparedFigure,
        base: &BTreeMap<u32, f64>,
        head: &BTreeMap<u32, f64>,
        effects: &SmallestEffects,
    ) -> Self {
        Self {
            figure,
            smallest_effect: effects.of(figure),
            asked: log_ratios(base, head).map(|log_ratios| Asked {
                log_ratios,
                claimable: Claimable::Both,
                limited_elsewhere: None,
            }),
        }
    }
}

impl Asked {
    pub(super) fn ratio(&self) -> Option<f64> {
        (!self.log_ratios.is_empty()).then(|| mean(&self.log_ratios).exp())
    }
}

fn ask(
    (subject, may_differ): (Subject, &[&str]),
    figure: ComparedFigure,
    base: &Measured<'_>,
    head: &Measured<'_>,
) -> Result<Asked, NotComparable> {
    comparable(subject, may_differ, figure, base.row, head.row)?;
    let base_trials = base.trials(Side::Base, figure)?;
    let head_trials = head.trials(Side::Head, figure)?;
    let log_ratios = log_ratios(base_trials, head_trials)?;
    let (claimable, limited_elsewhere) = match subject {
        Subject::Servers if figure.is_reached() => limits(base.row, head.row)?,
        Subject::Servers | Subject::Builds | Subject::Layouts => (Claimable::Both, None),
    };
    Ok(Asked {
        log_ratios,
        claimable,
        limited_elsewhere,
    })
}

/// Head by base, of each trial that both have.
fn log_ratios(base: Trials<'_>, head: Trials<'_>) -> Result<Vec<f64>, NotComparable> {
    let logs = |side, trials: Trials<'_>| {
        let log = |(&number, &value)| Some((number, logarithm(value)?));
        let logs: Option<BTreeMap<u32, f64>> = trials.iter().map(log).collect();
        logs.ok_or(NotComparable::Zero(side))
    };
    let (base_logs, head_logs) = (logs(Side::Base, base)?, logs(Side::Head, head)?);
    Ok(base_logs
        .iter()
        .filter_map(|(number, base_log)| Some(head_logs.get(number)? - base_log))
        .collect())
}

/// A cell that its client or the machine limited could have reached more: it may be called higher,
/// by at least so much, and never lower.
fn limits(base: &Row, head: &Row) -> Result<(Claimable, Option<NotComparable>), NotComparable> {
    let why = |side, row: &Row| {
        let limit = row.limited_by.unwrap_or(LimitedBy::Unknown);
        Some(NotComparable::LimitedElsewhere(side, limit))
    };
    match (is_at_least(base), is_at_least(head)) {
        (false, false) => Ok((Claimable::Both, None)),
        (true, false) => Ok((Claimable::Lower, why(Side::Base, base))),
        (false, true) => Ok((Claimable::Higher, why(Side::Head, head))),
        (true, true) => Err(NotComparable::BothLimitedElsewhere),
    }
}
