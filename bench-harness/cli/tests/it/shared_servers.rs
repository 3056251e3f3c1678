//! `servers = "round"`: one server for all trials of a bus within a round.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::running::{Running, containers, run_name, send_signal, server_processes};
use crate::servers::can;
use crate::support::{Ended, Place};

/// Cells of every bus that differ in what they leave behind: layout, size, load and clients.
const ROUNDS: &str = r#"
question = "Does a trial meet what another one left?"
seed = 5
trials = 2
floors = false
servers = "round"

[matrix]
bus = ["nats-core", "nats-jetstream", "mqtt3", "mqtt5", "redis-pubsub", "redis-streams"]
envelope = ["json", "cbor"]
payload = ["1xInt32", "1xBinary:20000"]
publishers = [2]
subscribers = [2]

[load.open]
rate = [400]

[load.closed]
window = [16]

[phases]
warmup = "100ms"
window = "400ms"
drain = "300ms"
"#;

/// The trials of the run in `out`, by the order in which they began.
fn trials(place: &Place) -> Vec<Value> {
    let mut trials = place.trials();
    trials.sort_by_key(|trial| trial["started_unix_ms"].as_u64());
    trials
}

fn bus(trial: &Value) -> String {
    let cell = trial["cell"].as_str().unwrap();
    let end = cell.find("-json").or_else(|| cell.find("-cbor")).unwrap();
    cell[..end].to_owned()
}

/// Nothing of another trial came, nothing was lost, and the servers counted the same.
fn is_undisturbed(trial: &Value) {
    assert_ne!(trial["verdict"], "invalid", "{trial}");
    for count in ["lost", "duplicated", "reordered", "corrupt", "foreign"] {
        assert_eq!(trial["counts"][count], 0, "{count}: {trial}");
    }
    let checks = trial["count_checks"].as_array().unwrap();
    assert!(!checks.is_empty(), "{trial}");
    for check in checks {
        assert_eq!(check["harness"], check["server"], "{}", trial["cell"]);
    }
    let kinds = trial["reasons"].as_array().unwrap().iter();
    for kind in kinds.map(|reason| &reason["kind"]) {
        assert_ne!(kind, "counters-unreadable", "{trial}");
        assert_ne!(kind, "foreign-messages", "{trial}");
    }
}

/// A program that takes a server's place, notes its start in a file, and becomes the server.
fn noting(place: &Place, server: &str) -> (PathBuf, PathBuf) {
    let notes = place.path().join(format!("{server}.starts"));
    let found = std::env::var("PATH").unwrap();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&found).collect();
    folders.extend(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let mut programs = folders.iter().map(|folder| folder.join(server));
    let program = programs.find(|program| program.is_file()).unwrap();
    // Asked for its version it does not serve.
    let text = format!(
        "#!/bin/sh\ncase \"$*\" in -h|*-v*) ;; *) echo started >> {} ;; esac\nexec {} \"$@\"\n",
        notes.display(),
        program.display()
    );
    let script = place.file(&format!("{server}.sh"), &text);
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    (script, notes)
}

fn starts(notes: &Path) -> usize {
    fs::read_to_string(notes)
        .unwrap_or_default()
        .lines()
        .count()
}

#[test]
fn trials_that_share_a_server_do_not_meet_each_other() {
    if !can("process") {
        return;
    }
    let place = Place::new();
    place.file("mine.toml", ROUNDS);
    let mut command = place.measuring("process", &[]);
    let servers = [
        ("nats-server", "BUSBENCH_BIN_NATS"),
        ("mosquitto", "BUSBENCH_BIN_MOSQUITTO"),
        ("redis-server", "BUSBENCH_BIN_REDIS"),
    ];
    let notes = servers.map(|(server, variable)| {
        let (script, notes) = noting(&place, server);
        command.env(variable, script);
        notes
    });
    Ended::of(command.output().unwrap()).said(0, &[]);
    // Two buses of each server, two rounds.
    assert_eq!(notes.map(|notes| starts(&notes)), [4, 4, 4]);

    let trials = trials(&place);
    assert_eq!(trials.len(), 96);
    trials.iter().for_each(is_undisturbed);
    for round in trials.chunks(48) {
        let numbers = round.iter().map(|trial| trial["number"].as_u64().unwrap());
        assert_eq!(numbers.clone().min(), numbers.max(), "a round at a time");
        for group in round.chunks(8) {
            assert!(group.iter().all(|trial| bus(trial) == bus(&group[0])));
        }
    }
    for row in place.rows() {
        assert_eq!(row["servers"], "round", "{row}");
        assert!(row["server_rss_peak_bytes"].as_u64() > Some(0), "{row}");
    }
    let record = fs::read_to_string(place.path().join("out/result.json")).unwrap();
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["scenario"]["servers"], "round");
    assert_eq!(server_processes(&run_name(&place)), [0_u32; 0]);
}

