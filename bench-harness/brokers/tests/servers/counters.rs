//! What servers count, read from real ones; the load itself is tested where the harness has one.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use busbench_brokers::{
    CounterSource, CountersError, Environment, Pending, ProviderChoice, ServerAddress, ServerKind,
    Servers, Settings,
};

use crate::support::{choose_in, has_engine, label, soon};

async fn nothing_happened(servers: &Servers, kind: ServerKind) -> anyhow::Result<()> {
    let server = servers.start(kind, &Settings::default()).await?;
    let source = server.counter_source();
    let begun = source.begin().await?;
    let pending = source.pending().await?;
    let (counters, _) = source.end(&begun).await?;
    assert_eq!(counters.restarted, None, "{kind}");
    assert!(counters.bytes_in.is_some(), "{kind}: {counters:?}");
    match kind {
        ServerKind::Mosquitto => {
            assert_eq!(pending, Pending::default());
            let counts = (counters.messages_in, counters.messages_out);
            assert_eq!(counts, (Some(0), Some(0)), "but for our own reading");
            assert_eq!(counters.dropped, Some(0));
        }
        ServerKind::Redis => {
            assert_eq!((pending.bytes, pending.subscribers), (Some(0), Some(0)));
            assert_eq!(counters.messages_in, Some(0));
            assert_eq!(counters.messages_out, None, "it does not count them");
        }
        ServerKind::Nats | ServerKind::NatsJetstream => {
            assert_eq!(pending.bytes, Some(0));
            assert_eq!(counters.cut_off, Some(0));
            assert_eq!(counters.messages_in, None, "told for each connection");
            assert_eq!(counters.stored, None, "there is no stream of ours");
        }
    }
    server.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_fresh_process_has_counted_nothing() -> anyhow::Result<()> {
    let run = label("counters");
    let servers = Servers::choose(ProviderChoice::Process, &ServerKind::ALL, &run).await?;
    for kind in ServerKind::ALL {
        nothing_happened(&servers, kind).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_fresh_container_has_counted_nothing_on_either_network() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    for network in ["host", "published"] {
        let run = label("counters");
        let environment =
            Environment::of_this_program().with("BUSBENCH_CONTAINER_NETWORK", network);
        let choice = ProviderChoice::Container;
        let servers = Servers::choose_in(&environment, choice, &ServerKind::ALL, &run).await?;
        for kind in ServerKind::ALL {
            nothing_happened(&servers, kind).await?;
        }
    }
    Ok(())
}

/// A server of somebody else, ended when it is dropped.
struct Theirs(Child);

impl Drop for Theirs {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn theirs(program: &str, arguments: &[&str]) -> Theirs {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    Theirs(child.unwrap())
}

fn mosquitto(folder: &Path, port: u16, lines: &str) -> Theirs {
    let file = folder.join("mosquitto.conf");
    let text = format!("listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n{lines}\n");
    std::fs::write(&file, text).unwrap();
    theirs("mosquitto", &["-c", &file.display().to_string()])
}

/// The source of a server that runs already, once it answers.
async fn source(environment: &Environment, kind: ServerKind) -> CounterSource {
    let mut found = None;
    soon("the server's answer", async || {
        let run = label("theirs");
        if let Ok(servers) = choose_in(environment, ProviderChoice::External, kind, &run).await {
            let server = servers.start(kind, &Settings::default()).await;
            found = server.ok().map(|server| server.counter_source().clone());
        }
        found.is_some()
    })
    .await;
    found.unwrap()
}

/// Why its counters cannot be read.
async fn why_not(environment: &Environment, kind: ServerKind) -> String {
    let error = source(environment, kind).await.begin().await.unwrap_err();
    error.to_string()
}

#[tokio::test]
async fn a_nats_server_whose_monitoring_nobody_named_is_unreadable() {
    let port = free_port();
    let _server = theirs("nats-server", &["-a", "127.0.0.1", "-p", &port.to_string()]);
    let url = format!("nats://127.0.0.1:{port}");
    let environment = Environment::default().with("BUSBENCH_NATS_URL", &url);
    assert_eq!(
        why_not(&environment, ServerKind::Nats).await,
        "no monitoring address of NATS: set BUSBENCH_NATS_MONITOR_URL"
    );
    // The port of the clients is not that of the monitoring: it speaks first, and no HTTP.
    let wrong = environment.with(
        "BUSBENCH_NATS_MONITOR_URL",
        &format!("http://127.0.0.1:{port}"),
    );
    let reason = why_not(&wrong, ServerKind::Nats).await;
    let expected = format!("cannot read /varz of 127.0.0.1:{port}: it does not speak HTTP");
    assert_eq!(reason, expected);
    let nobody = free_port();
    let url = format!("http://127.0.0.1:{nobody}");
    let nobodys = wrong.with("BUSBENCH_NATS_MONITOR_URL", &url);
    let reason = why_not(&nobodys, ServerKind::Nats).await;
    assert!(reason.contains("Connection refused"), "{reason}");
}

#[tokio::test]
async fn monitoring_that_does_not_answer_is_given_up() {
    let port = free_port();
    let _server = theirs("nats-server", &["-a", "127.0.0.1", "-p", &port.to_string()]);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let monitor = format!("http://{}", silent.local_addr().unwrap());
    let environment = Environment::default()
        .with("BUSBENCH_NATS_URL", &format!("nats://127.0.0.1:{port}"))
        .with("BUSBENCH_NATS_MONITOR_URL", &monitor);
    let source = source(&environment, ServerKind::Nats).await;
    let error = source.begin().await.unwrap_err();
    assert!(matches!(error, CountersError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn a_redis_login_that_may_not_ask_is_unreadable() {
    let port = free_port();
    let user = "+@all -info -config";
    let mut arguments = vec!["--port", "", "--bind", "127.0.0.1", "--save", "", "--user"];
    let port_text = port.to_string();
    arguments[1] = &port_text;
    let mut rules = vec!["bench", "on", ">sesame", "~*", "&*"];
    rules.extend(user.split(' '));
    arguments.extend(rules);
    let _server = theirs("redis-server", &arguments);
    let url = format!("redis://bench:sesame@127.0.0.1:{port}");
    let environment = Environment::default().with("BUSBENCH_REDIS_URL", &url);
    let reason = why_not(&environment, ServerKind::Redis).await;
    let expected = format!("cannot read INFO server of 127.0.0.1:{port}: NOPERM");
    assert!(reason.starts_with(&expected), "{reason}");
    assert!(!reason.contains("sesame"), "{reason}");
}

#[tokio::test]
async fn a_mosquitto_without_sys_is_unreadable() {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let _server = mosquitto(folder.path(), port, "sys_interval 0");
    let url = format!("mqtt://127.0.0.1:{port}");
    let environment = Environment::default().with("BUSBENCH_MOSQUITTO_URL", &url);
    let reason = why_not(&environment, ServerKind::Mosquitto).await;
    let expected =
        format!("127.0.0.1:{port} did not tell its counters within 4s; is its `sys_interval` 1?");
    assert_eq!(reason, expected);
}

#[tokio::test]
async fn readings_of_a_running_mosquitto_do_not_count_themselves() {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let _server = mosquitto(folder.path(), port, "sys_interval 1");
    let url = format!("mqtt://127.0.0.1:{port}");
    let environment = Environment::default().with("BUSBENCH_MOSQUITTO_URL", &url);
    let source = source(&environment, ServerKind::Mosquitto).await;
    for _ in 0..3 {
        let begun = source.begin().await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let (counters, _) = source.end(&begun).await.unwrap();
        let counts = (counters.messages_in, counters.messages_out);
        assert_eq!(counts, (Some(0), Some(0)), "{counters:?}");
        assert_eq!(counters.payload_bytes_in, Some(0), "{counters:?}");
    }
}

/// Publishes `count` messages of 5 bytes with QoS 0, as MQTT 3.1.1 writes them, and leaves.
fn publish(address: &ServerAddress, count: usize) {
    let mut stream = TcpStream::connect((address.host.as_str(), address.port)).unwrap();
    stream
        .write_all(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a")
        .unwrap();
    let mut taken = [0; 4];
    stream.read_exact(&mut taken).unwrap();
    assert_eq!(taken, [0x20, 2, 0, 0], "the server takes the connection");
    stream
        .write_all(&b"\x30\x08\x00\x01thello".repeat(count))
        .unwrap();
    stream.write_all(&[0xe0, 0]).unwrap();
    // The server closes the connection when it has read all of it.
    assert_eq!(stream.read(&mut taken).unwrap(), 0);
}

#[tokio::test]
async fn a_trial_begins_with_what_the_one_before_it_was_told() -> anyhow::Result<()> {
    let run = label("carried");
    let servers = Servers::choose(ProviderChoice::Process, &[ServerKind::Mosquitto], &run).await?;
    let server = servers
        .start(ServerKind::Mosquitto, &Settings::default())
        .await?;
    let mut source = server.counter_source().clone();
    for messages in [300, 0, 70] {
        let asked = Instant::now();
        let begun = source.begin().await?;
        assert!(asked.elapsed() < Duration::from_millis(100), "nobody waits");
        publish(server.address(), messages);
        let (counters, last) = source.end(&begun).await?;
        assert_eq!(counters.restarted, None);
        assert_eq!(counters.messages_in, Some(messages as u64), "{counters:?}");
        assert_eq!(counters.messages_out, Some(0), "{counters:?}");
        assert_eq!(counters.payload_bytes_in, Some(5 * messages as u64));
        assert_eq!(counters.dropped, Some(0), "{counters:?}");
        source = server.counter_source().for_next_trial(last);
    }
    // A trial that was given up leaves no reading, so the next one asks.
    source = server.counter_source().for_next_trial(None);
    publish(server.address(), 9);
    let begun = source.begin().await?;
    publish(server.address(), 4);
    let (counters, _) = source.end(&begun).await?;
    assert_eq!(counters.messages_in, Some(4), "{counters:?}");
    server.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_server_that_was_started_anew_is_told() {
    let (port, monitor) = (free_port(), free_port());
    let (port_text, monitor_text) = (port.to_string(), monitor.to_string());
    let environment = Environment::default()
        .with("BUSBENCH_NATS_URL", &format!("nats://127.0.0.1:{port}"))
        .with(
            "BUSBENCH_NATS_MONITOR_URL",
            &format!("http://127.0.0.1:{monitor}"),
        )
        .with("BUSBENCH_REDIS_URL", &format!("redis://127.0.0.1:{port}"));
    let nats = ["-a", "127.0.0.1", "-p", &port_text, "-m", &monitor_text];
    let redis = ["--port", &port_text, "--bind", "127.0.0.1", "--save", ""];
    for (kind, program, arguments) in [
        (ServerKind::Nats, "nats-server", nats),
        (ServerKind::Redis, "redis-server", redis),
    ] {
        let first = theirs(program, &arguments);
        let begun = source(&environment, kind).await.begin().await.unwrap();
        drop(first);
        let _second = theirs(program, &arguments);
        let (counters, _) = source(&environment, kind).await.end(&begun).await.unwrap();
        let how = counters.restarted.unwrap();
        assert!(how.contains(" instead of "), "{how}");
        assert_eq!(counters.bytes_in, None, "nothing is told of another server");
    }
}
