//! How the cells of a ranking differ: what the comparison of a run found, in the words of a table.

use std::collections::BTreeMap;

use busbench_results::comparison::{
    Better, ComparedFigure, Difference, FALSE_DISCOVERY_RATE, Finding, NotComparable,
    SmallestEffects, compare_cells,
};
use busbench_results::statistics::{Interval, TRIALS_FOR_A_CLAIM};
use busbench_results::{Load, Row, Run};

use crate::format;
use crate::view::{CellView, Group};

/// Every difference within a run, corrected at once.
pub(crate) struct Differences {
    /// By figure, base and head, each in the place that it has in the run's list.
    between: BTreeMap<(ComparedFigure, usize, usize), Difference>,
    /// Those of the run.
    effects: SmallestEffects,
    /// Questions that trials could answer.
    tested: usize,
    confidence: f64,
    /// Of each cell, as planned.
    trials: u32,
    /// The smallest change that would have been found wherever it happened.
    detectable: BTreeMap<ComparedFigure, f64>,
}

impl Differences {
    /// `rows` are those of the run's cells.
    pub(crate) fn of(run: &Run, rows: &[Row]) -> Self {
        let effects = &run.record.scenario.smallest_effects;
        let compared = compare_cells(run, rows, effects);
        let comparison = &compared.comparison;
        let figures = [Load::Closed, Load::Open].map(ComparedFigure::headlines);
        let detectable = figures
            .into_iter()
            .flatten()
            .filter_map(|&figure| Some((figure, comparison.detectable(figure)?)))
            .collect();
        Self {
            between: compared.differences(),
            tested: comparison.tested,
            confidence: comparison.confidence(),
            trials: run.record.scenario.trials,
            detectable,
            effects: effects.clone(),
        }
    }

    /// All of them, by figure, base and head.
    pub(crate) const fn all(&self) -> &BTreeMap<(ComparedFigure, usize, usize), Difference> {
        &self.between
    }

    /// How a cell lies to the best of its group, in words.
    pub(crate) fn against_best(
        &self,
        figure: ComparedFigure,
        group: &Group<'_, '_>,
        cell: &CellView<'_>,
    ) -> String {
        if let Some(why) = cell.not_ranked() {
            return format!("not ranked: {why}");
        }
        let Some(best) = best(figure, group) else {
            return "nothing to compare with".to_owned();
        };
        if best.place == cell.place {
            return "the best".to_owned();
        }
        match self.between.get(&(figure, best.place, cell.place)) {
            Some(difference) => words(difference),
            None => "not compared".to_owned(),
        }
    }

    /// How `head` lies to `base`; `None` where that was not asked.
    pub(crate) fn between(
        &self,
        figure: ComparedFigure,
        base: usize,
        head: usize,
    ) -> Option<Difference> {
        self.between.get(&(figure, base, head)).cloned()
    }

    /// How the differences of these loads were judged, and how small a one would have been found;
    /// `None` where nothing could be compared.
    pub(crate) fn note(&self, loads: &[Load]) -> Option<String> {
        let headlines = || {
            loads
                .iter()
                .flat_map(|&load| ComparedFigure::headlines(load))
        };
        let each = |share: &dyn Fn(ComparedFigure) -> Option<String>| {
            let texts = headlines()
                .filter_map(|&figure| Some(format!("{} of {}", share(figure)?, title(figure))));
            texts.collect::<Vec<_>>().join(", ")
        };
        let found = each(&|figure| Some(detectable(*self.detectable.get(&figure)?)));
        if found.is_empty() {
            return None;
        }
        let few = if self.trials < TRIALS_FOR_A_CLAIM {
            format!(
                " Few trials find large differences only: a claim needs {TRIALS_FOR_A_CLAIM}, and \
                 here are {} of each cell.",
                self.trials
            )
        } else {
            String::new()
        };
        Some(format!(
            "A difference is judged on the ratios of trials of the same number, which ran in one \
             round, and must lie beyond the smallest effect of interest: {}. One correction for the \
             {} comparisons of this run (Benjamini and Hochberg, false discovery rate {}) makes the \
             confidence of each interval {}. A change of {found} would have been found with 80 % \
             probability in the noisiest cells; a smaller one may have been missed. The best of \
             cells without a measurable difference is so by chance.{few}",
            each(&|figure| Some(format::percent_short(self.effects.of(figure)))),
            self.tested,
            format::percent_short(FALSE_DISCOVERY_RATE),
            format::percent_short(self.confidence),
        ))
    }
}

