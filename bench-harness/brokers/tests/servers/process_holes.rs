//! What could leave a process behind, and does not.

use std::time::Duration;

use busbench_brokers::{ProviderChoice, RemovedKind, ServerKind, Settings, clean};
use rustix::process::Signal;

use crate::program::Program;
use crate::support::{choose, end_soon, folders, folders_in, label, runs};

#[tokio::test]
async fn a_program_that_is_killed_takes_its_servers_with_it() {
    for kind in ServerKind::ALL {
        let place = tempfile::tempdir().unwrap();
        let variables = [("TMPDIR", place.path().to_str().unwrap())];
        let run = label("killed");
        let mut program = Program::spawn_with("process", kind, &run, "wait", &variables);
        let server = program.server_process_ids();
        assert!(server.iter().all(|id| runs(*id)), "{kind}");
        program.signal(Signal::KILL);
        end_soon(&server).await;
    }
}

#[tokio::test]
async fn a_program_that_exits_without_stopping_takes_its_servers_with_it() {
    for kind in ServerKind::ALL {
        let place = tempfile::tempdir().unwrap();
        let variables = [("TMPDIR", place.path().to_str().unwrap())];
        let mut program = Program::spawn_with("process", kind, &label("exits"), "exit", &variables);
        let server = program.server_process_ids();
        program.end();
        end_soon(&server).await;
    }
}

/// Where there is no parent-death signal, as when `setpriv` is missing.
#[tokio::test]
async fn a_server_that_outlived_its_program_is_swept_up_at_the_next_start() {
    for (kind, variable, binary) in [
        (
            ServerKind::NatsJetstream,
            "BUSBENCH_BIN_NATS",
            "nats-server",
        ),
        (ServerKind::Mosquitto, "BUSBENCH_BIN_MOSQUITTO", "mosquitto"),
        (ServerKind::Redis, "BUSBENCH_BIN_REDIS", "redis-server"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let run = label("outlives");
        let found = choose(ProviderChoice::Process, kind, &run).await.unwrap();
        let path = found.reason().rsplit(' ').next().unwrap();
        assert!(path.ends_with(binary), "{path}");
        // With no PATH there is no setpriv to be found.
        let variables = [
            ("TMPDIR", place.path().to_str().unwrap()),
            ("PATH", "/nowhere"),
            (variable, path),
        ];
        let mut program = Program::spawn_with("process", kind, &run, "wait", &variables);
        let server = program.server_process_ids();
        program.signal(Signal::KILL);
        assert!(
            server.iter().all(|id| runs(*id)),
            "{kind} has a signal after all"
        );
        assert_eq!(folders_in(place.path(), &run).len(), 1);

        let mut next =
            Program::spawn_with("process", kind, &label("next"), "exit", &variables[..1]);
        next.server_process_ids();
        next.end();
        end_soon(&server).await;
        assert!(folders_in(place.path(), &run).is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn cleaning_leaves_the_servers_of_programs_that_go_on() -> anyhow::Result<()> {
    let run = label("goes-on");
    let kind = ServerKind::Redis;
    let servers = choose(ProviderChoice::Process, kind, &run).await?;
    let mut own = servers.start(kind, &Settings::default()).await?;
    let other_run = label("other-goes-on");
    let mut other = Program::spawn("process", kind, &other_run, "wait");
    let other_server = other.server_process_ids();
    let report = clean().await?;
    assert!(own.is_alive().await);
    assert!(other_server.iter().all(|id| runs(*id)));
    assert_eq!((folders(&run).len(), folders(&other_run).len()), (1, 1));
    let names = [run.as_str(), other_run.as_str()];
    assert!(
        !report
            .removed
            .iter()
            .any(|removed| names.contains(&removed.run.as_str()))
    );
    own.stop().await?;
    other.signal(Signal::KILL);
    clean().await?;
    Ok(())
}

#[tokio::test]
async fn a_start_that_is_cancelled_at_any_point_leaves_nothing() -> anyhow::Result<()> {
    for kind in ServerKind::ALL {
        let run = label("cancelled");
        let servers = choose(ProviderChoice::Process, kind, &run).await?;
        let settings = Settings::default();
        for milliseconds in [0, 1, 2, 4, 8, 16, 32] {
            let start = servers.start(kind, &settings);
            drop(tokio::time::timeout(Duration::from_millis(milliseconds), start).await);
            assert!(folders(&run).is_empty(), "{kind} after {milliseconds} ms");
        }
        assert_eq!(servers.sweep().await?.removed, []);
    }
    Ok(())
}

#[test]
fn a_server_dropped_outside_a_runtime_is_ended() -> anyhow::Result<()> {
    let run = label("outside");
    let kind = ServerKind::NatsJetstream;
    let runtime = tokio::runtime::Runtime::new()?;
    let server = runtime.block_on(async {
        let servers = choose(ProviderChoice::Process, kind, &run).await?;
        anyhow::Ok(servers.start(kind, &Settings::default()).await?)
    })?;
    drop(runtime);
    let processes = server.process_ids().to_vec();
    drop(server);
    assert!(!processes.iter().any(|id| runs(*id)));
    assert!(folders(&run).is_empty());
    Ok(())
}

/// The thread that starts servers must not be one of tokio's that come and go.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_server_outlives_the_thread_that_asked_for_it() -> anyhow::Result<()> {
    let run = label("thread");
    let kind = ServerKind::Redis;
    let asked = std::thread::spawn({
        let run = run.clone();
        move || {
            let runtime = tokio::runtime::Runtime::new()?;
            runtime.block_on(async {
                let servers = choose(ProviderChoice::Process, kind, &run).await?;
                anyhow::Ok(servers.start(kind, &Settings::default()).await?)
            })
        }
    });
    let mut server = asked.join().unwrap()?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(server.is_alive().await);
    server.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_sweep_ends_what_its_run_has_not_stopped() -> anyhow::Result<()> {
    let run = label("swept");
    let kind = ServerKind::Mosquitto;
    let servers = choose(ProviderChoice::Process, kind, &run).await?;
    let mut server = servers.start(kind, &Settings::default()).await?;
    let kinds: Vec<_> = servers
        .sweep()
        .await?
        .removed
        .iter()
        .map(|removed| removed.kind)
        .collect();
    assert_eq!(kinds, [RemovedKind::Process, RemovedKind::Folder]);
    assert!(!server.is_alive().await);
    assert!(folders(&run).is_empty());
    Ok(())
}
