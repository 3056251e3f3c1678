//! What servers take: as `/proc`, `size`, `stat` and the engine tell it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use busbench_brokers::{
    Architecture, Held, LoadedFiles, Program, ProviderChoice, Server, ServerKind, Servers,
    Settings, major_faults,
};

use crate::support::{choose, has_engine, label, printed, skipped, soon, told_by_size};

/// Two readings of one thing, a moment apart.
#[track_caller]
fn agree(what: &str, one: u64, other: u64) {
    let difference = one.abs_diff(other) as f64;
    assert!(
        difference <= 0.01 * one.max(other) as f64,
        "{what}: {one} and {other}"
    );
}

fn timed() -> Settings {
    Settings {
        times_start: true,
        ..Settings::default()
    }
}

/// A number of a process's status, in the unit that it stands in.
fn status(process_id: u32, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process_id}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.unwrap().trim_start_matches(':').split_whitespace();
    number.into_iter().next().unwrap().parse().unwrap()
}

fn holds_what_proc_says(server: &Server) {
    let ids = server.process_ids();
    let held = Held::read(ids).unwrap();
    let sum = |name| ids.iter().map(|id| status(*id, name)).sum::<u64>();
    agree("VmRSS", held.rss_bytes, 1024 * sum("VmRSS"));
    agree(
        "RssAnon",
        held.rss_anonymous_bytes.unwrap(),
        1024 * sum("RssAnon"),
    );
    agree("threads", held.threads.into(), sum("Threads"));
    let files = |id| std::fs::read_dir(format!("/proc/{id}/fd")).unwrap().count() as u64;
    let files: u64 = ids.iter().map(|id| files(*id)).sum();
    agree("files", held.open_files.unwrap().into(), files);
}

/// Sizes of the program and of its libraries as they are told of a path.
fn is_as_large_as_its_file(server: &Server) {
    let files = server.loaded_files().unwrap();
    let program = files.program().unwrap();
    let first = server.process_ids()[0];
    let path = format!("/proc/{first}/exe");
    assert_eq!(
        program.file_bytes,
        std::fs::metadata(&path).unwrap().len(),
        "stat"
    );
    let libraries: u64 = files
        .libraries()
        .map(|library| format!("/proc/{first}/root{}", library.display()))
        .map(|library| std::fs::metadata(library).unwrap().len())
        .sum();
    assert_eq!(files.libraries_bytes().unwrap(), libraries);
    let Some(told) = told_by_size(path.as_ref()) else {
        skipped("`size` (binutils) is not installed");
        return;
    };
    let ours = [program.text_bytes, program.data_bytes, program.bss_bytes];
    assert_eq!(told, ours, "size");
}

