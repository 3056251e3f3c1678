//! `busbench compare`: two sides, what became of them, and sides that cannot be compared.

use std::fs;

use busbench_results::fixtures::{self, Change, two_builds};
use busbench_results::{Cell, Load, Measurements, Run};

use crate::support::{Ended, Place};

/// Writes base and head into `base` and `head`, with a few of the made-up cells.
fn sides(change: impl Fn(&Cell) -> Option<Change>, edit: impl FnOnce(&mut Run)) -> Place {
    let place = Place::new();
    let (base, mut head) = two_builds(change);
    edit(head.run.as_mut().unwrap());
    write(&place, "base", base);
    write(&place, "head", head);
    place
}

fn write(place: &Place, name: &str, side: Measurements) {
    let mut run = side.run.unwrap();
    run.record.cells.retain(|cell| {
        ["null", "nats-core"].contains(&cell.key.bus.as_str()) && cell.key.envelope == "json"
    });
    fixtures::write(&run, &place.path().join(name)).unwrap();
}

fn equal() -> Place {
    sides(|_| None, |_| {})
}

fn slower_null(cell: &Cell) -> Option<Change> {
    let closed_null = cell.key.bus == "null" && cell.key.load == Load::Closed;
    closed_null.then_some(Change::Slower(1.15))
}

fn compare(place: &Place, more: &[&str]) -> Ended {
    place.run(&[&["compare", "base", "head"], more].concat())
}

fn json(place: &Place, code: i32) -> serde_json::Value {
    let ended = compare(place, &["--format", "json"]);
    serde_json::from_str(&ended.said(code, &[]).stdout).unwrap()
}

#[test]
fn equal_builds_pass_and_are_told_what_would_have_been_caught() {
    let place = equal();
    compare(&place, &[]).printed(0, &["o measurable difference", "would have"]);
    let told = json(&place, 0);
    assert_eq!(told["regressed"], false);
    assert_eq!(told["narrow_enough"], true);
    assert_eq!(told["cells"].as_array().unwrap().len(), 3);
}

#[test]
fn a_regression_ends_with_10_and_names_cell_and_figure() {
    let place = sides(slower_null, |_| {});
    compare(&place, &[]).printed(10, &["egressed", "null-json-closed", "delivered"]);
    assert_eq!(json(&place, 10)["regressed"], true);
    compare(&place, &["--format", "markdown"])
        .printed(10, &["egressed", "null-json-closed", "<details>"]);
}

#[test]
fn a_change_that_is_said_not_to_matter_is_none() {
    let place = sides(slower_null, |_| {});
    let lax = [
        "--smallest-effect",
        "delivered_per_second=0.3",
        "--smallest-effect",
        "client_cpu_ns_per_message=0.3",
        "--smallest-effect",
        "server_cpu_ns_per_message=0.3",
    ];
    compare(&place, &lax).printed(0, &["o measurable difference"]);
}

#[test]
fn all_formats_are_written_at_once() {
    let place = sides(slower_null, |_| {});
    compare(&place, &["--out", "said"]).printed(10, &[]);
    for name in ["gate.txt", "gate.md", "gate.json"] {
        let text = fs::read_to_string(place.path().join("said").join(name)).unwrap();
        assert!(text.contains("null-json-closed"), "{name}");
    }
}

#[test]
fn other_versions_of_a_server_are_refused_and_compared_where_asked_for() {
    let newer = |run: &mut Run| {
        run.record.servers.get_mut("nats").unwrap().version = "2.10.1".to_owned();
    };
    let place = sides(|_| None, newer);
    compare(&place, &[]).printed(
        11,
        &["version of nats", "2.9.10", "2.10.1", "--across versions"],
    );
    compare(&place, &["--across", "versions"]).printed(0, &[]);
    compare(&place, &["--across", "provider"]).printed(11, &["version of nats"]);
}

#[test]
fn every_field_that_differs_is_listed() {
    let other = |run: &mut Run| {
        run.record.host.cores = 96;
        run.record.host.emulated = true;
        run.record.scenario.resolved["duration"] = "20s".into();
    };
    let place = sides(|_| None, other);
    compare(&place, &[]).printed(11, &["cores", "96", "emulated", "duration", "10s", "20s"]);
    compare(&place, &["--format", "markdown"]).printed(11, &["cores", "96"]);
    let told = json(&place, 11);
    assert_eq!(
        told["refusal"]["fields"].as_array().unwrap().len(),
        3,
        "{told}"
    );
}

