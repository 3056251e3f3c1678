//! Tables of an opened cell: what is recorded of each trial.

use busbench_results::Trial;
use serde::Serialize;

use super::packed::Packed;
use super::per_cell::{packed, tone};
use super::shown;
use crate::table::{Tone, TrialRows, counts_apart, detailed, every_trial};
use crate::view::View;

/// A table of which each cell shows its trials' rows.
#[derive(Serialize)]
pub(super) struct TrialTable {
    title: &'static str,
    /// Where the page says how it was made.
    method: String,
    columns: Vec<TrialColumn>,
    /// Number of rows of each trial.
    rows: Packed,
    /// The class of each row.
    tone: Packed,
}

#[derive(Serialize)]
struct TrialColumn {
    title: &'static str,
    number: bool,
    meaning: &'static str,
    values: Packed,
}

/// Those that have a row. Without details, beside the trials only counts that do not agree.
pub(super) fn tables(views: &[View<'_>], is_detailed: bool) -> Vec<TrialTable> {
    let mut tables = vec![every_trial()];
    if is_detailed {
        tables.extend(detailed());
    } else {
        tables.push(counts_apart());
    }
    tables
        .iter()
        .map(|table| filled(views, table))
        .enumerate()
        // Each cell counts on the first: it has the numbers of the trials.
        .filter(|(place, (_, rows))| *place == 0 || *rows > 0)
        .map(|(_, (table, _))| table)
        .collect()
}

fn filled(views: &[View<'_>], table: &TrialRows) -> (TrialTable, usize) {
    let trials: Vec<&Trial> = views
        .iter()
        .flat_map(|view| &view.cells)
        .flat_map(|cell| cell.trials)
        .collect();
    let mut counts: Vec<usize> = Vec::with_capacity(trials.len());
    let mut tones: Vec<Tone> = Vec::with_capacity(trials.len());
    let mut values: Vec<Vec<String>> = table.columns.iter().map(|_| Vec::new()).collect();
    for trial in trials {
        let rows = (table.rows_of)(trial);
        counts.push(rows.len());
        for (tone, cells) in rows {
            tones.push(tone);
            for (column, cell) in values.iter_mut().zip(cells) {
                column.push(cell);
            }
        }
    }
    let columns = table
        .columns
        .iter()
        .zip(values)
        .map(|(column, values)| TrialColumn {
            title: column.title,
            number: column.is_number,
            meaning: column.explained_as.map_or("", shown::meaning),
            values: packed(values.into_iter()),
        })
        .collect();
    let filled = TrialTable {
        title: table.title,
        method: format!("method-{}", table.anchor),
        columns,
        rows: packed(counts.iter().map(usize::to_string)),
        tone: packed(tones.iter().map(|of| tone(*of).to_owned())),
    };
    (filled, tones.len())
}
