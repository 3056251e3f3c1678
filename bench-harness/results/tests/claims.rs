//! Claims judged by the comparisons of made-up runs.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::fmt::Write;

use busbench_results::claims::{Compared, JudgedClaim, JudgedPart, claims, judge};
use busbench_results::comparison::{
    ComparedFigure, SmallestEffects, compare_cells, compare_layouts,
};
use busbench_results::footprint::footprints;
use busbench_results::{Load, Row, Run, fixtures, summarise};

fn figures(row: &Row) -> &'static [ComparedFigure] {
    match row.load {
        Load::Closed => &[ComparedFigure::DeliveredPerSecond],
        Load::Open => &[ComparedFigure::ResponseP99Ns],
    }
}

fn judged(run: &Run) -> Vec<JudgedClaim> {
    let (rows, effects) = (summarise(run), SmallestEffects::default());
    let compared = Compared {
        rows: rows.iter().collect(),
        cells: &compare_cells(run, &rows, &effects).differences(),
        layouts: &compare_layouts(run, &rows, &effects, figures),
        footprints: &footprints(run),
    };
    judge(&claims().unwrap(), &[compared])
}

/// Each claim's verdict, with what it rests on.
fn told(claims: &[JudgedClaim]) -> String {
    let mut text = String::new();
    for JudgedClaim {
        claim,
        verdict,
        parts,
    } in claims
    {
        writeln!(text, "{}: {}", claim.id, verdict.name()).unwrap();
        for part in parts {
            text.push_str(&details(part));
        }
    }
    text
}

fn details(part: &JudgedPart) -> String {
    let mut text = String::new();
    for effect in &part.effects {
        let counts = effect.counts;
        writeln!(
            text,
            "  {}: {} better, {} worse, {} without a difference",
            effect.figure.name(),
            counts.better,
            counts.worse,
            counts.no_measurable_difference
        )
        .unwrap();
    }
    for (why, number) in &part.left_out {
        writeln!(text, "  left out {number}: {why:?}").unwrap();
    }
    if part.alone > 0 {
        writeln!(text, "  alone: {}", part.alone).unwrap();
    }
    text
}

#[test]
fn five_trials_judge_what_was_measured() {
    insta::assert_snapshot!(told(&judged(&fixtures::envelope_run())));
}

#[test]
fn three_trials_judge_no_claim() {
    insta::assert_snapshot!(told(&judged(&fixtures::run())));
}

#[test]
fn footprints_judge_image_client_and_start() {
    let told = told(&judged(&fixtures::footprint_run()));
    let line = |id: &str| {
        told.lines()
            .find(|line| line.starts_with(id))
            .unwrap()
            .to_owned()
    };
    // No official image, and nothing that ran on ARM64.
    assert_eq!(line("C4:"), "C4: not-tested-yet");
    // 0.8 MB in a Go service with REST, 4.1 MB in a bare one, which the claim is not about.
    assert_eq!(line("C11:"), "C11: supported");
    // One of the starts came to nothing, so Redis's are suspect; the others are all below a second.
    assert_eq!(line("C12:"), "C12: supported");
    assert!(told.contains("left out 1: NotValid"), "{told}");
}
