//! Cores of their own for servers and harness, servers' limits raised, and what both cost.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::running::{Running, run_name, server_processes};
use crate::servers::can;
use crate::support::{Ended, Place};

/// Every server, pinned, with its own limits and with raised ones.
const PINNED: &str = r#"
question = "Who uses what, on cores of their own?"
seed = 9
trials = 1
pin = true

[matrix]
bus = ["nats-core", "nats-jetstream", "mqtt5", "redis-streams"]
envelope = ["json"]
payload = ["1xInt32"]
qos = [1]
tuning = ["default", "tuned"]

[load.closed]
window = [64]

[phases]
warmup = "200ms"
window = "900ms"
drain = "300ms"
"#;

fn json(place: &Place, file: &str) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(place.path().join(file)).unwrap()).unwrap()
}

fn trials(place: &Place) -> Vec<serde_json::Value> {
    let files = fs::read_dir(place.path().join("out/trials")).unwrap();
    files
        .map(|file| {
            let name = format!("out/trials/{}", file.unwrap().file_name().display());
            json(place, &name)
        })
        .collect()
}

/// Cores that the threads of a process may use, as the kernel lists them.
fn allowed(process: u32) -> BTreeSet<String> {
    let tasks = fs::read_dir(format!("/proc/{process}/task"));
    tasks
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|task| {
            let status = fs::read_to_string(task.path().join("status")).ok()?;
            let line = status
                .lines()
                .find(|line| line.starts_with("Cpus_allowed_list:"))?;
            Some(line.split_whitespace().nth(1)?.to_owned())
        })
        .collect()
}

fn list(cpus: &serde_json::Value) -> String {
    let cpus = cpus.as_array().unwrap();
    match cpus.as_slice() {
        [one] => one.to_string(),
        // Halves of this machine's cores follow each other unless it has sibling threads.
        _ => format!("{}-{}", cpus[0], cpus[cpus.len() - 1]),
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().unwrap().get()
}

#[track_caller]
fn reasons(trial: &serde_json::Value) -> Vec<&str> {
    let reasons = trial["reasons"].as_array().unwrap();
    reasons
        .iter()
        .map(|reason| reason["kind"].as_str().unwrap())
        .collect()
}

fn runs_pinned(provider: &str) {
    if !can(provider) {
        return;
    }
    if cores() < 2 {
        println!("skipped: with one core nothing can be pinned");
        return;
    }
    let place = Place::new();
    place.file("mine.toml", PINNED);
    let mut running = Running::start(&place, provider, &["--out", "out"]);
    let name = run_name(&place);
    // Between the second trial's start and its end there is a server for more than a second.
    running.wait_for("trial-finished");
    if provider == "process" {
        let isolation = json(&place, "out/result.json")["isolation"].clone();
        let server = list(&isolation["server_cpus"]);
        let generator = list(&isolation["generator_cpus"]);
        assert_ne!(server, generator);
        let seen = (0..200).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            // Before it is the server, its process is setpriv's, on the same cores.
            let process = *server_processes(&name).first()?;
            let cores = allowed(process);
            (!cores.is_empty()).then_some(cores)
        });
        // Floors have no server; by now their trials may be those that run.
        if let Some(seen) = seen {
            assert_eq!(seen, BTreeSet::from([server.clone()]));
        }
        let harness = allowed(running.id());
        // The relay stands where a server stands.
        assert!(harness.contains(&generator), "{harness:?}");
        assert!(harness.is_subset(&BTreeSet::from([server, generator])));
    }
    running.ends(0);

    let record = json(&place, "out/result.json");
    let server_cpus = record["isolation"]["server_cpus"].as_array().unwrap();
    assert!(!server_cpus.is_empty());
    let trials = trials(&place);
    assert_eq!(
        trials.len(),
        4 * 2 + 2,
        "four buses in two tunings, two floors"
    );
    for trial in &trials {
        let cell = trial["cell"].as_str().unwrap();
        let reasons = reasons(trial);
        assert!(!reasons.contains(&"not-pinned"), "{cell}: {trial}");
        assert!(!reasons.contains(&"cost-unreadable"), "{cell}: {reasons:?}");
        check_costs(trial, cell, provider);
    }
    // What Mosquitto tells MQTT 5 clients: 20, or what the tuned one allows.
    for (cell, ack_window) in [("mqtt5-json-default", 20), ("mqtt5-json-tuned", 256)] {
        let trial = trials
            .iter()
            .find(|trial| trial["cell"].as_str().unwrap().starts_with(cell));
        assert_eq!(trial.unwrap()["ack_window"], ack_window, "{cell}");
    }
    let settings = |tuning: &str| {
        let cells = record["cells"].as_array().unwrap();
        let cell = cells
            .iter()
            .find(|cell| cell["key"]["bus"] == "nats-jetstream" && cell["key"]["tuning"] == tuning);
        cell.unwrap()["client_settings"]["max_ack_pending_messages"].clone()
    };
    assert_eq!(
        (settings("default"), settings("tuned")),
        ("1000".into(), "65535".into())
    );
}

