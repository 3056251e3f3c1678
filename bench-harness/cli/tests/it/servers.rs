//! Whole runs on real servers, by process and by container.

use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::running::{Running, containers, run_name, server_processes};
use crate::support::{Ended, Place};

/// Every bus, both loads and both ways to publish.
const EVERY_BUS: &str = r#"
question = "Does every bus carry everything?"
seed = 3
trials = 1
floors = false

[matrix]
bus = ["nats-core", "nats-jetstream", "mqtt3", "mqtt5", "redis-pubsub", "redis-streams"]
envelope = ["native", "json"]
payload = ["5xInt16"]
qos = [0]
publish = ["pipelined", "edgex"]
publishers = [2]
subscribers = [2]

[load.open]
rate = [400]

[load.closed]
window = [16]

[phases]
warmup = "100ms"
window = "500ms"
drain = "300ms"

[client]
ack_window = 16
retention = 50000
"#;

const EACH_BUS_ONCE: [&str; 2] = ["--only", "envelope=json,publish=pipelined"];
const IN_OUT: [&str; 4] = ["--out", "out", EACH_BUS_ONCE[0], EACH_BUS_ONCE[1]];

/// In open load only: in closed load a subscriber's handshakes lag behind what was delivered to it
/// until Mosquitto has 1000 of them open (`max_queued_messages`) and drops messages. Its own
/// `$SYS/broker/publish/messages/dropped` counts what we count as lost, so that is a result, and no
/// test can rely on it.
const EVERY_QOS: [&str; 4] = [
    "--set",
    "qos=0,1,2",
    "--only",
    "bus=mqtt3,bus=mqtt5,load=open",
];

/// Whether servers can be had this way. CI must have both.
pub(crate) fn can(provider: &str) -> bool {
    let found = match provider {
        "process" => ["nats-server", "redis-server"].iter().all(|server| {
            Command::new(server)
                .arg("--version")
                .output()
                .is_ok_and(|output| output.status.success())
        }),
        _ => Command::new("docker")
            .arg("info")
            .output()
            .is_ok_and(|output| output.status.success()),
    };
    assert!(
        found || std::env::var_os("CI").is_none(),
        "CI has no servers by {provider}"
    );
    if !found {
        println!("skipped: no servers by {provider} on this machine");
    }
    found
}

/// Runs the scenario and looks at every cell: all that was offered came through.
#[track_caller]
fn carries_everything(provider: &str, arguments: &[&str], cells: usize) {
    let place = Place::new();
    place.file("mine.toml", EVERY_BUS);
    let arguments = [
        &["run", "mine.toml", "--out", "out", "--provider", provider],
        arguments,
    ]
    .concat();
    place.run(&arguments).said(0, &[]);
    let rows = place.rows();
    let measured: Vec<_> = rows
        .iter()
        .filter(|row| row["outcome"] != "not-possible")
        .collect();
    assert_eq!(measured.len(), cells);
    for row in measured {
        assert_ne!(row["verdict"], "invalid", "{row}");
        assert_eq!(row["delivered"], row["expected"], "{row}");
        for count in ["lost", "duplicated", "reordered", "corrupt", "foreign"] {
            assert_eq!(row[count], 0, "{count}: {row}");
        }
        assert!(row["published"].as_u64() >= Some(20), "{row}");
        if row["load"] == "open" {
            assert_eq!(row["attempted"], 200, "400/s for 500 ms: {row}");
            assert_eq!(row["published"], 200, "{row}");
        }
        assert_eq!(row["provider"], provider);
        assert!(!row["server_version"].as_str().unwrap().is_empty(), "{row}");
    }
    let run = run_name(&place);
    assert_eq!(server_processes(&run), [0_u32; 0], "servers of {run}");
    if provider == "container" {
        assert!(!containers().contains(&run), "of {run}: {}", containers());
    }
}

#[test]
fn every_bus_carries_everything_by_process() {
    if can("process") {
        // 2 loads x 2 ways to publish x 10 pairs of bus and layout.
        carries_everything("process", &[], 40);
    }
}

#[test]
fn mqtt_carries_everything_with_every_quality_of_service() {
    if can("process") {
        // 3 levels x 2 ways to publish x (MQTT 3.1.1 once + MQTT 5 with both layouts).
        carries_everything("process", &EVERY_QOS, 18);
    }
}

