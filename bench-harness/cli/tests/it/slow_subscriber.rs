//! A subscribing application that reads slowly: what piles up in its client is bounded, and what is
//! dropped is counted.

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

/// The only cell's row, and the peak memory of the harness in bytes.
fn run(bus: &str) -> (serde_json::Value, u64) {
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
    let trial: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let memory = trial["client_cost"]["rss_peak_bytes"].as_u64().unwrap();
    (place.rows().remove(0), memory)
}

#[test]
fn what_a_client_drops_is_counted_as_its_own_and_as_lost() {
    if !can("process") {
        return;
    }
    let (row, memory) = run("nats-core");
    let count = |name: &str| {
        row[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name}: {row}"))
    };
    assert_eq!(row["outcome"], "lossy", "{row}");
    // async-nats holds 65 536 messages for a subscription and drops the rest. What it still holds
    // when the drain ends has not reached the application either: of all that was sent, the 3000
    // of the warm-up included, it counts what neither was delivered nor is on its way.
    assert!(count("client_dropped") > 20_000, "{row}");
    assert!(count("client_dropped") <= count("lost") + 3_000, "{row}");
    assert_eq!(
        count("lost") + count("delivered"),
        count("expected"),
        "{row}"
    );
    assert!(memory < 200 << 20, "{memory} bytes");
}

#[test]
fn a_clients_queue_does_not_grow_without_bound() {
    if !can("process") {
        return;
    }
    // 60 MB of messages: what the client does not take stays with the server, up to its limit.
    let (row, memory) = run("redis-pubsub");
    assert!(memory < 120 << 20, "{memory} bytes: {row}");
    assert_ne!(row["outcome"], "delivered", "{row}");
}