/// A server of this test, ended when it is dropped.
struct Own(Child);

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts a server and waits until it listens on `port`.
fn own(program: &str, arguments: &[&str], port: u16) -> Own {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let own = Own(child.unwrap());
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed().as_secs() < 10, "{program} does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    own
}

/// What a server answers to some bytes, until it has nothing more to say.
fn answer(port: u16, question: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    stream.write_all(question.as_bytes()).unwrap();
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8(text).unwrap()
}

#[test]
fn a_server_is_empty_after_trials_have_shared_it() {
    if !can("process") {
        return;
    }
    let place = Place::new();
    place.file("mine.toml", ROUNDS);
    let [redis, nats, monitor] = [free_port(), free_port(), free_port()];
    let [redis_text, nats_text, monitor_text] = [redis, nats, monitor].map(|port| port.to_string());
    let arguments = ["--bind", "127.0.0.1", "--save", "", "--port", &redis_text];
    let _redis = own("redis-server", &arguments, redis);
    let store = place.path().join("store").display().to_string();
    let arguments = [
        "-a",
        "127.0.0.1",
        "-p",
        &nats_text,
        "-m",
        &monitor_text,
        "-js",
        "-sd",
        &store,
    ];
    let _nats = own("nats-server", &arguments, monitor);
    let only = "bus=nats-jetstream,bus=redis-streams,bus=redis-pubsub,envelope=json";
    let mut command = place.measuring("external", &["--only", only]);
    command
        .env("BUSBENCH_REDIS_URL", format!("redis://127.0.0.1:{redis}"))
        .env("BUSBENCH_NATS_URL", format!("nats://127.0.0.1:{nats}"))
        .env(
            "BUSBENCH_NATS_MONITOR_URL",
            format!("http://127.0.0.1:{monitor}"),
        );
    Ended::of(command.output().unwrap()).said(0, &[]);
    let trials = trials(&place);
    assert_eq!(trials.len(), 24);
    trials.iter().for_each(is_undisturbed);

    assert_eq!(answer(redis, "DBSIZE\r\n"), ":0\r\n");
    let clients = answer(redis, "CLIENT LIST\r\n");
    assert_eq!(
        clients.matches(" addr=").count(),
        1,
        "this test's own: {clients}"
    );
    let state = answer(monitor, "GET /jsz HTTP/1.0\r\n\r\n");
    for empty in ["\"streams\": 0", "\"consumers\": 0", "\"messages\": 0"] {
        assert!(state.contains(empty), "{empty}: {state}");
    }
    let state = answer(monitor, "GET /connz HTTP/1.0\r\n\r\n");
    assert!(state.contains("\"num_connections\": 0"), "{state}");
}

#[test]
fn a_server_that_dies_takes_one_trial_with_it_and_the_next_has_a_new_one() {
    if !can("process") {
        return;
    }
    let place = Place::new();
    let text = ROUNDS.replace("trials = 2", "trials = 1");
    place.file("mine.toml", &text.replace("\"400ms\"", "\"2s\""));
    let only = ["--out", "out", "--only", "bus=mqtt3,envelope=json"];
    let mut run = Running::start(&place, "process", &only);
    run.wait_for("trial-finished");
    run.wait_for("trial-started");
    std::thread::sleep(Duration::from_secs(1));
    let servers = server_processes(&run_name(&place));
    assert_eq!(servers.len(), 1, "the one that the first trial has left");
    send_signal(servers[0], "KILL");
    run.wait_for("trial-finished");
    run.ends(0);
    let trials = trials(&place);
    assert_eq!(trials.len(), 4);
    assert_eq!(trials[1]["outcome"], "failed", "{}", trials[1]);
    let died = trials[1]["reasons"].as_array().unwrap().iter();
    let died = died.filter(|reason| reason["kind"] == "server-died");
    assert_eq!(died.count(), 1, "{}", trials[1]);
    for place in [0, 2, 3] {
        is_undisturbed(&trials[place]);
    }
    assert_eq!(server_processes(&run_name(&place)), [0_u32; 0]);
}

#[test]
fn ctrl_c_between_trials_that_share_a_server_leaves_none_and_resume_has_another() {
    for provider in ["process", "container"] {
        if !can(provider) {
            continue;
        }
        let place = Place::new();
        place.file("mine.toml", ROUNDS);
        let only = ["--out", "out", "--only", "bus=redis-streams,envelope=json"];
        let mut run = Running::start(&place, provider, &only);
        run.wait_for("trial-finished");
        run.signal("INT");
        run.ends(130);
        let kept = trials(&place).len();
        assert!((1..8).contains(&kept), "{kept}");
        assert_eq!(server_processes(&run_name(&place)), [0_u32; 0]);
        let again = ["run", "mine.toml", "--resume", "out", "--quiet"];
        let again = [&again[..], &["--provider", provider], &only[2..]].concat();
        place.run(&again).said(0, &[]);
        let trials = trials(&place);
        assert_eq!(trials.len(), 8);
        trials.iter().for_each(is_undisturbed);
        if provider == "container" {
            assert!(!containers().contains(&run_name(&place)));
        }
    }
}
