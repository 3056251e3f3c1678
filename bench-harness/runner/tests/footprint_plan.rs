//! What a plan makes of a scenario of footprints.
#![allow(clippy::unwrap_used, reason = "what a test sets up may panic")]

use std::path::Path;

use busbench_brokers::ProviderChoice;
use busbench_runner::{AnyPlan, AnyScenario, FOOTPRINT_KEYS, FootprintPlan};

/// The part of the reference that is a scenario of footprints, made one.
fn reference_of_footprints() -> String {
    let text = include_str!("../../../scenarios/reference.toml");
    let (_, part) = text.split_once("# [footprint]\n").unwrap();
    let keys = part.lines().filter(|line| line.contains(" = "));
    let keys: Vec<&str> = keys.map(|line| line.trim_start_matches("# ")).collect();
    let head = "question = \"?\"\nseed = 1\ntrials = 3\n[footprint]\n";
    format!("{head}{}", keys.join("\n"))
}

fn footprints(text: &str) -> FootprintPlan {
    let scenario = AnyScenario::parse(Path::new("test.toml"), text).unwrap();
    match AnyPlan::new(&scenario).unwrap() {
        AnyPlan::Footprint(plan) => plan,
        AnyPlan::Messages(plan) => unreachable!("{plan:?}"),
    }
}

#[test]
fn the_reference_shows_every_key_of_a_footprint_with_its_default() {
    let text = reference_of_footprints();
    let plan = footprints(&text);
    for place in FOOTPRINT_KEYS {
        let key = place.rsplit('.').next().unwrap();
        assert!(text.contains(&format!("{key} = ")), "{place} is missing");
    }
    let is_required = |line: &&str| !line.contains(" = ") || line.starts_with("servers");
    let (head, keys) = text.split_once("[footprint]\n").unwrap();
    let keys: Vec<&str> = keys.lines().filter(is_required).collect();
    assert_eq!(
        plan,
        footprints(&format!("{head}[footprint]\n{}", keys.join("\n")))
    );
}

#[test]
fn a_plan_of_footprints_has_each_server_by_each_provider_and_each_client_program() {
    let plan = footprints(&reference_of_footprints());
    let ids: Vec<&str> = plan.cells.iter().map(|cell| cell.id.as_str()).collect();
    let expected = [
        "nats-process",
        "redis-process",
        "nats-container",
        "redis-container",
        "rust-bare-none",
        "rust-bare-nats",
        "rust-bare-mqtt",
        "rust-bare-mqtt-tls",
        "rust-bare-redis",
        "rust-bare-redis-tls",
        "go-bare-none",
        "go-bare-nats",
        "go-bare-mqtt",
        "go-bare-redis",
        "go-rest-none",
        "go-rest-nats",
        "go-rest-mqtt",
        "go-rest-redis",
    ];
    assert_eq!(ids, expected);
    // 2 x (2 s + 5 s) for each server, 3 times.
    let seconds = plan.estimate().time.as_secs();
    assert!((168..240).contains(&seconds), "{seconds}");
}

#[test]
fn a_part_of_the_footprints_can_be_asked_for() {
    let check = |only: &str, choice, expected: &[&str]| {
        let mut plan = footprints(&reference_of_footprints());
        plan.keep_provider(choice).unwrap();
        plan.keep(&[only.to_owned()]).unwrap();
        let ids: Vec<&str> = plan.cells.iter().map(|cell| cell.id.as_str()).collect();
        assert_eq!(ids, expected, "{only}");
    };
    let auto = ProviderChoice::Auto;
    check("server=nats", auto, &["nats-process", "nats-container"]);
    check("server=nats,provider=container", auto, &["nats-container"]);
    check("server=nats", ProviderChoice::Process, &["nats-process"]);
    check(
        "client=none,client=nats,language=go,service=bare",
        auto,
        &["go-bare-none", "go-bare-nats"],
    );
}

#[test]
fn a_part_that_is_none_is_refused() {
    let refused = |only: &str| {
        let mut plan = footprints(&reference_of_footprints());
        plan.keep(&[only.to_owned()]).unwrap_err().to_string()
    };
    let check = |only: &str, expected: &str| {
        let message = refused(only);
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    };
    check("server", "expected KEY=VALUE");
    check(
        "bus=nats-core",
        "one of server, provider, client, language, service",
    );
    check("server=mosquitto", "its values are nats, redis");
    check(
        "server=nats,client=nats",
        "no cell of scenario test has all",
    );
    let mut plan = footprints(&reference_of_footprints());
    let external = plan.keep_provider(ProviderChoice::External).unwrap_err();
    assert!(external.to_string().contains("leave `--provider` away"));
}

#[test]
fn a_scenario_of_footprints_beyond_a_limit_is_refused() {
    let check = |from: &str, to: &str, expected: &str| {
        let text = reference_of_footprints().replace(from, to);
        let scenario = AnyScenario::parse(Path::new("test.toml"), &text).unwrap();
        let message = AnyPlan::new(&scenario).unwrap_err().to_string();
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    };
    check("\"redis\"]", "\"nats\"]", "`nats-process` twice");
    check(
        "[\"nats\", \"redis\"]",
        "[]",
        "`footprint.servers` is empty",
    );
    check("= 100", "= 1000", "above the limit of 900");
}
