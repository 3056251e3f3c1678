//! Servers as containers, through testcontainers.

use busbench_brokers::{
    CpuSource, Environment, Provider, ProviderChoice, ServerKind, Servers, Settings, Tuning,
    thread_cpus,
};

use crate::support::{choose, choose_in, containers, has_engine, label, runs, soon};

const CONTAINER: ProviderChoice = ProviderChoice::Container;

#[tokio::test]
async fn every_server_starts_says_what_it_is_and_leaves_nothing() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let run = label("all");
    let servers = Servers::choose(CONTAINER, &ServerKind::ALL, &run).await?;
    assert_eq!(servers.provider(), Provider::Container);
    for kind in ServerKind::ALL {
        let mut server = servers.start(kind, &Settings::default()).await?;
        let info = server.info().clone();
        assert_eq!((info.kind, info.provider), (kind, Provider::Container));
        assert!(
            info.version
                .starts_with(|first: char| first.is_ascii_digit()),
            "{info:?}"
        );
        assert!(
            servers.reason().contains(&info.image.unwrap()),
            "{}",
            servers.reason()
        );
        assert!(info.image_digest.unwrap().contains("sha256:"));
        assert!(!info.configuration.is_empty());
        assert!(server.is_alive().await);
        assert_eq!(containers(&run).await.len(), 1);
        let processes = server.process_ids().to_vec();
        if info.network_path == "host-network" {
            // The engine is here, so its processes are too.
            assert_eq!(server.process_ids().len(), 1, "{kind}");
            let reader = server.cost_reader();
            let cost = reader.read().unwrap().since(&reader.read().unwrap());
            assert_ne!(cost.cpu_source, CpuSource::Proc, "{kind}");
        }
        server.stop().await?;
        assert!(!processes.iter().any(|id| runs(*id)), "{kind}");
        assert_eq!(containers(&run).await, [] as [String; 0], "{kind}");
    }
    Ok(())
}

#[tokio::test]
async fn a_published_port_is_reached_and_recorded_as_one() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let run = label("published");
    let environment =
        Environment::of_this_program().with("BUSBENCH_CONTAINER_NETWORK", "published");
    let servers = Servers::choose_in(&environment, CONTAINER, &ServerKind::ALL, &run).await?;
    let all = thread_cpus(None)?;
    let settings = Settings {
        cpus: Some(vec![all[0]]),
        ..Settings::default()
    };
    for kind in ServerKind::ALL {
        let mut server = servers.start(kind, &settings).await?;
        assert_eq!(server.info().network_path, "published-port");
        assert!(server.is_alive().await);
        if let Some(cpus) = server.cpus() {
            assert_eq!(cpus, [all[0]], "{kind}");
        }
        server.stop().await?;
    }
    assert_eq!(containers(&run).await, [] as [String; 0]);
    Ok(())
}

#[tokio::test]
async fn two_servers_of_a_kind_run_beside_each_other() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let run = label("two");
    let kind = ServerKind::NatsJetstream;
    let servers = choose(CONTAINER, kind, &run).await?;
    let settings = Settings::default();
    let (first, second) = tokio::join!(
        servers.start(kind, &settings),
        servers.start(kind, &settings)
    );
    let (first, second) = (first?, second?);
    assert_ne!(first.address().port, second.address().port);
    first.stop().await?;
    second.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_server_that_dies_is_noticed_and_its_output_is_still_there() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let run = label("dies");
    let kind = ServerKind::Redis;
    let mut server = choose(CONTAINER, kind, &run)
        .await?
        .start(kind, &Settings::default())
        .await?;
    let docker = testcontainers::bollard::Docker::connect_with_defaults()?;
    let name = containers(&run).await.remove(0);
    docker
        .kill_container(name.trim_start_matches('/'), None)
        .await?;
    soon("noticing the death", async || !server.is_alive().await).await;
    let tail = server.log_tail().await;
    assert!(tail.contains("Ready to accept connections"), "{tail}");
    server.stop().await?;
    assert_eq!(containers(&run).await, [] as [String; 0]);
    Ok(())
}

#[tokio::test]
async fn a_server_removed_behind_our_back_is_no_error_to_stop() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let run = label("removed");
    let kind = ServerKind::Mosquitto;
    let servers = choose(CONTAINER, kind, &run).await?;
    let server = servers.start(kind, &Settings::default()).await?;
    assert_eq!(servers.sweep().await?.removed.len(), 1);
    server.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_server_that_fails_at_its_start_shows_its_output() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let run = label("fails");
    let kind = ServerKind::Nats;
    let servers = choose(CONTAINER, kind, &run).await?;
    // More than nats-server's limit can be.
    let settings = Settings {
        message_bytes: 1 << 40,
        ..Settings::default()
    };
    let error = servers
        .start(kind, &settings)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("ended at its start with exit code 1"),
        "{error}"
    );
    assert!(error.contains("max_payload"), "{error}");
    assert_eq!(containers(&run).await, [] as [String; 0]);
    Ok(())
}

#[tokio::test]
async fn an_image_that_cannot_be_had_is_named_with_what_to_do() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let environment =
        Environment::of_this_program().with("BUSBENCH_IMAGE_REDIS", "busbench.invalid/redis:none");
    let kind = ServerKind::Redis;
    let error = choose_in(&environment, CONTAINER, kind, &label("no-image"))
        .await
        .unwrap_err();
    let error = error.to_string();
    assert!(
        error.starts_with("no image for redis: busbench.invalid/redis:none"),
        "{error}"
    );
    assert!(error.contains("./scripts/images"), "{error}");
    Ok(())
}

#[tokio::test]
async fn auto_takes_processes_where_an_image_is_missing_and_says_why() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let environment =
        Environment::of_this_program().with("BUSBENCH_IMAGE_REDIS", "busbench.invalid/redis:none");
    let run = label("auto");
    let servers = choose_in(&environment, ProviderChoice::Auto, ServerKind::Redis, &run).await?;
    assert_eq!(servers.provider(), Provider::Process);
    assert!(
        servers.reason().contains("busbench.invalid/redis:none"),
        "{}",
        servers.reason()
    );
    let servers = choose(ProviderChoice::Auto, ServerKind::Redis, &run).await?;
    assert_eq!(
        servers.provider(),
        Provider::Container,
        "{}",
        servers.reason()
    );
    Ok(())
}

#[tokio::test]
async fn a_server_keeps_to_the_cores_that_it_was_given_and_takes_tuning() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let all = thread_cpus(None)?;
    let run = label("cores");
    let servers = Servers::choose(CONTAINER, &ServerKind::ALL, &run).await?;
    let one = vec![all[all.len() - 1]];
    let settings = Settings {
        cpus: Some(one.clone()),
        tuning: Tuning::Tuned,
        ..Settings::default()
    };
    for kind in ServerKind::ALL {
        let server = servers.start(kind, &settings).await?;
        if server.info().network_path == "host-network" {
            assert_eq!(server.cpus(), Some(one.clone()), "{kind}");
        }
        server.stop().await?;
    }
    Ok(())
}
