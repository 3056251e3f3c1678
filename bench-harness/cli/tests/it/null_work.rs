//! `busbench run --null-work`: the null bus told to be slower.

use std::fs;
use std::path::Path;

use crate::support::{Place, SMALL};

/// Measures the small scenario into `folder`.
fn measured(place: &Place, folder: &str, more: &[&str]) -> serde_json::Value {
    place.file("mine.toml", SMALL);
    let arguments = ["run", "mine.toml", "--quiet", "--out", folder];
    place.run(&[&arguments[..], more].concat()).said(0, &[]);
    record(&place.path().join(folder))
}

fn record(folder: &Path) -> serde_json::Value {
    let text = fs::read_to_string(folder.join("result.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn row(place: &Place, folder: &str) -> serde_json::Value {
    let ended = place.run(&["export", folder, "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&ended.said(0, &[]).stdout).unwrap();
    rows[0].clone()
}

#[test]
fn the_null_bus_is_slower_by_what_it_was_told_and_the_scenario_is_the_same() {
    let place = Place::new();
    // A small window, so that few messages are on their way when the measuring begins and ends.
    let window = ["--set", "window=2"];
    let plain = measured(&place, "plain", &window);
    let slower = [&window[..], &["--null-work", "1ms"]].concat();
    let slower = measured(&place, "slower", &slower);
    assert_eq!(plain["scenario"], slower["scenario"]);
    let settings = |record: &serde_json::Value| record["cells"][0]["client_settings"].clone();
    assert_eq!(settings(&slower)["null_work_ns"], "1000000");
    assert_eq!(settings(&plain)["null_work_ns"], serde_json::Value::Null);
    let rate = |folder| {
        row(&place, folder)["delivered_per_second"]
            .as_f64()
            .unwrap()
    };
    let cpu_ns = |folder| {
        let row = row(&place, folder);
        row["client_cpu_ns_per_message"].as_f64().unwrap()
    };
    // One publisher cannot send more than one message in a millisecond.
    let (rate, plain_rate) = (rate("slower"), rate("plain"));
    assert!(rate < 1150.0, "{rate} of at most 1000/s");
    assert!(plain_rate > 2.0 * rate, "{plain_rate} {rate}");
    let added_ns = cpu_ns("slower") - cpu_ns("plain");
    assert!(added_ns > 850_000.0, "{added_ns} of 1 ms");
}

#[test]
fn a_fire_drill_says_so_wherever_its_figures_are() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    let ended = place.run(&["run", "mine.toml", "--out", "out", "--null-work", "2us"]);
    let told = "were told to work 2000 ns longer for each message (--null-work)";
    ended.said(0, &[told]);
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
    for (file, told) in [
        ("index.html", "<b>This run is a fire drill: the null bus"),
        ("report.md", told),
    ] {
        let text = fs::read_to_string(place.path().join("out/report").join(file)).unwrap();
        assert!(text.contains(told), "{file}");
    }
    let plan = ["run", "mine.toml", "--dry-run", "--null-work", "2us"];
    let plan = place.run(&plan);
    assert!(plan.said(0, &[]).stdout.contains("2000 ns longer"));
    let quiet = ["run", "mine.toml", "--out", "plain"];
    let quiet = place.run(&quiet);
    assert!(!quiet.said(0, &[]).stdout.contains("fire drill"));
    assert!(!quiet.stderr.contains("fire drill"), "{}", quiet.stderr);
}

#[test]
fn a_run_goes_on_only_with_the_work_that_it_began_with() {
    let place = Place::new();
    measured(&place, "slower", &["--null-work", "2us"]);
    measured(&place, "plain", &[]);
    let resumed = |folder, more: &[&str]| {
        place.run(&[&["run", "mine.toml", "--quiet", "--resume", folder], more].concat())
    };
    let what = "the null bus's work for each message (`--null-work`)";
    let differs = |theirs, ours| format!("{what} is {theirs} there and {ours} here");
    resumed("slower", &[]).said(2, &[&differs("2000ns", "none")]);
    resumed("slower", &["--null-work", "3us"]).said(2, &[&differs("2000ns", "3000ns")]);
    resumed("plain", &["--null-work", "2us"]).said(2, &[&differs("none", "2000ns")]);
    resumed("slower", &["--null-work", "2us"]).said(0, &[]);
    resumed("plain", &[]).said(0, &[]);
}

#[test]
fn work_that_cannot_be_is_refused() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    for (text, words) in [
        ("0ns", "more than 0, at most 1ms"),
        ("1001us", "more than 0, at most 1ms"),
        ("35", "time unit"),
        ("fast", "expected number"),
    ] {
        let ended = place.run(&["run", "mine.toml", "--null-work", text]);
        ended.said(2, &["--null-work", text, words]);
    }
    let least = ["run", "mine.toml", "--out", "out", "--null-work", "1ns"];
    place
        .run(&least)
        .said(2, &["work of 1 ns", "the least that"]);
    assert_eq!(place.entries(), ["mine.toml"], "nothing was written");
}

#[test]
fn a_scenario_without_the_null_bus_cannot_have_it_slower() {
    let place = Place::new();
    place.file("relay.toml", &SMALL.replace("\"null\"", "\"tcp-relay\""));
    place.file("mine.toml", SMALL);
    for more in [&[][..], &["--dry-run"]] {
        let arguments = ["run", "mine.toml", "relay.toml", "--null-work", "1us"];
        let hint = "let `floors` be true";
        let ended = place.run(&[&arguments[..], more].concat());
        ended.said(2, &["scenario relay does not measure the null bus", hint]);
    }
    assert_eq!(place.entries(), ["mine.toml", "relay.toml"], "nothing ran");
    // As a floor it is measured, asked for or not.
    let floors = SMALL.replace("\"null\"", "\"tcp-relay\"");
    place.file(
        "floors.toml",
        &floors.replace("floors = false", "floors = true"),
    );
    let plan = ["run", "floors.toml", "--dry-run", "--null-work", "1us"];
    place.run(&plan).said(0, &[]);
}
