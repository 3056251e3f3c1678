use std::path::Path;

use super::{Measurements, Rounds, RoundsError, numbered};
use crate::Run;
use crate::fixtures::{self, small_run};

/// Writes a run with its trials, some of which may be left out.
fn write(folder: &Path, change: impl FnOnce(&mut Run)) {
    let mut run = small_run();
    change(&mut run);
    fixtures::write(&run, folder).unwrap();
}

fn one_trial(run: &mut Run) {
    for trials in run.trials.values_mut() {
        trials.truncate(1);
    }
}

fn numbers(side: &Measurements) -> Vec<u32> {
    let run = side.run.as_ref().unwrap();
    run.trials
        .values()
        .flatten()
        .map(|trial| trial.number)
        .collect()
}

#[test]
fn a_single_run_keeps_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("a"), |_| {});
    let rounds = Rounds::read(&folder.path().join("a")).unwrap();
    assert_eq!(numbers(&Measurements::of(rounds).unwrap()), [1, 2, 3]);
}

#[test]
fn rounds_of_one_name_have_one_number_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "base/round-1",
        "base/round-2",
        "base/round-3",
        "head/round-1",
        "head/round-3",
    ] {
        write(&folder.path().join(name), one_trial);
    }
    let read = |side: &str| Rounds::read(&folder.path().join(side)).unwrap();
    let (base, head) = numbered(read("base"), read("head")).unwrap();
    assert_eq!(numbers(&base), [1, 2, 3]);
    assert_eq!(numbers(&head), [1, 3]);
}

#[test]
fn runs_of_other_names_are_paired_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "base/monday",
        "base/tuesday",
        "head/friday",
        "head/saturday",
    ] {
        write(&folder.path().join(name), one_trial);
    }
    let read = |side: &str| Rounds::read(&folder.path().join(side)).unwrap();
    let (base, head) = numbered(read("base"), read("head")).unwrap();
    assert_eq!(numbers(&base), numbers(&head));
}

#[test]
fn rounds_may_lie_deeper_beside_other_files() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("round-1/run"), |_| {});
    std::fs::write(folder.path().join("notes.txt"), "x").unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let rounds = Rounds::read(folder.path()).unwrap();
    assert_eq!(numbers(&Measurements::of(rounds).unwrap()), [1, 2, 3]);
}

#[track_caller]
fn check_refused(refused: &RoundsError, expected: &[&str]) {
    let message = refused.to_string();
    for part in expected {
        assert!(message.contains(part), "{message:?} lacks {part:?}");
    }
}

#[test]
fn a_folder_without_anything_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    check_refused(
        &Rounds::read(folder.path()).unwrap_err(),
        &["nothing to compare in", "result.json"],
    );
    let missing = folder.path().join("missing");
    check_refused(
        &Rounds::read(&missing).unwrap_err(),
        &["read folder", "missing"],
    );
}

#[test]
fn runs_of_one_side_that_differ_are_refused_with_the_fields() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("1"), |_| {});
    write(&folder.path().join("2"), |run| run.record.host.cores = 64);
    let rounds = Rounds::read(folder.path()).unwrap();
    check_refused(
        &Measurements::of(rounds).unwrap_err(),
        &["differ among themselves by cores (2, 64)"],
    );
}

#[test]
fn a_run_with_fewer_trials_is_still_of_the_same_side() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("1"), |_| {});
    write(&folder.path().join("2"), |run| {
        one_trial(run);
        run.record.scenario.trials = 1;
        run.record.scenario.hash = "of one trial".to_owned();
    });
    let side = Measurements::of(Rounds::read(folder.path()).unwrap()).unwrap();
    assert_eq!(numbers(&side), [1, 2, 3, 4]);
}