#[track_caller]
fn check_costs(trial: &serde_json::Value, cell: &str, provider: &str) {
    let client = &trial["client_cost"];
    assert_eq!(client["cpu_source"], "proc");
    for field in ["cpu_ns", "rss_peak_bytes", "voluntary_switches"] {
        assert!(client[field].as_u64().unwrap() > 0, "{cell} {field}");
    }
    let samples = trial["cost_series"].as_array().unwrap();
    assert_eq!(samples.len(), 3, "{cell}: each 250 ms of 900 ms");
    if cell.starts_with("null") || cell.starts_with("tcp-relay") {
        assert!(trial["server_cost"].is_null(), "{cell}");
        return;
    }
    let server = &trial["server_cost"];
    let source = server["cpu_source"].as_str().unwrap();
    assert_eq!(
        source.starts_with("cgroup-v"),
        provider == "container",
        "{source}"
    );
    for field in ["cpu_ns", "rss_peak_bytes", "voluntary_switches"] {
        assert!(server[field].as_u64().unwrap() > 0, "{cell} {field}");
    }
    // Of a process of another user, as in a container, only root may know.
    if provider == "process" || rustix::process::geteuid().is_root() {
        assert!(server["disk_written_bytes"].is_u64(), "{cell}: {server}");
    }
    let last = samples.last().unwrap();
    for field in [
        "server_cpu_ns",
        "server_rss_bytes",
        "client_cpu_ns",
        "client_rss_bytes",
    ] {
        assert!(last[field].as_u64().unwrap() > 0, "{cell} {field}");
    }
    let arrived = trial["counts"]["arrived"].as_u64().unwrap();
    assert!(arrived > 0, "{cell}");
    assert!(
        trial["counts"]["arrived_in_all"].as_u64().unwrap() > arrived,
        "{cell}"
    );
}

#[test]
fn processes_run_pinned_and_tuned_and_their_cost_is_told() {
    runs_pinned("process");
}

#[test]
fn containers_run_pinned_and_tuned_and_their_cost_is_told() {
    runs_pinned("container");
}

#[test]
fn with_one_core_the_run_goes_on_and_says_that_nothing_is_pinned() {
    let place = Place::new();
    place.file("small.toml", crate::support::SMALL);
    let output = Command::new("taskset")
        .args(["-c", "0", env!("CARGO_BIN_EXE_busbench")])
        .args([
            "run",
            "small.toml",
            "--out",
            "out",
            "--quiet",
            "--set",
            "pin=true",
        ])
        .current_dir(place.path())
        .output()
        .unwrap();
    Ended::of(output).said(0, &[]);
    assert!(json(&place, "out/result.json")["isolation"].is_null());
    let trial = &trials(&place)[0];
    assert_eq!(trial["verdict"], "suspect", "{trial}");
    let reason = trial["reasons"].as_array().unwrap().iter();
    let reason = reason.map(|reason| (reason["kind"].clone(), reason["detail"].clone()));
    let expected = ("not-pinned".into(), "only core 0 may be used".into());
    assert!(
        reason.into_iter().any(|reason| reason == expected),
        "{trial}"
    );
}

#[test]
fn servers_of_somebody_else_are_not_called_tuned() {
    let place = Place::new();
    let all = r#""nats-core", "nats-jetstream", "mqtt5", "redis-streams""#;
    place.file("mine.toml", &PINNED.replace(all, r#""redis-pubsub""#));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut redis = Command::new("redis-server")
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
        ])
        .current_dir(place.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let mut command =
        place.busbench(&["run", "mine.toml", "--out", "out", "--provider", "external"]);
    command.env("BUSBENCH_REDIS_URL", format!("redis://127.0.0.1:{port}"));
    let ended = Ended::of(command.output().unwrap());
    redis.kill().unwrap();
    redis.wait().unwrap();
    ended.said(
        2,
        &["asks for a tuned server", "leave `tuning` at \"default\""],
    );
}
