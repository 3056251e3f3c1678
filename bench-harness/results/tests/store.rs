//! A run's folder on a disk: what is written is read back, and what is wrong is named.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use busbench_results::comparison::{ComparedFigure, SmallestEffects};
use busbench_results::{
    Run, RunFolder, RunRecord, SCHEMA_VERSION, SchemaAge, StoreError, Trial, fixtures,
};
use tempfile::TempDir;

/// A folder with the small run in it.
fn written() -> (TempDir, RunFolder, Run) {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(&place.path().join("run")).unwrap();
    let run = fixtures::small_run();
    for trial in run.trials.values().flatten() {
        folder.write_trial(trial).unwrap();
    }
    folder.write_run(&run.record).unwrap();
    (place, folder, run)
}

fn first_trial(folder: &RunFolder) -> PathBuf {
    folder.path().join("trials/nats-core-native-open-1.json")
}

/// An error with what caused it, as the command line shows it.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Changes a file of a good run, reads, and returns the error without the folder's name.
fn error_after(file: &str, change: impl Fn(&str) -> String) -> String {
    let (_place, folder, _) = written();
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed);
    fs::write(&path, changed).unwrap();
    let error = with_causes(&folder.read().unwrap_err());
    error.replace(&format!("{}/", folder.path().display()), "")
}

fn files_below(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_written_is_read_back() {
    let (_place, folder, run) = written();
    let read = RunFolder::open(folder.path()).unwrap().read().unwrap();
    assert_eq!(read.record, run.record);
    assert_eq!(read.trials, run.trials);
    assert_eq!(read.path, folder.path());
}

#[test]
fn a_written_trial_is_named_as_the_run_lists_it() {
    let (_place, folder, run) = written();
    let trial = &run.trials["nats-core-native-open"][1];
    assert_eq!(
        folder.write_trial(trial).unwrap(),
        "trials/nats-core-native-open-2.json"
    );
}

#[test]
fn writing_leaves_no_temporary_file() {
    let (_place, folder, _) = written();
    assert_eq!(files_below(folder.path()), ["result.json", "trials"]);
    assert_eq!(files_below(&folder.path().join("trials")).len(), 3);
}

#[test]
fn a_folder_with_foreign_files_is_refused_and_left_alone() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("thesis.tex"), "text").unwrap();
    let error = RunFolder::create(place.path()).unwrap_err();
    assert!(matches!(error, StoreError::NotEmpty { .. }), "{error}");
    assert_eq!(files_below(place.path()), ["thesis.tex"]);
}

#[test]
fn a_folder_with_a_run_is_not_begun_again() {
    let (_place, folder, _) = written();
    let error = RunFolder::create(folder.path()).unwrap_err();
    assert!(error.to_string().contains("--resume"), "{error}");
}

#[test]
fn a_folder_below_a_file_is_refused_by_name() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    let error = RunFolder::create(&file.join("run")).unwrap_err();
    assert!(matches!(error, StoreError::CreateFolder { .. }), "{error}");
    assert!(error.to_string().contains("file/run"), "{error}");
}

#[test]
fn a_folder_without_a_run_is_not_opened() {
    let place = tempfile::tempdir().unwrap();
    let error = RunFolder::open(place.path()).unwrap_err();
    assert!(matches!(error, StoreError::NoRun { .. }), "{error}");
}

/// `/dev/full` stands for the disk: each write to it fails with `ENOSPC`.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_names_the_file_and_keeps_the_one_before() {
    let (_place, folder, run) = written();
    let temporary = folder.path().join(".result.json.tmp");
    std::os::unix::fs::symlink("/dev/full", &temporary).unwrap();
    let error = folder
        .write_run(&RunRecord {
            provider: "external".to_owned(),
            ..run.record.clone()
        })
        .unwrap_err();
    let error = with_causes(&error);
    assert!(error.contains("result.json"), "{error}");
    assert!(error.contains("No space left on device"), "{error}");
    assert_eq!(files_below(folder.path()), ["result.json", "trials"]);
    assert_eq!(folder.read().unwrap().record, run.record);
}

#[test]
fn a_cell_that_would_leave_the_folder_is_refused() {
    let (_place, folder, run) = written();
    let trial = Trial {
        cell: "../elsewhere".to_owned(),
        ..run.trials["nats-core-native-open"][0].clone()
    };
    let error = folder.write_trial(&trial).unwrap_err();
    assert!(matches!(error, StoreError::CellName { .. }), "{error}");
}

