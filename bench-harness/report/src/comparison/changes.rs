//! What changed, from the worst on, and the verdict in a sentence.

use busbench_results::comparison::{
    Compared, ComparedFigure, ComparedValue, Judgement, SideVerdict, SidesComparison,
};

use super::words::{self, TO, counted};
use crate::table::{Column, Line, NONE, Table, Tone};

/// A change counts in smallest effects of interest; where that is none at all, in these.
const SMALLEST: f64 = 0.001;

/// A figure of a cell that is better or worse, or trials that fail.
struct Change<'a> {
    cell: &'a Compared,
    /// `None` for trials that fail.
    value: Option<&'a ComparedValue>,
    is_worse: bool,
    /// Smallest effects of interest that the change is.
    size: f64,
}

/// What changed: regressed cells, then mixed, then improved ones, the largest change first.
pub(super) fn table(comparison: &SidesComparison) -> Table {
    let mut cells: Vec<(&Compared, Vec<Change<'_>>)> = comparison
        .compared
        .iter()
        .map(|cell| (cell, of(cell)))
        .filter(|(_, changes)| !changes.is_empty())
        .collect();
    let largest = |changes: &[Change<'_>]| changes.first().map_or(0.0, |change| change.size);
    // Sorting is stable: cells that changed as much stay in their order.
    cells.sort_by(|(one, ones), (other, others)| {
        let verdicts = one.verdict.cmp(&other.verdict);
        verdicts.then(largest(others).total_cmp(&largest(ones)))
    });
    let rows = cells.iter().flat_map(|(_, changes)| changes).map(row);
    Table {
        title: "What changed".to_owned(),
        columns: vec![
            Column::text("cell"),
            Column::text("figure"),
            Column::number("base"),
            Column::number("head"),
            Column::text("change"),
            Column::text("head is"),
        ],
        rows: rows.collect(),
    }
}

/// The verdict, and the rest of a sentence that begins with it: in how many cells, and what changed
/// most.
pub(super) fn headline(comparison: &SidesComparison) -> (&'static str, String) {
    let changes: Vec<Change<'_>> = comparison.compared.iter().flat_map(of).collect();
    let answered = |cell: &&Compared| cell.verdict != SideVerdict::NotComparable;
    let all: Vec<&Compared> = comparison.compared.iter().filter(answered).collect();
    let mut sentence = match comparison.verdict() {
        SideVerdict::Regressed => format!(": {}", told(&changes, &all, true)),
        SideVerdict::Improved => format!(": {}; none is worse", told(&changes, &all, false)),
        SideVerdict::Mixed => format!(
            ": {}; {}",
            told(&changes, &all, true),
            told(&changes, &all, false)
        ),
        SideVerdict::NoMeasurableDifference if all.len() == 1 => format!(" in {}", named(&all)),
        SideVerdict::NoMeasurableDifference => format!(" in any of {}", named(&all)),
        SideVerdict::NotComparable => ": no figure of base and head has an answer".to_owned(),
    };
    let without = comparison.compared.len() - all.len();
    if without > 0 {
        sentence = format!("{sentence}; {without} more could not be compared");
    }
    let word = match comparison.verdict() {
        SideVerdict::Regressed => "Regressed",
        SideVerdict::Mixed => "Mixed",
        SideVerdict::Improved => "Improved",
        SideVerdict::NoMeasurableDifference => "No measurable difference",
        SideVerdict::NotComparable => "Not comparable",
    };
    (word, format!("{sentence}."))
}

/// `2 of 14 cells are worse, most of all response p99 of mqtt3-json-open: +38 % (+21 to +57)`.
fn told(changes: &[Change<'_>], all: &[&Compared], worse: bool) -> String {
    let ours = || changes.iter().filter(|change| change.is_worse == worse);
    let cells = all
        .iter()
        .filter(|cell| ours().any(|change| std::ptr::eq(change.cell, **cell)))
        .count();
    let are = if cells == 1 { "is" } else { "are" };
    let word = if worse { "worse" } else { "better" };
    let most = match ours().count() {
        1 => ": ",
        _ => ", most of all ",
    };
    let largest = ours().max_by(|one, other| one.size.total_cmp(&other.size));
    let largest = largest.map_or_else(String::new, |change| format!("{most}{}", phrase(change)));
    format!("{cells} of {} {are} {word}{largest}", named(all))
}

fn phrase(change: &Change<'_>) -> String {
    let (cell, failed) = (words::name(&change.cell.name), change.cell.failed);
    match change.value {
        Some(value) if value.difference.figure == ComparedFigure::DeliveredShare => {
            let [base, head] = sides(value);
            format!("lost messages of {cell} {base}{TO}{head}")
        }
        Some(value) => format!(
            "{} of {cell} {}",
            words::title(value.difference.figure),
            words::change(&value.difference)
        ),
        None if change.is_worse => format!(
            "{} of {} trials of {cell} lost messages, saturated or failed, none of the base's",
            failed.head, failed.of_head
        ),
        None => format!(
            "no trial of {cell} lost messages, saturated or failed, {} of {} of the base's did",
            failed.base, failed.of_base
        ),
    }
}

/// `14 cells`, `3 benchmarks`, `17 cells and benchmarks`.
fn named(all: &[&Compared]) -> String {
    let cells = all
        .iter()
        .filter(|compared| compared.rows.is_some())
        .count();
    match (cells, all.len() - cells) {
        (cells, 0) => counted(cells, "cell"),
        (0, benchmarks) => counted(benchmarks, "benchmark"),
        _ => format!("{} cells and benchmarks", all.len()),
    }
}

/// The worst first, then by size.
fn of(cell: &Compared) -> Vec<Change<'_>> {
    let judged = |judgement| match judgement {
        Judgement::Worse => Some(true),
        Judgement::Better => Some(false),
        _ => None,
    };
    let failed = cell.failed.judgement().and_then(judged);
    let mut changes: Vec<Change<'_>> = failed
        .map(|is_worse| Change {
            cell,
            value: None,
            is_worse,
            size: f64::INFINITY,
        })
        .into_iter()
        .collect();
    changes.extend(cell.figures.iter().filter_map(|value| {
        let difference = &value.difference;
        let effects = difference.smallest_effect.max(SMALLEST).ln_1p();
        Some(Change {
            cell,
            value: Some(value),
            is_worse: judged(difference.judgement())?,
            size: difference.ratio?.ln().abs() / effects,
        })
    }));
    changes.sort_by(|one, other| {
        let worse = other.is_worse.cmp(&one.is_worse);
        worse.then(other.size.total_cmp(&one.size))
    });
    changes
}

fn row(change: &Change<'_>) -> Line {
    let is = if change.is_worse { "worse" } else { "better" };
    let figures = if let Some(value) = change.value {
        let [base, head] = sides(value);
        let title = words::title(value.difference.figure).to_owned();
        [title, base, head, words::change(&value.difference)]
    } else {
        let failed = change.cell.failed;
        [
            "lossy, saturated or failed trials".to_owned(),
            format!("{} of {}", failed.base, failed.of_base),
            format!("{} of {}", failed.head, failed.of_head),
            NONE.to_owned(),
        ]
    };
    let cells = std::iter::once(words::name(&change.cell.name)).chain(figures);
    line(cells.chain([is.to_owned()]))
}

/// The values of base and head.
pub(super) fn sides(value: &ComparedValue) -> [String; 2] {
    [value.base, value.head].map(|side| {
        let figure = value.difference.figure;
        side.map_or_else(|| NONE.to_owned(), |side| words::value(figure, side))
    })
}

/// A row without a colour.
pub(super) fn line(cells: impl IntoIterator<Item = String>) -> Line {
    Line {
        bus: String::new(),
        tone: Tone::Plain,
        cells: cells.into_iter().collect(),
    }
}
