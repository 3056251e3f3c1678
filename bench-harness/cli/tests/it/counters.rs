//! The harness's counts beside the servers' own, on real servers.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::servers::can;
use crate::support::{Ended, Place};

/// Every bus, in open load and in closed load.
const EVERY_BUS: &str = r#"
question = "Do harness and servers count alike?"
seed = 11
trials = 1
floors = false

[matrix]
bus = ["nats-core", "nats-jetstream", "mqtt3", "mqtt5", "redis-pubsub", "redis-streams"]
envelope = ["json"]
payload = ["5xInt16"]
qos = [0, 1, 2]
publish = ["pipelined", "edgex"]
publishers = [2]
subscribers = [2]

[load.open]
rate = [2000]

[load.closed]
window = [16]

[phases]
warmup = "200ms"
window = "600ms"
drain = "300ms"

[client]
ack_window = 16
"#;

fn run(place: &Place, provider: &str, more: &[&str]) -> Ended {
    Ended::of(place.measuring(provider, more).output().unwrap())
}

/// The details of a trial's reasons of one kind.
fn reasons<'a>(trial: &'a Value, kind: &str) -> Vec<&'a str> {
    let reasons = trial["reasons"].as_array().unwrap().iter();
    let reasons = reasons.filter(|reason| reason["kind"] == kind);
    reasons
        .map(|reason| reason["detail"].as_str().unwrap_or_default())
        .collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value}"))
}

/// Both sides have the same counts, to the message, with nothing to explain.
fn agrees(trial: &Value) {
    let cell = trial["cell"].as_str().unwrap();
    let checks = trial["count_checks"].as_array().unwrap();
    assert!(!checks.is_empty(), "{cell}");
    for check in checks {
        assert_eq!(check["harness"], check["server"], "{cell}: {check}");
        assert!(check["explanation"].is_null(), "{cell}: {check}");
        assert_eq!(check["agrees"], true, "{cell}: {check}");
    }
    for kind in ["counts-unexplained", "counters-unreadable"] {
        assert_eq!(reasons(trial, kind), [""; 0], "{cell}");
    }
    let published = number(&trial["counts"]["published"]);
    let counters = &trial["server_counters"];
    // The warm-up is a third of the window.
    if !cell.contains("qos2") {
        let received = number(&counters["messages_in"]);
        assert!(received > published, "{cell}: {received} of {published}");
    }
    assert!(number(&counters["bytes_in"]) > published * 100, "{cell}");
    let cost = &trial["server_cost"];
    assert_eq!(cost["network_out_bytes"], counters["bytes_out"], "{cell}");
}

#[test]
fn harness_and_servers_count_alike_to_the_message() {
    if !can("process") {
        return;
    }
    let place = Place::new();
    place.file("mine.toml", EVERY_BUS);
    // In closed load Mosquitto drops messages of QoS 1 and 2 for whom it has too many open: those
    // are compared, too, below.
    run(&place, "process", &["--only", "load=open"]).said(0, &[]);
    let trials = place.trials();
    // 4 buses, and 2 x 3 qualities of service, each with two ways to publish.
    assert_eq!(trials.len(), 20);
    for trial in &trials {
        assert_eq!(trial["counts"]["lost"], 0, "{trial}");
        agrees(trial);
    }
}

#[test]
fn what_mosquitto_drops_in_closed_load_is_what_is_lost() {
    if !can("process") {
        return;
    }
    let place = Place::new();
    place.file("mine.toml", EVERY_BUS);
    run(&place, "process", &["--only", "load=closed"]).said(0, &[]);
    for trial in &place.trials() {
        agrees(trial);
    }
}

#[test]
fn counters_of_containers_are_read_too() {
    if !can("container") {
        return;
    }
    for network in ["host", "published"] {
        let place = Place::new();
        place.file("mine.toml", EVERY_BUS);
        let only = "load=open,publish=pipelined";
        let arguments = [
            "run",
            "mine.toml",
            "--out",
            "out",
            "--set",
            "qos=0",
            "--only",
            only,
        ];
        let mut command = place.busbench(&[&arguments[..], &["--provider", "container"]].concat());
        command.env("BUSBENCH_CONTAINER_NETWORK", network);
        Ended::of(command.output().unwrap()).said(0, &[]);
        let trials = place.trials();
        assert_eq!(trials.len(), 6, "{network}");
        trials.iter().for_each(agrees);
    }
}

