//! What the tests look at from outside: processes, folders and containers of a run.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use busbench_brokers::{Environment, ProviderChoice, RunLabel, ServerKind, Servers};
use testcontainers::bollard::Docker;
use testcontainers::bollard::query_parameters::ListContainersOptionsBuilder;

/// A label that no other test has, nor another run of the tests.
pub(crate) fn label(test: &str) -> RunLabel {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    RunLabel::new(&format!("{test}-{}-{count}", std::process::id()))
}

pub(crate) async fn choose(
    choice: ProviderChoice,
    kind: ServerKind,
    run: &RunLabel,
) -> anyhow::Result<Servers> {
    Ok(Servers::choose(choice, &[kind], run).await?)
}

pub(crate) async fn choose_in(
    environment: &Environment,
    choice: ProviderChoice,
    kind: ServerKind,
    run: &RunLabel,
) -> anyhow::Result<Servers> {
    Ok(Servers::choose_in(environment, choice, &[kind], run).await?)
}

/// Whether a container engine answers. Without one a test fails in CI, and elsewhere says that it
/// is skipped and how many were.
pub(crate) async fn has_engine() -> bool {
    static SKIPPED: AtomicU32 = AtomicU32::new(0);
    let docker = Docker::connect_with_defaults();
    let has = match docker {
        Ok(docker) => docker.ping().await.is_ok(),
        Err(_) => false,
    };
    if !has {
        let in_ci = std::env::var_os("CI").is_some();
        assert!(
            !in_ci,
            "no container engine answers, and in CI there must be one"
        );
        let skipped = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
        // Not `eprintln!`, which the test harness keeps to itself.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: no container engine answers ({skipped} container tests skipped so far)"
        );
    }
    has
}

/// Says that a test, or the rest of one, is skipped, and why; in CI it fails.
#[track_caller]
pub(crate) fn skipped(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "in CI it must run: {why}");
    // Not `eprintln!`, which the test harness keeps to itself.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// What a command prints; `None` where it is not installed.
pub(crate) fn printed(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    assert!(output.status.success(), "{program} {arguments:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Bytes of text, data and bss of a program, as `size` tells them; `None` where that is not installed.
pub(crate) fn told_by_size(program: &Path) -> Option<Vec<u64>> {
    let text = printed("size", &[program.to_str().unwrap()])?;
    let numbers = text.lines().nth(1).unwrap().split_whitespace().take(3);
    Some(numbers.map(|number| number.parse().unwrap()).collect())
}

/// Names of the run's containers, whatever their state.
pub(crate) async fn containers(run: &RunLabel) -> Vec<String> {
    let filters = HashMap::from([("label", vec![format!("busbench.run={run}")])]);
    let options = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&filters)
        .build();
    let docker = Docker::connect_with_defaults().unwrap();
    let found = docker.list_containers(Some(options)).await.unwrap();
    found
        .into_iter()
        .flat_map(|container| container.names.unwrap_or_default())
        .collect()
}

/// Temporary folders of the run's servers.
pub(crate) fn folders(run: &RunLabel) -> Vec<PathBuf> {
    folders_in(&std::env::temp_dir(), run)
}

/// Temporary folders of the run's servers, where the temporary folder is this.
pub(crate) fn folders_in(place: &Path, run: &RunLabel) -> Vec<PathBuf> {
    let mark = format!(".{run}.");
    std::fs::read_dir(place)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().contains(&mark))
        .collect()
}

/// Whether a process runs; a zombie does not.
pub(crate) fn runs(process_id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process_id}/stat")).unwrap_or_default();
    // The state stands after the name, which is in parentheses.
    stat.rsplit(") ")
        .next()
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

/// Waits for something that happens soon, on a busy machine too.
pub(crate) async fn soon(what: &str, mut happens: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !happens().await {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{what} has not happened in 30 s"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until processes have ended.
pub(crate) async fn end_soon(process_ids: &[u32]) {
    soon("the server's end", async || {
        !process_ids.iter().any(|id| runs(*id))
    })
    .await;
}
