//! Every cell of every run as one value, for the page's table: what a row shows, what it opens to,
//! and the fields of the export, so that the page can write them again.

mod meanings;
mod packed;
mod per_cell;
mod per_trial;
mod seconds;
mod shown;

use std::collections::BTreeMap;
use std::fmt::Write;

use busbench_results::{Row, export};
use serde::Serialize;

use crate::RenderError;
use crate::format;
use crate::view::View;
use meanings::Meanings;
use packed::Packed;
use per_cell::{PerCell, RunLine, ServerLine};
use per_trial::TrialTable;
use seconds::Seconds;
use shown::{FigureGroup, Filter, Head};

/// By place of the run and of the cell in its plan, names that links select the cell by: ids of
/// claims, without spaces.
pub(crate) type Tags<'t> = BTreeMap<(usize, usize), Vec<&'t str>>;

/// More trials than this, and the page leaves out what is recorded of each beside its figures.
const MOST_DETAILED_TRIALS: usize = 5_000;

/// What the page's script draws. Columns hold one entry for each cell, or for each trial, in the order
/// of runs, cells and trials.
#[derive(Serialize)]
struct Data<'a> {
    cells: usize,
    runs: Vec<RunLine>,
    servers: Vec<ServerLine>,
    /// Columns of the export, in its order.
    exported: Vec<Exported<'a>>,
    per_cell: PerCell,
    /// What is recorded of each trial; the first table has one row for each.
    tables: Vec<TrialTable>,
    /// Why there are no more tables.
    left_out: Option<String>,
    seconds: Seconds,
    heads: Vec<Head>,
    filters: Vec<Filter>,
    figures: Vec<FigureGroup>,
    meanings: Meanings,
}

/// A column of the export.
#[derive(Serialize)]
struct Exported<'a> {
    name: &'a str,
    /// Whether it is one of those that name a cell.
    key: bool,
    meaning: &'static str,
    values: Packed,
}

/// The data as JSON that may stand in a `script` element.
pub(crate) fn data(views: &[View<'_>], tags: &Tags<'_>) -> Result<String, RenderError> {
    let rows: Vec<Row> = views
        .iter()
        .flat_map(|view| view.cells.iter().map(|cell| cell.row.clone()))
        .collect();
    let columns = export::to_columns(&rows)?;
    let exported = columns
        .iter()
        .enumerate()
        .map(|(place, column)| Exported {
            name: &column.name,
            key: place < busbench_results::KEY_COLUMNS,
            meaning: shown::meaning(&column.name),
            values: Packed::of(column.fields.iter().map(String::as_str)),
        })
        .collect();
    let trials: usize = views
        .iter()
        .flat_map(|view| &view.cells)
        .map(|cell| cell.trials.len())
        .sum();
    let is_detailed = trials <= MOST_DETAILED_TRIALS;
    let (servers, server_of) = per_cell::servers(views);
    let data = Data {
        cells: rows.len(),
        runs: per_cell::runs(views),
        servers,
        exported,
        per_cell: PerCell::of(views, tags, &server_of),
        tables: per_trial::tables(views, is_detailed),
        left_out: (!is_detailed).then(left_out),
        seconds: Seconds::of(views),
        heads: shown::heads(),
        filters: shown::filters(),
        figures: shown::figures(),
        meanings: Meanings::of(views),
    };
    let json = serde_json::to_string(&data).map_err(RenderError::Cells)?;
    Ok(inert(&json))
}

/// Titles of the table's columns and filters, each with what it means.
pub(crate) fn glossary() -> Vec<(&'static str, &'static str)> {
    shown::glossary()
}

fn left_out() -> String {
    format!(
        "This report has more than {} trials, so counters, costs, clocks and count checks that agree \
         are left out here: each trial's file in the run's folder has them.",
        format::count(MOST_DETAILED_TRIALS as u64)
    )
}

/// JSON without a character that could end or change the element around it, or turn its text around.
/// In JSON, `<` and those that steer stand in strings only.
fn inert(json: &str) -> String {
    let mut inert = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '<' || format::steers(character) {
            // None of them is beyond the 16 bits of an escape.
            let _ = write!(inert, "\\u{:04x}", u32::from(character));
        } else {
            inert.push(character);
        }
    }
    inert
}

#[cfg(test)]
mod tests;
