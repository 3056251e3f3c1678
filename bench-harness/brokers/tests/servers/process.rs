//! Servers as processes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use busbench_brokers::{
    CpuSource, Environment, Provider, ProviderChoice, ServerKind, Servers, Settings, Tuning,
    thread_cpus,
};

use crate::support::{choose, choose_in, folders, label, runs};

/// A program that a test wrote.
pub(crate) fn script(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("server");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

pub(crate) fn with_binary(variable: &str, path: &Path) -> Environment {
    Environment::of_this_program().with(variable, path.to_str().unwrap())
}

#[tokio::test]
async fn every_server_starts_says_what_it_is_and_leaves_nothing() -> anyhow::Result<()> {
    let run = label("all");
    let servers = Servers::choose(ProviderChoice::Process, &ServerKind::ALL, &run).await?;
    assert_eq!(servers.provider(), Provider::Process);
    for kind in ServerKind::ALL {
        let mut server = servers.start(kind, &Settings::default()).await?;
        let info = server.info().clone();
        assert_eq!((info.kind, info.provider), (kind, Provider::Process));
        assert!(
            info.version
                .starts_with(|first: char| first.is_ascii_digit()),
            "{info:?}"
        );
        assert_eq!(info.network_path, "loopback");
        assert!(Path::new(&info.binary.unwrap()).is_file());
        assert_eq!(info.binary_sha256.unwrap().len(), 64);
        let port = server.address().port;
        assert!(
            info.configuration.contains(&port.to_string()),
            "{}",
            info.configuration
        );
        assert!(server.is_alive().await);
        let processes = server.process_ids().to_vec();
        let reader = server.cost_reader();
        let cost = reader.read().unwrap().since(&reader.read().unwrap());
        assert!(cost.rss_peak_bytes > 0);
        assert_eq!(cost.cpu_source, CpuSource::Proc);
        server.stop().await?;
        assert!(!processes.iter().any(|id| runs(*id)), "{kind}");
        assert!(folders(&run).is_empty(), "{kind}");
    }
    Ok(())
}

#[tokio::test]
async fn what_the_server_says_of_its_configuration_is_recorded() -> anyhow::Result<()> {
    for (kind, said) in [
        (ServerKind::NatsJetstream, "jetstream: true"),
        (ServerKind::Nats, "max_payload: 2101248"),
        (ServerKind::Redis, "client-output-buffer-limit normal 0 0 0"),
    ] {
        let run = label("said");
        let servers = choose(ProviderChoice::Process, kind, &run).await?;
        let settings = Settings {
            message_bytes: 2 << 20,
            ..Settings::default()
        };
        let server = servers.start(kind, &settings).await?;
        let configuration = &server.info().configuration;
        let (_, as_said) = configuration
            .split_once("# As the server says it:\n")
            .unwrap();
        assert!(as_said.contains(said), "{configuration}");
        server.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_dies_is_noticed_and_its_output_is_still_there() -> anyhow::Result<()> {
    for kind in ServerKind::ALL {
        let run = label("dies");
        let mut server = choose(ProviderChoice::Process, kind, &run)
            .await?
            .start(kind, &Settings::default())
            .await?;
        let pid = i32::try_from(server.process_ids()[0])?;
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL)?;
        crate::support::soon("noticing the death", async || !server.is_alive().await).await;
        assert!(!server.log_tail().await.is_empty(), "{kind}");
        server.stop().await?;
        assert!(folders(&run).is_empty(), "{kind}");
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_fails_at_its_start_shows_its_output() -> anyhow::Result<()> {
    let place = tempfile::tempdir()?;
    let program = script(place.path(), "echo 'no licence for this host' >&2; exit 3");
    let run = label("fails");
    let environment = with_binary("BUSBENCH_BIN_REDIS", &program);
    let servers = choose_in(
        &environment,
        ProviderChoice::Process,
        ServerKind::Redis,
        &run,
    )
    .await?;
    let error = servers
        .start(ServerKind::Redis, &Settings::default())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "redis ({}) ended at its start with exit status: 3; its output ends with:\n\
             no licence for this host",
            program.display()
        )
    );
    assert!(folders(&run).is_empty());
    Ok(())
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_and_ended() -> anyhow::Result<()> {
    let place = tempfile::tempdir()?;
    let pid_file = place.path().join("pid");
    let text = format!(
        "echo $$ > {}; echo waiting; exec sleep 600",
        pid_file.display()
    );
    let program = script(place.path(), &text);
    let run = label("silent");
    let environment = with_binary("BUSBENCH_BIN_MOSQUITTO", &program);
    let kind = ServerKind::Mosquitto;
    let servers = choose_in(&environment, ProviderChoice::Process, kind, &run).await?;
    let servers = servers.with_patience(Duration::from_secs(1));
    let error = servers
        .start(kind, &Settings::default())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("did not answer at 127.0.0.1:"), "{error}");
    assert!(error.ends_with("its output ends with:\nwaiting"), "{error}");
    assert!(!runs(fs::read_to_string(pid_file)?.trim().parse()?));
    assert!(folders(&run).is_empty());
    Ok(())
}

#[tokio::test]
async fn a_program_of_another_kind_is_not_taken_for_the_server() -> anyhow::Result<()> {
    let run = label("wrong");
    let kind = ServerKind::Nats;
    let environment = with_binary("BUSBENCH_BIN_NATS", Path::new("/bin/true"));
    let servers = choose_in(&environment, ProviderChoice::Process, kind, &run).await?;
    let error = servers
        .start(kind, &Settings::default())
        .await
        .unwrap_err()
        .to_string();
    let expected = "nats (/bin/true) ended at its start with exit status: 0";
    assert!(error.starts_with(expected), "{error}");
    assert!(folders(&run).is_empty());
    Ok(())
}

#[tokio::test]
async fn without_engine_and_binary_the_error_says_what_was_tried() -> anyhow::Result<()> {
    let run = label("nothing");
    let environment = Environment::default()
        .with("BUSBENCH_BIN_REDIS", "/nowhere/redis-server")
        .with("BUSBENCH_IMAGE_REDIS", "busbench.invalid/redis:none");
    let choice = ProviderChoice::Auto;
    let error = choose_in(&environment, choice, ServerKind::Redis, &run)
        .await
        .unwrap_err();
    let error = error.to_string();
    for part in [
        "as containers (",
        "nor as processes (",
        "/nowhere/redis-server",
        "./scripts/setup",
    ] {
        assert!(error.contains(part), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_was_not_chosen_is_refused() -> anyhow::Result<()> {
    let run = label("unchosen");
    let servers = choose(ProviderChoice::Process, ServerKind::Redis, &run).await?;
    let error = servers
        .start(ServerKind::Nats, &Settings::default())
        .await
        .unwrap_err();
    let expected = "nats was not among the servers that the provider was chosen for";
    assert_eq!(error.to_string(), expected);
    Ok(())
}

#[tokio::test]
async fn a_server_keeps_to_the_cores_that_it_was_given() -> anyhow::Result<()> {
    let all = thread_cpus(None)?;
    let one = vec![all[all.len() - 1]];
    for kind in ServerKind::ALL {
        let run = label("cores");
        let servers = choose(ProviderChoice::Process, kind, &run).await?;
        let settings = Settings {
            cpus: Some(one.clone()),
            ..Settings::default()
        };
        let server = servers.start(kind, &settings).await?;
        assert_eq!(server.cpus(), Some(one.clone()), "{kind}");
        server.stop().await?;
        // The next server is not held to the cores of the one before it.
        let server = servers.start(kind, &Settings::default()).await?;
        assert_eq!(server.cpus(), Some(all.clone()), "{kind}");
        server.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn every_server_takes_what_tuning_sets() -> anyhow::Result<()> {
    for (kind, set) in [
        (ServerKind::Nats, "max_pending: 1073741824"),
        (ServerKind::NatsJetstream, "write_deadline: \"60s\""),
        (ServerKind::Mosquitto, "max_queued_bytes 1073741824"),
        (
            ServerKind::Redis,
            "client-output-buffer-limit normal 1073741824 1073741824 60 slave 268435456 67108864 60 \
             pubsub 1073741824 1073741824 60",
        ),
    ] {
        let run = label("tuned");
        let servers = choose(ProviderChoice::Process, kind, &run).await?;
        for (tuning, is_set) in [(Tuning::Default, false), (Tuning::Tuned, true)] {
            let settings = Settings {
                tuning,
                ..Settings::default()
            };
            let server = servers.start(kind, &settings).await?;
            let configuration = &server.info().configuration;
            assert_eq!(configuration.contains(set), is_set, "{configuration}");
            server.stop().await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_option_that_a_server_does_not_have_is_named() -> anyhow::Result<()> {
    let place = tempfile::tempdir()?;
    let said = "echo \"1795566376: Error: Unknown configuration variable \\\"max_queued_bytes\\\".\"; exit 3";
    let program = script(place.path(), said);
    let kind = ServerKind::Mosquitto;
    let run = label("refused");
    let environment = with_binary("BUSBENCH_BIN_MOSQUITTO", &program);
    let servers = choose_in(&environment, ProviderChoice::Process, kind, &run).await?;
    let settings = Settings {
        tuning: Tuning::Tuned,
        ..Settings::default()
    };
    let error = servers.start(kind, &settings).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "mosquitto ({}) does not know the option `max_queued_bytes` that busbench sets: \
             take another version of it, or leave `tuning` at \"default\"",
            program.display()
        )
    );
    Ok(())
}
