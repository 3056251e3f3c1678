//! A comparison for a terminal.

use super::everything::{self, List};
use super::summary::{Summary, VALUES};
use crate::table::{Column, Line, Table};
use crate::terminal::{printable, wrapped, write_list, write_table};

/// In at most `width` columns.
pub(super) fn text(summary: &Summary, width: u16) -> String {
    let mut text = String::new();
    let sentence = format!("{}{}", summary.verdict, summary.rest);
    paragraph(&mut text, &sentence, width);
    if let Some(warning) = summary.warning {
        text.push('\n');
        paragraph(&mut text, &format!("Warning: {warning}"), width);
    }
    if !summary.changes.rows.is_empty() {
        head(&mut text, &summary.changes.title);
        write_table(&mut text, &summary.changes, width);
    }
    if summary.has_values {
        paragraph(&mut text, VALUES, width);
    }
    head(&mut text, "What this comparison would have caught");
    let caught = &summary.caught;
    let mut sentences = caught.sentences.iter();
    for sentence in sentences.by_ref().take(1) {
        paragraph(&mut text, sentence, width);
    }
    if !caught.table.rows.is_empty() {
        write_table(&mut text, &caught.table, width);
    }
    for sentence in sentences {
        paragraph(&mut text, sentence, width);
    }
    write_list(
        &mut text,
        "Nothing would have been caught in",
        &caught.nothing,
        width,
    );
    if !summary.everything.rows.is_empty() {
        head(&mut text, &summary.everything.title);
        paragraph(&mut text, everything::WITHOUT_A_WORD, width);
        write_table(&mut text, &compact(&summary.everything), width);
    }
    let ends = [&summary.facts, &summary.doubtful];
    for List { title, entries } in summary.lists.iter().chain(ends) {
        write_list(&mut text, title, entries, width);
    }
    text.push('\n');
    paragraph(&mut text, &sentence, width);
    printable(&text)
}

fn head(text: &mut String, title: &str) {
    text.push('\n');
    text.push_str(title);
    text.push('\n');
}

fn paragraph(text: &mut String, sentence: &str, width: u16) {
    text.push_str(&wrapped(sentence, usize::from(width), ""));
    text.push('\n');
}

/// What the tables before it say of a figure need not be said in each row.
const EACH_TIME: &str = " per message";

/// Without the values of both sides, with each cell named once and figures named shortly.
fn compact(table: &Table) -> Table {
    let kept = |place: &usize| !everything::VALUES.contains(place);
    let mut last = "";
    let rows = table.rows.iter().map(|row| {
        let cells = row.cells.iter().enumerate();
        let cells = cells.filter(|(place, _)| kept(place));
        let mut cells: Vec<String> = cells.map(|(_, cell)| cell.clone()).collect();
        if let Some(short) = row.cells[1].strip_suffix(EACH_TIME) {
            short.clone_into(&mut cells[1]);
        }
        if row.cells[0] == last {
            cells[0].clear();
        }
        last = &row.cells[0];
        Line {
            bus: row.bus.clone(),
            tone: row.tone,
            cells,
        }
    });
    let rows = rows.collect();
    let columns = table.columns.iter().enumerate();
    Table {
        title: table.title.clone(),
        columns: columns
            .filter(|(place, _)| kept(place))
            .map(|(_, column)| Column { ..*column })
            .collect(),
        rows,
    }
}
