//! Every cell and figure, and everything that a reader may look for after the verdict.

use busbench_results::comparison::{Compared, DifferingField, FailedTrials, Side, SidesComparison};

use super::changes::{line, sides};
use super::words::{self, TO, counted};
use crate::table::{Column, Table};

/// Entries under a head.
pub(super) struct List {
    pub(super) title: &'static str,
    /// What it is about, and what is said of it.
    pub(super) entries: Vec<(String, String)>,
}

/// What a change without a word beside it is.
pub(super) const WITHOUT_A_WORD: &str =
    "Without a word beside it, a change is no measurable difference.";

/// Place of the columns that only a wide table has.
pub(super) const VALUES: [usize; 2] = [2, 3];

/// Every figure that was compared.
pub(super) fn table(comparison: &SidesComparison) -> Table {
    let mut rows = Vec::new();
    for cell in &comparison.compared {
        for value in &cell.figures {
            let difference = &value.difference;
            if difference.reason().is_some() {
                continue;
            }
            let [base, head] = sides(value);
            rows.push(line([
                words::name(&cell.name),
                words::title(difference.figure).to_owned(),
                base,
                head,
                words::change(difference),
                difference.pairs.to_string(),
                words::word(difference.judgement()).to_owned(),
            ]));
        }
    }
    Table {
        title: format!(
            "Every cell: {} were compared",
            counted(rows.len(), "figure")
        ),
        columns: vec![
            Column::text("cell"),
            Column::text("figure"),
            Column::number("base"),
            Column::number("head"),
            Column::text("change"),
            Column::number("pairs"),
            Column::text("head is"),
        ],
        rows,
    }
}

/// What was not compared, and what else is worth knowing; lists without entries are left out.
pub(super) fn lists(comparison: &SidesComparison) -> Vec<List> {
    let lists = [
        List {
            title: "Not compared",
            entries: not_compared(comparison),
        },
        List {
            title: "Measured by one side alone",
            entries: alone(comparison),
        },
        List {
            title: "Lossy, saturated or failed trials",
            entries: failed(comparison),
        },
        List {
            title: "Settings of clients that differ",
            entries: comparison.settings.iter().map(field).collect(),
        },
    ];
    let lists = lists.into_iter();
    lists.filter(|list| !list.entries.is_empty()).collect()
}

/// A field by which two sides differ, and both values.
pub(super) fn field(field: &DifferingField) -> (String, String) {
    let values = field.values.iter().map(|value| {
        let value = value.as_deref();
        value.map_or_else(|| "not known".to_owned(), words::text)
    });
    let values: Vec<String> = values.collect();
    (words::name(&field.name), values.join(TO))
}

/// By reason and figures, with the cells for which they are the same.
fn not_compared(comparison: &SidesComparison) -> Vec<(String, String)> {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for cell in &comparison.compared {
        for (figures, reason) in reasons(cell) {
            let text = format!("{figures}: {}", words::text(&reason));
            match told.iter_mut().find(|(known, _)| *known == text) {
                Some((_, cells)) => cells.push(&cell.name),
                None => told.push((text, vec![&cell.name])),
            }
        }
    }
    told.into_iter()
        .map(|(text, cells)| (words::listed(cells), text))
        .collect()
}

/// The reasons of a cell, each with the figures that it takes away.
fn reasons(cell: &Compared) -> Vec<(String, String)> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for value in &cell.figures {
        let Some(reason) = value.difference.reason() else {
            continue;
        };
        let title = words::title(value.difference.figure);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, figures)) => figures.push(title),
            None => reasons.push((reason, vec![title])),
        }
    }
    let figures = |figures: Vec<&str>| {
        if figures.len() == cell.figures.len() {
            "every figure".to_owned()
        } else {
            figures.join(", ")
        }
    };
    let reasons = reasons.into_iter();
    reasons.map(|(reason, of)| (figures(of), reason)).collect()
}

fn alone(comparison: &SidesComparison) -> Vec<(String, String)> {
    let of = |side: Side| {
        let alone = comparison.alone.iter();
        let names = alone.filter(move |(of, _)| *of == side);
        let names: Vec<&str> = names.map(|(_, name)| name.as_str()).collect();
        (!names.is_empty()).then(|| (side.name().to_owned(), words::listed(names)))
    };
    [Side::Base, Side::Head]
        .into_iter()
        .filter_map(of)
        .collect()
}

fn failed(comparison: &SidesComparison) -> Vec<(String, String)> {
    let words = |failed: FailedTrials| {
        format!(
            "{} of {} of the base, {} of {} of the head",
            failed.base, failed.of_base, failed.head, failed.of_head
        )
    };
    let cells = comparison.compared.iter();
    cells
        .filter(|cell| cell.failed.base + cell.failed.head > 0)
        .map(|cell| (words::name(&cell.name), words(cell.failed)))
        .collect()
}
