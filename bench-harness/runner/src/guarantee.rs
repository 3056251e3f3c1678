//! What a bus promises, worked out from how its server is configured and how its clients use it.

use busbench_buses::{BusKind, Qos, Storage, SubscribeMode};
use busbench_results::{Delivery, Guarantee, PublishAck};

use crate::plan::PlannedCell;
use crate::scenario::Client;

/// `JetStream` syncs a file store every two minutes unless `sync_interval` says otherwise
/// (nats-server, `server/filestore.go`, `defaultSyncInterval`).
const JETSTREAM_SYNC_MS: u64 = 120_000;
/// `mosquitto.conf(5)`, `autosave_interval`.
const MOSQUITTO_AUTOSAVE_MS: u64 = 1_800_000;
/// `appendfsync everysec` (redis.conf).
const REDIS_EVERYSEC_MS: u64 = 1_000;
/// `appendfsync no` leaves it to the kernel, which writes back what has been dirty for 30 s
/// (`vm.dirty_expire_centisecs`).
const KERNEL_WRITE_BACK_MS: u64 = 30_000;

/// The guarantee of a cell on a server with this configuration, as [`busbench_brokers::ServerInfo`]
/// records it. What the configuration does not tell (a server of somebody else) is taken at its
/// weakest.
pub(crate) fn guarantee(cell: &PlannedCell, client: &Client, configuration: &str) -> Guarantee {
    Guarantee {
        publish_ack: if cell.is_acknowledged() {
            publish_ack(cell, client, configuration)
        } else {
            PublishAck::None
        },
        delivery: delivery(cell, client),
    }
}

fn publish_ack(cell: &PlannedCell, client: &Client, configuration: &str) -> PublishAck {
    match cell.bus {
        BusKind::NatsCore | BusKind::Null | BusKind::TcpRelay => PublishAck::None,
        BusKind::NatsJetstream => match client.storage {
            Storage::Memory => PublishAck::InMemory,
            Storage::File => jetstream_file(configuration),
        },
        // With QoS 0 a publish is done when it is written to the socket: no server has said a word.
        BusKind::Mqtt3 | BusKind::Mqtt5 if cell.qos == Qos::AtMostOnce => PublishAck::None,
        BusKind::Mqtt3 | BusKind::Mqtt5 => mosquitto(configuration),
        // The reply says that the message was passed on; nothing is ever stored.
        BusKind::RedisPubsub => PublishAck::InMemory,
        BusKind::RedisStreams => redis(configuration),
    }
}

const fn delivery(cell: &PlannedCell, client: &Client) -> Delivery {
    match cell.bus {
        BusKind::NatsCore | BusKind::RedisPubsub | BusKind::Null | BusKind::TcpRelay => {
            Delivery::AtMostOnce
        }
        BusKind::NatsJetstream => Delivery::AtLeastOnce,
        BusKind::Mqtt3 | BusKind::Mqtt5 => match cell.qos {
            Qos::AtMostOnce => Delivery::AtMostOnce,
            Qos::AtLeastOnce => Delivery::AtLeastOnce,
            Qos::ExactlyOnce => Delivery::ExactlyOnce,
        },
        BusKind::RedisStreams => match client.subscribe {
            // Entries between two reads from `$` are skipped.
            SubscribeMode::Edgex => Delivery::AtMostOnce,
            SubscribeMode::Lossless => Delivery::AtLeastOnce,
        },
    }
}

fn jetstream_file(configuration: &str) -> PublishAck {
    let Some((_, rest)) = configuration.split_once("sync_interval") else {
        return PublishAck::PeriodicSync(JETSTREAM_SYNC_MS);
    };
    let value: String = rest
        .trim_start_matches([':', '=', ' ', '"'])
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    if value == "always" {
        return PublishAck::Synced;
    }
    let period = humantime::parse_duration(&value).ok();
    let period_ms = period.and_then(|period| u64::try_from(period.as_millis()).ok());
    PublishAck::PeriodicSync(period_ms.unwrap_or(JETSTREAM_SYNC_MS))
}

fn mosquitto(configuration: &str) -> PublishAck {
    if setting(configuration, "persistence") != Some("true") {
        return PublishAck::InMemory;
    }
    let seconds = setting(configuration, "autosave_interval").and_then(|text| text.parse().ok());
    PublishAck::PeriodicSync(seconds.map_or(MOSQUITTO_AUTOSAVE_MS, |seconds: u64| seconds * 1000))
}

fn redis(configuration: &str) -> PublishAck {
    if setting(configuration, "appendonly") == Some("yes") {
        return match setting(configuration, "appendfsync") {
            Some("always") => PublishAck::Synced,
            Some("no") => PublishAck::PeriodicSync(KERNEL_WRITE_BACK_MS),
            _ => PublishAck::PeriodicSync(REDIS_EVERYSEC_MS),
        };
    }
    // Pairs of seconds and changes: one change alone waits for the longest of the periods.
    let save = setting(configuration, "save").unwrap_or_default();
    let periods = save.split_whitespace().step_by(2);
    let longest = periods
        .filter_map(|seconds| seconds.parse::<u64>().ok())
        .max();
    longest.map_or(PublishAck::InMemory, |seconds| {
        PublishAck::PeriodicSync(seconds * 1000)
    })
}

