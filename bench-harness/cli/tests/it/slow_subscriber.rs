//! A subscribing application that reads slowly: what piles up in its client is bounded, and what is
//! dropped is counted.

use serde_json::Value;

use crate::servers::can;
use crate::support::Place;

/// 90 000 messages to an application that takes 1 ms over each.
const SLOW: &str = r#"
question = "What becomes of messages that nobody reads in time?"
seed = 5
trials = 1
floors = false

[matrix]
bus = ["nats-core", "redis-pubsub"]
envelope = ["json"]
payload = ["1xInt32"]

[load.open]
rate = [30000]

[phases]
warmup = "100ms"
window = "3s"
drain_limit = "1s"

[client]
read_delay = "1ms"
"#;

/// The only cell's row, and its trial.
fn run(bus: &str) -> (Value, Value) {
    let place = Place::new();
    place.file("slow.toml", SLOW);
    let only = format!("bus={bus}");
    let arguments = [
        "run",
        "slow.toml",
        "--out",
        "out",
        "--provider",
        "process",
        "--only",
        &only,
    ];
    let ended = place.run(&arguments);
    assert!(matches!(ended.code, Some(0 | 4)), "{ended:?}");
    let file = place
        .path()
        .join(format!("out/trials/{bus}-json-open-30000-1.json"));
    let trial = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    (place.rows().remove(0), trial)
}

/// Peak memory of the harness, in bytes.
fn memory(trial: &Value) -> u64 {
    trial["client_cost"]["rss_peak_bytes"].as_u64().unwrap()
}

/// The detail of a trial's reason of a kind.
fn reason<'a>(trial: &'a Value, kind: &str) -> &'a str {
    let mut reasons = trial["reasons"].as_array().unwrap().iter();
    let found = reasons.find(|reason| reason["kind"] == kind);
    let found = found.unwrap_or_else(|| panic!("{kind}: {}", trial["reasons"]));
    found["detail"].as_str().unwrap_or_default()
}

/// Nothing is left unexplained.
fn every_count_agrees(trial: &Value) {
    let checks = trial["count_checks"].as_array().unwrap();
    assert!(!checks.is_empty());
    for check in checks {
        assert_eq!(check["agrees"], true, "{check}");
    }
    assert!(
        !trial["reasons"].to_string().contains("unexplained"),
        "{}",
        trial["reasons"]
    );
}

#[test]
fn what_a_client_drops_is_counted_as_its_own_and_as_lost() {
    if !can("process") {
        return;
    }
    let (row, trial) = run("nats-core");
    let count = |name: &str| trial["counts"][name].as_u64().unwrap();
    let dropped = trial["client_dropped"].as_u64().unwrap();
    assert_eq!(row["outcome"], "lossy", "{row}");
    // async-nats holds 65 536 messages for a subscription and drops the rest of the 93 000; what it
    // still held when the drain ended came too late, so it is lost and not dropped.
    assert!(dropped > 20_000 && dropped < 93_000 - 65_536, "{row}");
    assert!(dropped <= count("lost") + 3_000, "{row}");
    assert_eq!(
        count("lost") + count("delivered"),
        count("expected"),
        "{row}"
    );
    assert_eq!(reason(&trial, "client-dropped"), dropped.to_string());
    // The server knows nothing of it: it has sent every message, and each is accounted for.
    every_count_agrees(&trial);
    assert_eq!(trial["server_counters"]["messages_out"], 93_000);
    assert_eq!(trial["server_counters"]["cut_off"], 0);
    for check in trial["count_checks"].as_array().unwrap() {
        assert_eq!(check["harness"], check["server"], "{check}");
    }
    assert!(memory(&trial) < 200 << 20, "{} bytes", memory(&trial));
}

#[test]
fn a_clients_queue_that_grows_is_told_and_does_not_grow_without_bound() {
    if !can("process") {
        return;
    }
    // 60 MB of messages: what the client does not take stays with the server, up to its limit.
    let (row, trial) = run("redis-pubsub");
    assert!(
        memory(&trial) < 120 << 20,
        "{} bytes: {row}",
        memory(&trial)
    );
    assert_ne!(row["outcome"], "delivered", "{row}");
    let detail = reason(&trial, "client-backlog");
    let bytes = detail
        .strip_prefix("to ")
        .and_then(|text| text.strip_suffix(" bytes"));
    let bytes: u64 = bytes.unwrap_or_else(|| panic!("{detail}")).parse().unwrap();
    assert!((16 << 20..18 << 20).contains(&bytes), "{detail}");
    every_count_agrees(&trial);
}
