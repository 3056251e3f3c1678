//! What a report says of footprints, by one run and by runs on two architectures.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "support/rendered.rs"]
mod rendered;

use busbench_report::terminal;
use busbench_results::{FootprintSubject, ReasonKind, Run, Verdict, fixtures};

use rendered::files;

/// The same footprints on an ARM64 machine that is an emulator's.
fn emulated() -> Run {
    let mut run = fixtures::footprint_run();
    "aarch64".clone_into(&mut run.record.host.arch);
    run.record.host.emulated = true;
    let name = "20260301T150000Z-footprint-aa64";
    name.clone_into(&mut run.record.run);
    for cell in &mut run.record.footprints {
        for arch in [
            cell.program.as_mut().map(|program| &mut program.arch),
            cell.image.as_mut().map(|image| &mut image.arch),
        ]
        .into_iter()
        .flatten()
        {
            "aarch64".clone_into(arch);
        }
    }
    for trial in run.footprints.values_mut().flatten() {
        name.clone_into(&mut trial.run);
        trial.verdict = trial.verdict.max(Verdict::Suspect);
        let of_emulator = ReasonKind::Emulated.alone();
        trial.reasons.push(of_emulator);
    }
    run
}

#[test]
fn the_terminal_tables_are_as_they_were() {
    insta::assert_snapshot!(terminal(&fixtures::footprint_run(), 160));
}

#[test]
fn the_chapter_is_as_it_was() {
    let files = files(&[fixtures::footprint_run(), emulated()]);
    let document = &files["report.md"];
    let (_, chapter) = document.split_once("# Footprint\n").unwrap();
    let (chapter, _) = chapter.split_once("\n# Run 1").unwrap();
    insta::assert_snapshot!(chapter);
}

#[test]
fn a_picture_of_each_figure_has_both_architectures() {
    let files = files(&[fixtures::footprint_run(), emulated()]);
    for name in [
        "footprint-images",
        "footprint-starts",
        "footprint-memory",
        "footprint-memory-with-clients",
        "footprint-clients",
    ] {
        let picture = &files[&format!("{name}.svg")];
        assert!(picture.contains("x86_64"), "{name}");
        assert!(picture.contains("aarch64, emulated"), "{name}");
    }
}

#[test]
fn a_run_of_footprints_has_no_answer_no_cells_and_says_where_to_look() {
    let files = files(&[fixtures::footprint_run()]);
    let page = &files["index.html"];
    assert!(page.contains("id=\"footprints\""));
    assert!(page.contains("This run took footprints"));
    assert!(!page.contains("id=\"answers\""));
    assert!(!page.contains("id=\"cells\""));
    assert!(!page.contains("No cell of this run has a valid trial"));
    let header = &files["footprints.csv"];
    let lines = header.lines().count();
    assert_eq!(lines, 1 + fixtures::footprint_run().record.footprints.len());
}

#[test]
fn a_report_without_footprints_says_nothing_of_them() {
    let files = files(&[fixtures::run()]);
    assert!(!files["index.html"].contains("id=\"footprints\""));
    assert!(!files["report.md"].contains("# Footprint"));
    assert!(!files.contains_key("footprints.csv"));
}

#[test]
fn names_in_footprints_cannot_become_markup() {
    let mut run = fixtures::footprint_run();
    for cell in &mut run.record.footprints {
        if let FootprintSubject::Client { library, .. } = &mut cell.subject {
            *library = Some("<script>alert(1)</script>|*x*".to_owned());
        }
    }
    let files = files(&[run]);
    assert!(!files["index.html"].contains("<script>alert"));
    assert!(!files["report.md"].contains("|*x*"));
}
