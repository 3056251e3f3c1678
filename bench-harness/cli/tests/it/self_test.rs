//! `busbench self-test`: what the command shows of the proof, and how it ends.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::running::send_signal;
use crate::support::{Ended, Place};

/// Every case, by name.
const CASES: [&str; 21] = [
    "nothing",
    "constant-delay",
    "random-delay",
    "slow-bus",
    "closed-load",
    "stall-delivery",
    "stall-acceptance",
    "stall-queued",
    "long-stall",
    "late-harness",
    "loss",
    "duplicates",
    "reordering",
    "corruption",
    "foreign",
    "everything",
    "everything-closed",
    "subscriber-hangs",
    "subscriber-blocks",
    "subscriber-cut",
    "hangs-closed",
];

#[test]
fn the_table_has_every_case_and_ends_with_one_line() {
    let place = Place::new();
    let ended = place.run(&["self-test", "--quick"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    for case in CASES {
        assert!(ended.stdout.contains(&format!("{case}:")), "{case}");
    }
    ended.said(0, &["1/21 nothing", "21/21 hangs-closed"]);
    let last = ended.stdout.lines().last().unwrap();
    assert!(last.starts_with("ok: counts are exact"), "{last}");
    assert!(place.entries().is_empty(), "it leaves nothing behind");
}

#[test]
fn json_holds_every_comparison_of_the_cases_that_were_asked_for() {
    let arguments = ["self-test", "--quick", "--format", "json"];
    let only = ["--only", "loss,duplicates"];
    let ended = Place::new().run(&[&arguments[..], &only].concat());
    let told: Value = serde_json::from_str(&ended.said(0, &[]).stdout).unwrap();
    assert_eq!(told["holds"], true);
    let cases = told["cases"].as_array().unwrap();
    let reports: Vec<_> = cases.iter().map(|case| &case["report"]).collect();
    assert_eq!(reports.len(), 2);
    for (report, case, count) in [
        (reports[0], "loss", "lost"),
        (reports[1], "duplicates", "duplicated"),
    ] {
        assert_eq!(report["case"], case);
        let reported = report["counts"][count].as_u64().unwrap();
        assert!(reported > 0, "{report}");
        let checks = report["count_checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["count"] == count).unwrap();
        assert_eq!(check["expected"], reported);
    }
}

#[test]
fn a_case_that_is_none_is_refused_with_those_that_are() {
    let ended = Place::new().run(&["self-test", "--only", "losses"]);
    ended.said(2, &["no case `losses`", "nothing, constant-delay"]);
}

#[test]
fn a_signal_ends_it() {
    let place = Place::new();
    let mut command = place.busbench(&["self-test"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let began = Instant::now();
    std::thread::sleep(Duration::from_millis(1500));
    send_signal(child.id(), "INT");
    let ended = Ended::of(child.wait_with_output().unwrap());
    ended.said(130, &["stopping: a self-test"]);
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}
