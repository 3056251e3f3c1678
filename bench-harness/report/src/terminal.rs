//! A run as tables for a terminal.

use std::fmt::Write;

use busbench_results::{Load, Run};
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, TableStyle};

use crate::envelopes;
use crate::footprints;
use crate::table::{self, Ranking, Table};
use crate::view::View;

/// The tables of a run in at most `width` columns: what was delivered, how late, what was lost,
/// what limited each cell, and why a cell was not measured or is not valid. No colours.
#[must_use]
pub fn terminal(run: &Run, width: u16) -> String {
    let view = View::new(run);
    let mut text = format!("{}\n{}\n", run.record.scenario.question, view.setting());
    for load in [Load::Closed, Load::Open] {
        for ranking in table::rankings(&view, load) {
            write_ranking(&mut text, &ranking, width);
        }
    }
    if let Some(note) = view.differences.note(&[Load::Closed, Load::Open]) {
        let _ = write!(text, "\n{}\n", wrapped(&note, usize::from(width), ""));
    }
    if let Some(glance) = envelopes::at_a_glance(&view) {
        let _ = write!(text, "\nEnvelopes: {}\n", glance.title);
        write_table(&mut text, &glance, width);
    }
    for table in footprints::of_run(&view) {
        let _ = write!(text, "\n{}\n", table.title);
        write_table(&mut text, &table, width);
    }
    if !view.has_figures() && !view.is_of_footprints() {
        let _ = write!(text, "\n{}\n", view.without_figures());
    }
    let [mut notes, mut unmeasured] = footprints::told_of_run(&view);
    notes.extend(table::notes(&view));
    unmeasured.extend(table::unmeasured(&view));
    write_list(&mut text, "Notes", &notes, width);
    write_list(&mut text, "Not measured", &unmeasured, width);
    if view.cells.iter().any(crate::view::CellView::is_at_least) {
        text.push_str("\n≥ at least: the client or the machine was used up before the server.\n");
    }
    let reasons = table::reasons(&view);
    if !reasons.is_empty() {
        let names: Vec<&str> = reasons.iter().map(|reason| reason.name).collect();
        let line = format!(
            "`busbench explain NAME` says what a reason means: {}.",
            names.join(", ")
        );
        let _ = write!(text, "\n{}\n", wrapped(&line, usize::from(width), ""));
    }
    printable(&text)
}

/// A name from a file cannot move the cursor or colour the screen.
pub(crate) fn printable(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(crate::format::printable).collect();
    lines.join("\n") + "\n"
}

fn write_ranking(text: &mut String, ranking: &Ranking, width: u16) {
    let parts = [Some(&ranking.conditions), ranking.missing.as_ref()];
    let _ = write!(text, "\n{}\n", ranking.title);
    for part in parts.into_iter().flatten() {
        let _ = writeln!(text, "{}", wrapped(part, usize::from(width), ""));
    }
    write_table(text, &ranking.figures, width);
    if let Some(differences) = &ranking.differences {
        let _ = write!(text, "\n{}\n", differences.title);
        write_table(text, differences, width);
    }
}

pub(crate) fn write_table(text: &mut String, table: &Table, width: u16) {
    let rule = LineStyle::none().fill('─');
    let style = TableStyle::new().header_separator(rule);
    let mut out = comfy_table::Table::new();
    out.load_style(style)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(table.columns.iter().map(|column| column.title));
    for line in &table.rows {
        out.add_row(&line.cells);
    }
    for (column, head) in out.column_iter_mut().zip(&table.columns) {
        column.set_padding((0, 2));
        if head.is_number {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}", out.trim_fmt());
}

pub(crate) fn write_list(text: &mut String, title: &str, entries: &[(String, String)], width: u16) {
    if entries.is_empty() {
        return;
    }
    let _ = write!(text, "\n{title}\n");
    for (label, why) in entries {
        let entry = wrapped(
            &format!("{label}: {why}"),
            usize::from(width).max(20) - 4,
            "    ",
        );
        let _ = writeln!(text, "  {entry}");
    }
}

/// Breaks a text at spaces; lines after the first begin with `indent`.
pub(crate) fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(format!("{indent}{word}"));
        }
    }
    lines.join("\n")
}
