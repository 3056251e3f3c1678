//! What a comparison would have caught, and where nothing could have been.

use busbench_results::comparison::{Compared, ComparedFigure, SidesComparison};

use super::changes::line;
use super::words::{self, counted};
use crate::differences;
use crate::format;
use crate::table::{Column, Table};

/// How small a change would have shown.
pub(super) struct Caught {
    /// What the table says, and whether it is narrow enough.
    pub(super) sentences: Vec<String>,
    /// By figure; without rows where nothing could be compared.
    pub(super) table: Table,
    /// Cells of which nothing could be compared, with the reasons.
    pub(super) nothing: Vec<(String, String)>,
}

impl Caught {
    pub(super) fn of(comparison: &SidesComparison) -> Self {
        Self {
            sentences: sentences(comparison),
            table: table(comparison),
            nothing: nothing(comparison),
        }
    }
}

fn sentences(comparison: &SidesComparison) -> Vec<String> {
    let wide = comparison
        .differences()
        .filter(|difference| difference.is_narrow() == Some(false))
        .count();
    let narrow = match (comparison.tested, wide) {
        (0, _) => return vec!["Nothing: no figure had enough trials to be compared.".to_owned()],
        (_, 0) => {
            "Narrow enough: a change of twice its smallest effect of interest would have been \
                   caught in every figure that was compared."
                .to_owned()
        }
        (tested, wide) => {
            let widest = comparison.widest(1).into_iter().next();
            let widest = widest.and_then(|(cell, value)| {
                let difference = &value.difference;
                Some(format!(
                    "; the widest is {} of {}, where {} would have been caught and {} matters",
                    words::title(difference.figure),
                    words::name(&cell.name),
                    differences::detectable(difference.detectable?),
                    format::percent_short(difference.smallest_effect),
                ))
            });
            format!(
                "Not narrow enough: in {wide} of {} a change of twice its smallest effect of interest \
                 may have passed{}. More trials make it narrower.",
                counted(tested, "figure"),
                widest.unwrap_or_default()
            )
        }
    };
    vec![
        "The smallest change that these trials would have shown, with 80 % probability:".to_owned(),
        narrow,
    ]
}

fn table(comparison: &SidesComparison) -> Table {
    let mut figures: Vec<ComparedFigure> = Vec::new();
    for difference in comparison.differences() {
        if !figures.contains(&difference.figure) {
            figures.push(difference.figure);
        }
    }
    let row = |figure: ComparedFigure| {
        let mut smallest = Vec::new();
        let mut asked = 0;
        let mut detectable: Vec<(f64, &Compared)> = Vec::new();
        for cell in &comparison.compared {
            let values = cell.figures.iter();
            for value in values.filter(|value| value.difference.figure == figure) {
                asked += 1;
                smallest.push(value.difference.smallest_effect);
                detectable.extend(value.difference.detectable.map(|share| (share, cell)));
            }
        }
        detectable.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        // Of an even number the noisier one: no cell's figure is made up.
        let (median, _) = detectable.get(detectable.len() / 2)?;
        let (noisiest, cell) = detectable.last()?;
        let smallest = smallest.into_iter().reduce(f64::max)?;
        Some(line([
            words::title(figure).to_owned(),
            format::percent_short(smallest),
            differences::detectable(*median),
            differences::detectable(*noisiest),
            words::name(&cell.name),
            format!("{} of {asked}", detectable.len()),
        ]))
    };
    Table {
        title: String::new(),
        columns: vec![
            Column::text("figure"),
            Column::number("of interest from"),
            Column::number("in the median cell"),
            Column::number("in the noisiest"),
            Column::text("which is"),
            Column::number("compared in"),
        ],
        rows: figures.into_iter().filter_map(row).collect(),
    }
}

/// Cells with the same reasons are named together. One that is better or worse because its trials
/// fail was caught.
fn nothing(comparison: &SidesComparison) -> Vec<(String, String)> {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    let is_tested = |cell: &Compared| {
        let mut figures = cell.figures.iter();
        let is_tested = figures.any(|value| value.difference.detectable.is_some());
        is_tested || cell.failed.judgement().is_some()
    };
    for cell in comparison.compared.iter().filter(|cell| !is_tested(cell)) {
        let mut reasons: Vec<String> = Vec::new();
        for value in &cell.figures {
            let reason = value.difference.reason();
            reasons.extend(reason.filter(|reason| !reasons.contains(reason)));
        }
        let reasons = reasons.join("; ");
        match told.iter_mut().find(|(known, _)| *known == reasons) {
            Some((_, cells)) => cells.push(&cell.name),
            None => told.push((reasons, vec![&cell.name])),
        }
    }
    told.into_iter()
        .map(|(reasons, cells)| (words::listed(cells), words::text(&reasons)))
        .collect()
}
