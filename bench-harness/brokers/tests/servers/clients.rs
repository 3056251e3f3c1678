//! The programs that show what a client costs, where `scripts/clients` has built them.

use std::io::Write;
use std::path::{Path, PathBuf};

use busbench_brokers::{
    Program, ProgramRunError, ProviderChoice, ServerKind, Settings, drop_file_from_memory,
    hold_at_end, run_to_end,
};

use crate::support::{choose, label, skipped, told_by_size};

/// A program of `clients.json`.
struct Built {
    name: String,
    client: String,
    path: PathBuf,
}

/// Those that are for this machine; none, with a word on it, where they were not built. That takes
/// minutes of a release build, so a test does not do it.
fn built() -> Vec<Built> {
    let folder = std::env::var_os("BUSBENCH_CLIENTS").map_or_else(
        || {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            root.join("target/clients").join(std::env::consts::ARCH)
        },
        PathBuf::from,
    );
    let Ok(text) = std::fs::read_to_string(folder.join("clients.json")) else {
        // Not `eprintln!`, which the test harness keeps to itself.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: no client programs in {}: ./scripts/clients builds them, BUSBENCH_CLIENTS \
             names another folder",
            folder.display()
        );
        return Vec::new();
    };
    let list: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    list.iter()
        .filter(|one| one["arch"] == std::env::consts::ARCH)
        .filter_map(|one| {
            let name = one["program"].as_str()?;
            Some(Built {
                name: name.to_owned(),
                client: one["client"].as_str().unwrap().to_owned(),
                path: folder.join(name),
            })
        })
        .collect()
}

fn server_of(client: &str) -> Option<ServerKind> {
    match client.trim_end_matches("-tls") {
        "nats" => Some(ServerKind::Nats),
        "mqtt" => Some(ServerKind::Mosquitto),
        "redis" => Some(ServerKind::Redis),
        _ => None,
    }
}

#[test]
fn sizes_of_client_programs_are_those_of_size_and_stat() {
    for built in built() {
        let program = Program::read(&built.path).unwrap();
        assert!(program.stripped, "{}", built.name);
        assert_eq!(program.arch, std::env::consts::ARCH, "{}", built.name);
        assert_eq!(program.file_bytes, built.path.metadata().unwrap().len());
        let Some(told) = told_by_size(&built.path) else {
            skipped("`size` (binutils) is not installed");
            return;
        };
        let ours = [program.text_bytes, program.data_bytes, program.bss_bytes];
        assert_eq!(told, ours, "{}", built.name);
    }
}

#[tokio::test]
async fn client_programs_get_their_message_back_from_real_servers() -> anyhow::Result<()> {
    let built = built();
    for kind in [ServerKind::Nats, ServerKind::Mosquitto, ServerKind::Redis] {
        let of_kind = |built: &&Built| server_of(&built.client) == Some(kind);
        let mut of_kind = built.iter().filter(of_kind).peekable();
        if of_kind.peek().is_none() {
            continue;
        }
        let servers = choose(ProviderChoice::Auto, kind, &label("clients")).await?;
        let server = servers.start(kind, &Settings::default()).await?;
        let address = server.address().to_string();
        for program in of_kind {
            drop_file_from_memory(&program.path)?;
            let cold = run_to_end(&program.path, Some(&address)).await?;
            let warm = run_to_end(&program.path, Some(&address)).await?;
            let watched = hold_at_end(&program.path, Some(&address)).await?;
            assert!(cold.major_faults > Some(0), "{}: {cold:?}", program.name);
            assert_eq!(warm.major_faults, Some(0), "{}", program.name);
            assert!(watched.rss_peak_bytes > Some(500_000), "{watched:?}");
            let is_static = watched.libraries_bytes == Some(0);
            assert_eq!(is_static, program.name.starts_with("go-"), "{watched:?}");
        }
        server.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn client_programs_that_reach_no_server_say_so() {
    for built in built() {
        // The port of `tcpmux`, where nobody listens.
        let run = run_to_end(&built.path, Some("127.0.0.1:1")).await;
        if server_of(&built.client).is_none() {
            assert!(run.is_ok(), "{}: {run:?}", built.name);
            continue;
        }
        let Err(ProgramRunError::Failed { output, .. }) = run else {
            panic!("{}: {run:?}", built.name);
        };
        let told = output.to_lowercase();
        let known = ["refused", "no servers available"];
        assert!(known.iter().any(|words| told.contains(words)), "{output}");
    }
}
