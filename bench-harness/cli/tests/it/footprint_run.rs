//! Runs of footprints: what servers take before any message flows.

use std::fs;

use serde_json::Value;

use crate::running::{Running, containers, run_name, server_processes};
use crate::servers::can;
use crate::support::{Ended, Place};

/// Two servers, with windows that are too short to mean anything.
const TWO: &str = r#"
question = "What do they take?"
seed = 5
trials = 1

[footprint]
servers = ["redis", "mosquitto"]
clients = false
idle_clients = 100
settle = "300ms"
window = "400ms"
"#;

fn place(text: &str) -> Place {
    let place = Place::new();
    place.file("mine.toml", text);
    place
}

fn record(place: &Place) -> Value {
    let text = fs::read_to_string(place.path().join("out/result.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A number at a place of a trial, above zero.
#[track_caller]
fn positive(trial: &Value, pointer: &str) -> u64 {
    let number = trial.pointer(pointer).and_then(Value::as_u64);
    let number = number.unwrap_or_else(|| panic!("{pointer} of {trial}"));
    assert!(number > 0, "{pointer} of {trial}");
    number
}

/// A server's trial has all that it should.
#[track_caller]
fn is_whole(trial: &Value) {
    assert_eq!(trial["verdict"], "valid", "{trial}");
    for pointer in [
        "/warm_start/elapsed_ns",
        "/idle/rss_bytes",
        "/idle/threads",
        "/idle_clients/rss_bytes",
        "/idle_clients/window_ns",
    ] {
        positive(trial, pointer);
    }
    // Another server of the machine may have the program in memory.
    if trial["reasons"] == Value::Array(Vec::new()) {
        positive(trial, "/cold_start/major_faults");
        positive(trial, "/cold_start/elapsed_ns");
    } else {
        assert_eq!(trial["reasons"][0]["kind"], "not-cold", "{trial}");
    }
    assert_eq!(trial["idle"]["clients"], 0);
    assert_eq!(trial["idle_clients"]["clients"], 100);
    // Each has a socket in the server; JetStream may have a file of its own open beside them.
    let files = |at: &str| trial.pointer(at).and_then(Value::as_u64);
    if let (Some(alone), Some(with)) =
        (files("/idle/open_files"), files("/idle_clients/open_files"))
    {
        assert!((100..110).contains(&(with - alone)), "{trial}");
    }
}

#[test]
fn a_run_of_two_servers_ends_complete_and_is_read_back() {
    if !can("process") {
        return;
    }
    let place = place(TWO);
    let ended = Ended::of(place.measuring("process", &[]).output().unwrap());
    ended.said(0, &[]);
    let record = record(&place);
    assert_eq!(record["state"], "complete");
    assert_eq!(record["provider"], "process");
    assert_eq!(record["cells"], Value::Array(Vec::new()));
    let footprints = record["footprints"].as_array().unwrap();
    let ids: Vec<&Value> = footprints.iter().map(|cell| &cell["id"]).collect();
    assert_eq!(ids, ["redis-process", "mosquitto-process"]);
    for cell in footprints {
        assert_eq!(cell["state"], "planned");
        assert_eq!(cell["server"], cell["subject"]["server"]["name"]);
        let bytes = positive(cell, "/program/file_bytes");
        assert!(positive(cell, "/program/text_bytes") < bytes, "{cell}");
        positive(cell, "/program/libraries_bytes");
        assert_eq!(cell["image"], Value::Null);
    }
    let trials = place.trials();
    assert_eq!(trials.len(), 2);
    trials.iter().for_each(is_whole);
    assert_eq!(server_processes(&run_name(&place)), [0_u32; 0]);
    let listed = record["servers"].as_object().unwrap();
    assert_eq!(listed.keys().collect::<Vec<_>>(), ["mosquitto", "redis"]);
}

#[test]
fn every_server_counts_its_idle_clients_in_a_container_too() {
    if !can("process") || !can("container") {
        return;
    }
    let four = r#"servers = ["nats", "nats-jetstream", "mosquitto", "redis"]"#;
    let place = place(&TWO.replace(r#"servers = ["redis", "mosquitto"]"#, four));
    let ended = Ended::of(place.measuring("auto", &[]).output().unwrap());
    ended.said(0, &[]);
    let record = record(&place);
    assert_eq!(record["provider"], "process and container");
    let trials = place.trials();
    assert_eq!(trials.len(), 8);
    trials.iter().for_each(is_whole);
    let keys: Vec<&str> = record["servers"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "mosquitto",
        "mosquitto-container",
        "nats",
        "nats-container",
        "nats-jetstream",
        "nats-jetstream-container",
        "redis",
        "redis-container",
    ];
    assert_eq!(keys, expected);
    for cell in record["footprints"].as_array().unwrap() {
        let in_container = cell["subject"]["server"]["provider"] == "container";
        assert_eq!(cell["image"] != Value::Null, in_container, "{cell}");
        if in_container {
            let unpacked = positive(cell, "/image/unpacked_bytes");
            assert!(positive(cell, "/image/compressed_bytes") < unpacked);
        }
    }
}

#[test]
fn ctrl_c_leaves_nothing_and_resume_goes_on() {
    if !can("process") {
        return;
    }
    let place = place(&TWO.replace("trials = 1", "trials = 50"));
    let only = ["--out", "out", "--only", "server=redis"];
    let mut run = Running::start(&place, "process", &only);
    run.wait_for("footprint-finished");
    run.wait_for("trial-started");
    run.signal("INT");
    run.ends(130);
    assert_eq!(server_processes(&run_name(&place)), [0_u32; 0]);
    let kept = place.trials().len();
    assert!((1..10).contains(&kept), "{kept}");
    assert_eq!(record(&place)["state"], "interrupted");

    let other = [
        "run",
        "mine.toml",
        "--resume",
        "out",
        "--provider",
        "process",
    ];
    place
        .run(&other)
        .said(2, &["the list of footprints is redis-process there"]);
    let again = ["--resume", "out", "--only", "server=redis"];
    let mut again = Running::start(&place, "process", &again);
    again.wait_for("footprint-finished");
    again.signal("TERM");
    again.ends(130);
    assert!(place.trials().len() > kept);
}

#[test]
fn ctrl_c_in_a_containers_trial_leaves_nothing() {
    if !can("container") {
        return;
    }
    let place = place(&TWO.replace("trials = 1", "trials = 50"));
    let mut run = Running::start(&place, "container", &["--out", "out"]);
    run.wait_for("trial-started");
    std::thread::sleep(std::time::Duration::from_millis(700));
    run.signal("INT");
    run.ends(130);
    let name = run_name(&place);
    assert!(!containers().contains(&name), "{}", containers());
}

#[test]
fn what_cannot_be_measured_is_told_with_what_mends_it() {
    let place = place(TWO);
    place
        .run(&["run", "mine.toml", "--provider", "external"])
        .said(2, &["leave `--provider` away"]);
    place
        .run(&["run", "mine.toml", "--only", "bus=redis-pubsub"])
        .said(2, &["one of server, provider, client"]);
    place
        .run(&["run", "mine.toml", "--set", "rate=10"])
        .said(2, &["no such key; one of footprint.servers"]);
    place
        .run(&["run", "mine.toml", "--null-work", "1us"])
        .said(2, &["does not measure the null bus"]);
    let mut command = place.measuring("process", &["--only", "server=redis"]);
    command.env("BUSBENCH_BIN_REDIS", "/nowhere/redis-server");
    let words = [
        "nothing of scenario mine can be measured here",
        "/nowhere/redis-server",
    ];
    Ended::of(command.output().unwrap()).said(3, &words);
    assert_eq!(
        place.entries(),
        ["mine.toml"],
        "nothing is left of a run that was none"
    );
}

#[test]
fn a_server_that_is_missing_is_not_possible_and_the_others_are_measured() {
    if !can("process") {
        return;
    }
    let place = place(TWO);
    let mut command = place.measuring("process", &[]);
    command.env("BUSBENCH_BIN_MOSQUITTO", "/nowhere/mosquitto");
    Ended::of(command.output().unwrap()).said(0, &[]);
    let record = record(&place);
    let why = record["footprints"][1]["state"]["not-possible"].as_str();
    assert!(why.unwrap().contains("BUSBENCH_BIN_MOSQUITTO"), "{why:?}");
    assert_eq!(place.trials().len(), 1);
}

#[test]
fn a_plan_of_footprints_is_shown_checked_and_listed() {
    let place = place(TWO);
    place.run(&["check", "mine.toml"]).printed(0, &["4 cells"]);
    place
        .run(&["list", "."])
        .printed(0, &["What do they take?"]);
    place
        .run(&["run", "mine.toml", "--dry-run"])
        .printed(0, &["4 footprints x 1 trials", "redis-container"]);
}
