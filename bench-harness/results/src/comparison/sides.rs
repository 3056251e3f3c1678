//! Base against head: every cell that both have measured, and every benchmark.

mod asking;
mod overall;
mod verdict;

use std::collections::BTreeSet;

use super::Difference;
use super::across::Across;
use super::conditions::Side;
use super::effects::SmallestEffects;
use super::refusal::{fields_that_forbid, settings_that_differ};
use super::runs::DifferingField;
use crate::{Measurements, Row, Run};

pub use verdict::SideVerdict;

pub(super) use asking::{Asked, has_failed, judged};

/// Two sides beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct SidesComparison {
    /// By what they may differ, beside the program.
    pub across: Option<Across>,
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
    /// Trials that did not do what was asked of them.
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

/// How many trials of each side failed: they lost messages, did not carry their load, could not be
/// finished, or came to nothing that may be counted.
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
    let (asked, alone) = asking::ask(base, head, across, effects);
    let judged = asking::judged(asked)?;
    Ok(SidesComparison {
        across,
        took_turns: took_turns(base, head),
        settings,
        compared: judged.compared,
        alone,
        tested: judged.tested,
        level: judged.level,
    })
}

impl SidesComparison {
    /// Whether the head is worse anywhere.
    #[must_use]
    pub fn has_regression(&self) -> bool {
        matches!(self.verdict(), SideVerdict::Regressed | SideVerdict::Mixed)
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
