//! What the environment lacks: a clear message, exit code 3, no hang.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::support::{Ended, Place, SMALL};

fn with_bus(bus: &str) -> Place {
    let place = Place::new();
    place.file(
        "mine.toml",
        &SMALL.replace("\"null\"", &format!("\"{bus}\"")),
    );
    place
}

#[track_caller]
fn fails(place: &Place, provider: &str, environment: &[(&str, &str)], words: &[&str]) {
    let began = Instant::now();
    let mut command = place.busbench(&["run", "mine.toml", "--provider", provider]);
    command.envs(environment.iter().copied());
    Ended::of(command.output().unwrap()).said(3, words);
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
    let left = place.path().join("results/runs");
    let runs = std::fs::read_dir(left).map_or(0, Iterator::count);
    assert_eq!(runs, 0, "no empty run is left");
}

#[test]
fn without_engine_and_binary_it_says_what_was_tried() {
    let nothing = [
        ("DOCKER_HOST", "unix:///nowhere.sock"),
        ("BUSBENCH_BIN_NATS", "/nowhere"),
    ];
    fails(
        &with_bus("nats-core"),
        "auto",
        &nothing,
        &["/nowhere", "setup"],
    );
    fails(
        &with_bus("nats-core"),
        "container",
        &nothing[..1],
        &["container engine"],
    );
    fails(
        &with_bus("nats-core"),
        "process",
        &nothing[1..],
        &["BUSBENCH_BIN_NATS", "/nowhere"],
    );
}

#[test]
fn external_needs_the_addresses_of_its_servers() {
    fails(
        &with_bus("mqtt3"),
        "external",
        &[],
        &["BUSBENCH_MOSQUITTO_URL"],
    );
    let wrong = [("BUSBENCH_MOSQUITTO_URL", "http://x")];
    fails(
        &with_bus("mqtt3"),
        "external",
        &wrong,
        &["BUSBENCH_MOSQUITTO_URL", "not `http://`"],
    );
}

#[test]
fn an_address_where_nothing_listens_is_named() {
    // Bound and released, so that nothing listens there.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for (bus, variable, scheme) in [
        ("nats-core", "BUSBENCH_NATS_URL", "nats"),
        ("mqtt5", "BUSBENCH_MOSQUITTO_URL", "mqtt"),
        ("redis-pubsub", "BUSBENCH_REDIS_URL", "redis"),
    ] {
        let url = format!("{scheme}://127.0.0.1:{port}");
        let address = format!("127.0.0.1:{port}");
        fails(&with_bus(bus), "external", &[(variable, &url)], &[&address]);
    }
}

#[test]
fn a_server_that_does_not_speak_the_protocol_is_named() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let url = format!("redis://{address}");
    fails(
        &with_bus("redis-pubsub"),
        "external",
        &[("BUSBENCH_REDIS_URL", &url)],
        &[&address],
    );
}

#[test]
fn a_password_is_never_shown_nor_written() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let place = with_bus("redis-pubsub");
    let url = format!("redis://somebody:hunter2@127.0.0.1:{port}");
    let mut command = place.busbench(&["run", "mine.toml", "--provider", "external"]);
    let ended = Ended::of(command.env("BUSBENCH_REDIS_URL", url).output().unwrap());
    assert!(
        !ended.stderr.contains("hunter2") && !ended.stdout.contains("hunter2"),
        "{ended:?}"
    );
}
