//! What all figures of a cell say together.

use super::FailedTrials;
use crate::comparison::{ComparedFigure, Judgement};

/// What became of a cell or a benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SideVerdict {
    /// A figure is worse, and none better.
    Regressed,
    /// Some figures are worse and some better.
    Mixed,
    /// A figure is better, and none worse.
    Improved,
    /// No figure differs by more than the smallest effect of interest, as far as can be shown.
    NoMeasurableDifference,
    /// No figure has an answer.
    NotComparable,
}

impl SideVerdict {
    /// All of them, the worst first.
    pub const ALL: [Self; 5] = [
        Self::Regressed,
        Self::Mixed,
        Self::Improved,
        Self::NoMeasurableDifference,
        Self::NotComparable,
    ];

    /// The name that results and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Regressed => "regressed",
            Self::Mixed => "mixed",
            Self::Improved => "improved",
            Self::NoMeasurableDifference => "no measurable difference",
            Self::NotComparable => "not comparable",
        }
    }

    /// From what became of its figures, and of its trials. That no more is lost says nothing of how
    /// fast a cell is: where every other figure is without an answer, so is the cell.
    pub(super) fn of(
        judgements: impl Iterator<Item = (ComparedFigure, Judgement)>,
        failed: FailedTrials,
    ) -> Self {
        let (mut better, mut worse, mut none) = (false, false, false);
        for (figure, judgement) in judgements {
            match judgement {
                Judgement::Better => better = true,
                Judgement::Worse => worse = true,
                Judgement::NoMeasurableDifference => none |= !figure.is_loss(),
                Judgement::TooFewTrials | Judgement::NotComparable => {}
            }
        }
        worse |= failed.judgement() == Some(Judgement::Worse);
        better |= failed.judgement() == Some(Judgement::Better);
        Self::together(worse, better, none)
    }

    /// From what became of all cells and benchmarks.
    pub(super) fn over(verdicts: impl Iterator<Item = Self>) -> Self {
        let (mut better, mut worse, mut none) = (false, false, false);
        for verdict in verdicts {
            worse |= matches!(verdict, Self::Regressed | Self::Mixed);
            better |= matches!(verdict, Self::Improved | Self::Mixed);
            none |= verdict == Self::NoMeasurableDifference;
        }
        Self::together(worse, better, none)
    }

    const fn together(worse: bool, better: bool, none: bool) -> Self {
        match (worse, better) {
            (true, true) => Self::Mixed,
            (true, false) => Self::Regressed,
            (false, true) => Self::Improved,
            (false, false) if none => Self::NoMeasurableDifference,
            (false, false) => Self::NotComparable,
        }
    }
}

impl FailedTrials {
    /// Better or worse; `None` where failures say neither. A side of which at least half the trials
    /// failed, and at least three, where none of the other did, is worse: one failure alone may be
    /// the machine's.
    #[must_use]
    pub const fn judgement(self) -> Option<Judgement> {
        let (base, head) = (self.base, self.head);
        let head_fails = head >= 3 && 2 * head >= self.of_head;
        let base_fails = base >= 3 && 2 * base >= self.of_base;
        if base == 0 && self.of_base > 0 && head_fails {
            Some(Judgement::Worse)
        } else if head == 0 && self.of_head > 0 && base_fails {
            Some(Judgement::Better)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SideVerdict;
    use crate::comparison::Judgement::{
        self, Better, NoMeasurableDifference, NotComparable, TooFewTrials, Worse,
    };
    use crate::comparison::{ComparedFigure, FailedTrials};

    #[track_caller]
    fn check(judgements: &[Judgement], expected: SideVerdict) {
        let figure = ComparedFigure::DeliveredPerSecond;
        let judgements = judgements.iter().map(|judgement| (figure, *judgement));
        let verdict = SideVerdict::of(judgements, FailedTrials::default());
        assert_eq!(verdict, expected);
    }

    #[test]
    fn one_figure_decides_where_none_speaks_against_it() {
        check(&[Worse, NoMeasurableDifference], SideVerdict::Regressed);
        check(&[Better, NotComparable], SideVerdict::Improved);
        check(&[Better, Worse], SideVerdict::Mixed);
        check(
            &[NoMeasurableDifference, TooFewTrials],
            SideVerdict::NoMeasurableDifference,
        );
        check(&[TooFewTrials, NotComparable], SideVerdict::NotComparable);
        check(&[], SideVerdict::NotComparable);
    }

    #[test]
    fn no_more_loss_alone_does_not_make_a_cell_equal() {
        let loss = |judgement| {
            let judgements = [(ComparedFigure::DeliveredShare, judgement)];
            SideVerdict::of(judgements.into_iter(), FailedTrials::default())
        };
        assert_eq!(loss(NoMeasurableDifference), SideVerdict::NotComparable);
        assert_eq!(loss(Worse), SideVerdict::Regressed);
    }

    #[test]
    fn a_side_that_fails_again_and_again_is_worse_and_one_that_failed_once_is_not() {
        let failed = |base, head| {
            let failed = FailedTrials {
                base,
                of_base: 5,
                head,
                of_head: 5,
            };
            let rate = (ComparedFigure::DeliveredPerSecond, NoMeasurableDifference);
            SideVerdict::of([rate].into_iter(), failed)
        };
        assert_eq!(failed(0, 5), SideVerdict::Regressed);
        assert_eq!(failed(0, 3), SideVerdict::Regressed);
        assert_eq!(failed(0, 2), SideVerdict::NoMeasurableDifference);
        assert_eq!(failed(1, 5), SideVerdict::NoMeasurableDifference);
        assert_eq!(failed(5, 5), SideVerdict::NoMeasurableDifference);
        assert_eq!(failed(4, 0), SideVerdict::Improved);
    }
}
