//! `busbench doctor`: what it tells, and how it ends.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::running::{containers, send_signal, server_processes};
use crate::servers::can;
use crate::support::{Ended, Place};

/// An environment without engine, programs and running servers.
const NOTHING: [(&str, &str); 7] = [
    ("DOCKER_HOST", "unix:///nowhere.sock"),
    ("BUSBENCH_BIN_NATS", "/nowhere"),
    ("BUSBENCH_BIN_MOSQUITTO", "/nowhere"),
    ("BUSBENCH_BIN_REDIS", "/nowhere"),
    ("BUSBENCH_NATS_URL", ""),
    ("BUSBENCH_MOSQUITTO_URL", ""),
    ("BUSBENCH_REDIS_URL", ""),
];

fn doctor(arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    doctor_and_label(arguments, environment).0
}

/// How it ended, and what its servers were labelled with.
fn doctor_and_label(arguments: &[&str], environment: &[(&str, &str)]) -> (Ended, String) {
    let place = Place::new();
    let mut command = place.busbench(&[&["doctor"], arguments].concat());
    command.envs(environment.iter().copied());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let label = format!("doctor-{}", child.id());
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert!(place.entries().is_empty(), "it leaves no file");
    (ended, label)
}

fn diagnosis(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap()
}

/// The levels of a check's findings.
fn levels(diagnosis: &Value, check: &str) -> Vec<String> {
    let findings = diagnosis["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["check"] == check)
        .map(|finding| finding["level"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn without_measuring_it_tells_the_machine_at_once() {
    if !can("process") {
        return;
    }
    let ended = doctor(&["--no-measure"], &[]);
    ended.said(0, &[]);
    assert_eq!(ended.stderr, "", "nothing takes long enough to be told");
    for words in [
        "Machine ",
        "`--provider auto`",
        "Findings",
        "cores",
        "2.",
        "open files",
    ] {
        assert!(ended.stdout.contains(words), "{words}: {}", ended.stdout);
    }
    assert!(!ended.stdout.contains("wake lag"), "{}", ended.stdout);
    // A command and a path stay whole.
    let wide = ended
        .stdout
        .lines()
        .filter(|line| line.chars().count() > 80);
    assert!(
        wide.clone().all(|line| line.contains('/')),
        "{:?}",
        wide.collect::<Vec<_>>()
    );
}

#[test]
fn a_second_of_looking_tells_steal_load_and_wake_lag() {
    if !can("process") {
        return;
    }
    let ended = doctor(&["--quick", "--format", "json"], &[]);
    let diagnosis = diagnosis(ended.said(0, &["looking on"]));
    assert_eq!(diagnosis["watched"]["sharp_sleep"]["slack_ns"], 1);
    assert!(diagnosis["watched"]["sharp_sleep"]["p99_ns"].is_u64());
    for check in ["steal", "other-load", "wake-lag", "cores", "clock-source"] {
        assert!(
            !levels(&diagnosis, check).is_empty(),
            "{check}: {diagnosis}"
        );
    }
    assert_eq!(diagnosis["paths"], Value::Null);
}

#[test]
fn where_nothing_can_run_it_says_so_and_ends_with_3() {
    let ended = doctor(&["--no-measure", "--format", "json"], &NOTHING);
    let diagnosis = diagnosis(ended.said(3, &["no server can be had", "./scripts/setup"]));
    assert_eq!(diagnosis["can_run"], false);
    assert_eq!(diagnosis["automatic_provider"], Value::Null);
    assert_eq!(levels(&diagnosis, "servers"), ["problem"; 3]);
    assert_eq!(levels(&diagnosis, "engine"), ["warning"]);
}

#[test]
fn without_a_second_way_to_a_server_it_says_why_nothing_was_compared() {
    if !can("process") {
        return;
    }
    let ended = doctor(&["--format", "json"], &NOTHING[..1]);
    let diagnosis = diagnosis(ended.said(0, &[]));
    let reason = diagnosis["paths"]["missing"].as_str().unwrap();
    assert!(reason.contains("in two ways"), "{reason}");
}

#[test]
fn passwords_of_the_environment_are_not_shown() {
    let environment = [
        ("BUSBENCH_REDIS_URL", "redis://somebody:hunter2@127.0.0.1:1"),
        ("BUSBENCH_REDIS_PASSWORD", "hunter3"),
    ];
    for format in ["text", "json"] {
        let ended = doctor(&["--no-measure", "--format", format], &environment);
        assert!(
            ended.stdout.contains("BUSBENCH_REDIS_PASSWORD"),
            "{ended:?}"
        );
        let shown = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!shown.contains("hunter"), "{shown}");
    }
}

#[test]
fn the_ways_to_a_server_are_measured_and_nothing_is_left() {
    if !can("container") || !can("process") {
        return;
    }
    let began = Instant::now();
    let (ended, label) = doctor_and_label(&["--format", "json"], &[]);
    // Half a minute, and more where other tests use the machine.
    assert!(
        began.elapsed() < Duration::from_secs(120),
        "{:?}",
        began.elapsed()
    );
    let diagnosis = diagnosis(ended.said(0, &["round 3 of 5"]));
    let costs = &diagnosis["paths"]["found"];
    assert!(costs["rounds"].as_u64() >= Some(3), "{costs}");
    let paths = costs["paths"].as_array().unwrap();
    assert!(paths.len() >= 2, "{costs}");
    let names: Vec<_> = paths
        .iter()
        .map(|path| path["path"].as_str().unwrap())
        .collect();
    assert!(names.starts_with(&["loopback"]), "{names:?}");
    assert!(names.ends_with(&["published-port"]), "{names:?}");
    for path in paths {
        assert!(path["delivered_per_second"].as_f64() > Some(0.0), "{path}");
        assert!(path["response_p50_ns"].as_u64() > Some(0), "{path}");
    }
    for pair in costs["comparisons"].as_array().unwrap() {
        let containers = pair["base"] != "loopback";
        assert_eq!(pair["same_build"], containers, "{pair}");
        let rate = |end: &str| pair["rate"][end].as_f64();
        assert!(rate("value") > Some(0.0), "{pair}");
        // On a very busy machine, rounds may be left out, and with them the interval.
        if let (Some(low), Some(high)) = (rate("low"), rate("high")) {
            assert!(low < high && rate("value") > Some(low), "{pair}");
        }
    }
    assert_eq!(server_processes(&label), [0_u32; 0], "servers of {label}");
    let left = containers();
    assert!(!left.lines().any(|run| run == label), "of {label}: {left}");
}

#[test]
fn ctrl_c_in_the_middle_of_a_round_leaves_nothing() {
    if !can("container") || !can("process") {
        return;
    }
    let place = Place::new();
    let mut command = place.busbench(&["doctor"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let label = format!("doctor-{}", child.id());
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let begun = told.any(|line| line.is_ok_and(|line| line.starts_with("round 1")));
    assert!(begun, "it ended before the first round");
    send_signal(child.id(), "INT");
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert!(ended.stdout.is_empty(), "nothing half is shown");
    assert_eq!(server_processes(&label), [0_u32; 0], "servers of {label}");
    let left = containers();
    assert!(!left.lines().any(|run| run == label), "of {label}: {left}");
}
