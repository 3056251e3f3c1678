//! Result folders that cannot be read or written.

use std::fs;
use std::process::Command;

use crate::support::{Place, SMALL};

fn finished_run() -> Place {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    place
        .run(&["run", "mine.toml", "--out", "out", "--quiet"])
        .said(0, &[]);
    place
}

#[track_caller]
fn refused(place: &Place, words: &[&str]) {
    place.run(&["export", "out"]).said(2, words);
    place
        .run(&["report", "out", "--out", "again"])
        .said(2, words);
    assert!(!place.path().join("again").exists(), "nothing was written");
    place
        .run(&["run", "mine.toml", "--resume", "out"])
        .said(2, words);
}

#[test]
fn a_truncated_result_is_named() {
    let place = finished_run();
    let path = place.path().join("out/result.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    refused(&place, &["out/result.json", "line"]);
}

#[test]
fn a_newer_result_says_which_side_is_old() {
    let place = finished_run();
    let path = place.path().join("out/result.json");
    let text = fs::read_to_string(&path).unwrap();
    let newer = text.replacen("\"schema_version\": 2", "\"schema_version\": 3", 1);
    assert_ne!(text, newer);
    fs::write(&path, newer).unwrap();
    refused(&place, &["out/result.json", "3", "2", "newer"]);
}

#[test]
fn a_foreign_file_is_no_result() {
    let place = finished_run();
    fs::write(place.path().join("out/result.json"), "{\"results\": []}").unwrap();
    refused(&place, &["out/result.json"]);
}

#[test]
fn a_missing_trial_is_named() {
    let place = finished_run();
    fs::remove_file(place.path().join("out/trials/null-json-closed-64-1.json")).unwrap();
    refused(&place, &["null-json-closed-64-1.json"]);
}

#[test]
fn a_folder_without_results_is_named() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    place.run(&["export", "nowhere"]).said(2, &["nowhere"]);
    place
        .run(&["run", "mine.toml", "--resume", "nowhere"])
        .said(2, &["nowhere"]);
    assert_eq!(place.entries(), ["mine.toml"]);
}

#[test]
fn a_folder_with_something_else_in_it_is_not_written_into() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    fs::create_dir(place.path().join("mine")).unwrap();
    fs::write(place.path().join("mine/thesis.txt"), "years of work").unwrap();
    place
        .run(&["run", "mine.toml", "--out", "mine"])
        .said(3, &["mine"]);
    assert_eq!(fs::read_dir(place.path().join("mine")).unwrap().count(), 1);
}

#[test]
fn an_output_folder_that_cannot_be_made_is_named() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    place.file("file", "");
    // A file in the way stops root, too, whom no permission stops.
    place
        .run(&["run", "mine.toml", "--out", "file/out"])
        .said(3, &["file/out"]);
    place
        .run(&["run", "mine.toml", "--out", "/proc/out"])
        .said(3, &["/proc/out"]);
    assert_eq!(place.entries(), ["file", "mine.toml"]);
}

/// A program run as root, if need be through a sudo that asks nothing.
fn as_root(program: &str) -> Command {
    if rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg("-n").arg(program);
    command
}

/// `/dev/full` is no folder, so a small file system stands in for a full disk.
#[test]
fn a_full_disk_ends_the_run_with_nothing_half_written() {
    let place = Place::new();
    place.file("mine.toml", &SMALL.replace("trials = 1", "trials = 40"));
    let disk = place.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = as_root("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(&disk)
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI can mount a file system"
        );
        println!("skipped: only root may mount a small file system");
        return;
    }
    let ended = place.run(&["run", "mine.toml", "--out", "disk/out"]);
    let broken: Vec<_> = fs::read_dir(disk.join("out/trials"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            serde_json::from_str::<serde_json::Value>(&text).is_err()
        })
        .collect();
    let left = as_root("umount").arg(&disk).status().unwrap();
    assert!(left.success());
    ended.said(3, &["disk/out", "No space left on device"]);
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn a_run_that_is_given_twice_is_named() {
    let place = finished_run();
    let name = fs::read_to_string(place.path().join("out/result.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&name).unwrap();
    place
        .run(&["report", "out", "./out", "--out", "again"])
        .said(2, &[record["run"].as_str().unwrap(), "twice"]);
    assert!(!place.path().join("again").exists(), "nothing was written");
}

#[test]
fn a_run_that_cannot_be_read_is_named_among_others() {
    let place = finished_run();
    place
        .run(&["report", "out", "nowhere", "--out", "again"])
        .said(2, &["nowhere", "result.json"]);
}

#[test]
fn a_title_that_was_chosen_is_the_pages() {
    let place = finished_run();
    place
        .run(&["report", "out", "--out", "again", "--title", "Is <it> so?"])
        .said(0, &[]);
    let page = fs::read_to_string(place.path().join("again/index.html")).unwrap();
    assert!(page.contains("<h1>Is &lt;it&gt; so?</h1>"));
}
