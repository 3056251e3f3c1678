//! Folders that criterion wrote: what they say is read, and what is wrong is named.
//!
//! `data/criterion` is what the codecs' benchmarks wrote in calls of a tenth of a second: one of them
//! twice, and one with flat sampling.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use busbench_results::{BenchmarkError, is_criterion_home, read_benchmarks};
use proptest::prelude::{any, prop, prop_assert, proptest};
use tempfile::TempDir;

const CALL: &str = "stamp/encode/new";

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/criterion")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A copy of `data/criterion` that a test may spoil.
fn written() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    copy(&data(), home.path());
    home
}

fn write_call(home: &Path, folder: &str, id: &str, sample: &str) {
    let call = home.join(folder).join("new");
    fs::create_dir_all(&call).unwrap();
    let names = serde_json::json!({ "full_id": id, "directory_name": folder });
    fs::write(call.join("benchmark.json"), names.to_string()).unwrap();
    fs::write(call.join("sample.json"), sample).unwrap();
}

/// The error of a folder with its causes, as the command line shows it, without the folder's name.
fn said(home: &Path) -> String {
    let error = read_benchmarks(home).unwrap_err();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.replace(home.to_str().unwrap(), "HOME")
}

/// The error after one file of a good folder was made something else.
fn said_after(file: &str, text: &str) -> String {
    let home = written();
    fs::write(home.path().join(file), text).unwrap();
    said(home.path())
}

#[test]
fn benchmarks_have_criterions_ids_and_the_time_of_their_fastest_sample() {
    let times = read_benchmarks(&data()).unwrap();
    // Linear sampling: 10 measurements of more and more iterations; flat: as many in each.
    let expected = BTreeMap::from([
        ("cbor/encode/event-1".to_owned(), 2_317_599.0 / 11_760.0),
        ("json-base64/decode/event-100".to_owned(), 58_497.0 / 2.0),
        ("stamp/encode".to_owned(), 3_617_953.0 / 582_448.0),
    ]);
    assert_eq!(times, expected);
}

#[test]
fn the_call_before_and_the_comparison_with_it_do_not_count() {
    let home = written();
    let before = read_benchmarks(home.path()).unwrap();
    for other in ["base", "change"] {
        let folder = home.path().join("cbor/encode_event-1").join(other);
        assert!(folder.is_dir(), "{other}");
        fs::write(folder.join("sample.json"), "{}").unwrap();
        fs::write(folder.join("benchmark.json"), "{}").unwrap();
    }
    let report = home.path().join("report");
    fs::create_dir(&report).unwrap();
    fs::write(report.join("index.html"), "").unwrap();
    assert_eq!(read_benchmarks(home.path()).unwrap(), before);
}

#[test]
fn a_benchmark_may_be_called_new_and_stand_at_any_of_criterions_levels() {
    let home = tempfile::tempdir().unwrap();
    let sample = r#"{"sampling_mode":"Flat","iters":[2],"times":[6]}"#;
    let folders = [("new", "new"), ("a/new", "a/new"), ("a/b/new", "a/b/new")];
    for (folder, id) in folders {
        write_call(home.path(), folder, id, sample);
    }
    let expected = folders.map(|(_, id)| (id.to_owned(), 3.0));
    assert_eq!(
        read_benchmarks(home.path()).unwrap(),
        BTreeMap::from(expected)
    );
}

#[test]
fn a_folder_is_criterions_where_its_benchmarks_say_so() {
    assert!(is_criterion_home(&data()));
    for folder in ["stamp", "stamp/encode", CALL, "nowhere"] {
        assert!(!is_criterion_home(&data().join(folder)), "{folder}");
    }
    assert!(!is_criterion_home(&data().join(CALL).join("sample.json")));
    let empty = tempfile::tempdir().unwrap();
    assert!(!is_criterion_home(empty.path()));
}

/// A round of the gate has criterion's folder beside others.
#[test]
fn a_folder_around_criterions_is_not_criterions() {
    let round = tempfile::tempdir().unwrap();
    let home = round.path().join("criterion");
    copy(&data(), &home);
    assert!(is_criterion_home(&home));
    assert!(!is_criterion_home(round.path()));
    assert_eq!(
        said(round.path()),
        "HOME/criterion/cbor/encode_event-1/new/benchmark.json: criterion wrote it to \
         `cbor/encode_event-1` below another folder than HOME: name the one that CRITERION_HOME \
         named, and leave what is in it where it is"
    );
}

#[test]
fn one_spoilt_benchmark_of_several_does_not_hide_criterions_folder() {
    let home = written();
    fs::write(
        home.path().join("cbor/encode_event-1/new/benchmark.json"),
        "{",
    )
    .unwrap();
    assert!(is_criterion_home(home.path()));
    assert!(said(home.path()).contains("cbor/encode_event-1/new/benchmark.json: cut off"));
}

