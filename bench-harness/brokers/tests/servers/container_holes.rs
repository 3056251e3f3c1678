//! The five ways in which testcontainers leaves a container behind or fails, each closed.

use std::time::Duration;

use busbench_brokers::{Environment, ProviderChoice, ServerKind, Settings, clean};
use rustix::process::Signal;

use crate::program::Program;
use crate::support::{choose, choose_in, containers, has_engine, label, soon};

const CONTAINER: ProviderChoice = ProviderChoice::Container;
const NONE: [String; 0] = [];

/// Hole 1: `process::exit`, and a signal that nobody handles.
#[tokio::test]
async fn what_a_program_left_that_exited_or_was_killed_is_cleaned_up() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    for (end, signal) in [
        ("exit", None),
        ("wait", Some(Signal::TERM)),
        ("wait", Some(Signal::INT)),
        ("wait", Some(Signal::KILL)),
    ] {
        let run = label("left");
        let mut program = Program::spawn("container", ServerKind::Redis, &run, end);
        program.server_process_ids();
        match signal {
            None => program.end(),
            Some(signal) => program.signal(signal),
        }
        // Another test's program may have swept it up at its own start.
        clean().await?;
        assert_eq!(containers(&run).await, NONE, "{end} {signal:?}");
    }
    Ok(())
}

/// The same, in the middle of a start: the container is there and its server has not answered.
#[tokio::test]
async fn what_a_program_left_that_was_killed_while_it_started_is_cleaned_up() -> anyhow::Result<()>
{
    if !has_engine().await {
        return Ok(());
    }
    let run = label("starting");
    let mut program = Program::spawn("container", ServerKind::NatsJetstream, &run, "wait");
    soon("the container's creation", async || {
        !containers(&run).await.is_empty()
    })
    .await;
    program.signal(Signal::KILL);
    // The engine may still be starting it on the dead program's behalf.
    soon("the removal", async || {
        clean().await.unwrap();
        containers(&run).await.is_empty()
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn cleaning_leaves_the_containers_of_programs_that_go_on() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let kind = ServerKind::Redis;
    let (run, other_run) = (label("goes-on"), label("other-goes-on"));
    let mut own = choose(CONTAINER, kind, &run)
        .await?
        .start(kind, &Settings::default())
        .await?;
    let mut other = Program::spawn("container", kind, &other_run, "wait");
    other.server_process_ids();
    clean().await?;
    assert!(own.is_alive().await);
    assert_eq!(containers(&other_run).await.len(), 1);
    own.stop().await?;
    other.signal(Signal::KILL);
    clean().await?;
    assert_eq!(containers(&other_run).await, NONE);
    Ok(())
}

/// Hole 2: testcontainers leaves a container that it has created and could not start.
#[tokio::test]
async fn a_start_that_fails_leaves_no_container() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let run = label("fails");
    // Redis's image has no nats-server to start.
    let redis = choose(CONTAINER, ServerKind::Redis, &run).await?;
    let image = redis.reason().rsplit(' ').next().unwrap();
    let environment = Environment::of_this_program().with("BUSBENCH_IMAGE_NATS", image);
    let servers = choose_in(&environment, CONTAINER, ServerKind::Nats, &run).await?;
    let error = servers
        .start(ServerKind::Nats, &Settings::default())
        .await
        .unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("cannot start nats from ") && error.contains("nats-server"),
        "{error}"
    );
    assert_eq!(containers(&run).await, NONE);
    Ok(())
}

/// Hole 3: a start whose future is dropped leaves its container running.
#[tokio::test]
async fn a_start_that_is_cancelled_at_any_point_leaves_no_container() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let kind = ServerKind::NatsJetstream;
    let run = label("cancelled");
    let servers = choose(CONTAINER, kind, &run).await?;
    let settings = Settings::default();
    for milliseconds in [0, 5, 20, 50, 100, 200, 400, 800] {
        let start = servers.start(kind, &settings);
        drop(tokio::time::timeout(Duration::from_millis(milliseconds), start).await);
    }
    soon("the removal of the last", async || {
        containers(&run).await.is_empty()
    })
    .await;
    Ok(())
}

