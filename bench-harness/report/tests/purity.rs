//! Rendering is pure: what is in a report comes from the runs alone.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::collections::BTreeSet;
use std::process::Command;

use busbench_report::render;
use busbench_results::{Run, RunState, fixtures};

type Files = Vec<(String, Vec<u8>)>;

/// Several runs with all that a report can have.
fn runs() -> Vec<Run> {
    vec![
        fixtures::run(),
        fixtures::aarch64_run(),
        fixtures::marshalling_run(),
    ]
}

fn rendered(runs: &[Run]) -> Files {
    render(runs).unwrap()
}

/// What two reports have the same and what not, by name: a whole page would not be read.
#[track_caller]
fn assert_same(one: &Files, other: &Files) {
    let names =
        |files: &Files| -> Vec<String> { files.iter().map(|(name, _)| name.clone()).collect() };
    assert_eq!(names(one), names(other));
    for ((name, one), (_, other)) in one.iter().zip(other) {
        assert!(one == other, "{name} differs");
    }
}

#[test]
fn the_same_runs_make_the_same_bytes_in_any_thread() {
    let first = rendered(&runs());
    // Hashes that are seeded for each thread or each map would show here.
    let others: Vec<Files> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(|| rendered(&runs()))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for other in &others {
        assert_same(&first, other);
    }
}

/// Where this program is run again, it leaves a report here instead of testing.
const WRITE_TO: &str = "BUSBENCH_TEST_PURITY";

#[test]
fn another_process_elsewhere_at_another_time_makes_the_same_bytes() {
    if let Some(folder) = std::env::var_os(WRITE_TO) {
        for (name, bytes) in rendered(&runs()) {
            std::fs::write(std::path::Path::new(&folder).join(name), bytes).unwrap();
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "another_process_elsewhere_at_another_time_makes_the_same_bytes",
        ])
        .current_dir(folder.path())
        .env_clear()
        .envs([
            ("TZ", "Pacific/Chatham"),
            ("LANG", "tr_TR.UTF-8"),
            ("RAYON_NUM_THREADS", "1"),
        ])
        .env(WRITE_TO, folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    let here = rendered(&runs());
    let there: Files = here
        .iter()
        .map(|(name, _)| {
            (
                name.clone(),
                std::fs::read(folder.path().join(name)).unwrap(),
            )
        })
        .collect();
    assert_same(&here, &there);
}

#[test]
fn a_run_has_the_same_chapter_alone_and_beside_others() {
    let alone = rendered(&[fixtures::run()]);
    let together = rendered(&[fixtures::run(), fixtures::marshalling_run()]);
    let pictures = alone.iter().filter(|(name, _)| picture(name));
    let mut seen = 0;
    for (name, bytes) in pictures {
        let beside = format!("run1-{name}");
        let (_, other) = together.iter().find(|(name, _)| *name == beside).unwrap();
        // Ids tell the pictures of one run from those of another.
        let other = String::from_utf8(other.clone())
            .unwrap()
            .replace("run1-", "");
        assert!(other.as_bytes() == bytes, "{name} differs");
        seen += 1;
    }
    assert!(seen > 3, "{seen} pictures");
}

fn picture(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "svg")))
}

#[test]
fn where_and_when_it_is_rendered_leaves_no_trace() {
    let mut run = fixtures::run();
    run.path = "/somebody/s/folder".into();
    assert_same(&rendered(&[run]), &rendered(&[fixtures::run()]));

    // A run that goes on has no end, and none is made up from the clock.
    let mut run = fixtures::run();
    run.record.state = RunState::Running;
    run.record.finished_unix_ms = None;
    let here = std::env::current_dir().unwrap();
    let home = std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned());
    let years: BTreeSet<String> = rendered(&[run])
        .iter()
        .flat_map(|(name, bytes)| {
            let text = String::from_utf8_lossy(bytes);
            for place in [here.to_str().unwrap(), &home, "/tmp/"] {
                assert!(
                    place.len() < 3 || !text.contains(place),
                    "{name} names {place}"
                );
            }
            let dates = text.match_indices(" UTC");
            let dates: Vec<String> = dates
                .map(|(at, _)| text[at - 16..at - 12].to_owned())
                .collect();
            dates
        })
        .collect();
    assert_eq!(
        years,
        BTreeSet::from(["2026".to_owned()]),
        "the fixture's year"
    );
}
