//! Servers that are held to memory and CPU, as on a small machine.

use std::fs;
use std::io::Write as _;

use crate::support::{Ended, Place};

const LIMITED: &str = r#"
question = "What does a small server carry?"
seed = 4
trials = 1
floors = false

[matrix]
bus = ["redis-streams"]
envelope = ["json"]
payload = ["1xInt32"]
limit = ["none", "memory=48MiB,cpus=0.5"]

[load.closed]
window = [256]

[phases]
warmup = "100ms"
window = "1s"
drain = "300ms"
drain_limit = "2s"
"#;

fn record(place: &Place) -> serde_json::Value {
    let text = fs::read_to_string(place.path().join("out/result.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Runs what is measured in `place`. `None`, which is said, where this user may make no control group.
fn measured(place: &Place, more: &[&str]) -> Option<Ended> {
    let ended = Ended::of(place.measuring("process", more).output().unwrap());
    let has_no_right = ended.code == Some(3) && ended.stderr.contains("cannot hold servers to");
    if has_no_right {
        let _ = write!(std::io::stderr(), "SKIPPED: {}", ended.stderr);
    }
    (!has_no_right).then_some(ended)
}

#[test]
fn a_limit_is_recorded_and_parts_cells() {
    let place = Place::new();
    place.file("mine.toml", LIMITED);
    let Some(ended) = measured(&place, &[]) else {
        return;
    };
    ended.said(0, &[]);
    let record = record(&place);
    let cells = record["cells"].as_array().unwrap();
    let ids: Vec<_> = cells
        .iter()
        .map(|cell| cell["id"].as_str().unwrap())
        .collect();
    let limited = "redis-streams-json-mem48MiB-cpu0.5-closed-256";
    assert_eq!(ids, ["redis-streams-json-closed-256", limited]);
    assert_eq!(cells[0]["key"].get("limit"), None);
    assert_eq!(cells[1]["key"]["limit"], "memory=48MiB,cpus=0.5");
    let servers = &record["servers"];
    assert_eq!(servers["redis"].get("limit"), None);
    let held_to = serde_json::json!({"memory_bytes": 48 << 20, "cpus": 0.5});
    assert_eq!(servers["redis-mem48MiB-cpu0.5"]["limit"], held_to);
    let rows = place.rows();
    assert_eq!(
        (&rows[0]["limit"], &rows[1]["limit"]),
        (&"none".into(), &"memory=48MiB,cpus=0.5".into())
    );
    assert!(rows[0]["server_cpu_limit_used_share"].is_null());
    let page = fs::read_to_string(place.path().join("out/report/report.md")).unwrap();
    assert!(page.contains("limit memory=48MiB,cpus=0.5"), "{page}");
}

#[test]
fn a_server_that_is_killed_for_lack_of_memory_is_a_result() {
    let place = Place::new();
    // Some seconds of small events, all of which the server keeps.
    place.file("mine.toml", &LIMITED.replace("\"1s\"", "\"8s\""));
    let more = ["--limit", "memory=8MiB", "--set", "payload=10xInt16"];
    let Some(ended) = measured(&place, &more) else {
        return;
    };
    ended.said(0, &[]);
    let trials = place.trials();
    assert_eq!(trials.len(), 1);
    let trial = &trials[0];
    assert_eq!(trial["outcome"], "failed", "{trial}");
    assert_eq!(trial["limited_by"], "server", "{trial}");
    let reason = serde_json::json!(
        {"kind": "server-out-of-memory", "detail": "its limit is 8 MiB of memory"}
    );
    assert!(
        trial["reasons"].as_array().unwrap().contains(&reason),
        "{trial}"
    );
    assert_ne!(trial["verdict"], "invalid", "{trial}");
}

#[test]
fn what_cannot_be_limited_is_said_before_anything_runs() {
    let place = Place::new();
    place.file("mine.toml", LIMITED);
    let check = |limit: &str, code, words: &[&str]| {
        let mut command = place.measuring("process", &["--limit", limit]);
        Ended::of(command.output().unwrap()).said(code, words);
        assert_eq!(place.entries(), ["mine.toml"], "{limit}");
    };
    check(
        "cpus=4000",
        3,
        &["to the limit cpus=4000: this machine has no more than"],
    );
    check(
        "memory=4000GiB",
        3,
        &["this machine has no more than", "ask for less"],
    );
    check(
        "memory=1GB",
        2,
        &["`memory=1GB` is no limit", "such as `256MiB`"],
    );
    check("disk=1GiB", 2, &["its keys are `memory` and `cpus`"]);
}
