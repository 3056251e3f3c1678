//! Whether figures differ: the one place that reports of a run and the comparison of two runs
//! share.
//!
//! Trials are paired by their number, as those of one number ran in one round, and what is judged
//! is the logarithm of their ratio: its t interval must lie beyond the
//! [smallest effect of interest](SmallestEffects). All that one comparison asks is
//! [corrected](FALSE_DISCOVERY_RATE) at once. What may not be compared is said, with
//! [why](NotComparable), and "no measurable difference" is an answer.
//!
//! No percentile bootstrap: over 5 trials it is too narrow, and finds a difference where there is
//! none three times as often as it says (`tests/false_alarms.rs` shows it).

mod across;
mod cells;
mod conditions;
pub(crate) mod correction;
mod effects;
mod figure;
mod identity;
mod layouts;
mod measured;
mod paired;
mod refusal;
mod runs;
mod self_check;
mod sides;

pub use across::Across;
pub use cells::{CellComparison, Group, Ranking, compare_cells, compare_figures};
pub(crate) use conditions::same_group;
pub use conditions::{NotComparable, Side, Subject, conditions_that_differ, is_at_least, is_floor};
pub use correction::FALSE_DISCOVERY_RATE;
pub(crate) use effects::of_known_figures;
pub use effects::{EffectError, NoShare, SmallestEffect, SmallestEffects};
pub use figure::{Better, ComparedFigure};
pub use layouts::{LayoutComparison, LayoutPair, NATIVE, compare_layouts};
pub use measured::{Measured, Question};
pub use refusal::{fields_that_forbid, scenario_keys_that_differ, settings_that_differ};
pub use runs::{DifferingField, SharedCell, fields_that_differ, given_twice, shared_cells};
pub use self_check::{CheckedFigure, FalseAlarms, SelfCheck, SelfCheckError, self_check};

pub use sides::{
    Compared, ComparedValue, FailedTrials, Incomparable, SideVerdict, SidesComparison,
    compare_sides,
};

use measured::Asked;
use paired::Paired;

use crate::statistics::{Interval, TRIALS_FOR_AN_INTERVAL};

/// How the head's figure lies to the base's.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What is compared.
    pub figure: ComparedFigure,
    /// Change that is too small to be called one, as a share.
    pub smallest_effect: f64,
    /// Trials that both have, in pairs.
    pub pairs: u32,
    /// Geometric mean of the ratios, head by base; `None` without a pair.
    pub ratio: Option<f64>,
    /// Interval of the ratio at the [confidence](Comparison::confidence) of the whole comparison;
    /// `None` for fewer than 3 pairs.
    pub interval: Option<Interval>,
    /// The smallest change, as a share, that these trials would have shown with 80 % probability;
    /// `None` for fewer than 3 pairs.
    pub detectable: Option<f64>,
    /// What it means.
    pub finding: Finding,
}

/// What can be said of two figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The head's is higher, by more than the smallest effect of interest.
    Higher {
        /// The head is a lower bound: the difference is at least this.
        at_least: bool,
    },
    /// The head's is lower, by more than the smallest effect of interest.
    Lower {
        /// The base is a lower bound: the difference is at least this.
        at_least: bool,
    },
    /// None beyond the smallest effect of interest can be shown. A smaller one may exist, and so may
    /// a larger one that these trials were too few or too noisy for: see
    /// [`detectable`](Difference::detectable).
    NoMeasurableDifference,
    /// Fewer than 3 pairs.
    TooFewTrials,
    /// They are not compared, or no difference is claimed.
    NotComparable(NotComparable),
}

/// A finding in the light of which way of the figure is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// The head is better.
    Better,
    /// The head is worse: between builds, a regression.
    Worse,
    /// See [`Finding`].
    NoMeasurableDifference,
    /// See [`Finding`].
    TooFewTrials,
    /// See [`Finding`].
    NotComparable,
}

impl Judgement {
    /// The name that results and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::NoMeasurableDifference => "no measurable difference",
            Self::TooFewTrials => "too few trials",
            Self::NotComparable => "not comparable",
        }
    }
}

impl Difference {
    /// Better or worse, by the figure's own way.
    #[must_use]
    pub const fn judgement(&self) -> Judgement {
        match (&self.finding, self.figure.better()) {
            (Finding::Higher { .. }, Better::Higher) | (Finding::Lower { .. }, Better::Lower) => {
                Judgement::Better
            }
            (Finding::Higher { .. }, Better::Lower) | (Finding::Lower { .. }, Better::Higher) => {
                Judgement::Worse
            }
            (Finding::NoMeasurableDifference, _) => Judgement::NoMeasurableDifference,
            (Finding::TooFewTrials, _) => Judgement::TooFewTrials,
            (Finding::NotComparable(_), _) => Judgement::NotComparable,
        }
    }

