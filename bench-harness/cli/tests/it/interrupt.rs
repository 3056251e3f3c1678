//! Ctrl-C at any phase, and servers that die: what was finished is kept, nothing is left behind.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Ended, Place, SMALL};

/// A run that would take minutes.
fn long_run(bus: &str, provider: &str) -> (Place, Child) {
    let place = Place::new();
    let text = SMALL
        .replace("\"null\"", &format!("\"{bus}\""))
        .replace("\"200ms\"", "\"2s\"");
    place.file("mine.toml", &text.replace("trials = 1", "trials = 50"));
    let arguments = [
        "run",
        "mine.toml",
        "--out",
        "out",
        "--progress",
        "json",
        "--provider",
        provider,
    ];
    let child = place
        .busbench(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    (place, child)
}

/// Reads events until one of this name has come `times` times.
fn wait_for(child: &mut Child, event: &str, times: usize) {
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let wanted = format!("\"event\":\"{event}\"");
    let seen = lines
        .by_ref()
        .map_while(Result::ok)
        .filter(|line| line.contains(&wanted));
    assert_eq!(
        seen.take(times).count(),
        times,
        "the run ended before {event} x {times}"
    );
}

fn signal(child: &Child, name: &str) {
    let kill = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

#[track_caller]
fn ends(mut child: Child, code: i32) -> Ended {
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("it goes on after 30 s");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let ended = Ended::of(child.wait_with_output().unwrap());
    ended.said(code, &[]);
    ended
}

fn finished_trials(place: &Place) -> usize {
    fs::read_dir(place.path().join("out/trials")).map_or(0, Iterator::count)
}

/// The servers of a run: processes whose output goes to a file in a folder of it. (Not by their
/// command line: Redis writes its own.)
fn server_processes(run: &str) -> Vec<u32> {
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|process: &u32| {
            let output = fs::read_link(format!("/proc/{process}/fd/1")).unwrap_or_default();
            output.to_string_lossy().contains(run)
        })
        .collect()
}

fn run_name(place: &Place) -> String {
    let text = fs::read_to_string(place.path().join("out/result.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    record["run"].as_str().unwrap().to_owned()
}

#[test]
fn ctrl_c_in_a_trial_keeps_the_finished_ones_and_resume_goes_on() {
    let (place, mut child) = long_run("nats-core", "process");
    wait_for(&mut child, "trial-finished", 1);
    wait_for(&mut child, "trial-started", 1);
    std::thread::sleep(Duration::from_millis(900));
    signal(&child, "INT");
    ends(child, 130);
    let kept = finished_trials(&place);
    assert!((1..5).contains(&kept), "{kept}");
    let run = run_name(&place);
    assert_eq!(
        server_processes(&run),
        [0_u32; 0],
        "no server of {run} is left"
    );
    let csv = place.run(&["export", "out"]);
    assert_eq!(csv.said(0, &[]).stdout.lines().count(), 2);

    let mut again = place
        .busbench(&[
            "run",
            "mine.toml",
            "--resume",
            "out",
            "--progress",
            "json",
            "--provider",
            "process",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(&mut again, "trial-finished", 1);
    signal(&again, "TERM");
    ends(again, 130);
    assert!(finished_trials(&place) > kept);
}

#[test]
fn ctrl_c_at_the_start_of_a_process_leaves_nothing() {
    let (place, mut child) = long_run("redis-streams", "process");
    wait_for(&mut child, "trial-started", 1);
    signal(&child, "INT");
    ends(child, 130);
    let run = run_name(&place);
    assert_eq!(
        server_processes(&run),
        [0_u32; 0],
        "no server of {run} is left"
    );
    assert_eq!(finished_trials(&place), 0);
}

#[test]
fn ctrl_c_before_anything_began_ends_at_once() {
    let (_place, child) = long_run("null", "auto");
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, "INT");
    ends(child, 130);
}

#[test]
fn a_killed_run_leaves_no_server_process() {
    let (place, mut child) = long_run("nats-jetstream", "process");
    wait_for(&mut child, "trial-started", 1);
    std::thread::sleep(Duration::from_millis(1200));
    let run = run_name(&place);
    assert!(!server_processes(&run).is_empty(), "a server runs");
    child.kill().unwrap();
    child.wait().unwrap();
    let began = Instant::now();
    while !server_processes(&run).is_empty() {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{:?}",
            server_processes(&run)
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    place.run(&["clean"]).said(0, &[]);
}

#[test]
fn a_server_that_dies_makes_its_trial_invalid_and_the_run_goes_on() {
    let place = Place::new();
    let text = SMALL
        .replace("\"null\"", "\"nats-core\"")
        .replace("\"200ms\"", "\"3s\"");
    place.file("mine.toml", &text.replace("trials = 1", "trials = 2"));
    let arguments = [
        "run",
        "mine.toml",
        "--out",
        "out",
        "--progress",
        "json",
        "--provider",
        "process",
    ];
    let mut child = place
        .busbench(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(&mut child, "trial-started", 1);
    let run = run_name(&place);
    let began = Instant::now();
    // The wrapper that ties the server to us, if any, has the server as its own image by then.
    std::thread::sleep(Duration::from_millis(1500));
    let servers = server_processes(&run);
    assert!(!servers.is_empty(), "after {:?}", began.elapsed());
    for server in servers {
        Command::new("kill")
            .args(["-s", "KILL", &server.to_string()])
            .status()
            .unwrap();
    }
    wait_for(&mut child, "run-finished", 1);
    ends(child, 0);
    let trial = |number: u32| -> serde_json::Value {
        let file = format!("out/trials/nats-core-json-closed-64-{number}.json");
        serde_json::from_str(&fs::read_to_string(place.path().join(file)).unwrap()).unwrap()
    };
    assert_eq!(trial(1)["verdict"], "invalid");
    assert!(
        trial(1)["reasons"][0]
            .as_str()
            .unwrap()
            .starts_with("server died"),
        "{}",
        trial(1)["reasons"]
    );
    assert_eq!(trial(2)["outcome"], "delivered");
}

#[test]
fn a_run_without_a_valid_trial_ends_with_its_own_code() {
    let place = Place::new();
    let text = SMALL
        .replace("\"null\"", "\"redis-pubsub\"")
        .replace("\"200ms\"", "\"3s\"");
    place.file("mine.toml", &text);
    let arguments = [
        "run",
        "mine.toml",
        "--out",
        "out",
        "--progress",
        "json",
        "--provider",
        "process",
    ];
    let mut child = place
        .busbench(&arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(&mut child, "trial-started", 1);
    std::thread::sleep(Duration::from_millis(1500));
    for server in server_processes(&run_name(&place)) {
        Command::new("kill")
            .args(["-s", "KILL", &server.to_string()])
            .status()
            .unwrap();
    }
    wait_for(&mut child, "run-finished", 1);
    ends(child, 4);
    assert!(
        place.path().join("out/report/index.html").is_file(),
        "it is shown all the same"
    );
}
