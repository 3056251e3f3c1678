//! A history on a disk: what is recorded is read back, and what is wrong is named.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use busbench_results::history::{HistoryFolder, HistoryLine};
use busbench_results::{Run, RunState, fixtures};
use tempfile::TempDir;

fn empty() -> (TempDir, HistoryFolder) {
    let place = tempfile::tempdir().unwrap();
    let folder = HistoryFolder::at(&place.path().join("history"));
    (place, folder)
}

fn file_of(place: &TempDir) -> PathBuf {
    place.path().join("history/quick.jsonl")
}

/// The small run under another name.
fn run_named(name: &str) -> Run {
    let mut run = fixtures::small_run();
    name.clone_into(&mut run.record.run);
    run
}

/// An error with what caused it, without the folder's name.
fn told(place: &TempDir, error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.replace(&format!("{}/", place.path().display()), "")
}

#[test]
fn runs_that_are_recorded_one_after_the_other_are_read_back() {
    let (_place, folder) = empty();
    let runs = [
        fixtures::run(),
        fixtures::aarch64_run(),
        fixtures::small_run(),
    ];
    let recorded = folder.record(&runs[..1]).unwrap();
    let cells = HistoryLine::of(&runs[0]).len();
    assert_eq!((recorded.len(), recorded[0].cells), (1, cells));
    folder.record(&runs[1..]).unwrap();
    let read: Vec<HistoryLine> = folder
        .read()
        .unwrap()
        .into_iter()
        .map(|of| of.line)
        .collect();
    let expected: Vec<HistoryLine> = runs.iter().flat_map(HistoryLine::of).collect();
    assert_eq!(read, expected);
}

#[test]
fn each_scenario_has_a_file_and_other_files_are_left_alone() {
    let (place, folder) = empty();
    folder
        .record(&[fixtures::envelope_run(), fixtures::small_run()])
        .unwrap();
    fs::write(place.path().join("history/README.md"), "not a line").unwrap();
    fs::write(place.path().join("history/empty.jsonl"), "").unwrap();
    let files = folder.read().unwrap().into_iter().map(|of| of.path);
    let mut names: Vec<_> = files
        .map(|path| path.file_name().unwrap().to_owned())
        .collect();
    names.dedup();
    assert_eq!(names, ["envelope-quick.jsonl", "quick.jsonl"]);
}

#[test]
fn those_who_record_at_once_wait_for_each_other() {
    let (place, folder) = empty();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let folder = &folder;
            scope.spawn(move || {
                folder
                    .record(&[run_named(&format!("run-{number}"))])
                    .unwrap()
            });
        }
    });
    let lines = folder.read().unwrap().len();
    assert_eq!(lines, 8 * HistoryLine::of(&fixtures::small_run()).len());
    let left = fs::read_dir(place.path().join("history")).unwrap().count();
    assert_eq!(left, 1, "no temporary file stays behind");
}

#[test]
fn a_line_whose_end_was_taken_away_is_ended_before_the_next() {
    let (place, folder) = empty();
    folder.record(&[run_named("one")]).unwrap();
    let text = fs::read_to_string(file_of(&place)).unwrap();
    fs::write(file_of(&place), text.trim_end()).unwrap();
    folder.record(&[run_named("two")]).unwrap();
    let runs: Vec<_> = folder
        .read()
        .unwrap()
        .into_iter()
        .map(|of| of.line.run)
        .collect();
    assert_eq!(runs, ["one", "two"]);
}

