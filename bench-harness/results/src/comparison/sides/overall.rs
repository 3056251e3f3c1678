//! What all cells of a comparison say together, and whether they say enough.

use super::{Compared, ComparedValue, SideVerdict, SidesComparison};
use crate::comparison::Difference;

/// So many times its smallest effect of interest is what every figure must show: a gate that lets
/// more than that pass is one in name only.
const NARROW: f64 = 2.0;

impl SidesComparison {
    /// What all cells and benchmarks say together, as a [cell's](Compared::verdict) figures do.
    #[must_use]
    pub fn verdict(&self) -> SideVerdict {
        let verdicts = self.compared.iter().map(|compared| compared.verdict);
        SideVerdict::over(verdicts)
    }

    /// Whether every question that trials could answer would have shown a change of twice its
    /// smallest effect of interest with 80 % probability. `false` where there is no such question:
    /// then nothing would have been caught. More trials make it narrower, until what varies is the
    /// machine.
    #[must_use]
    pub fn narrow_enough(&self) -> bool {
        let mut narrow = self.differences().filter_map(Difference::is_narrow);
        let any = narrow.next();
        any == Some(true) && narrow.all(|narrow| narrow)
    }

    /// The questions, at most so many, that were answered least narrowly for their smallest effect
    /// of interest, from the widest on.
    #[must_use]
    pub fn widest(&self, at_most: usize) -> Vec<(&Compared, &ComparedValue)> {
        let figures = self.compared.iter().flat_map(|compared| {
            let values = compared.figures.iter();
            values.map(move |value| (compared, value))
        });
        let mut by_width: Vec<_> = figures
            .filter_map(|(compared, value)| Some((value.difference.width()?, compared, value)))
            .collect();
        by_width.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
        let widest = by_width.into_iter().take(at_most);
        widest
            .map(|(_, compared, value)| (compared, value))
            .collect()
    }
}

impl Difference {
    /// Whether a change of twice the smallest effect of interest would have been shown with 80 %
    /// probability; `None` where trials could not answer.
    #[must_use]
    pub fn is_narrow(&self) -> Option<bool> {
        Some(self.detectable? <= NARROW * self.smallest_effect)
    }

    /// How often the smallest effect of interest goes into what would have been shown.
    fn width(&self) -> Option<f64> {
        Some(self.detectable? / self.smallest_effect)
    }
}

#[cfg(test)]
mod tests {
    use crate::comparison::{
        Across, ComparedFigure, SideVerdict, SidesComparison, SmallestEffects, compare_sides,
    };
    use crate::fixtures::{Change, two_builds};
    use crate::{Cell, Load};

    fn compared(
        change: impl Fn(&Cell) -> Option<Change>,
        effects: &SmallestEffects,
    ) -> SidesComparison {
        let (base, head) = two_builds(change);
        compare_sides(&base, &head, None::<Across>, effects).unwrap()
    }

    #[test]
    fn the_verdict_is_that_of_all_cells_together() {
        let effects = SmallestEffects::default();
        let slower = |bus: &'static str, factor: f64| {
            move |cell: &Cell| {
                let of = cell.key.bus == bus && cell.key.load == Load::Closed;
                of.then_some(Change::Slower(factor))
            }
        };
        let verdict =
            |change: &dyn Fn(&Cell) -> Option<Change>| compared(change, &effects).verdict();
        assert_eq!(verdict(&|_| None), SideVerdict::NoMeasurableDifference);
        let (worse, better) = (slower("null", 1.2), slower("nats-core", 0.8));
        assert_eq!(verdict(&worse), SideVerdict::Regressed);
        assert_eq!(verdict(&better), SideVerdict::Improved);
        let both = |cell: &Cell| worse(cell).or_else(|| better(cell));
        assert_eq!(verdict(&both), SideVerdict::Mixed);
    }

    #[test]
    fn quiet_trials_are_narrow_and_one_wide_question_is_enough_to_be_not() {
        let mut effects = SmallestEffects::default();
        let quiet = compared(|_| None, &effects);
        assert!(quiet.narrow_enough());
        assert_eq!(quiet.widest(3).len(), 3);

        let p99 = ComparedFigure::ResponseP99Ns;
        effects.set(p99, 0.000_1).unwrap();
        let wide = compared(|_| None, &effects);
        assert!(!wide.narrow_enough());
        let (_, widest) = wide.widest(1)[0];
        assert_eq!(widest.difference.figure, p99);
    }

    #[test]
    fn the_widest_come_first_and_are_wide_for_their_own_smallest_effect() {
        let comparison = compared(|_| None, &SmallestEffects::default());
        let widths: Vec<f64> = comparison
            .widest(usize::MAX)
            .iter()
            .map(|(_, value)| value.difference.width().unwrap())
            .collect();
        assert_eq!(widths.len(), comparison.tested);
        assert!(widths.is_sorted_by(|one, other| one >= other), "{widths:?}");
    }

    #[test]
    fn what_answers_no_question_is_not_narrow() {
        let mut comparison = compared(|_| None, &SmallestEffects::default());
        for value in comparison
            .compared
            .iter_mut()
            .flat_map(|cell| &mut cell.figures)
        {
            value.difference.detectable = None;
        }
        assert!(!comparison.narrow_enough());
        assert!(comparison.widest(3).is_empty());
    }
}
