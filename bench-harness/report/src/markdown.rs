//! The report as Markdown for a repository, with its pictures as files beside it.

mod answers;
mod chapter;
mod claims;
mod footprints;
mod several;

use std::fmt::Write;

use busbench_results::Load;

use crate::Report;
use crate::figure::{Figure, Gallery, Subject};
use crate::format;
use crate::method::TOPICS;
use crate::table::{self, Line, Ranking, Table};
use crate::view::CellView;

/// The whole document.
pub(crate) fn document(report: &Report<'_>) -> String {
    let mut text = String::new();
    several::head(&mut text, report);
    answers::write(&mut text, report);
    claims::write(&mut text, report);
    several::side_by_side(&mut text, report);
    footprints::write(&mut text, report);
    for (index, view) in report.views.iter().enumerate() {
        several::heading(&mut text, report, index);
        run(&mut text, report, index);
        if !view.is_of_footprints() {
            several::environment(&mut text, view);
        }
    }
    if !report.views.is_empty() {
        text.push_str("## How to read this\n\n");
        for topic in &TOPICS {
            let (title, anchor) = (topic.title, topic.anchor);
            let entry = format!("- **{title}**: {} In full: {}.", topic.text, method(anchor));
            line(&mut text, &entry);
        }
    }
    text
}

fn run(text: &mut String, report: &Report<'_>, index: usize) {
    let (view, gallery) = (&report.views[index], &report.figures[index]);
    let record = &view.run.record;
    let setting = format!(
        "Scenario {}, run {}, {}.\n\n{}.\n",
        escaped(&record.scenario.name),
        escaped(&record.run),
        format::instant(record.started_unix_ms),
        escaped(&view.setting())
    );
    line(text, &setting);
    if view.is_of_footprints() {
        line(text, "This run took footprints and sent no messages.\n");
        return;
    }
    if !view.has_figures() {
        line(text, &format!("**{}**\n", view.without_figures()));
    }
    let envelopes = report.envelopes[index].as_ref();
    if let Some(envelopes) = envelopes.filter(|chapter| chapter.is_first) {
        chapter::write(text, envelopes, gallery);
    }
    let sections = [
        ("Throughput", Load::Closed, Subject::Rates),
        ("Response time", Load::Open, Subject::ResponseTimes),
    ];
    for (title, load, subject) in sections {
        let rankings = table::rankings(view, load);
        if rankings.is_empty() {
            continue;
        }
        line(text, &format!("## {title}\n"));
        for ranking in &rankings {
            write_ranking(text, ranking, subject);
        }
        if let Some(note) = view.differences.note(&[load]) {
            let made = method("differences");
            line(
                text,
                &format!("{} How it is made: {made}.\n", escaped(&note)),
            );
        }
        if load == Load::Closed && view.cells.iter().any(CellView::is_at_least) {
            line(
                text,
                "≥ at least: the client or the machine was used up before the server.\n",
            );
        }
        pictures(text, gallery, subject);
    }
    titled(
        text,
        gallery,
        ("Rate against latency", Subject::RateLatency),
    );
    if let Some(envelopes) = envelopes.filter(|chapter| !chapter.is_first) {
        chapter::write(text, envelopes, gallery);
    }
    for chapter in [
        ("Cost", Subject::Cost),
        ("Loss", Subject::Loss),
        ("Over time", Subject::OverTime),
    ] {
        titled(text, gallery, chapter);
    }
    list(text, "Worth knowing", &table::notes(view));
    let reasons: Vec<(String, String)> = table::reasons(view)
        .iter()
        .map(|reason| {
            let advice = reason.advice.unwrap_or_default();
            (
                reason.name.to_owned(),
                format!("{} {advice}", reason.meaning),
            )
        })
        .collect();
    list(text, "What these reasons mean", &reasons);
    list(text, "Not measured", &table::unmeasured(view));
}

fn titled(text: &mut String, gallery: &Gallery, (title, subject): (&str, Subject)) {
    if gallery.has(subject) {
        line(text, &format!("## {title}\n"));
        pictures(text, gallery, subject);
    }
}

fn pictures(text: &mut String, gallery: &Gallery, subject: Subject) {
    if let Some(note) = gallery.note(subject) {
        line(text, &format!("{}\n", escaped(note)));
    }
    for figure in gallery.about(subject) {
        picture(text, figure);
    }
}

fn picture(text: &mut String, figure: &Figure) {
    let (alternative, file) = (escaped(&figure.alternative), figure.file_name());
    line(text, &format!("![{alternative}]({file})\n"));
    let (caption, made) = (escaped(&figure.caption), method(figure.subject.anchor()));
    line(text, &format!("{caption} How it is made: {made}.\n"));
}

fn write_ranking(text: &mut String, ranking: &Ranking, subject: Subject) {
    line(text, &format!("### {}\n", escaped(&ranking.title)));
    let conditions = escaped(&ranking.conditions);
    let made = method(subject.anchor());
    line(text, &format!("{conditions} · How it is made: {made}.\n"));
    if let Some(missing) = &ranking.missing {
        line(text, &format!("{}\n", escaped(missing)));
    }
    write_table(text, &ranking.figures);
    if let Some(differences) = &ranking.differences {
        line(text, &format!("{}:\n", differences.title));
        write_table(text, differences);
    }
}

/// Where the repository says it in full. A report may lie anywhere, so this is no link.
fn method(anchor: &str) -> String {
    format!("`docs/method.md#{anchor}`")
}

fn write_table(text: &mut String, table: &Table) {
    write_head(text, table);
    for row in &table.rows {
        line(text, &row_of(row));
    }
    text.push('\n');
}

/// The titles of a table's columns, and the rule below them.
pub(crate) fn write_head(text: &mut String, table: &Table) {
    let titles: Vec<&str> = table.columns.iter().map(|column| column.title).collect();
    line(text, &format!("| {} |", titles.join(" | ")));
    let rules: Vec<&str> = table
        .columns
        .iter()
        .map(|column| if column.is_number { "---:" } else { "---" })
        .collect();
    line(text, &format!("| {} |", rules.join(" | ")));
}

/// A row of a table.
pub(crate) fn row_of(row: &Line) -> String {
    let cells: Vec<String> = row.cells.iter().map(|cell| escaped(cell)).collect();
    format!("| {} |", cells.join(" | "))
}

fn list(text: &mut String, title: &str, entries: &[(String, String)]) {
    if entries.is_empty() {
        return;
    }
    line(text, &format!("## {title}\n"));
    for (label, why) in entries {
        line(text, &format!("- **{}**: {}", escaped(label), escaped(why)));
    }
    text.push('\n');
}

pub(crate) fn line(text: &mut String, content: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{content}");
}

/// Text without any meaning to Markdown, on one line.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!' => {
                escaped.push('\\');
                escaped.push(character);
            }
            steering if format::steers(steering) => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(
            escaped("<script> | [a](b)\n# x86_64"),
            "\\<script\\> \\| \\[a\\](b) \\# x86\\_64"
        );
        assert_eq!(escaped("\u{202e}a\u{0}"), " a ");
    }
}