/// So that a program that is interrupted may end right after its sweep.
#[tokio::test]
async fn a_sweep_waits_for_a_start_that_was_cancelled() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let kind = ServerKind::NatsJetstream;
    let run = label("swept");
    let servers = choose(CONTAINER, kind, &run).await?;
    let settings = Settings::default();
    for milliseconds in [0, 2, 10, 100] {
        let start = servers.start(kind, &settings);
        drop(tokio::time::timeout(Duration::from_millis(milliseconds), start).await);
        servers.sweep().await?;
        for _ in 0..20 {
            assert_eq!(containers(&run).await, NONE, "after {milliseconds} ms");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

#[test]
fn a_start_whose_runtime_is_shut_down_leaves_no_container() -> anyhow::Result<()> {
    let observer = tokio::runtime::Runtime::new()?;
    if !observer.block_on(has_engine()) {
        return Ok(());
    }
    let run = label("shut-down");
    let kind = ServerKind::Nats;
    let runtime = tokio::runtime::Runtime::new()?;
    let servers = runtime.block_on(choose(CONTAINER, kind, &run))?;
    runtime.spawn(async move { servers.start(kind, &Settings::default()).await });
    observer.block_on(soon("the container's creation", async || {
        !containers(&run).await.is_empty()
    }));
    runtime.shutdown_background();
    observer.block_on(soon("the removal", async || {
        containers(&run).await.is_empty()
    }));
    Ok(())
}

/// Hole 4: testcontainers' handle panics when it is dropped outside a runtime.
#[test]
fn a_server_dropped_outside_a_runtime_is_removed() -> anyhow::Result<()> {
    let observer = tokio::runtime::Runtime::new()?;
    if !observer.block_on(has_engine()) {
        return Ok(());
    }
    let run = label("outside");
    let kind = ServerKind::Redis;
    let runtime = tokio::runtime::Runtime::new()?;
    let server = runtime.block_on(async {
        let servers = choose(CONTAINER, kind, &run).await?;
        anyhow::Ok(servers.start(kind, &Settings::default()).await?)
    })?;
    drop(runtime);
    drop(server);
    assert_eq!(observer.block_on(containers(&run)), NONE);
    Ok(())
}

#[tokio::test(flavor = "current_thread")]
async fn a_server_dropped_on_the_only_thread_of_a_runtime_is_removed() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let run = label("only-thread");
    let kind = ServerKind::Redis;
    let server = choose(CONTAINER, kind, &run)
        .await?
        .start(kind, &Settings::default())
        .await?;
    drop(server);
    assert_eq!(containers(&run).await, NONE);
    Ok(())
}

#[tokio::test]
async fn a_server_dropped_by_a_panic_is_removed() -> anyhow::Result<()> {
    if !has_engine().await {
        return Ok(());
    }
    let run = label("panic");
    let kind = ServerKind::Redis;
    let server = choose(CONTAINER, kind, &run)
        .await?
        .start(kind, &Settings::default())
        .await?;
    let task = tokio::spawn(async move {
        let _server = server;
        panic!("as a failed trial may");
    });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(containers(&run).await, NONE);
    Ok(())
}

/// Hole 5: testcontainers' watchdog re-raises a signal before results are saved. It is a feature of
/// the crate, and this build must not have it; cargo is asked, for another crate may turn it on.
#[test]
fn the_watchdog_of_testcontainers_is_not_built_in() -> anyhow::Result<()> {
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--edges",
            "features",
            "--invert",
            "testcontainers",
        ])
        .args(["--workspace", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    let tree = String::from_utf8(output.stdout)?;
    assert!(tree.contains("testcontainers feature \"ring\""), "{tree}");
    assert!(!tree.contains("watchdog"), "{tree}");
    Ok(())
}
