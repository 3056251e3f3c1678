//! Bytes on the wire in a run's results, beside what the servers counted.

use serde_json::Value;

use crate::servers::can;
use crate::support::{Ended, Place};

/// Thousands of messages, so that bytes which are miscounted by one for each would show.
const SCENARIO: &str = r#"
question = "What does a message cost on the wire?"
seed = 5
trials = 1
floors = true

[matrix]
bus = ["nats-core", "nats-jetstream", "mqtt3", "mqtt5", "redis-pubsub", "redis-streams"]
envelope = ["native", "json"]
payload = ["5xInt16"]

[load.open]
rate = [4000]

[phases]
warmup = "100ms"
window = "900ms"
drain = "300ms"
"#;

/// All that clients say beside their messages: handshakes, subscriptions, pings.
const BESIDE_BYTES: u64 = 4_000;

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value}"))
}

fn publish_bytes(wire: &Value) -> u64 {
    let parts = ["payload", "envelope", "topic", "protocol"];
    let parts = parts.map(|part| number(&wire[format!("{part}_bytes")]));
    parts.into_iter().sum()
}

/// Mosquitto and Redis count all bytes of their sockets. A Redis stream's reader asks for several
/// entries at once, so it is no measure there.
fn agrees_with_the_server(trial: &Value) {
    let cell = trial["cell"].as_str().unwrap();
    let (wire, counters) = (&trial["wire"], &trial["server_counters"]);
    let messages = number(&counters["messages_in"]);
    assert!(messages >= BESIDE_BYTES, "{cell}");
    let into = messages * publish_bytes(wire);
    let out = messages * (number(&wire["delivery_bytes"]) + number(&wire["publish_ack_bytes"]));
    for (ours, theirs) in [(into, "bytes_in"), (out, "bytes_out")] {
        let theirs = number(&counters[theirs]);
        assert!(
            (ours..ours + BESIDE_BYTES).contains(&theirs),
            "{cell}: {ours} bytes of {messages} messages, the server counts {theirs}"
        );
    }
}

#[test]
fn what_a_message_costs_is_counted_as_servers_count_it() {
    if !can("process") {
        return;
    }
    let place = Place::new();
    place.file("mine.toml", SCENARIO);
    let ended = place.measuring("process", &[]).output().unwrap();
    Ended::of(ended).said(0, &[]);
    let (mut counted, mut compared) = (0, 0);
    for trial in &place.trials() {
        let cell = trial["cell"].as_str().unwrap();
        if ["null", "tcp-relay"]
            .iter()
            .any(|floor| cell.starts_with(floor))
        {
            assert!(trial["wire"].is_null(), "{cell}");
            continue;
        }
        assert!(publish_bytes(&trial["wire"]) > 1_000, "{cell}");
        counted += 1;
        if ["mqtt", "redis-pubsub"]
            .iter()
            .any(|bus| cell.starts_with(bus))
        {
            agrees_with_the_server(trial);
            compared += 1;
        }
    }
    // Of the 12 cells with a server, two have no headers for `native`.
    assert_eq!((counted, compared), (10, 4));
    for row in place.rows().iter().filter(|row| row["trials"] == 1) {
        let figure = |name: &str| row[name].as_f64();
        let parts = ["payload", "envelope", "topic", "protocol"];
        let parts = parts.map(|part| figure(&format!("wire_{part}_bytes")));
        let sum: Option<f64> = parts.into_iter().sum();
        assert_eq!(sum, figure("wire_bytes_per_message"), "{row}");
    }
}
