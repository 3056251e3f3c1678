//! The head of the document, the limits of machines, and several runs side by side.

use super::{escaped, line, method, picture, write_table};
use crate::Report;
use crate::environment;
use crate::several::{self, Matrix};
use crate::view::View;

const ANCHOR: &str = "several-runs";

/// Title, the runs of several, and what their machines can and cannot say.
pub(super) fn head(text: &mut String, report: &Report<'_>) {
    line(text, &format!("# {}\n", escaped(&several::title(report))));
    if report.views.is_empty() {
        line(text, "This report was made from no run at all.");
    }
    if report.views.len() > 1 {
        for (index, run) in several::listed(report).iter().enumerate() {
            let facts = escaped(&run.facts.join(" · "));
            line(
                text,
                &format!("{}. **{}**: {facts}", index + 1, escaped(run.name)),
            );
        }
        text.push('\n');
    }
    limits(text, &report.views);
}

/// Of a run's part.
pub(super) fn heading(text: &mut String, report: &Report<'_>, index: usize) {
    let question = &report.views[index].run.record.scenario.question;
    let heading = if report.views.len() > 1 {
        format!("{}: {}", several::heading(index), escaped(question))
    } else {
        "Pictures and tables".to_owned()
    };
    line(text, &format!("# {heading}\n"));
}

/// What machines can and cannot say.
fn limits(text: &mut String, views: &[View<'_>]) {
    let limits = several::limits(views);
    for limit in &limits {
        let who = limit.who.as_ref();
        let who = who.map_or(String::new(), |who| format!("**{who}**: "));
        line(text, &format!("- {who}{}", escaped(&limit.sentence)));
    }
    if !limits.is_empty() {
        text.push('\n');
    }
}

/// Nothing for fewer than two runs.
pub(super) fn side_by_side(text: &mut String, report: &Report<'_>) {
    if report.views.len() < 2 {
        return;
    }
    line(text, "# The runs side by side\n");
    let introduction = escaped(&several::introduction(report).join(" "));
    let made = method(ANCHOR);
    line(text, &format!("{introduction} How it is made: {made}.\n"));
    if let Some(differing) = several::differing(report) {
        matrix(text, &differing);
    }
    let shared = &report.side_by_side;
    let note = shared.note.as_deref();
    let note = note.unwrap_or("No cell was measured by more than one run.");
    line(text, &format!("{note}\n"));
    for figure in &shared.figures {
        picture(text, figure);
    }
    for table in &shared.tables {
        line(text, &format!("## {}\n", escaped(&table.title)));
        write_table(text, table);
    }
}

fn matrix(text: &mut String, matrix: &Matrix) {
    let runs = matrix.rows.first().map_or(0, |(_, values)| values.len());
    let heads: Vec<String> = (0..runs).map(several::heading).collect();
    line(text, &format!("| field | {} |", heads.join(" | ")));
    line(text, &format!("| --- |{}", " --- |".repeat(runs)));
    for (name, values) in &matrix.rows {
        let values: Vec<String> = values.iter().map(|value| escaped(value)).collect();
        line(
            text,
            &format!("| {} | {} |", escaped(name), values.join(" | ")),
        );
    }
    text.push('\n');
}

/// What a run's figures rest on: the harness's own floor, what disturbed, what the machine did.
pub(super) fn environment(text: &mut String, view: &View<'_>) {
    line(text, "## Environment\n");
    match environment::floors(view) {
        Some(floors) => {
            line(text, &format!("{}\n", escaped(&floors.sentences.join(" "))));
            write_table(text, &floors.table);
        }
        None => line(text, "No floor was measured.\n"),
    }
    let seen = environment::disturbances(view);
    for disturbance in &seen {
        let (name, kind) = (disturbance.explanation.name, disturbance.explanation.kind());
        line(
            text,
            &format!("- **{name}**: {} ({kind})", disturbance.seen),
        );
    }
    if seen.is_empty() {
        line(text, "No trial has a reason to be doubted.");
    }
    text.push('\n');
    if let Some(spread) = environment::spread(view) {
        line(text, &format!("{}:\n", spread.title));
        write_table(text, &spread);
    }
}