/// One subscriber that hangs, beside one that does not.
const STALLED: &str = r#"
question = "What becomes of a subscriber that stops reading?"
seed = 12
trials = 1
floors = false

[matrix]
bus = ["nats-core", "nats-jetstream", "mqtt3", "mqtt5", "redis-pubsub", "redis-streams"]
envelope = ["cbor"]
payload = ["1xBinary:16000"]
qos = [0, 1]

[load.open]
rate = [2500]

[phases]
warmup = "100ms"
window = "2s"
drain = "300ms"

[client]
stalled_subscribers = 1
"#;

/// What the loss of a trial with a hung subscriber is made of, checked in each case.
fn stalled(only: &str, set: &[&str]) -> Value {
    let place = Place::new();
    place.file("mine.toml", STALLED);
    run(&place, "process", &[&["--only", only], set].concat()).said(0, &[]);
    let trial = place.trials().remove(0);
    let counts = &trial["counts"];
    let published = number(&counts["published"]);
    assert_eq!(trial["outcome"], "lossy", "{trial}");
    assert_eq!(number(&counts["expected"]), 2 * published, "{trial}");
    let pairs = trial["pairs"].as_array().unwrap();
    assert_eq!(pairs.len(), 2);
    assert_eq!(pairs[1]["lost"], published, "{trial}");
    assert_eq!(pairs[1]["delivered"], 0, "{trial}");
    assert_eq!(reasons(&trial, "counts-unexplained"), [""; 0], "{trial}");
    let row = place.rows().remove(0);
    assert!(
        row["response_p99_ns"].is_null(),
        "loss takes the headline: {row}"
    );
    trial
}

/// The check whose name contains a text.
fn check<'a>(trial: &'a Value, what: &str) -> &'a Value {
    let mut checks = trial["count_checks"].as_array().unwrap().iter();
    let found = checks.find(|check| check["what"].as_str().unwrap().contains(what));
    found.unwrap_or_else(|| panic!("{what}: {}", trial["count_checks"]))
}

#[test]
fn nats_cuts_off_a_subscriber_that_does_not_read_and_says_so() {
    if !can("process") {
        return;
    }
    // 6 s of 40 MB/s are far more than the 64 MB that it holds back. (Beyond half of that it slows
    // publishers down, so the write's deadline of 10 s may come first.)
    let trial = stalled("bus=nats-core", &["--set", "duration=6s"]);
    assert_eq!(trial["server_counters"]["cut_off"], 1, "{trial}");
    let cut_off = reasons(&trial, "subscriber-cut-off");
    assert_eq!(cut_off, ["1 of 1 that were not read"], "{trial}");
    let routed = check(&trial, "sent by it to each subscriber (busbench");
    let explanation = routed["explanation"].as_str().unwrap();
    assert!(explanation.contains("Slow Consumer"), "{routed}");
    // It gave up when a write took 10 s, or with 64 MB queued: more than the sockets hold, and not
    // all that was published.
    let sent = number(&routed["server"]);
    assert!(sent > 1000 && sent < number(&routed["harness"]), "{routed}");
    let arrived = check(&trial, "and sent to them (busbench");
    assert_eq!(arrived["server"], routed["server"]);
    let explanation = arrived["explanation"].as_str().unwrap();
    assert!(explanation.contains("in the socket's buffers"), "{arrived}");
}