#[test]
fn a_trial_that_the_run_does_not_list_does_not_count() {
    let (_place, folder, run) = written();
    let mut record = run.record;
    record.cells[0].trials.pop();
    folder.write_run(&record).unwrap();
    let read = folder.read().unwrap();
    assert_eq!(read.trials["nats-core-native-open"].len(), 2);
}

#[test]
fn a_missing_trial_is_named() {
    let (_place, folder, _) = written();
    fs::remove_file(first_trial(&folder)).unwrap();
    let error = folder.read().unwrap_err();
    assert!(matches!(error, StoreError::MissingTrial { .. }), "{error}");
    assert!(
        error.to_string().contains("nats-core-native-open-1.json"),
        "{error}"
    );
}

#[test]
fn errors_of_wrong_files_name_the_file_and_the_place() {
    let run = "result.json";
    let trial = "trials/nats-core-native-open-1.json";
    let version = |to: &'static str| {
        move |text: &str| {
            text.replacen(
                &format!("\"schema_version\": {SCHEMA_VERSION}"),
                &format!("\"schema_version\": {to}"),
                1,
            )
        }
    };
    let errors = [
        error_after(run, |text| text[..400].to_owned()),
        error_after(trial, |text| text[..300].to_owned()),
        error_after(run, |_| "{ \"benchmarks\": [] }".to_owned()),
        error_after(run, |_| "[1, 2]".to_owned()),
        error_after(run, |_| String::new()),
        error_after(run, version("3")),
        error_after(run, version("0")),
        error_after(trial, version("3")),
        error_after(run, |text| {
            text.replacen("\"cores\": 2", "\"cores\": \"two\"", 1)
        }),
        error_after(run, |text| {
            text.replacen("trials/nats-core-native-open-1", "../secret", 1)
        }),
        error_after(trial, |text| {
            text.replacen("\"cell\": \"nats", "\"cell\": \"gnats", 1)
        }),
        error_after(trial, |text| text.replacen("quick-7c1e", "quick-0000", 1)),
        error_after(trial, |text| {
            text.replacen("\"count\": 50000", "\"count\": 49999", 1)
        }),
        error_after(trial, |text| {
            text.replacen("\"v2_deflate_base64\": \"", "\"v2_deflate_base64\": \"!", 1)
        }),
    ];
    insta::assert_snapshot!(errors.join("\n"));
}

/// Changes what the run's record says of smallest effects, reads, and gives what was read.
fn record_after(change: impl Fn(&mut serde_json::Map<String, serde_json::Value>)) -> RunRecord {
    let (_place, folder, _) = written();
    let path = folder.path().join("result.json");
    let text = fs::read_to_string(&path).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&text).unwrap();
    change(record["scenario"].as_object_mut().unwrap());
    fs::write(&path, record.to_string()).unwrap();
    folder.read().unwrap().record
}

#[test]
fn a_run_of_before_smallest_effects_were_kept_has_the_default() {
    let read = record_after(|scenario| {
        assert!(scenario.remove("smallest_effects").is_some());
    });
    let default = SmallestEffects::default();
    assert_eq!(read.scenario.smallest_effects, default);
}

#[test]
fn the_smallest_effects_of_a_run_are_read_and_one_of_a_newer_figure_is_passed_over() {
    let read = record_after(|scenario| {
        let effects = serde_json::json!({ "response_p99_ns": 0.2, "jitter_ns": 0.3 });
        scenario.insert("smallest_effects".to_owned(), effects);
    });
    let mut expected = SmallestEffects::default();
    expected.set(ComparedFigure::ResponseP99Ns, 0.2).unwrap();
    assert_eq!(read.scenario.smallest_effects, expected);
}

#[test]
fn a_smallest_effect_that_is_no_share_names_the_file_and_the_place() {
    let error = error_after("result.json", |text| {
        text.replacen("\"response_p99_ns\": 0.1", "\"response_p99_ns\": 100", 1)
    });
    for part in ["result.json", "100 is not a share", "line "] {
        assert!(error.contains(part), "{error:?} lacks {part:?}");
    }
}

/// The folder under `tests/data` was written by version 1 and is not to be written again. Its reasons
/// are free text, which no list of reasons can be made from.
#[test]
fn a_folder_of_version_1_is_refused_as_old() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/run-v1");
    let error = RunFolder::open(&path).unwrap().read().unwrap_err();
    assert!(matches!(
        error,
        StoreError::Version {
            version: 1,
            age: SchemaAge::Older,
            ..
        }
    ));
}

#[test]
fn footprints_are_read_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let mut run = fixtures::footprint_run();
    fixtures::write(&run, &path).unwrap();
    run.path.clone_from(&path);
    assert_eq!(RunFolder::open(&path).unwrap().read().unwrap(), run);
}
