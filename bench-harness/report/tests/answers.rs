//! The answers of a report in their words.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "support/rendered.rs"]
mod rendered;

use busbench_results::{LimitedBy, Run, Trial, Verdict, fixtures};
use rendered::files;

/// A file of the report.
fn file(runs: &[Run], name: &str) -> String {
    files(runs).remove(name).unwrap()
}

/// The section of answers in Markdown: from its head to that of the first run.
fn section(run: Run) -> String {
    let text = file(&[run], "report.md");
    let from = text.find("# What the measurements favour").unwrap();
    let section = &text[from..];
    let length = section[1..]
        .find("\n# ")
        .map_or(section.len(), |end| end + 1);
    section[..length].to_owned()
}

/// What a section says of one question, its sentences alone.
fn sentences(section: &str, title: &str) -> String {
    let from = section.find(&format!("## {title}")).unwrap();
    let card = &section[from + 3..];
    let card = card.find("\n## ").map_or(card, |end| &card[..end]);
    let lines: Vec<&str> = card.lines().filter(|line| line.starts_with("- ")).collect();
    lines.join("\n")
}

/// The made-up run with only the cells of the first rate, each trial changed.
fn changed(how: impl Fn(&str, &mut Trial)) -> Run {
    let mut run = fixtures::sensors_run();
    run.record
        .cells
        .retain(|cell| cell.key.offered_per_second == Some(1_000.0));
    for cell in &run.record.cells {
        for trial in run.trials.get_mut(&cell.id).into_iter().flatten() {
            how(&cell.key.bus, trial);
        }
    }
    run
}

const SENSORS: &str = "Many small sensors into one gateway";

#[test]
fn the_answers_are_as_they_were() {
    insta::assert_snapshot!(section(fixtures::sensors_run()));
}

#[test]
fn what_gives_no_verdict_is_said_in_words() {
    let limited = changed(|bus, trial| {
        if bus == "nats-core" {
            trial.limited_by = LimitedBy::Machine;
        }
    });
    let suspect = changed(|_, trial| trial.verdict = Verdict::Suspect);
    let mut few = changed(|_, _| {});
    for trials in few.trials.values_mut() {
        trials.truncate(3);
    }
    let said: Vec<String> = [("limited", limited), ("suspect", suspect), ("few", few)]
        .into_iter()
        .map(|(name, run)| format!("{name}:\n{}", sentences(&section(run), SENSORS)))
        .collect();
    insta::assert_snapshot!(said.join("\n\n"));
}

#[test]
fn the_page_answers_before_it_shows_a_run() {
    let run = changed(|_, _| {});
    let page = file(std::slice::from_ref(&run), "index.html");
    let answers = page.find("id=\"answer-sensors\"").unwrap();
    assert!(answers < page.find("id=\"run-1\"").unwrap());
    assert!(page.contains("<strong>nats-core json: p99 "));
    assert!(page.contains("bench-1 (2 cores, 8.0 GiB, virtual)"));
    assert_eq!(page, file(&[run], "index.html"));
}

#[test]
fn an_answer_names_the_run_that_it_comes_from() {
    let mut runs = [changed(|_, _| {}), changed(|_, _| {})];
    runs[1].record.run.push_str("-again");
    let text = file(&runs, "report.md");
    assert!(text.contains("1,000/s, run 1, guarantee none / at-most-once"));
    assert!(text.contains("1,000/s, run 2, guarantee none / at-most-once"));
}

#[test]
fn names_in_answers_cannot_become_markup() {
    let mut run = changed(|_, _| {});
    for cell in &mut run.record.cells {
        cell.key.envelope = "<script>".to_owned();
    }
    run.record.host.name = "<b>host".to_owned();
    let page = file(std::slice::from_ref(&run), "index.html");
    assert!(page.contains("&lt;script&gt;: p99"));
    assert!(!page.contains("<script>: p99") && !page.contains("<b>host"));
    let text = section(run);
    assert!(text.contains("\\<script\\>: p99") && !text.contains("<b>host"));
}
