//! A comparison as Markdown for a pull request.

use super::everything::{List, WITHOUT_A_WORD};
use super::summary::{Summary, VALUES};
use crate::format;
use crate::markdown::{escaped, line, row_of, write_head};
use crate::table::Table;

/// Bytes of the table of changes. All parts together stay below 1 MiB, which is what a step summary
/// of GitHub holds.
const OF_CHANGES: usize = 192 << 10;

/// Bytes of the table of everything.
const OF_EVERYTHING: usize = 384 << 10;

/// Bytes of one list, of which there are seven.
const OF_A_LIST: usize = 48 << 10;

/// The whole comment.
pub(super) fn text(summary: &Summary) -> String {
    let mut text = String::new();
    line(
        &mut text,
        &format!("## Performance: {}\n", lowered(summary.verdict)),
    );
    let rest = escaped(&summary.rest);
    line(&mut text, &format!("**{}**{rest}\n", summary.verdict));
    if let Some(warning) = summary.warning {
        line(&mut text, &format!("**Warning**: {warning}\n"));
    }
    if !summary.changes.rows.is_empty() {
        capped(&mut text, &summary.changes, OF_CHANGES);
    }
    if summary.has_values {
        line(&mut text, &format!("{VALUES}\n"));
    }
    caught(&mut text, summary);
    everything(&mut text, summary);
    titled(&mut text, &summary.facts);
    if !summary.doubtful.entries.is_empty() {
        opened(&mut text, summary.doubtful.title);
        list(&mut text, &summary.doubtful.entries);
        closed(&mut text);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn caught(text: &mut String, summary: &Summary) {
    let caught = &summary.caught;
    line(text, "### What this comparison would have caught\n");
    let mut sentences = caught.sentences.iter();
    for sentence in sentences.by_ref().take(1) {
        line(text, &format!("{}\n", escaped(sentence)));
    }
    if !caught.table.rows.is_empty() {
        capped(text, &caught.table, OF_A_LIST);
    }
    for sentence in sentences {
        line(text, &format!("{}\n", escaped(sentence)));
    }
    if !caught.nothing.is_empty() {
        line(text, "Nothing would have been caught in:\n");
        list(text, &caught.nothing);
    }
}

fn everything(text: &mut String, summary: &Summary) {
    let (table, lists) = (&summary.everything, &summary.lists);
    if table.rows.is_empty() && lists.is_empty() {
        return;
    }
    opened(text, &table.title);
    if !table.rows.is_empty() {
        line(text, &format!("{WITHOUT_A_WORD}\n"));
        capped(text, table, OF_EVERYTHING);
    }
    for each in lists {
        titled(text, each);
    }
    closed(text);
}

/// The title is ours: no name is in it.
fn titled(text: &mut String, each: &List) {
    line(text, &format!("### {}\n", each.title));
    list(text, &each.entries);
}

fn capped(text: &mut String, table: &Table, bytes: usize) {
    write_head(text, table);
    write_capped(text, table.rows.iter().map(row_of), bytes);
}

fn list(text: &mut String, entries: &[(String, String)]) {
    let entries = entries
        .iter()
        .map(|(about, said)| format!("- **{}**: {}", escaped(about), escaped(said)));
    write_capped(text, entries, OF_A_LIST);
}

/// The lines of a table or a list as far as they fit, and how many do not.
pub(super) fn write_capped(text: &mut String, lines: impl Iterator<Item = String>, bytes: usize) {
    let end = text.len() + bytes;
    let mut left_out = 0_u64;
    for next in lines {
        if left_out > 0 || text.len() + next.len() > end {
            left_out += 1;
        } else {
            line(text, &next);
        }
    }
    text.push('\n');
    if left_out > 0 {
        let left_out = format::count(left_out);
        line(
            text,
            &format!("{left_out} more do not fit here: they are in the JSON.\n"),
        );
    }
}

fn opened(text: &mut String, title: &str) {
    line(text, &format!("<details>\n<summary>{title}</summary>\n"));
}

fn closed(text: &mut String) {
    line(text, "</details>\n");
}

fn lowered(verdict: &str) -> String {
    verdict.to_lowercase()
}
