//! Every cell of every run as one value, for the page's table: what a row shows, what it opens to,
//! and the fields of the export, so that the page can write them again.

mod meanings;
mod packed;
mod per_cell;
mod per_trial;
mod seconds;
mod shown;

use busbench_results::claims::{JudgedClaim, cells_of_claims};
use busbench_results::{Row, export};
use serde::Serialize;

use crate::RenderError;
use crate::view::View;
use meanings::Meanings;
use packed::Packed;
use per_cell::{PerCell, RunLine, ServerLine};
use per_trial::TrialTable;
use seconds::Seconds;
use shown::{FigureGroup, Filter, Head};

/// For each run and each of its cells, in the plan's order, names that links select it by: ids of
/// claims and questions, without spaces. What is absent has none.
pub(crate) type Tags = Vec<Vec<Vec<String>>>;

/// The claims in whose evidence each cell is.
pub(crate) fn tags(views: &[View<'_>], claims: &[JudgedClaim]) -> Tags {
    let of_claims = cells_of_claims(claims);
    let of_cell = |place| {
        let ids = of_claims.get(&place).into_iter().flatten();
        ids.map(|id| (*id).to_owned()).collect()
    };
    let runs = views.iter().enumerate();
    runs.map(|(run, view)| {
        (0..view.cells.len())
            .map(|cell| of_cell((run, cell)))
            .collect()
    })
    .collect()
}

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
pub(crate) fn data(views: &[View<'_>], tags: &Tags) -> Result<String, RenderError> {
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
        crate::format::count(MOST_DETAILED_TRIALS as u64)
    )
}

/// JSON without a character that could end or change the element around it. In JSON, `<` stands in
/// strings only.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c")
}

#[cfg(test)]
mod tests;