#[test]
fn sides_without_a_common_cell_are_refused() {
    let place = sides(
        |_| None,
        |run| {
            for cell in &mut run.record.cells {
                cell.key.publishers = 7;
            }
        },
    );
    compare(&place, &[]).printed(11, &["no cell"]);
}

#[test]
fn too_few_trials_are_refused() {
    let place = sides(
        |_| None,
        |run| {
            for trials in run.trials.values_mut() {
                trials.truncate(2);
            }
        },
    );
    compare(&place, &[]).printed(11, &["3 are needed"]);
}

#[test]
fn zero_rates_are_no_figure_and_no_panic() {
    let place = sides(
        |_| None,
        |run| {
            for trial in run.trials.values_mut().flatten() {
                trial.counts.in_time = 0;
                trial.counts.delivered = 0;
                trial.counts.arrived = Some(0);
                trial.window_ns = 0;
            }
        },
    );
    let ended = compare(&place, &[]);
    assert!(matches!(ended.code, Some(10 | 11)), "{ended:?}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let place = equal();
    let file = place.path().join("head/result.json");
    let text = fs::read_to_string(&file).unwrap();
    let with = |changed: &str, words: &[&str]| {
        fs::write(&file, changed).unwrap();
        compare(&place, &[]).said(2, words);
        place.run(&["compare", "head", "base"]).said(2, words);
    };
    with(&text[..text.len() / 2], &["head/result.json", "cut off"]);
    with(
        &text.replacen("\"schema_version\": 2", "\"schema_version\": 3", 1),
        &["newer"],
    );
    with(
        &text.replacen("\"schema_version\": 2", "\"schema_version\": 1", 1),
        &["older"],
    );
    with("{}", &["not a file of busbench"]);
    with(
        &text.replacen("\"memory_bytes\": 8589934592", "\"memory_bytes\": NaN", 1),
        &["result.json"],
    );
    fs::write(&file, &text).unwrap();
    let trial = place.path().join("head/trials/null-json-closed-3.json");
    fs::remove_file(&trial).unwrap();
    compare(&place, &[]).said(2, &["null-json-closed-3.json", "missing"]);

    fs::create_dir(place.path().join("empty")).unwrap();
    place
        .run(&["compare", "base", "empty"])
        .said(2, &["nothing to compare", "empty"]);
    place
        .run(&["compare", "base", "nowhere"])
        .said(2, &["nowhere"]);
    place.run(&["compare", "base"]).said(2, &["HEAD"]);
}

#[test]
fn wrong_flags_say_what_is_known() {
    let place = equal();
    let check = |more: &[&str], words: &[&str]| {
        compare(&place, more).said(2, words);
    };
    check(
        &["--across", "weather"],
        &["versions", "provider", "tuning"],
    );
    check(
        &["--smallest-effect", "speed=0.1"],
        &["speed", "response_p99_ns"],
    );
    check(&["--smallest-effect", "response_p99_ns=NaN"], &["NaN"]);
    check(&["--smallest-effect", "response_p99_ns=-1"], &["-1"]);
    check(&["--smallest-effect", "response_p99_ns"], &["FIGURE=SHARE"]);
    check(&["--format", "poem"], &["human", "markdown", "json"]);
    check(&["--trials", "3"], &["--trials"]);
}

#[test]
fn a_side_is_compared_with_itself() {
    let place = equal();
    let check = |more: &[&str]| place.run(&[&["compare", "--self-check", "base"], more].concat());
    check(&[]).printed(0, &["5", "10"]);
    let told = check(&["--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&told.printed(0, &[]).stdout).unwrap();
    assert_eq!(told["rounds"], 10);
    assert_eq!(told["in_order"]["alarms"], 0);
    check(&["--trials", "6"]).said(11, &["12", "10", "--trials"]);
    check(&["--trials", "2"]).said(2, &["3"]);
    check(&["--format", "markdown"]).said(2, &["human or json"]);
    place
        .run(&["compare", "--self-check", "nowhere"])
        .said(2, &["nowhere"]);
}
