//! The published reports are what their runs say: rendered again, each file has the same bytes.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use busbench_report::{Options, render_with};
use busbench_results::{Run, RunFolder};
use serde::Deserialize;

/// What a report is made from: `report.toml` in its folder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    title: String,
    /// Folders from the root of the repository, in the report's order.
    runs: Vec<PathBuf>,
}

const SOURCE: &str = "report.toml";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn reports() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(root().join("reports"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// `BUSBENCH_UPDATE_REPORTS=1` writes them anew instead.
#[test]
fn each_published_report_is_rendered_byte_for_byte() {
    let update = std::env::var_os("BUSBENCH_UPDATE_REPORTS").is_some();
    for folder in reports() {
        let source = fs::read_to_string(folder.join(SOURCE)).unwrap();
        let source: Source = toml::from_str(&source).unwrap();
        let runs: Vec<Run> = source
            .runs
            .iter()
            .map(|run| RunFolder::open(&root().join(run)).unwrap().read().unwrap())
            .collect();
        let options = Options {
            title: Some(source.title),
        };
        let files = render_with(&runs, &options).unwrap();
        let mut names: BTreeSet<String> = files.iter().map(|(name, _)| name.clone()).collect();
        names.insert(SOURCE.to_owned());
        if update {
            for stale in listed(&folder).difference(&names) {
                fs::remove_file(folder.join(stale)).unwrap();
            }
        }
        for (name, bytes) in files {
            let path = folder.join(&name);
            if update {
                fs::write(&path, &bytes).unwrap();
            }
            let same = fs::read(&path).is_ok_and(|published| published == bytes);
            assert!(same, "{} is not what its runs render to", path.display());
        }
        assert_eq!(listed(&folder), names, "files of {}", folder.display());
    }
}

#[test]
fn each_published_report_is_in_the_index() {
    let index = fs::read_to_string(root().join("reports/README.md")).unwrap();
    let reports = reports();
    assert!(!reports.is_empty());
    for folder in reports {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(index.contains(&format!("({name}/index.html)")), "{name}");
    }
}

fn listed(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}
