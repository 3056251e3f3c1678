//! Servers that are held to a limit of memory and CPU time, as processes and as containers.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use busbench_brokers::{
    BrokerError, Environment, Limit, LimitRefused, ProviderChoice, RemovedKind, RunLabel, Server,
    ServerKind, Servers, Settings,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::process::{script, with_binary};
use crate::support::{choose, choose_in, folders, has_engine, label, runs, soon};

const MEBIBYTE: usize = 1 << 20;

fn limit(text: &str) -> Limit {
    text.parse().unwrap()
}

fn held_to(text: &str) -> Settings {
    Settings {
        limit: limit(text),
        ..Settings::default()
    }
}

/// A provider that can hold servers to limits. `None`, which is said, where no engine answers, and where
/// this user may make no control group.
async fn able(
    choice: ProviderChoice,
    kind: ServerKind,
    run: &RunLabel,
) -> anyhow::Result<Option<Servers>> {
    if choice == ProviderChoice::Container && !has_engine().await {
        return Ok(None);
    }
    let servers = choose(choice, kind, run).await?;
    let tried = [limit("memory=64MiB,cpus=0.5")];
    match servers.check_limits(&tried).await {
        Ok(()) => Ok(Some(servers)),
        Err(BrokerError::CannotLimit { source, .. }) if choice == ProviderChoice::Process => {
            // Not `eprintln!`, which the test harness keeps to itself.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: no limits of processes here: {source}"
            );
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Control groups of a run, of both versions and wherever they are.
fn groups(run: &RunLabel) -> Vec<PathBuf> {
    fn look(folder: &Path, mark: &str, found: &mut Vec<PathBuf>) {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
            if entry.file_name().to_string_lossy().contains(mark) {
                found.push(entry.path());
            }
            look(&entry.path(), mark, found);
        }
    }
    let mut found = Vec::new();
    look(Path::new("/sys/fs/cgroup"), &format!(".{run}."), &mut found);
    found
}

async fn connect(server: &Server) -> TcpStream {
    let address = server.address();
    TcpStream::connect((address.host.as_str(), address.port))
        .await
        .unwrap()
}

/// Stores values in Redis until it says nothing any more, or has them all.
async fn fill(server: &Server, mebibytes: usize) {
    let mut stream = connect(server).await;
    let value = "x".repeat(MEBIBYTE);
    for number in 0..mebibytes {
        let key = format!("key{number}");
        let command = format!(
            "*3\r\n$3\r\nSET\r\n${}\r\n{key}\r\n${MEBIBYTE}\r\n{value}\r\n",
            key.len()
        );
        let mut answer = [0; 5];
        if stream.write_all(command.as_bytes()).await.is_err()
            || stream.read_exact(&mut answer).await.is_err()
        {
            return;
        }
    }
}

/// Has Redis count as fast as it can, and says nothing of the result.
async fn keep_busy(server: &Server) -> TcpStream {
    let mut stream = connect(server).await;
    let script = "local i = 0 while i < 1e12 do i = i + 1 end return i";
    let command = format!(
        "*3\r\n$4\r\nEVAL\r\n${}\r\n{script}\r\n$1\r\n0\r\n",
        script.len()
    );
    stream.write_all(command.as_bytes()).await.unwrap();
    stream
}

async fn is_held_to_its_cpu_time(choice: ProviderChoice) -> anyhow::Result<()> {
    let run = label("cpu-limit");
    let Some(servers) = able(choice, ServerKind::Redis, &run).await? else {
        return Ok(());
    };
    for quota in [0.5, 0.25] {
        let text = format!("cpus={quota}");
        let server = servers.start(ServerKind::Redis, &held_to(&text)).await?;
        assert_eq!(server.info().limit, Some(limit(&text)));
        let busy = keep_busy(&server).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let (reader, begun) = (server.cost_reader(), std::time::Instant::now());
        let before = reader.read().unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (after, elapsed) = (reader.read().unwrap(), begun.elapsed());
        let used = after.since(&before);
        let share = used.cpu_ns as f64 / 1e9 / elapsed.as_secs_f64();
        assert!(share <= quota * 1.1, "{share} of {quota}");
        // Others want the machine, too.
        assert!(share >= quota * 0.2, "{share} of {quota}");
        let throttling = used.throttling.unwrap();
        // A period of 100 ms begins where the one before has ended and the server had its turn: on a busy
        // machine there are fewer.
        let most = elapsed.as_millis() / 100 + 2;
        assert!(throttling.periods >= 5, "{throttling:?}");
        assert!(u128::from(throttling.periods) <= most, "{throttling:?}");
        // In how many of them it was stopped, kernels from 6.18 on count in part only.
        assert!(throttling.throttled_periods <= throttling.periods);
        drop(busy);
        server.stop().await?;
    }
    // One without a limit is not held back, and has nothing to tell of it.
    let server = servers
        .start(ServerKind::Redis, &Settings::default())
        .await?;
    assert_eq!(server.info().limit, None);
    let reader = server.cost_reader();
    let used = reader.read().unwrap().since(&reader.read().unwrap());
    assert_eq!(used.throttling, None);
    server.stop().await?;
    assert_eq!(groups(&run), Vec::<PathBuf>::new());
    Ok(())
}

#[tokio::test]
async fn a_process_is_held_to_its_cpu_time() -> anyhow::Result<()> {
    is_held_to_its_cpu_time(ProviderChoice::Process).await
}

#[tokio::test]
async fn a_container_is_held_to_its_cpu_time() -> anyhow::Result<()> {
    is_held_to_its_cpu_time(ProviderChoice::Container).await
}

async fn is_killed_where_it_needs_more_memory(choice: ProviderChoice) -> anyhow::Result<()> {
    let run = label("memory-limit");
    let Some(servers) = able(choice, ServerKind::Redis, &run).await? else {
        return Ok(());
    };
    let settings = held_to("memory=64MiB,cpus=1");
    let mut server = servers.start(ServerKind::Redis, &settings).await?;
    assert_eq!(server.info().limit, Some(settings.limit));
    fill(&server, 32).await;
    assert!(server.is_alive().await, "half of its memory is not used up");
    assert!(!server.ran_out_of_memory().await);
    fill(&server, 128).await;
    soon("the server's end", async || !server.is_alive().await).await;
    assert!(server.ran_out_of_memory().await);
    server.stop().await?;
    assert_eq!(groups(&run), Vec::<PathBuf>::new());
    assert_eq!(folders(&run), Vec::<PathBuf>::new());
    Ok(())
}

#[tokio::test]
async fn a_process_that_needs_more_memory_is_killed_and_known_to_be() -> anyhow::Result<()> {
    is_killed_where_it_needs_more_memory(ProviderChoice::Process).await
}

#[tokio::test]
async fn a_container_that_needs_more_memory_is_killed_and_known_to_be() -> anyhow::Result<()> {
    is_killed_where_it_needs_more_memory(ProviderChoice::Container).await?;
    Ok(())
}

#[tokio::test]
async fn a_server_that_ends_by_itself_has_not_run_out_of_memory() -> anyhow::Result<()> {
    for choice in [ProviderChoice::Process, ProviderChoice::Container] {
        let run = label("not-memory");
        let Some(servers) = able(choice, ServerKind::Redis, &run).await? else {
            continue;
        };
        let mut server = servers
            .start(ServerKind::Redis, &held_to("memory=64MiB"))
            .await?;
        let mut stream = connect(&server).await;
        stream
            .write_all(b"*2\r\n$8\r\nSHUTDOWN\r\n$6\r\nNOSAVE\r\n")
            .await?;
        soon("the server's end", async || !server.is_alive().await).await;
        assert!(!server.ran_out_of_memory().await, "{choice:?}");
        server.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_cannot_start_for_lack_of_memory_says_so() -> anyhow::Result<()> {
    let run = label("no-start");
    let kind = ServerKind::Redis;
    if able(ProviderChoice::Process, kind, &run).await?.is_none() {
        return Ok(());
    }
    // Real servers start with the least that can be asked for, or nearly; this one reads a line without end.
    let place = tempfile::tempdir()?;
    let program = script(place.path(), "exec tail /dev/zero");
    let environment = with_binary("BUSBENCH_BIN_REDIS", &program);
    let servers = choose_in(&environment, ProviderChoice::Process, kind, &run).await?;
    let error = servers
        .start(kind, &held_to("memory=16MiB"))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "redis ({}) was killed for lack of memory before it answered: its limit is 16 MiB of memory, \
             so give it more",
            program.display()
        )
    );
    assert_eq!(groups(&run), Vec::<PathBuf>::new());
    assert_eq!(folders(&run), Vec::<PathBuf>::new());
    Ok(())
}

#[tokio::test]
async fn every_server_starts_with_little() -> anyhow::Result<()> {
    for choice in [ProviderChoice::Process, ProviderChoice::Container] {
        for kind in ServerKind::ALL {
            let run = label("little");
            let Some(servers) = able(choice, kind, &run).await? else {
                continue;
            };
            let settings = held_to("memory=32MiB,cpus=0.25");
            let mut server = servers.start(kind, &settings).await?;
            assert!(server.is_alive().await);
            assert_eq!(
                server.info().limit,
                Some(settings.limit),
                "{choice:?} {kind}"
            );
            server.stop().await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_sweep_removes_the_control_group_of_a_server_that_was_left() -> anyhow::Result<()> {
    let run = label("left");
    let Some(servers) = able(ProviderChoice::Process, ServerKind::Redis, &run).await? else {
        return Ok(());
    };
    let server = servers
        .start(ServerKind::Redis, &held_to("memory=64MiB,cpus=0.5"))
        .await?;
    let processes = server.process_ids().to_vec();
    assert!(!groups(&run).is_empty());
    std::mem::forget(server);
    let swept = servers.sweep().await?;
    let of_kind = |kind| {
        swept
            .removed
            .iter()
            .filter(|removed| removed.kind == kind)
            .count()
    };
    assert!(of_kind(RemovedKind::ControlGroup) > 0, "{swept}");
    assert_eq!(of_kind(RemovedKind::Folder), 1, "{swept}");
    soon("the server's end", async || {
        !processes.iter().any(|id| runs(*id))
    })
    .await;
    assert_eq!(groups(&run), Vec::<PathBuf>::new());
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_limited_is_refused_before_anything_runs() -> anyhow::Result<()> {
    let run = label("cannot");
    let kind = ServerKind::Redis;
    let servers = choose(ProviderChoice::Process, kind, &run).await?;
    servers.check_limits(&[Limit::NONE]).await?;
    let beyond = |result: Result<(), BrokerError>, what: &str| {
        let Err(BrokerError::CannotLimit {
            source: LimitRefused::BeyondMachine { has, .. },
            ..
        }) = result
        else {
            panic!("{result:?}");
        };
        assert!(has.contains(what), "{has}");
    };
    beyond(servers.check_limits(&[limit("cpus=4096")]).await, "CPU");
    beyond(
        servers
            .check_limits(&[Limit::NONE, limit("memory=1048576GiB")])
            .await,
        "MiB of memory",
    );
    if has_engine().await {
        let containers = choose(ProviderChoice::Container, kind, &run).await?;
        beyond(containers.check_limits(&[limit("cpus=4096")]).await, "CPU");
        beyond(
            containers.check_limits(&[limit("memory=1048576GiB")]).await,
            "MiB of memory",
        );
    }
    let server = servers.start(kind, &Settings::default()).await?;
    let url = format!("redis://{}", server.address());
    let environment = Environment::of_this_program().with("BUSBENCH_REDIS_URL", &url);
    let external = choose_in(&environment, ProviderChoice::External, kind, &run).await?;
    external.check_limits(&[Limit::NONE]).await?;
    let refused = external
        .check_limits(&[limit("cpus=0.5")])
        .await
        .unwrap_err();
    let BrokerError::CannotLimit { source, .. } = refused else {
        panic!("{refused:?}");
    };
    assert!(
        source.to_string().contains("leave `limit` at \"none\""),
        "{source}"
    );
    server.stop().await?;
    assert_eq!(groups(&run), Vec::<PathBuf>::new());
    Ok(())
}