#[tokio::test]
async fn a_servers_figures_are_those_of_proc_and_size() {
    for kind in ServerKind::ALL {
        let servers = choose(ProviderChoice::Process, kind, &label("held"))
            .await
            .unwrap();
        let server = servers.start(kind, &timed()).await.unwrap();
        // Memory that is still being allocated would differ between two readings.
        tokio::time::sleep(Duration::from_millis(300)).await;
        holds_what_proc_says(&server);
        is_as_large_as_its_file(&server);
        let binary = server.info().binary.clone().unwrap();
        let of_path = Program::read(binary.as_ref()).unwrap();
        let files = server.loaded_files().unwrap();
        assert_eq!(files.program().unwrap(), of_path, "{kind}");
        server.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_containers_figures_are_those_of_proc_and_size() {
    if !has_engine().await {
        return;
    }
    for kind in ServerKind::ALL {
        let servers = choose(ProviderChoice::Container, kind, &label("held"))
            .await
            .unwrap();
        let server = servers.start(kind, &timed()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        holds_what_proc_says(&server);
        is_as_large_as_its_file(&server);
        server.stop().await.unwrap();
    }
}

#[tokio::test]
async fn an_images_size_is_what_the_engine_and_gzip_say() {
    if !has_engine().await {
        return;
    }
    let kind = ServerKind::Mosquitto;
    let servers = choose(ProviderChoice::Container, kind, &label("image"))
        .await
        .unwrap();
    let size = servers.image_size(kind).await.unwrap().unwrap();
    let Some(told) = printed(
        "docker",
        &[
            "image",
            "inspect",
            "--format",
            "{{.Size}} {{.Id}}",
            &size.name,
        ],
    ) else {
        skipped("the `docker` command is not installed");
        return;
    };
    assert_eq!(
        told.trim(),
        format!("{} {}", size.unpacked_bytes, size.id),
        "docker image inspect"
    );
    assert_eq!(size.architecture, Architecture::of_this_program());
    // gzip's own compressor differs a little.
    let gzip = compressed_by_gzip(&size.name);
    let compressed = size.compressed_bytes.unwrap();
    let ratio = compressed as f64 / gzip as f64;
    assert!((0.95..1.05).contains(&ratio), "{compressed} and {gzip}");
}

/// Bytes of an image's layers, each once, as `gzip` compresses them.
fn compressed_by_gzip(image: &str) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let unpack = format!("docker image save {image} | tar -xC {}", folder.display());
    printed("sh", &["-c", &unpack]).unwrap();
    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let layers = manifest[0]["Layers"].as_array().unwrap();
    let layers: BTreeSet<PathBuf> = layers
        .iter()
        .map(|layer| folder.join(layer.as_str().unwrap()))
        .map(|layer| layer.canonicalize().unwrap())
        .collect();
    assert!(!layers.is_empty());
    let compressed = |layer: &PathBuf| -> u64 {
        let bytes = std::fs::read(layer).unwrap();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            return bytes.len() as u64;
        }
        let count = format!("gzip -6 <{} | wc -c", layer.display());
        let count = printed("sh", &["-c", &count]).unwrap();
        count.trim().parse().unwrap()
    };
    layers.iter().map(compressed).sum()
}

/// Major faults of a start with the program's pages dropped, and of one after it.
async fn cold_and_warm(servers: &Servers, kind: ServerKind, files: &LoadedFiles) -> [u64; 2] {
    files.drop_from_memory().unwrap();
    let began = Instant::now();
    let cold = servers.start(kind, &timed()).await.unwrap();
    let whole = began.elapsed();
    let cold_faults = major_faults(cold.process_ids()).unwrap();
    let answer = cold.first_answer().unwrap();
    cold.stop().await.unwrap();
    assert!(answer <= whole, "{kind}: {answer:?} of {whole:?}");
    let warm = servers.start(kind, &timed()).await.unwrap();
    let warm_faults = major_faults(warm.process_ids()).unwrap();
    warm.stop().await.unwrap();
    [cold_faults, warm_faults]
}

/// Another test's server of the same kind keeps the pages in memory while it runs, so a start that
/// was not cold is tried again.
async fn starts_cold_and_warm(choice: ProviderChoice) {
    for kind in ServerKind::ALL {
        let servers = choose(choice, kind, &label("cold")).await.unwrap();
        let server = servers.start(kind, &timed()).await.unwrap();
        let files = server.loaded_files().unwrap();
        server.stop().await.unwrap();
        soon("a cold start", async || {
            let [cold, warm] = cold_and_warm(&servers, kind, &files).await;
            cold > warm
        })
        .await;
    }
}

#[tokio::test]
async fn a_cold_start_has_major_faults_and_a_warm_one_after_it_has_fewer() {
    starts_cold_and_warm(ProviderChoice::Process).await;
}

#[tokio::test]
async fn a_containers_cold_start_has_major_faults_and_a_warm_one_after_it_has_fewer() {
    if has_engine().await {
        starts_cold_and_warm(ProviderChoice::Container).await;
    }
}

#[tokio::test]
async fn a_start_is_timed_only_where_that_is_asked_for() {
    let kind = ServerKind::Redis;
    let servers = choose(ProviderChoice::Process, kind, &label("untimed"))
        .await
        .unwrap();
    let server = servers.start(kind, &Settings::default()).await.unwrap();
    assert_eq!(server.first_answer(), None);
    server.stop().await.unwrap();
}