/// The best cell of a group by a figure.
fn best<'v, 'a>(figure: ComparedFigure, group: &Group<'v, 'a>) -> Option<&'v CellView<'a>> {
    let with_figure = group
        .ranked
        .iter()
        .filter_map(|&cell| Some((cell, figure.of_row(&cell.row)?)));
    let better = |one: f64, other: f64| match figure.better() {
        Better::Higher => other > one,
        Better::Lower => other < one,
    };
    with_figure
        .reduce(|best, next| if better(best.1, next.1) { next } else { best })
        .map(|(cell, _)| cell)
}

/// What a scenario says of the smallest effects of interest, as far as it is not the default; `None`
/// where nothing is.
pub(crate) fn own_effects(effects: &SmallestEffects) -> Option<String> {
    let usual = SmallestEffects::default();
    let own: Vec<String> = effects
        .each()
        .zip(usual.each())
        .filter(|(own, usual)| own != usual)
        .map(|((figure, share), _)| {
            let share = format::percent_short(share);
            format!("{share} of {}", title(figure))
        })
        .collect();
    (!own.is_empty()).then(|| own.join(", "))
}

/// Head of a column.
pub(crate) const fn title(figure: ComparedFigure) -> &'static str {
    match figure {
        ComparedFigure::DeliveredPerSecond => "delivered/s",
        ComparedFigure::ResponseP50Ns => "p50",
        ComparedFigure::ResponseP99Ns => "p99",
        ComparedFigure::ServerCpuNsPerMessage => "server CPU",
        ComparedFigure::ClientCpuNsPerMessage => "client CPU",
        ComparedFigure::ServerRssPeakBytes => "server memory",
        ComparedFigure::EncodeP50Ns => "encode p50",
        ComparedFigure::DecodeP50Ns => "decode p50",
        ComparedFigure::RoundTripP50Ns => "encode + decode",
        ComparedFigure::DeliveredShare => "delivered share",
        ComparedFigure::TimePerIterationNs => "time per iteration",
    }
}

/// `-12 % (-20 to -3.0)`: how large a difference is, with its interval, or why none is claimed.
pub(crate) fn words(difference: &Difference) -> String {
    match &difference.finding {
        Finding::Higher { .. } | Finding::Lower { .. } => {
            size(difference).unwrap_or_else(|| "not compared".to_owned())
        }
        Finding::NoMeasurableDifference => {
            let interval = difference.interval.map(interval).unwrap_or_default();
            format!("no measurable difference{interval}")
        }
        Finding::TooFewTrials => "too few trials".to_owned(),
        Finding::NotComparable(why) => reason(why),
    }
}

/// The same whether a difference is claimed or not: `at least -12 % (-20 to -3.0)`. `None` without a
/// ratio.
pub(crate) fn size(difference: &Difference) -> Option<String> {
    let share = signed_percent(difference.ratio? - 1.0);
    let interval = difference.interval.map(interval).unwrap_or_default();
    let bound = match difference.finding {
        Finding::Higher { at_least: true } | Finding::Lower { at_least: true } => "at least ",
        _ => "",
    };
    Some(format!("{bound}{share} %{interval}"))
}

/// An interval of few or noisy trials can be of any width: beyond a factor of ten its ends say no more.
pub(crate) fn interval(interval: Interval) -> String {
    let low = if interval.low < 0.1 {
        "<-90".to_owned()
    } else {
        signed_percent(interval.low - 1.0)
    };
    let high = if interval.high > 10.0 {
        ">+900".to_owned()
    } else {
        signed_percent(interval.high - 1.0)
    };
    format!(" ({low} to {high})")
}