/// A run that is refused leaves the history as it was, and those that were given with it too.
#[track_caller]
fn refused(runs: &[Run], words: &str) {
    let (place, folder) = empty();
    folder.record(&[run_named("known")]).unwrap();
    let before = fs::read_to_string(file_of(&place)).unwrap();
    let error = folder.record(runs).unwrap_err();
    let error = told(&place, &error);
    assert!(error.contains(words), "{error}");
    assert_eq!(fs::read_to_string(file_of(&place)).unwrap(), before);
    assert_eq!(folder.read().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_recorded_is_refused_and_nothing_is_written() {
    let new = || run_named("new");
    refused(
        &[new(), run_named("known")],
        "run known is in history/quick.jsonl already",
    );
    refused(&[new(), new()], "run new is in history/quick.jsonl already");
    let mut interrupted = fixtures::sensors_run();
    interrupted.record.state = RunState::Interrupted;
    refused(&[new(), interrupted], "is not complete: go on with");
    refused(
        &[fixtures::only_impossible_run()],
        "no finished trial to record",
    );
    let mut outside = new();
    outside.record.scenario.name = "../quick".to_owned();
    refused(&[outside], "scenario `../quick` cannot name a file");
}

#[test]
fn a_folder_without_a_line_is_named() {
    let (place, folder) = empty();
    let error = folder.read().unwrap_err();
    assert_eq!(
        told(&place, &error),
        "no history in history: record a run with --record RUN"
    );
    fs::create_dir(place.path().join("history")).unwrap();
    fs::write(file_of(&place), "").unwrap();
    let error = folder.read().unwrap_err();
    let expected = "history history holds no line: record a run with --record RUN";
    assert_eq!(told(&place, &error), expected);
}

/// The error of a history whose second line was changed.
fn error_after(change: impl Fn(&str) -> String) -> String {
    let (place, folder) = empty();
    folder
        .record(&[run_named("one"), run_named("two")])
        .unwrap();
    let text = fs::read_to_string(file_of(&place)).unwrap();
    let (first, second) = text.split_once('\n').unwrap();
    let changed = change(second);
    assert_ne!(changed, second);
    fs::write(file_of(&place), format!("{first}\n{changed}")).unwrap();
    let error = folder.read().unwrap_err();
    // What cannot be read cannot be added to.
    let again = folder.record(&[run_named("three")]).unwrap_err();
    assert_eq!(told(&place, &error), told(&place, &again));
    told(&place, &error)
}

#[test]
fn errors_of_wrong_lines_name_the_file_the_line_and_the_reason() {
    let replaced = |from: &'static str, to: &'static str| {
        move |line: &str| {
            assert!(line.contains(from), "{line}");
            line.replacen(from, to, 1)
        }
    };
    let rate = |to: &'static str| {
        move |line: &str| {
            let key = "\"delivered_per_second\":";
            let start = line.find(key).unwrap() + key.len();
            let end = start + line[start..].find(',').unwrap();
            format!("{}{to}{}", &line[..start], &line[end..])
        }
    };
    let errors = [
        (
            "cut off",
            error_after(|line| line[..line.len() / 2].to_owned()),
        ),
        (
            "cut off before another",
            error_after(|line| format!("{}\n{line}", &line[..40])),
        ),
        ("an empty line", error_after(|line| format!("\n{line}"))),
        ("something else", error_after(|_| "[1, 2]\n".to_owned())),
        (
            "newer",
            error_after(replaced("\"history_version\":1", "\"history_version\":2")),
        ),
        (
            "older",
            error_after(replaced("\"history_version\":1", "\"history_version\":0")),
        ),
        (
            "without a field",
            error_after(replaced("\"started_unix_ms\"", "\"began\"")),
        ),
        (
            "of another scenario",
            error_after(replaced("\"scenario\":\"quick\"", "\"scenario\":\"slow\"")),
        ),
        (
            "twice",
            error_after(replaced("\"run\":\"two\"", "\"run\":\"one\"")),
        ),
        ("rate of NaN", error_after(rate("NaN"))),
        ("rate below zero", error_after(rate("-1.5"))),
        ("rate without end", error_after(rate("1e999"))),
        ("rate beside its interval", error_after(rate("1.0"))),
        ("rate of a text", error_after(rate("\"fast\""))),
    ];
    let told: Vec<String> = errors
        .map(|(what, error)| format!("{what}\n  {error}"))
        .into();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_rate_of_zero_is_recorded_and_is_no_point() {
    let (place, folder) = empty();
    let mut run = run_named("zero");
    for trial in run.trials.values_mut().flatten() {
        trial.counts.in_time = 0;
    }
    folder.record(&[run]).unwrap();
    let text = fs::read_to_string(file_of(&place)).unwrap();
    assert!(text.contains("\"delivered_per_second\":0.0,"), "{text}");
    let lines = folder.read().unwrap().into_iter().map(|placed| placed.line);
    let series = busbench_results::history::series_of(lines);
    let figure = busbench_results::history::FIGURES[0];
    assert_eq!(series[0].points(figure), []);
}