/// The last value of a setting: what a server says of itself stands after the file that it was
/// started with.
fn setting<'a>(configuration: &'a str, name: &str) -> Option<&'a str> {
    configuration
        .lines()
        .filter_map(|line| line.trim().split_once(char::is_whitespace))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value.trim())
        .next_back()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::guarantee;
    use crate::{Plan, Scenario};

    const SCENARIO: &str = r#"
question = "What is promised?"
seed = 1
trials = 1
floors = false
[matrix]
bus = ["nats-core"]
envelope = ["json"]
payload = ["1xInt32"]
[load.closed]
window = [64]
[phases]
warmup = "1s"
window = "1s"
[client]
storage = "file"
"#;

    /// Checks the guarantee of the only cell of the scenario after `changes`.
    #[track_caller]
    fn check(changes: &[(&str, &str)], configuration: &str, expected: &str) {
        let mut text = SCENARIO.to_owned();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        let plan = Plan::new(&Scenario::parse(Path::new("x.toml"), &text).unwrap()).unwrap();
        let found = guarantee(&plan.cells[0], &plan.client, configuration);
        assert_eq!(found.to_string(), expected, "{changes:?}");
    }

    const fn bus(name: &'static str) -> (&'static str, &'static str) {
        ("[\"nats-core\"]", name)
    }

    #[test]
    fn what_keeps_nothing_promises_nothing() {
        check(&[], "", "none / at-most-once");
        for floor in ["[\"null\"]", "[\"tcp-relay\"]"] {
            check(&[bus(floor)], "", "none / at-most-once");
        }
        check(&[bus("[\"redis-pubsub\"]")], "", "in-memory / at-most-once");
    }

    #[test]
    fn jetstream_promises_what_its_storage_and_its_sync_interval_give() {
        let jetstream = bus("[\"nats-jetstream\"]");
        let file = "jetstream { store_dir: \"jetstream\" }\n";
        check(&[jetstream], file, "periodic-sync 2m / at-least-once");
        let often = "jetstream { sync_interval: \"10s\" }";
        check(&[jetstream], often, "periodic-sync 10s / at-least-once");
        let always = "jetstream {\n sync_interval: always\n}";
        check(&[jetstream], always, "synced / at-least-once");
        let memory = ("\"file\"", "\"memory\"");
        check(&[jetstream, memory], file, "in-memory / at-least-once");
    }

    #[test]
    fn mqtt_promises_what_its_quality_of_service_and_persistence_give() {
        let qos = |level| ("[\"nats-core\"]", level);
        let one = qos("[\"mqtt3\"]\nqos = [1]");
        let two = qos("[\"mqtt5\"]\nqos = [2]");
        check(&[bus("[\"mqtt3\"]")], "", "none / at-most-once");
        check(&[one], "persistence false\n", "in-memory / at-least-once");
        check(&[two], "", "in-memory / exactly-once");
        let kept = "persistence true\n";
        check(&[one], kept, "periodic-sync 30m / at-least-once");
        let often = "persistence true\nautosave_interval 5\n";
        check(&[two], often, "periodic-sync 5s / exactly-once");
    }

    #[test]
    fn a_publish_that_nobody_waits_for_is_acknowledged_to_nobody() {
        // MQTT's token at QoS 0 says that the message is in the socket: no server's word.
        let edgex = ("payload =", "publish = [\"edgex\"]\npayload =");
        check(&[bus("[\"mqtt3\"]"), edgex], "", "none / at-most-once");
        // Redis is told not to answer in open load.
        let open = ("[load.closed]\nwindow = [64]", "[load.open]\nrate = [10]");
        check(
            &[bus("[\"redis-pubsub\"]"), open],
            "",
            "none / at-most-once",
        );
    }

    #[test]
    fn redis_streams_promise_what_the_server_says_of_itself() {
        let streams = bus("[\"redis-streams\"]");
        let check = |configuration: &str, expected: &str| {
            check(&[streams], configuration, expected);
        };
        check("save \"\"\nappendonly no\n", "in-memory / at-least-once");
        check("", "in-memory / at-least-once");
        let said = "appendonly no\n# As the server says it:\nappendfsync everysec\n";
        let aof = format!("{said}appendonly yes\nsave \n");
        check(&aof, "periodic-sync 1s / at-least-once");
        let always = "appendonly yes\nappendfsync always\n";
        check(always, "synced / at-least-once");
        let kernel = "appendonly yes\nappendfsync no\n";
        check(kernel, "periodic-sync 30s / at-least-once");
        let snapshots = "appendonly no\nsave 3600 1 300 100 60 10000\n";
        check(snapshots, "periodic-sync 60m / at-least-once");
    }

    #[test]
    fn reading_as_edgex_1_did_may_skip() {
        let edgex = ("storage", "subscribe = \"edgex\"\nstorage");
        check(
            &[bus("[\"redis-streams\"]"), edgex],
            "",
            "in-memory / at-most-once",
        );
    }
}