    /// Why there is no answer; `None` where there is one.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match &self.finding {
            Finding::NotComparable(why) => Some(why.to_string()),
            Finding::TooFewTrials => Some(format!(
                "{} pairs of trials, and {TRIALS_FOR_AN_INTERVAL} are needed",
                self.pairs
            )),
            Finding::Higher { .. } | Finding::Lower { .. } | Finding::NoMeasurableDifference => {
                None
            }
        }
    }

    /// The same with base and head in each other's place.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self {
            ratio: self.ratio.map(f64::recip),
            interval: self.interval.map(|interval| Interval {
                low: interval.high.recip(),
                high: interval.low.recip(),
            }),
            finding: match &self.finding {
                &Finding::Higher { at_least } => Finding::Lower { at_least },
                &Finding::Lower { at_least } => Finding::Higher { at_least },
                Finding::NotComparable(why) => Finding::NotComparable(why.reversed()),
                same @ (Finding::NoMeasurableDifference | Finding::TooFewTrials) => same.clone(),
            },
            ..self.clone()
        }
    }

    fn not_comparable(figure: ComparedFigure, smallest_effect: f64, why: NotComparable) -> Self {
        Self {
            figure,
            smallest_effect,
            pairs: 0,
            ratio: None,
            interval: None,
            detectable: None,
            finding: Finding::NotComparable(why),
        }
    }
}

/// Answers to questions that were asked and corrected together.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// One for each question, in their order.
    pub differences: Vec<Difference>,
    /// Questions that trials could answer: those that share the correction.
    pub tested: usize,
    /// The level that remained to each of them.
    pub level: f64,
}

impl Comparison {
    /// Confidence of every interval, 0 to 1: 0.95 for a single question, higher for many.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        1.0 - self.level
    }

    /// The smallest change of a figure, as a share, that this comparison would have shown with
    /// 80 % probability wherever it happened: that of the noisiest cells. `None` where none could
    /// be tested.
    #[must_use]
    pub fn detectable(&self, figure: ComparedFigure) -> Option<f64> {
        self.differences
            .iter()
            .filter(|difference| difference.figure == figure)
            .filter_map(|difference| difference.detectable)
            .reduce(f64::max)
    }
}

/// Answers all questions of one comparison, with one correction for all of them.
#[must_use]
pub fn compare(questions: &[Question]) -> Comparison {
    let samples: Vec<Option<Paired>> = questions
        .iter()
        .map(|question| {
            let asked = question.asked.as_ref().ok()?;
            let resolution = question.figure.resolution();
            Paired::new(&asked.log_ratios, question.smallest_effect, resolution)
        })
        .collect();
    let p_values: Vec<f64> = questions
        .iter()
        .zip(&samples)
        .filter_map(|(question, sample)| {
            Some(
                sample
                    .as_ref()?
                    .p_value(question.asked.as_ref().ok()?.claimable),
            )
        })
        .collect();
    let level = correction::level(&p_values, FALSE_DISCOVERY_RATE);
    Comparison {
        differences: questions
            .iter()
            .zip(&samples)
            .map(|(question, sample)| answer(question, sample.as_ref(), level))
            .collect(),
        tested: p_values.len(),
        level,
    }
}

fn answer(question: &Question, sample: Option<&Paired>, level: f64) -> Difference {
    let (figure, smallest_effect) = (question.figure, question.smallest_effect);
    let asked = match &question.asked {
        Ok(asked) => asked,
        Err(why) => return Difference::not_comparable(figure, smallest_effect, why.clone()),
    };
    Difference {
        figure,
        smallest_effect,
        pairs: u32::try_from(asked.log_ratios.len()).unwrap_or(u32::MAX),
        ratio: asked.ratio(),
        interval: sample.and_then(|sample| sample.interval(1.0 - level)),
        detectable: sample.and_then(|sample| sample.detectable(level)),
        finding: sample.map_or(Finding::TooFewTrials, |sample| {
            finding(asked, sample, level)
        }),
    }
}

fn finding(asked: &Asked, sample: &Paired, level: f64) -> Finding {
    if sample.p_value(asked.claimable) <= level {
        let at_least = asked.limited_elsewhere.is_some();
        return if sample.ratio() > 1.0 {
            Finding::Higher { at_least }
        } else {
            Finding::Lower { at_least }
        };
    }
    match &asked.limited_elsewhere {
        Some(why) if sample.forbidden(asked.claimable, level) => {
            Finding::NotComparable(why.clone())
        }
        _ => Finding::NoMeasurableDifference,
    }
}

#[cfg(test)]
mod tests;
