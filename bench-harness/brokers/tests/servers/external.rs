//! Servers that somebody else runs.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use busbench_brokers::{Environment, Provider, ProviderChoice, ServerKind, Servers, Settings};

use crate::support::{choose, choose_in, label, soon};

const EXTERNAL: ProviderChoice = ProviderChoice::External;

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// A server that the test itself runs; ended with the test.
struct Guarded {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Guarded {
    /// `file` is the configuration; `FOLDER` and `PORT` in it are replaced.
    fn spawn(binary: &str, option: &[&str], file: &str, prepare: &[&[&str]]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let path = folder.path().to_str().unwrap();
        let filled = |text: &str| {
            text.replace("FOLDER", path)
                .replace("PORT", &port.to_string())
        };
        for command in prepare {
            let command: Vec<String> = command.iter().map(|word| filled(word)).collect();
            let status = Command::new(&command[0])
                .args(&command[1..])
                .status()
                .unwrap();
            assert!(status.success());
        }
        let configuration = folder.path().join("server.conf");
        std::fs::write(&configuration, filled(file)).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let child = Command::new(binary)
            .env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin"))
            .args(option)
            .arg(configuration)
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            port,
            _folder: folder,
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_running_server_is_used_and_left_running() -> anyhow::Result<()> {
    for (kind, variable, scheme) in [
        (ServerKind::Nats, "BUSBENCH_NATS_URL", "nats"),
        (ServerKind::NatsJetstream, "BUSBENCH_NATS_URL", "nats"),
        (ServerKind::Mosquitto, "BUSBENCH_MOSQUITTO_URL", "mqtt"),
        (ServerKind::Redis, "BUSBENCH_REDIS_URL", "redis"),
    ] {
        let run = label("running");
        let started = choose(ProviderChoice::Process, kind, &run)
            .await?
            .start(kind, &Settings::default())
            .await?;
        let url = format!("{scheme}://{}", started.address());
        let environment = Environment::default().with(variable, &url);
        let servers = choose_in(&environment, EXTERNAL, kind, &run).await?;
        assert_eq!(servers.provider(), Provider::External);
        assert_eq!(servers.reason(), format!("asked for: {url}"));
        let mut server = servers.start(kind, &Settings::default()).await?;
        assert_eq!(server.address(), started.address());
        assert_eq!(server.info().version, started.info().version);
        assert_eq!(server.info().network_path, "loopback");
        assert_eq!(server.process_ids(), &[] as &[u32]);
        assert!(server.is_alive().await);
        server.stop().await?;
        let mut again = servers.start(kind, &Settings::default()).await?;
        started.stop().await?;
        assert!(!again.is_alive().await);
    }
    Ok(())
}

#[tokio::test]
async fn an_address_where_nothing_listens_is_named_at_once() -> anyhow::Result<()> {
    for (kind, variable, scheme) in [
        (ServerKind::Nats, "BUSBENCH_NATS_URL", "nats"),
        (ServerKind::Mosquitto, "BUSBENCH_MOSQUITTO_URL", "mqtt"),
        (ServerKind::Redis, "BUSBENCH_REDIS_URL", "redis"),
    ] {
        let url = format!("{scheme}://127.0.0.1:{}", free_port());
        let environment = Environment::default().with(variable, &url);
        let begun = Instant::now();
        let error = choose_in(&environment, EXTERNAL, kind, &label("nobody"))
            .await
            .unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(5));
        let error = error.to_string();
        assert!(
            error.starts_with(&format!("{kind} at {url} does not answer: ")),
            "{error}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_server_of_another_protocol_is_told_apart() -> anyhow::Result<()> {
    let run = label("foreign");
    let start = async |kind| {
        let servers = choose(ProviderChoice::Process, kind, &run).await?;
        anyhow::Ok(servers.start(kind, &Settings::default()).await?)
    };
    let nats = start(ServerKind::Nats).await?;
    let redis = start(ServerKind::Redis).await?;
    let check = async |kind, variable, url: String, expected: &str| {
        let environment = Environment::default().with(variable, &url);
        let error = choose_in(&environment, EXTERNAL, kind, &run)
            .await
            .unwrap_err()
            .to_string();
        let expected = format!("{kind} at {url} does not answer: {expected}");
        assert!(error.starts_with(&expected), "{error}");
    };
    check(
        ServerKind::Redis,
        "BUSBENCH_REDIS_URL",
        format!("redis://{}", nats.address()),
        "it does not speak Redis's protocol: it said `INFO {",
    )
    .await;
    check(
        ServerKind::Mosquitto,
        "BUSBENCH_MOSQUITTO_URL",
        format!("mqtt://{}", nats.address()),
        "it does not speak MQTT: it said `I`",
    )
    .await;
    // Redis waits for more of what it takes for a command.
    check(
        ServerKind::Nats,
        "BUSBENCH_NATS_URL",
        format!("nats://{}", redis.address()),
        "it did not finish the handshake within 3s",
    )
    .await;
    nats.stop().await?;
    redis.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_nats_server_without_jetstream_is_refused_as_one() -> anyhow::Result<()> {
    let run = label("no-jetstream");
    let nats = choose(ProviderChoice::Process, ServerKind::Nats, &run)
        .await?
        .start(ServerKind::Nats, &Settings::default())
        .await?;
    let url = format!("nats://{}", nats.address());
    let environment = Environment::default().with("BUSBENCH_NATS_URL", &url);
    let kind = ServerKind::NatsJetstream;
    let error = choose_in(&environment, EXTERNAL, kind, &run)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "nats-jetstream at {url} does not answer: it refused: JetStream does not answer: it is \
             off, or not up yet"
        )
    );
    nats.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_login_is_used_from_everywhere_and_shown_nowhere() -> anyhow::Result<()> {
    let guarded = [
        (
            ServerKind::Nats,
            "NATS",
            "nats",
            Guarded::spawn(
                "nats-server",
                &["-c"],
                "host: 127.0.0.1\nport: PORT\nauthorization { user: me, password: sesame }\n",
                &[],
            ),
        ),
        (
            ServerKind::Mosquitto,
            "MOSQUITTO",
            "mqtt",
            Guarded::spawn(
                "mosquitto",
                &["-c"],
                "listener PORT 127.0.0.1\nuser root\npassword_file FOLDER/passwords\n",
                &[&[
                    "mosquitto_passwd",
                    "-c",
                    "-b",
                    "FOLDER/passwords",
                    "me",
                    "sesame",
                ]],
            ),
        ),
        (
            ServerKind::Redis,
            "REDIS",
            "redis",
            Guarded::spawn(
                "redis-server",
                &[],
                "bind 127.0.0.1\nport PORT\nsave \"\"\nuser default off\n\
                 user me on >sesame ~* &* +@all\n",
                &[],
            ),
        ),
    ];
    for (kind, name, scheme, server) in &guarded {
        let variable = |what: &str| format!("BUSBENCH_{name}_{what}");
        let (kind, port) = (*kind, server.port);
        let run = label("login");
        let url = format!("{scheme}://127.0.0.1:{port}");
        let beside = Environment::default()
            .with(&variable("URL"), &url)
            .with(&variable("USER"), "me")
            .with(&variable("PASSWORD"), "sesame");
        soon("the guarded server's start", async || {
            choose_in(&beside, EXTERNAL, kind, &run).await.is_ok()
        })
        .await;
        let inside = Environment::default().with(
            &variable("URL"),
            &format!("{scheme}://me:sesame@127.0.0.1:{port}"),
        );
        let file = tempfile::NamedTempFile::new()?;
        let table = name.to_lowercase();
        let text = format!("[{table}]\nurl = \"{url}\"\nuser = \"me\"\npassword = \"sesame\"\n");
        std::fs::write(file.path(), text)?;
        let file = file.path().to_str().unwrap();
        let in_file = Environment::default().with("BUSBENCH_SERVERS", file);
        for environment in [&beside, &inside, &in_file] {
            let servers = choose_in(environment, EXTERNAL, kind, &run).await?;
            let server = servers.start(kind, &Settings::default()).await?;
            let login = ("me".to_owned(), "sesame".to_owned());
            assert_eq!(server.address().login.as_ref(), Some(&login));
            let shown =
                format!("{server:?} {servers:?} {}", servers.reason()).replace("login: Some", "");
            assert!(!shown.contains("sesame"), "{shown}");
        }
        let wrong = beside.clone().with(&variable("PASSWORD"), "open");
        let error = choose_in(&wrong, EXTERNAL, kind, &run)
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with(&format!("{kind} at {url} does not answer: it refused")),
            "{error}"
        );
        assert!(!error.contains("open"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_server_without_an_address_is_refused_before_anything_runs() {
    let run = label("no-address");
    let environment = Environment::default().with("BUSBENCH_NATS_URL", "nats://127.0.0.1");
    let kinds = [ServerKind::Redis];
    let error = Servers::choose_in(&environment, EXTERNAL, &kinds, &run)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no address of redis: set BUSBENCH_REDIS_URL, or name a file with BUSBENCH_SERVERS"
    );
}
