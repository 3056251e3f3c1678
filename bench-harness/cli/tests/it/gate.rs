//! `scripts/gate`: two programs in turns, the comparison, and what it cannot do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::{Ended, Place, SMALL};

/// A program of another time, which does not know the scenario.
const OLDER: &str = "#!/bin/sh\necho 'unknown field `floors`' >&2\nexit 2\n";

fn gate(place: &Place, arguments: &[&str]) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/gate");
    let mut command = Command::new(script);
    command
        .args(arguments)
        .current_dir(place.path())
        .env_remove("GITHUB_STEP_SUMMARY");
    command
}

fn run(place: &Place, arguments: &[&str]) -> Ended {
    Ended::of(gate(place, arguments).output().unwrap())
}

/// The command under test against itself, on the null bus.
fn against_itself<'a>(place: &Place, more: &[&'a str]) -> Vec<&'a str> {
    place.file("mine.toml", SMALL);
    let program = env!("CARGO_BIN_EXE_busbench");
    let both = ["--base-program", program, "--head-program", program];
    let what = ["--scenario", "mine.toml", "--no-benchmarks", "--out", "out"];
    [&both[..], &what, more].concat()
}

fn rounds(place: &Place, side: &str) -> usize {
    fs::read_dir(place.path().join("out").join(side))
        .unwrap()
        .count()
}

#[test]
fn more_work_is_called_a_regression_and_shown_to_the_workflow() {
    let place = Place::new();
    let summary = place.path().join("summary.md");
    fs::write(&summary, "Before.\n").unwrap();
    // A hundred times what a message takes.
    let arguments = against_itself(&place, &["--budget", "15s", "--drill", "100us"]);
    let ended = gate(&place, &arguments)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output();
    let ended = Ended::of(ended.unwrap());
    assert_eq!(ended.code, Some(10), "{ended:?}");
    assert!(ended.stdout.contains("null-json-closed-64"), "{ended:?}");
    let told = fs::read_to_string(&summary).unwrap();
    assert!(told.starts_with("Before.\n"), "{told}");
    assert!(told.contains("null-json-closed-64"), "{told}");
    for file in ["gate.txt", "gate.md", "gate.json"] {
        assert!(place.path().join("out").join(file).is_file(), "{file}");
    }
    assert!(rounds(&place, "base") >= 5);
    assert_eq!(rounds(&place, "base"), rounds(&place, "head"));
}

#[test]
fn a_budget_that_holds_too_few_rounds_is_refused_after_the_first() {
    let place = Place::new();
    let more = ["--budget", "1s"];
    let ended = run(&place, &against_itself(&place, &more));
    // Where a round takes less than a fifth of a second, it is enough.
    if ended.code == Some(2) {
        ended.said(2, &["give a --budget of"]);
        assert_eq!(rounds(&place, "head"), 1);
    }
}

#[test]
fn a_base_that_does_not_know_the_scenario_cannot_be_compared() {
    let place = Place::new();
    let older = place.file("older", OLDER);
    fs::set_permissions(&older, fs::Permissions::from_mode(0o755)).unwrap();
    let mut arguments = against_itself(&place, &[]);
    arguments[1] = "older";
    run(&place, &arguments).said(11, &["unknown field", "the base cannot run"]);
    let told = fs::read_to_string(place.path().join("out/gate.md")).unwrap();
    assert!(told.contains("mine.toml"), "{told}");
    assert!(
        !place.path().join("out/base").exists(),
        "nothing was measured"
    );
}

#[test]
fn what_is_asked_wrongly_is_told_before_anything_is_built() {
    let place = Place::new();
    run(&place, &[]).said(2, &["which commit"]);
    run(&place, &["no-such-branch"]).said(2, &["no-such-branch", "--unshallow"]);
    run(&place, &["HEAD", "--budget", "soon"]).said(2, &["soon", "90s"]);
    run(&place, &["HEAD", "--budget", "0s"]).said(2, &["0s"]);
    run(&place, &["HEAD", "--budget"]).said(2, &["--budget needs a value"]);
    run(&place, &["HEAD", "HEAD"]).said(2, &["two base refs"]);
    run(&place, &["HEAD", "--speed"]).said(2, &["--speed"]);
    run(&place, &["HEAD", "--scenario", "none.toml"]).said(2, &["none.toml"]);
    run(&place, &["--base-program", "none"]).said(2, &["none is no program"]);
    let full = against_itself(&place, &[]);
    fs::create_dir(place.path().join("out")).unwrap();
    fs::write(place.path().join("out/thesis.txt"), "years of work").unwrap();
    run(&place, &full).said(2, &["out is not empty"]);
    run(&place, &["--help"]).said(0, &[]);
}