#[test]
fn redis_cuts_off_a_subscriber_that_does_not_read() {
    if !can("process") {
        return;
    }
    // 32 MB at most: `client-output-buffer-limit pubsub 32mb 8mb 60`.
    let trial = stalled("bus=redis-pubsub", &[]);
    assert_eq!(trial["server_counters"]["cut_off"], 1, "{trial}");
    let cut_off = check(&trial, "subscribers cut off");
    assert_eq!(
        (&cut_off["harness"], &cut_off["server"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        reasons(&trial, "subscriber-cut-off"),
        ["1 of 1 that were not read"]
    );
}

#[test]
fn mosquitto_drops_for_a_subscriber_that_does_not_read_and_counts_it() {
    if !can("process") {
        return;
    }
    for only in ["bus=mqtt3,qos=0", "bus=mqtt5,qos=1"] {
        let trial = stalled(only, &[]);
        let dropped = check(&trial, "dropped by the server");
        let lost = number(&trial["counts"]["lost"]);
        let server = number(&dropped["server"]);
        // 1000 messages are queued for it, and some more are in the sockets.
        assert!(server > 1000 && server < lost + 250, "{trial}");
        assert_eq!(dropped["harness"], dropped["server"], "{trial}");
        assert_eq!(reasons(&trial, "server-dropped"), [server.to_string()]);
        assert_eq!(reasons(&trial, "subscriber-cut-off"), [""; 0], "{trial}");
        let sent = check(&trial, "sent by the server");
        assert_eq!(sent["harness"], sent["server"], "{trial}");
    }
}

#[test]
fn a_bus_that_keeps_what_is_not_read_has_no_such_cell() {
    let place = Place::new();
    place.file("mine.toml", STALLED);
    let planned = place.run(&["run", "mine.toml", "--dry-run"]);
    let text = planned.said(0, &[]).stdout.clone() + &planned.stderr;
    assert!(
        text.contains("no subscriber can stop reading here"),
        "{text}"
    );
}

/// A server of somebody else, ended when it is dropped.
struct Theirs(Child);

impl Drop for Theirs {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Theirs {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.unwrap())
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// One trial on a server that runs already, whose counters cannot be read: it is measured, and
/// suspect, and has no counts in their place.
fn unreadable(only: &str, variables: &[(&str, &str)], why: &str) {
    let place = Place::new();
    place.file("mine.toml", EVERY_BUS);
    let only = format!("{only},load=open,publish=pipelined");
    let mut command = place.busbench(&[
        "run",
        "mine.toml",
        "--out",
        "out",
        "--provider",
        "external",
        "--set",
        "qos=0",
        "--only",
        &only,
    ]);
    command.envs(variables.iter().copied());
    let begun = Instant::now();
    let mut ended = Ended::of(command.output().unwrap());
    while ended.code == Some(3) && begun.elapsed().as_secs() < 20 {
        // It is not up yet.
        std::thread::sleep(Duration::from_millis(50));
        ended = Ended::of(command.output().unwrap());
    }
    ended.said(0, &[]);
    let trial = place.trials().remove(0);
    let details = reasons(&trial, "counters-unreadable");
    assert!(details.len() == 1 && details[0].contains(why), "{trial}");
    assert_eq!(trial["verdict"], "suspect", "{trial}");
    assert_eq!(trial["outcome"], "delivered", "{trial}");
    assert!(trial["server_counters"].is_null(), "{trial}");
    assert_eq!(trial["count_checks"].as_array().unwrap().len(), 0);
}

#[test]
fn counters_that_cannot_be_read_make_a_trial_suspect_and_are_no_zeros() {
    if !can("process") {
        return;
    }
    let port = free_port();
    let listen = port.to_string();
    let nats = Theirs::start("nats-server", &["-a", "127.0.0.1", "-p", &listen]);
    let url = format!("nats://127.0.0.1:{port}");
    let variables = [("BUSBENCH_NATS_URL", url.as_str())];
    unreadable("bus=nats-core", &variables, "BUSBENCH_NATS_MONITOR_URL");
    // Somebody else has the port of the monitoring.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let monitor = format!("http://{}", taken.local_addr().unwrap());
    let variables = [
        ("BUSBENCH_NATS_URL", url.as_str()),
        ("BUSBENCH_NATS_MONITOR_URL", &monitor),
    ];
    unreadable("bus=nats-core", &variables, "within 2s");
    drop(nats);

    let place = Place::new();
    let text = format!("listener {port} 127.0.0.1\nallow_anonymous true\nsys_interval 0\n");
    let file = place.file("mosquitto.conf", &text);
    let mosquitto = Theirs::start("mosquitto", &["-c", file.to_str().unwrap()]);
    let url = format!("mqtt://127.0.0.1:{port}");
    let variables = [("BUSBENCH_MOSQUITTO_URL", url.as_str())];
    unreadable("bus=mqtt3", &variables, "sys_interval");
    drop(mosquitto);

    let arguments = [
        "--port",
        &listen,
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--user",
    ];
    let rules = ["bench", "on", ">sesame", "~*", "&*", "+@all", "-info"];
    let redis = Theirs::start("redis-server", &[&arguments[..], &rules].concat());
    let url = format!("redis://bench:sesame@127.0.0.1:{port}");
    let variables = [("BUSBENCH_REDIS_URL", url.as_str())];
    unreadable("bus=redis-pubsub", &variables, "NOPERM");
    drop(redis);
}

/// What a Redis server answers at once to commands, each a line.
fn redis_says(port: u16, commands: &str) -> String {
    let Ok(mut socket) = TcpStream::connect(("127.0.0.1", port)) else {
        return String::new();
    };
    socket.write_all(commands.as_bytes()).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    let mut said = Vec::new();
    // Ends with the timeout: the connection stays open.
    let _ = socket.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

/// One trial on a Redis server of somebody else, to which something happens when messages flow.
fn disturbed(happens: impl FnOnce(u16, &mut Option<Theirs>)) -> Value {
    let port = free_port();
    let listen = port.to_string();
    let arguments = ["--port", &listen, "--bind", "127.0.0.1", "--save", ""];
    let mut server = Some(Theirs::start("redis-server", &arguments));
    let begun = Instant::now();
    let until = |text: &str, commands: &str| {
        while !redis_says(port, commands).contains(text) {
            assert!(begun.elapsed() < Duration::from_secs(30), "{text}");
        }
    };
    until("PONG", "PING\r\n");
    let place = Place::new();
    place.file("mine.toml", EVERY_BUS);
    let mut command = place.busbench(&[
        "run",
        "mine.toml",
        "--out",
        "out",
        "--provider",
        "external",
        "--only",
        "bus=redis-pubsub,load=open,publish=pipelined",
        "--set",
        "duration=3s",
    ]);
    command.env("BUSBENCH_REDIS_URL", format!("redis://127.0.0.1:{port}"));
    let running = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("cmdstat_publish", "INFO commandstats\r\n");
    happens(port, &mut server);
    let ended = Ended::of(running.wait_with_output().unwrap());
    assert!(matches!(ended.code, Some(0 | 4)), "{ended:?}");
    place.trials().remove(0)
}

#[test]
fn messages_of_somebody_else_are_a_difference_that_nothing_explains() {
    if !can("process") {
        return;
    }
    let trial = disturbed(|port, _| {
        redis_says(port, &"PUBLISH elsewhere x\r\n".repeat(5));
    });
    let published = check(&trial, "published");
    let (ours, servers) = (number(&published["harness"]), number(&published["server"]));
    assert_eq!(servers, ours + 5, "{trial}");
    assert_eq!(published["agrees"], false);
    assert_eq!(trial["verdict"], "suspect", "{trial}");
    assert_eq!(reasons(&trial, "counts-unexplained").len(), 1, "{trial}");
}

#[test]
fn a_server_that_was_started_anew_makes_its_trial_invalid() {
    if !can("process") {
        return;
    }
    let trial = disturbed(|port, server| {
        // The first ends before the second takes its port.
        *server = None;
        let listen = port.to_string();
        let arguments = ["--port", &listen, "--bind", "127.0.0.1", "--save", ""];
        *server = Some(Theirs::start("redis-server", &arguments));
    });
    let how = reasons(&trial, "server-restarted");
    assert!(how.len() == 1 && how[0].contains("instead of"), "{trial}");
    assert_eq!(trial["verdict"], "invalid", "{trial}");
    assert_eq!(trial["outcome"], "failed", "{trial}");
    assert!(trial["server_counters"]["messages_in"].is_null(), "{trial}");
}