#[test]
fn a_folder_that_is_missing_or_empty_or_deeper_than_criterions_is_named() {
    let home = tempfile::tempdir().unwrap();
    let place = home.path();
    let nowhere = place.join("nowhere");
    assert_eq!(
        said(&nowhere),
        "no folder HOME: a benchmark program writes one where CRITERION_HOME says"
    );
    assert_eq!(
        said(place),
        "no benchmark in HOME: run a benchmark program with CRITERION_HOME set to it, and a filter \
         that leaves some"
    );
    let sample = r#"{"iters":[2],"times":[6]}"#;
    write_call(place, "one/two/three/four", "too deep", sample);
    assert!(matches!(
        read_benchmarks(place),
        Err(BenchmarkError::Empty { .. })
    ));
    // A file is no folder; what the system says of it is not ours.
    let file = data().join(CALL).join("sample.json");
    let error = read_benchmarks(&file).unwrap_err();
    assert!(matches!(&error, BenchmarkError::Read { path, .. } if *path == file));
}

#[test]
fn a_benchmark_that_was_ended_early_is_named() {
    for file in ["benchmark.json", "sample.json"] {
        let home = written();
        fs::remove_file(home.path().join(CALL).join(file)).unwrap();
        let expected = format!(
            "HOME/{CALL}/{file} is missing: the benchmark was ended before it was done; run it again"
        );
        assert_eq!(said(home.path()), expected);
    }
}

#[test]
fn a_file_that_is_cut_off_or_something_else_is_named() {
    for file in ["benchmark.json", "sample.json"] {
        let file = format!("{CALL}/{file}");
        let whole = fs::read_to_string(data().join(&file)).unwrap();
        for text in [&whole[..whole.len() / 2], "", "[]", "{}", "null", "\u{0}"] {
            let message = said_after(&file, text);
            let expected = format!(
                "HOME/{file}: cut off, or not of the shape that criterion 0.8 writes; \
                 run the benchmark again: "
            );
            assert!(message.starts_with(&expected), "{text:?}: {message}");
        }
    }
}

#[test]
fn a_sample_without_a_time_is_named_with_its_benchmark() {
    let samples = [
        ("[1, 2]", "[5, 0]"),
        ("[1, 2]", "[5, -10]"),
        ("[0, 2]", "[5, 10]"),
        ("[1, 2]", "[5]"),
        ("[]", "[]"),
        // JSON has neither NaN nor infinity: some write `null`, some a number too large.
        ("[1, 2]", "[5, null]"),
        ("[1, 2]", "[5, NaN]"),
        ("[1, 2]", "[5, 1e999]"),
    ];
    let messages = samples.map(|(iters, times)| {
        let sample = format!(r#"{{"iters":{iters},"times":{times}}}"#);
        let message = said_after(&format!("{CALL}/sample.json"), &sample);
        format!("{sample}\n  {message}")
    });
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn two_benchmarks_of_one_id_are_named_both() {
    let home = written();
    // As criterion does where a program has one id twice.
    let sample = r#"{"sampling_mode":"Flat","iters":[2],"times":[6]}"#;
    write_call(home.path(), "stamp/encode_2", "stamp/encode", sample);
    assert_eq!(
        said(home.path()),
        "benchmark `stamp/encode` stands in HOME/stamp/encode/new/benchmark.json and in \
         HOME/stamp/encode_2/new/benchmark.json: give each benchmark a name of its own, and each \
         call a folder of its own"
    );
}

/// A link may lead back to where it stands.
#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let home = written();
    std::os::unix::fs::symlink(home.path(), home.path().join("stamp/again")).unwrap();
    assert_eq!(read_benchmarks(home.path()).unwrap().len(), 3);
}

proptest! {
    #[test]
    fn no_file_whatever_it_holds_makes_reading_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        names in any::<bool>(),
    ) {
        let home = tempfile::tempdir().unwrap();
        write_call(home.path(), "group", "group", r#"{"iters":[2],"times":[6]}"#);
        let file = if names { "benchmark.json" } else { "sample.json" };
        fs::write(home.path().join("group/new").join(file), bytes).unwrap();
        let _ = read_benchmarks(home.path());
    }

    #[test]
    fn whatever_numbers_a_sample_holds_its_time_is_above_zero_or_refused(
        numbers in prop::collection::vec((r"-?[0-9]{1,3}(\.[0-9]{1,3})?(e-?[0-9]{1,3})?", r"-?[0-9]{1,3}(e-?[0-9]{1,3})?"), 0..4),
    ) {
        let home = tempfile::tempdir().unwrap();
        let (iters, times): (Vec<_>, Vec<_>) = numbers.into_iter().unzip();
        let sample = format!(r#"{{"iters":[{}],"times":[{}]}}"#, iters.join(","), times.join(","));
        write_call(home.path(), "group", "group", &sample);
        if let Ok(times) = read_benchmarks(home.path()) {
            prop_assert!(times["group"].is_finite() && times["group"] > 0.0, "{sample}");
        }
    }
}
