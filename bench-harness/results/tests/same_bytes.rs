//! Result files and exports are the same bytes on every architecture: their hashes are committed, and
//! what another architecture prints is compared line by line (`scripts/prove.d/arm64`). Pages are held
//! to the published ones, by `report/tests/published.rs`.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::fmt::Write as _;
use std::path::Path;

use busbench_results::footprint::footprints;
use busbench_results::{RunFolder, export, fixtures, summarise};
use sha2::{Digest, Sha256};

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Every file below a folder, by name, then contents.
fn contents(folder: &Path, into: &mut Vec<u8>) {
    let entries = folder.read_dir().unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort_unstable();
    for path in paths {
        into.extend(path.file_name().unwrap().as_encoded_bytes());
        if path.is_dir() {
            contents(&path, into);
        } else {
            into.extend(std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn result_files_and_exports_are_the_same_bytes_on_every_architecture() {
    let mut lines = Vec::new();
    for run in [
        fixtures::run(),
        fixtures::emulated_servers_run(),
        fixtures::sensors_run(),
        fixtures::envelope_run(),
        fixtures::footprint_run(),
    ] {
        let name = run.record.run.clone();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        fixtures::write(&run, &path).unwrap();
        let mut files = Vec::new();
        contents(&path, &mut files);
        lines.push(format!("{name} files {}", sha256(&files)));
        // From the files, so that what was written is also read alike.
        let rows = summarise(&RunFolder::open(&path).unwrap().read().unwrap());
        let csv = export::to_csv(&rows).unwrap();
        lines.push(format!("{name} csv {}", sha256(&csv)));
        let json = export::to_json(&rows).unwrap();
        lines.push(format!("{name} json {}", sha256(&json)));
    }
    let footprints = footprints(&fixtures::footprint_run());
    let csv = export::to_csv(&footprints).unwrap();
    lines.push(format!("footprints csv {}", sha256(&csv)));
    println!("{}", lines.join("\n"));
    insta::assert_snapshot!(lines.join("\n"));
}
