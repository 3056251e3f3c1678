//! The gains of a run in a few numbers, and how they were judged.

use busbench_results::comparison::{ComparedFigure, FALSE_DISCOVERY_RATE, Judgement};

use super::gains::{Gain, Tally};
use super::summary::{ASKED, answers, distinct, strongest};
use super::words;
use crate::differences;
use crate::format;
use crate::table::{Column, Line, NONE, Table, Tone};
use crate::view::View;

/// How often native is better or worse, by bus and figure; `None` without a comparison.
pub(super) fn table(gains: &[Gain<'_, '_>]) -> Option<Table> {
    let possible = gains.iter().filter(|gain| gain.is_possible());
    let mut rows = Vec::new();
    for bus in distinct(possible.map(Gain::bus)) {
        for (load, figure) in ASKED {
            let answers = answers(gains, load, figure, |gain| gain.bus() == bus);
            let tally = Tally::of(answers.iter().map(|(_, difference)| *difference));
            if tally.all() == 0 {
                continue;
            }
            let most = |judgement| {
                let (gain, difference) = strongest(&answers, judgement)?;
                let ratio = words::times(difference.ratio?);
                let (payload, layout) = (&gain.other.row.payload, &gain.other.row.envelope);
                Some(format!("{ratio} × ({payload}, {layout})"))
            };
            let [best, worst] = [Judgement::Better, Judgement::Worse]
                .map(|judgement| most(judgement).unwrap_or_else(|| NONE.to_owned()));
            let counts = [
                tally.better,
                tally.worse,
                tally.no_difference,
                tally.not_judged,
            ];
            let mut cells = vec![
                bus.to_owned(),
                format!("{}, {}", differences::title(figure), load.name()),
            ];
            cells.extend(counts.map(|count| count.to_string()));
            cells.extend([best, worst]);
            rows.push(Line {
                bus: bus.to_owned(),
                tone: Tone::Plain,
                cells,
            });
        }
    }
    (!rows.is_empty()).then(|| Table {
        title: "Native against the other layouts, in numbers of comparisons".to_owned(),
        columns: vec![
            Column::text("bus"),
            Column::text("figure, load"),
            Column::number("better"),
            Column::number("worse"),
            Column::number("none found"),
            Column::number("unjudged"),
            Column::text("best"),
            Column::text("worst"),
        ],
        rows,
    })
}

/// How the gains of a run were judged; `None` where nothing could be.
pub(super) fn note(view: &View<'_>) -> Option<String> {
    let comparison = &view.layouts.comparison;
    if comparison.tested == 0 {
        return None;
    }
    let mut figures: Vec<ComparedFigure> = Vec::new();
    for pair in &view.layouts.pairs {
        for gain in &pair.gains {
            if !figures.contains(&gain.figure) && comparison.detectable(gain.figure).is_some() {
                figures.push(gain.figure);
            }
        }
    }
    let effects = &view.run.record.scenario.smallest_effects;
    let each = |share: &dyn Fn(ComparedFigure) -> Option<String>| {
        let texts = figures.iter().filter_map(|&figure| {
            Some(format!(
                "{} of {}",
                share(figure)?,
                differences::title(figure)
            ))
        });
        texts.collect::<Vec<_>>().join(", ")
    };
    Some(format!(
        "A gain is judged on the ratios of trials of the same number, which ran in one round, and must \
         lie beyond the smallest effect of interest: {}. One correction for the {} comparisons of this \
         chapter (Benjamini and Hochberg, false discovery rate {}) makes the confidence of each interval \
         {}. A change of {} would have been found with 80 % probability in the noisiest cells; a smaller \
         one may have been missed.",
        each(&|figure| Some(format::percent_short(effects.of(figure)))),
        comparison.tested,
        format::percent_short(FALSE_DISCOVERY_RATE),
        format::percent_short(comparison.confidence()),
        each(&|figure| comparison.detectable(figure).map(differences::detectable)),
    ))
}
