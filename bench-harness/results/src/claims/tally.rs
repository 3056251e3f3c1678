//! What comparisons amount to, and which of them are left out.

use std::ops::AddAssign;

use super::ClaimVerdict;
use crate::comparison::{Difference, Finding, Judgement, NotComparable, is_at_least};
use crate::statistics::TRIALS_FOR_A_CLAIM;
use crate::{CellOutcome, Row, Verdict};

/// How often comparisons came out which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// The head is better.
    pub better: usize,
    /// The head is worse.
    pub worse: usize,
    /// No difference was found.
    pub no_measurable_difference: usize,
}

impl Counts {
    /// Comparisons that trials judged.
    #[must_use]
    pub const fn tested(self) -> usize {
        self.better + self.worse + self.no_measurable_difference
    }

    pub(super) const fn count(&mut self, judgement: Judgement) {
        match judgement {
            Judgement::Better => self.better += 1,
            Judgement::Worse => self.worse += 1,
            Judgement::NoMeasurableDifference => self.no_measurable_difference += 1,
            Judgement::TooFewTrials | Judgement::NotComparable => {}
        }
    }

    /// Of a claim that the head is better: it has to be in half of the comparisons at least.
    pub(super) const fn beats(self) -> ClaimVerdict {
        match self {
            _ if self.tested() == 0 => ClaimVerdict::NotTestedYet,
            Self {
                better: 0,
                worse: 0,
                ..
            } => ClaimVerdict::NoMeasurableDifference,
            Self { worse: 0, .. } if self.better * 2 >= self.tested() => ClaimVerdict::Supported,
            _ => ClaimVerdict::NotSupported,
        }
    }

    /// Of a claim that the head is at least as good.
    pub(super) const fn is_not_worse(self) -> ClaimVerdict {
        match self {
            _ if self.tested() == 0 => ClaimVerdict::NotTestedYet,
            Self {
                better: 0,
                worse: 0,
                ..
            } => ClaimVerdict::NoMeasurableDifference,
            Self { worse: 0, .. } => ClaimVerdict::Supported,
            _ => ClaimVerdict::NotSupported,
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.better += other.better;
        self.worse += other.worse;
        self.no_measurable_difference += other.no_measurable_difference;
    }
}

/// Why a comparison, or a cell that is to show that something works, judges no claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoVerdict {
    /// No trial of a cell has finished.
    NotRun,
    /// A cell lost messages, was saturated, or failed.
    Outcome,
    /// A cell is suspect or invalid.
    NotValid,
    /// Fewer than [`TRIALS_FOR_A_CLAIM`] trials.
    TooFewTrials,
    /// Client or machine were used up before the server of a cell: what it reached is a lower bound.
    LowerBound,
    /// Too few samples, or not counted.
    NoFigure,
    /// Conditions differ, or a guarantee is not known.
    NotComparable,
}

/// Which claims a comparison may judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Between {
    /// Those about servers: a lower bound is none of a server's figures.
    Servers,
    /// Those about layouts on one server: what harness and server reach together is the figure.
    Layouts,
}

/// Why a comparison judges no claim; `None` where it does.
pub(super) fn why_not(
    between: Between,
    base: &Row,
    head: &Row,
    difference: &Difference,
) -> Option<NoVerdict> {
    let rows = [base, head];
    if rows.iter().any(|row| row.outcome == CellOutcome::NotRun) {
        return Some(NoVerdict::NotRun);
    }
    let why = match &difference.finding {
        Finding::NotComparable(why) => Some(why),
        _ => None,
    };
    if let Some(NotComparable::Outcome(..)) = why {
        return Some(NoVerdict::Outcome);
    }
    if let Some(doubt) = rows.iter().find_map(|row| no_verdict(row)) {
        return Some(doubt);
    }
    if between == Between::Servers && rows.iter().any(|row| is_at_least(row)) {
        return Some(NoVerdict::LowerBound);
    }
    match why {
        Some(NotComparable::NoFigure(_) | NotComparable::Zero(_)) => Some(NoVerdict::NoFigure),
        Some(_) => Some(NoVerdict::NotComparable),
        // Pairs can be fewer than trials: one without a figure has no partner.
        None => (difference.pairs < TRIALS_FOR_A_CLAIM).then_some(NoVerdict::TooFewTrials),
    }
}

/// Why a cell that was measured feeds no verdict; `None` where it is valid and has trials enough.
#[must_use]
pub fn no_verdict(row: &Row) -> Option<NoVerdict> {
    if row.verdict.is_none() {
        return Some(NoVerdict::NotRun);
    }
    if row.verdict != Some(Verdict::Valid) {
        return Some(NoVerdict::NotValid);
    }
    (row.trials < TRIALS_FOR_A_CLAIM).then_some(NoVerdict::TooFewTrials)
}

#[cfg(test)]
mod tests {
    use super::ClaimVerdict::{
        self, NoMeasurableDifference, NotSupported, NotTestedYet, Supported,
    };
    use super::Counts;

    #[track_caller]
    fn check([better, worse, equal]: [usize; 3], beats: ClaimVerdict, not_worse: ClaimVerdict) {
        let counts = Counts {
            better,
            worse,
            no_measurable_difference: equal,
        };
        assert_eq!(counts.beats(), beats, "{counts:?}");
        assert_eq!(counts.is_not_worse(), not_worse, "{counts:?}");
    }

    #[test]
    fn half_of_the_comparisons_have_to_be_better_and_none_worse() {
        check([0, 0, 0], NotTestedYet, NotTestedYet);
        check([0, 0, 9], NoMeasurableDifference, NoMeasurableDifference);
        check([5, 0, 5], Supported, Supported);
        check([4, 0, 5], NotSupported, Supported);
        check([9, 1, 0], NotSupported, NotSupported);
        check([0, 1, 9], NotSupported, NotSupported);
    }
}