#[test]
fn every_bus_carries_everything_by_container() {
    if can("container") {
        carries_everything("container", &EACH_BUS_ONCE, 12);
    }
}

#[test]
fn a_rate_that_is_not_carried_is_not_called_delivered() {
    if !can("process") {
        return;
    }
    let place = Place::new();
    place.file("mine.toml", EVERY_BUS);
    let only = [
        "--only",
        "bus=mqtt3,envelope=json,publish=pipelined,load=open",
    ];
    let sets = [
        "--set",
        "rate=400000",
        "--set",
        "duration=1s",
        "--out",
        "out",
    ];
    let arguments = [
        &["run", "mine.toml", "--provider", "process"],
        &only[..],
        &sets,
    ]
    .concat();
    place.run(&arguments).said(0, &[]);
    let row = place.rows().remove(0);
    // Mosquitto drops QoS 0 messages for a subscriber that has 1000 of them queued.
    assert!(
        row["outcome"] == "saturated" || row["outcome"] == "lossy",
        "{row}"
    );
    assert!(
        row["delivered_per_second"].as_f64() < Some(0.9 * 800_000.0),
        "{row}"
    );
    assert!(
        row["response_p99_ns"].is_null(),
        "it would tell how long a backlog grew: {row}"
    );
}

#[test]
fn servers_that_run_already_are_used_and_left_alone() {
    if !can("process") {
        return;
    }
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut server = Command::new("redis-server")
        .args([
            "--port",
            &port.to_string(),
            "--save",
            "",
            "--requirepass",
            "hunter2",
        ])
        .args(["--bind", "127.0.0.1"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            began.elapsed().as_secs() < 10,
            "redis-server does not listen"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let place = Place::new();
    place.file("mine.toml", EVERY_BUS);
    let only = [
        "--only",
        "bus=redis-pubsub,bus=redis-streams,publish=pipelined,envelope=json",
    ];
    let arguments = [
        &["run", "mine.toml", "--out", "out", "--provider", "external"],
        &only[..],
    ];
    let run = |password: &str| {
        let mut command = place.busbench(&arguments.concat());
        command.env("BUSBENCH_REDIS_URL", format!("redis://127.0.0.1:{port}"));
        command.env("BUSBENCH_REDIS_PASSWORD", password);
        Ended::of(command.output().unwrap())
    };
    let refused = run("wrong");
    let ended = run("hunter2");
    let alive = server.try_wait().unwrap().is_none();
    server.kill().unwrap();
    server.wait().unwrap();
    refused.said(3, &["redis", &port.to_string()]);
    ended.said(0, &[]);
    assert!(alive, "somebody else's server is not stopped");
    let rows = place.rows();
    assert!(
        rows.iter()
            .all(|row| row["lost"] == 0 && row["provider"] == "external"),
        "{rows:?}"
    );
    for file in [
        "out/result.json",
        "out/report/index.html",
        "out/report/report.md",
    ] {
        let text = std::fs::read_to_string(place.path().join(file)).unwrap();
        assert!(!text.contains("hunter2"), "no password in {file}");
    }
}

#[test]
fn ctrl_c_in_the_middle_of_a_containers_start_leaves_nothing() {
    if !can("container") {
        return;
    }
    // A start takes a few hundred milliseconds: these fall before, into and after it.
    for milliseconds in [0, 60, 150, 300, 600] {
        let place = Place::new();
        place.file("mine.toml", EVERY_BUS);
        let run = Running::start(&place, "container", &IN_OUT);
        let name = run_name(&place);
        std::thread::sleep(Duration::from_millis(milliseconds));
        run.signal("INT");
        run.ends(130);
        assert!(
            !containers().contains(&name),
            "after {milliseconds} ms: {}",
            containers()
        );
    }
}

#[test]
fn containers_of_a_killed_run_are_removed_by_clean() {
    if !can("container") {
        return;
    }
    let place = Place::new();
    place.file("mine.toml", &EVERY_BUS.replace("\"500ms\"", "\"20s\""));
    let run = Running::start(&place, "container", &IN_OUT);
    let name = run_name(&place);
    let began = Instant::now();
    while !containers().contains(&name) {
        assert!(began.elapsed().as_secs() < 30, "no container starts");
        std::thread::sleep(Duration::from_millis(20));
    }
    run.kill();
    // A run of another test may sweep it first: that, too, is promised.
    place.run(&["clean"]).said(0, &[]);
    assert!(!containers().contains(&name), "{}", containers());
}
