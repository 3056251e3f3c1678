//! The section on claims: what it says of made-up runs, and that names cannot change it.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "support/rendered.rs"]
mod rendered;

use std::sync::LazyLock;

use busbench_results::{Load, Run, Verdict, fixtures};
use rendered::files;

/// The section of a page and of a document, of one report.
struct Section {
    html: String,
    markdown: String,
}

fn section(runs: &[Run]) -> Section {
    let files = files(runs);
    let between = |text: &str, start: &str, end: &str| {
        let from = text.split_once(start).map_or("", |(_, from)| from);
        from.split(end).next().unwrap_or_default().to_owned()
    };
    Section {
        html: between(
            &files["index.html"],
            "<section id=\"claims\">",
            "</section>",
        ),
        markdown: between(&files["report.md"], "# The claims, tested\n", "\n\n# "),
    }
}

/// Of a matrix with five trials, made once.
fn example() -> &'static Section {
    static EXAMPLE: LazyLock<Section> = LazyLock::new(|| section(&[fixtures::envelope_run()]));
    &EXAMPLE
}

/// The part of that matrix that takes no time to render: one bus and depth under closed load.
fn small() -> Run {
    let mut run = fixtures::envelope_run();
    run.record.cells.retain(|cell| {
        let key = &cell.key;
        (key.bus.as_str(), key.depth.as_str(), key.load) == ("nats-core", "event", Load::Closed)
    });
    run
}

/// The card of a claim.
fn card<'s>(section: &'s str, id: &str) -> &'s str {
    let start = format!("<article class=\"claim\" id=\"claim-{id}\">");
    let (_, from) = section.split_once(&start).unwrap();
    from.split("</article>").next().unwrap()
}

#[test]
fn the_claims_in_words_are_as_they_were() {
    insta::assert_snapshot!(example().markdown);
}

#[test]
fn a_card_has_verdict_effects_evidence_and_a_link_to_its_cells() {
    let section = &example().html;
    assert_eq!(section.matches("<article").count(), 14);
    let tested = card(section, "C1");
    for part in [
        "claim-verdict not-supported",
        ">not supported</b>",
        "native is better in 9 of 16 comparisons",
        "<summary>Evidence: 15 differences</summary>",
        "And 18 comparisons without a measurable difference.",
        "href=\"#cells?claim=C1\"",
    ] {
        assert!(tested.contains(part), "{part}: {tested}");
    }
    assert_eq!(tested.matches("<tr").count(), 1 + 15);
    let untested = card(section, "C2");
    assert!(untested.contains(">not tested yet</b>"), "{untested}");
    assert!(!untested.contains("<details"), "{untested}");
    assert!(!untested.contains("#cells"), "{untested}");
    let between_buses = card(section, "C3");
    assert!(between_buses.contains("through these Rust clients"));
    assert!(
        between_buses.contains("20 of 53 differences"),
        "{between_buses}"
    );
}

#[test]
fn three_trials_are_no_claim_and_say_so() {
    let section = section(&[fixtures::run()]).html;
    assert_eq!(section.matches(">not tested yet</b>").count(), 14 + 4);
    let card = card(&section, "C3");
    assert!(card.contains("3 at most, and a claim needs 5"), "{card}");
    assert!(card.contains("scenarios/sensors.toml"), "{card}");
}

#[test]
fn cells_that_are_not_valid_decide_nothing() {
    let mut run = small();
    for trial in run.trials.values_mut().flatten() {
        trial.verdict = Verdict::Suspect;
    }
    let section = section(&[run]).html;
    assert_eq!(section.matches(">not tested yet</b>").count(), 14 + 4);
    assert!(card(&section, "C1").contains("with a cell that is suspect or invalid"));
}

#[test]
fn several_runs_add_up_and_are_named() {
    let mut other = small();
    other.record.run.push_str("-other");
    let section = section(&[small(), other]).html;
    let card = card(&section, "C1");
    assert!(
        card.contains("native is better in 6 of 6 comparisons"),
        "{card}"
    );
    assert!(card.contains("-other</td>"), "{card}");
}

#[test]
fn a_report_without_a_run_has_no_claims() {
    let section = section(&[]);
    assert!(section.html.is_empty() && section.markdown.is_empty());
}

#[test]
fn names_stay_text() {
    let mut run = small();
    run.record.run.push_str("<script>run</script>");
    for cell in &mut run.record.cells {
        cell.key.payload.push_str("<script>\"|alert(1)</script>");
    }
    let mut other = run.clone();
    other.record.run.push('2');
    let Section { html, markdown } = section(&[run, other]);
    assert!(html.contains("&lt;script&gt;"), "{html}");
    assert!(!html.contains("<script"), "{html}");
    assert!(markdown.contains("\\<script\\>"), "{markdown}");
    assert!(!markdown.contains(" <script"), "{markdown}");
}
