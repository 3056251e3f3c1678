//! A real server that stops for a while, as a garbage collection or a slow disk would stop it: every
//! message that was due meanwhile is late, and none of the lateness is the harness's.

use std::time::{Duration, Instant};

use busbench_results::{Metric, Outcome, RunFolder, Trial, Verdict};
use rustix::process::{Pid, Signal, kill_process};

use crate::running::{Running, run_name, server_processes};
use crate::servers::can;
use crate::support::Place;

const SCENARIO: &str = r#"
question = "What does a stalled server do to the messages that are due?"
seed = 11
trials = 1
floors = false

[matrix]
bus = ["nats-core"]
envelope = ["json"]
payload = ["1xInt32"]

[load.open]
rate = [1000]

[phases]
warmup = "500ms"
window = "5s"
drain = "2s"
"#;

const MILLISECOND_NS: u64 = 1_000_000;

fn signal(processes: &[u32], signal: Signal) {
    for process in processes {
        let process = Pid::from_raw(process.cast_signed()).unwrap();
        kill_process(process, signal).unwrap();
    }
}

/// A trial of 1000 messages per second whose server stands still for `length` in the middle of the
/// window, and how long it really stood still.
fn stalled(bus: &str, length: Duration) -> (Trial, Duration) {
    let place = Place::new();
    place.file("mine.toml", &SCENARIO.replace("nats-core", bus));
    let mut run = Running::start(&place, "process", &["--out", "out"]);
    run.wait_for("trial-started");
    let name = run_name(&place);
    let began = Instant::now();
    let servers = loop {
        let servers = server_processes(&name);
        if !servers.is_empty() {
            break servers;
        }
        assert!(began.elapsed().as_secs() < 20, "no server starts");
        std::thread::sleep(Duration::from_millis(5));
    };
    // Connecting takes some tenths of a second, and the warm-up half of one.
    std::thread::sleep(Duration::from_secs(2));
    let stopped = Instant::now();
    signal(&servers, Signal::STOP);
    std::thread::sleep(length);
    signal(&servers, Signal::CONT);
    let stood_still = stopped.elapsed();
    run.wait_for("run-finished");
    run.ends(0);
    let read = RunFolder::open(&place.path().join("out")).unwrap().read();
    let trial = read.unwrap().trials.into_values().flatten().next().unwrap();
    (trial, stood_still)
}

/// Messages that took longer than `ns`.
fn later_than(trial: &Trial, metric: Metric, ns: u64) -> u64 {
    let histogram = trial.histograms[&metric].decode().unwrap();
    histogram.count_between(ns + 1, u64::MAX)
}

/// The message due when the server stopped waits for the whole stall, the one due when it went on
/// waits for nothing, and those between lie on the line between: so many are later than any time as
/// were due before that time from the stall's end. What does not fit, if anything.
fn misshapen(trial: &Trial, stall: Duration) -> Option<String> {
    let stall_ms = u64::try_from(stall.as_millis()).unwrap();
    for metric in [Metric::Response, Metric::Service] {
        let name = metric.name();
        for tenths in 1..=9 {
            let ms = stall_ms * tenths / 10;
            let late = later_than(trial, metric, ms * MILLISECOND_NS);
            let expected = stall_ms - ms;
            if late.abs_diff(expected) > 20 + expected / 10 {
                return Some(format!(
                    "{late} of {name} later than {ms} ms, not {expected}, in {stall_ms} ms"
                ));
            }
        }
        let histogram = trial.histograms[&metric].decode().unwrap();
        let max_ms = histogram.max() / MILLISECOND_NS;
        if !(stall_ms - 15..stall_ms + 100).contains(&max_ms) {
            return Some(format!("{name} is at most {max_ms} ms in {stall_ms} ms"));
        }
        // One in a hundred is later than all but the first 50 of the stall's.
        let (p99_ms, expected_ms) = (
            histogram.value_at_quantile(0.99) / MILLISECOND_NS,
            stall_ms - 50,
        );
        if p99_ms.abs_diff(expected_ms) > 40 {
            return Some(format!("p99 of {name} is {p99_ms} ms, not {expected_ms}"));
        }
    }
    None
}

/// Where other tests and programs take the cores, they make messages late of their own, so that the
/// shape shows only in one of a few tries.
#[track_caller]
fn check(bus: &str, length: Duration) {
    let mut found = Vec::new();
    for _ in 0..4 {
        let (trial, stall) = stalled(bus, length);
        check_trial(bus, &trial);
        match misshapen(&trial, stall) {
            None => return,
            Some(how) => found.push(how),
        }
    }
    panic!("{bus}: {}", found.join("; "));
}

#[track_caller]
fn check_trial(bus: &str, trial: &Trial) {
    let told = format!("{bus}: {:?}", trial.reasons);
    assert_ne!(trial.verdict, Verdict::Invalid, "{told}");
    assert_eq!(trial.outcome, Outcome::Delivered, "{told}");
    assert_eq!(trial.counts.lost, 0, "{told}");
    assert_eq!(trial.counts.attempted, 5000, "{told}");
    // The harness itself was on time: the stall is the server's.
    let late = later_than(trial, Metric::WakeLag, 100 * MILLISECOND_NS);
    assert!(late <= 50, "{told}: {late} woken more than 100 ms late");
}

#[test]
fn a_server_that_stops_for_300_ms_makes_300_messages_late_evenly_from_300_ms_down() {
    if !can("process") {
        return;
    }
    for bus in [
        "nats-core",
        "nats-jetstream",
        "mqtt3",
        "redis-pubsub",
        "redis-streams",
    ] {
        check(bus, Duration::from_millis(300));
    }
}

#[test]
fn a_stall_of_a_second_and_a_half_is_a_result_and_not_the_harnesss_fault() {
    if !can("process") {
        return;
    }
    for bus in ["nats-core", "mqtt5"] {
        check(bus, Duration::from_millis(1500));
    }
}