/// A change that would have been found; beyond a factor of ten it says no more.
pub(crate) fn detectable(share: f64) -> String {
    if share > 9.0 {
        "more than 900 %".to_owned()
    } else {
        format::percent(share)
    }
}

/// Why no difference is claimed. The base is the best cell, and the head the one whose row it is.
fn reason(why: &NotComparable) -> String {
    match why {
        NotComparable::LimitedElsewhere(_, limit) => {
            format!("lower bound: limited by the {}", limit.name())
        }
        NotComparable::BothLimitedElsewhere => "both are lower bounds".to_owned(),
        NotComparable::NoFigure(_) => "too few samples".to_owned(),
        NotComparable::Outcome(_, outcome) => format!("not ranked: {}", outcome.name()),
        NotComparable::Conditions(which) => format!("not compared: other {}", which.join(", ")),
        other => format!("not compared: {other}"),
    }
}

/// `+3.4`, `-12`, `+1,340`: two digits at least.
pub(crate) fn signed_percent(share: f64) -> String {
    let percent = share * 100.0;
    let sign = if percent < 0.0 { "-" } else { "+" };
    let size = percent.abs();
    if size < 9.95 {
        format!("{sign}{size:.1}")
    } else {
        format!("{sign}{}", format::whole(size))
    }
}

#[cfg(test)]
mod tests {
    use busbench_results::comparison::{
        ComparedFigure, Difference, Finding, NotComparable, Side, SmallestEffects,
    };
    use busbench_results::statistics::Interval;
    use busbench_results::{CellOutcome, LimitedBy};

    use super::{own_effects, words};

    #[track_caller]
    fn check(ratio: f64, (low, high): (f64, f64), finding: Finding, expected: &str) {
        let difference = Difference {
            figure: ComparedFigure::DeliveredPerSecond,
            smallest_effect: 0.05,
            pairs: 5,
            ratio: Some(ratio),
            interval: Some(Interval { low, high }),
            detectable: None,
            finding,
        };
        assert_eq!(words(&difference), expected);
    }

    #[test]
    fn each_finding_has_its_words() {
        let surely = Finding::Lower { at_least: false };
        check(0.88, (0.80, 0.97), surely, "-12 % (-20 to -3.0)");
        let bound = Finding::Higher { at_least: true };
        check(
            14.4,
            (9.0, 23.0),
            bound,
            "at least +1,340 % (+800 to >+900)",
        );
        check(
            1.01,
            (0.97, 1.05),
            Finding::NoMeasurableDifference,
            "no measurable difference (-3.0 to +5.0)",
        );
        check(1.0, (1.0, 1.0), Finding::TooFewTrials, "too few trials");
    }

    #[test]
    fn a_scenarios_own_smallest_effects_are_told_and_the_default_is_not() {
        let mut effects = SmallestEffects::default();
        assert_eq!(own_effects(&effects), None);
        effects.set(ComparedFigure::ResponseP99Ns, 0.2).unwrap();
        effects.set(ComparedFigure::DeliveredShare, 0.0).unwrap();
        let expected = Some("20 % of p99, 0 % of delivered share".to_owned());
        assert_eq!(own_effects(&effects), expected);
    }

    #[test]
    fn an_interval_that_says_nothing_says_so() {
        check(
            1.3,
            (1e-6, 1e9),
            Finding::NoMeasurableDifference,
            "no measurable difference (<-90 to >+900)",
        );
    }

    #[test]
    fn what_is_not_compared_says_why() {
        let why = |why| Finding::NotComparable(why);
        let same = (1.0, 1.0);
        let client = NotComparable::LimitedElsewhere(Side::Head, LimitedBy::Client);
        check(0.5, same, why(client), "lower bound: limited by the client");
        let lossy = NotComparable::Outcome(Side::Head, CellOutcome::Lossy);
        check(0.5, same, why(lossy), "not ranked: lossy");
        let window = NotComparable::Conditions(vec!["ack_window"]);
        check(0.5, same, why(window), "not compared: other ack_window");
    }
}
