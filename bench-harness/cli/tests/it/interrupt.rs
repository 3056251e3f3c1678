//! Ctrl-C at any phase, and servers that die: what was finished is kept, nothing is left behind.

use std::fs;
use std::time::{Duration, Instant};

use crate::running::{Running, run_name, send_signal, server_processes};
use crate::servers::can;
use crate::support::{Place, SMALL};

/// A place with a scenario of `trials` trials, each of a window of `window`.
fn place(bus: &str, window: &str, trials: u32) -> Place {
    let place = Place::new();
    let text = SMALL
        .replace("\"null\"", &format!("\"{bus}\""))
        .replace("\"200ms\"", &format!("\"{window}\""))
        .replace("trials = 1", &format!("trials = {trials}"));
    place.file("mine.toml", &text);
    place
}

/// A run that would take minutes.
fn long_run(bus: &str, provider: &str) -> (Place, Running) {
    let place = place(bus, "2s", 50);
    let run = Running::start(&place, provider, &["--out", "out"]);
    (place, run)
}

fn finished_trials(place: &Place) -> usize {
    fs::read_dir(place.path().join("out/trials")).map_or(0, Iterator::count)
}

#[track_caller]
fn no_server_is_left(place: &Place) {
    let run = run_name(place);
    assert_eq!(server_processes(&run), [0_u32; 0], "servers of {run}");
}

/// Kills the servers of a run in the middle of its first trial.
fn kill_servers_in_first_trial(place: &Place, run: &mut Running) {
    run.wait_for("trial-started");
    std::thread::sleep(Duration::from_millis(1500));
    let servers = server_processes(&run_name(place));
    assert!(!servers.is_empty(), "a server runs");
    for server in servers {
        send_signal(server, "KILL");
    }
}

#[test]
fn ctrl_c_in_a_trial_keeps_the_finished_ones_and_resume_goes_on() {
    let (place, mut run) = long_run("nats-core", "process");
    run.wait_for("trial-finished");
    run.wait_for("trial-started");
    std::thread::sleep(Duration::from_millis(900));
    run.signal("INT");
    run.ends(130);
    let kept = finished_trials(&place);
    assert!((1..5).contains(&kept), "{kept}");
    no_server_is_left(&place);
    let csv = place.run(&["export", "out"]);
    assert_eq!(csv.said(0, &[]).stdout.lines().count(), 2);

    if can("container") {
        let other = [
            "run",
            "mine.toml",
            "--resume",
            "out",
            "--provider",
            "container",
        ];
        let words = ["the provider of servers is process there and container here"];
        place.run(&other).said(2, &words);
    }
    let mut again = Running::start(&place, "process", &["--resume", "out"]);
    again.wait_for("trial-finished");
    again.signal("TERM");
    again.ends(130);
    assert!(finished_trials(&place) > kept);
}

#[test]
fn ctrl_c_at_the_start_of_a_process_leaves_nothing() {
    let (place, mut run) = long_run("redis-streams", "process");
    run.wait_for("trial-started");
    run.signal("INT");
    run.ends(130);
    no_server_is_left(&place);
    assert_eq!(finished_trials(&place), 0);
}

#[test]
fn ctrl_c_before_anything_began_ends_at_once() {
    let (_place, run) = long_run("null", "auto");
    std::thread::sleep(Duration::from_millis(300));
    run.signal("INT");
    run.ends(130);
}

#[test]
fn a_killed_run_leaves_no_server_process() {
    let (place, mut run) = long_run("nats-jetstream", "process");
    run.wait_for("trial-started");
    std::thread::sleep(Duration::from_millis(1200));
    let name = run_name(&place);
    assert!(!server_processes(&name).is_empty(), "a server runs");
    run.kill();
    let began = Instant::now();
    while !server_processes(&name).is_empty() {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{:?}",
            server_processes(&name)
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    place.run(&["clean"]).said(0, &[]);
}

#[test]
fn a_server_that_dies_makes_its_trial_invalid_and_the_run_goes_on() {
    let place = place("nats-core", "3s", 2);
    let mut run = Running::start(&place, "process", &["--out", "out"]);
    kill_servers_in_first_trial(&place, &mut run);
    run.wait_for("run-finished");
    run.ends(0);
    let trial = |number: u32| -> serde_json::Value {
        let file = format!("out/trials/nats-core-json-closed-64-{number}.json");
        serde_json::from_str(&fs::read_to_string(place.path().join(file)).unwrap()).unwrap()
    };
    assert_eq!(trial(1)["verdict"], "invalid");
    let reason = trial(1)["reasons"][0]["kind"].as_str().unwrap().to_owned();
    assert_eq!(reason, "server-died");
    assert_eq!(trial(2)["outcome"], "delivered");
}

#[test]
fn a_run_without_a_valid_trial_ends_with_its_own_code() {
    let place = place("redis-pubsub", "3s", 1);
    let mut run = Running::start(&place, "process", &["--out", "out"]);
    kill_servers_in_first_trial(&place, &mut run);
    run.wait_for("run-finished");
    run.ends(4);
    assert!(
        place.path().join("out/report/index.html").is_file(),
        "it is shown all the same"
    );
}

/// A program of a server's name before the real one on PATH, which fails at its second start.
#[test]
fn a_server_that_does_not_start_again_costs_its_trial_and_the_run_goes_on() {
    use std::os::unix::fs::PermissionsExt as _;

    if !can("process") {
        return;
    }
    let place = place("redis-pubsub", "300ms", 3);
    let search = std::env::var("PATH").unwrap();
    let real = search
        .split(':')
        .chain(["/usr/sbin"])
        .map(|folder| format!("{folder}/redis-server"))
        .find(|path| fs::metadata(path).is_ok())
        .unwrap();
    let starts = place.path().join("starts");
    let script = place.file(
        "redis-server",
        &format!(
            "#!/bin/sh\ncase \"$*\" in *--version*) exec {real} \"$@\" ;; esac\n\
             echo start >>{starts}\n\
             [ \"$(wc -l <{starts})\" != 2 ] || {{ echo 'no more today'; exit 1; }}\n\
             exec {real} \"$@\"\n",
            starts = starts.display()
        ),
    );
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let arguments = ["run", "mine.toml", "--out", "out", "--provider", "process"];
    let mut command = place.busbench(&arguments);
    command.env("PATH", format!("{}:{search}", place.path().display()));
    crate::support::Ended::of(command.output().unwrap()).said(0, &[]);
    let trial = |number: u32| -> serde_json::Value {
        let file = format!("out/trials/redis-pubsub-json-closed-64-{number}.json");
        serde_json::from_str(&fs::read_to_string(place.path().join(file)).unwrap()).unwrap()
    };
    assert_eq!(trial(2)["verdict"], "invalid");
    assert_eq!(trial(2)["outcome"], "failed");
    let reason = &trial(2)["reasons"][0];
    assert_eq!(reason["kind"], "server-not-started");
    let detail = reason["detail"].as_str().unwrap();
    assert!(detail.contains("no more today"), "{detail}");
    for other in [1, 3] {
        assert_eq!(trial(other)["outcome"], "delivered");
    }
}
