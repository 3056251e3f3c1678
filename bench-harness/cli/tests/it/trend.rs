//! `busbench trend`: runs are recorded, changes are told, and what is wrong is named.

use std::fs;
use std::sync::LazyLock;

use busbench_results::history::HistoryLine;
use busbench_results::{Run, RunState, fixtures};

use crate::support::Place;

/// Made up once: it takes a while.
static NIGHTS: LazyLock<String> = LazyLock::new(|| {
    let line = |line: &HistoryLine| serde_json::to_string(line).unwrap() + "\n";
    fixtures::history().iter().map(line).collect()
});

/// A place with the made-up history of 60 nights.
fn with_history() -> Place {
    let place = Place::new();
    fs::create_dir_all(place.path().join("results/history")).unwrap();
    place.file("results/history/quick.jsonl", &NIGHTS);
    place
}

/// Writes a run into a folder.
fn write(place: &Place, folder: &str, run: &Run) {
    fixtures::write(run, &place.path().join(folder)).unwrap();
}

fn history(place: &Place) -> String {
    fs::read_to_string(place.path().join("results/history/quick.jsonl")).unwrap()
}

#[test]
fn changes_are_told_with_their_commits_and_what_has_none_is_counted() {
    let place = with_history();
    let ended = place.run(&["trend"]);
    let table = &ended.said(0, &[]).stdout;
    let row = |words: &[&str]| {
        let has_all = |line: &str| words.iter().all(|word| line.contains(word));
        assert!(table.lines().any(has_all), "{words:?}: {table}");
    };
    row(&[
        "nats-core native",
        "delivered/s",
        "322,000/s",
        "285,000/s",
        "-12 %, worse",
    ]);
    row(&["a80b23b08 ->", "2026-04-04"]);
    row(&["redis-pubsub", "+8.8 %, better", "server 7.0.15"]);
    row(&[
        "1 series without a change, 1 too short",
        "from 10 points on",
    ]);
}

#[test]
fn runs_are_recorded_once_before_the_history_is_read() {
    let place = Place::new();
    write(&place, "one", &fixtures::run());
    write(&place, "two", &fixtures::small_run());
    let words = [
        "recorded: 20260301T120000Z-quick-4f2a",
        "results/history/quick.jsonl",
    ];
    let ended = place.run(&["trend", "--record", "one", "two"]);
    let table = &ended.said(0, &words).stdout;
    assert!(table.contains("No series has enough points"), "{table}");
    let recorded = history(&place);
    assert!(recorded.lines().count() > 10);
    place
        .run(&["trend", "--record", "one"])
        .said(2, &["20260301T120000Z-quick-4f2a", "quick.jsonl already"]);
    assert_eq!(history(&place), recorded, "nothing was written");
    let given_twice = [
        "trend",
        "--history",
        "new",
        "--record",
        "one",
        "--record",
        "./one",
    ];
    place.run(&given_twice).said(2, &["recorded once"]);
}

#[test]
fn a_fire_drill_is_no_part_of_a_history() {
    let place = Place::new();
    let mut run = fixtures::run();
    for cell in &mut run.record.cells {
        let work = ("null_work_ns".to_owned(), "35".to_owned());
        cell.client_settings.extend([work]);
    }
    write(&place, "drill", &run);
    place
        .run(&["trend", "--record", "drill"])
        .said(2, &["fire drill", "--null-work 35ns"]);
    let file = place.path().join("results/history/quick.jsonl");
    assert!(!file.exists(), "nothing was written");
}

#[test]
fn json_holds_every_change_and_every_series() {
    let place = with_history();
    let ended = place.run(&["trend", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&ended.said(0, &[]).stdout).unwrap();
    assert_eq!(found["format_version"], 1);
    assert_eq!(found["changed"].as_array().unwrap().len(), 4);
    assert_eq!(found["quiet"].as_array().unwrap().len(), 2);
    let is_native = |series: &&serde_json::Value| series["key"]["cell"]["envelope"] == "native";
    let changed = found["changed"].as_array().unwrap();
    let figure = &changed.iter().find(is_native).unwrap()["figures"][0];
    assert_eq!(figure["figure"], "delivered_per_second");
    assert_eq!(figure["changes"][0]["direction"], "worse");
    assert_eq!(figure["changes"][0]["first_with"]["run"], "night-034");
}

#[test]
fn series_and_figures_can_be_chosen() {
    let place = with_history();
    let chosen = [
        "trend",
        "--only",
        "bus=nats-core,load=closed",
        "--figure",
        "delivered_per_second",
    ];
    let ended = place.run(&chosen);
    assert!(
        ended.said(0, &[]).stdout.contains("1 change in 1 series."),
        "{ended:?}"
    );
    place.run(&["trend", "--only", "bus=kafka"]).said(
        2,
        &["--only bus=kafka", "values of bus are mqtt5, nats-core"],
    );
    place
        .run(&["trend", "--only", "colour=red"])
        .said(2, &["no such key", "ack_window", "window"]);
    place.run(&["trend", "--figure", "beauty"]).said(
        2,
        &[
            "--figure beauty",
            "response_p99_ns, server_cpu_ns_per_message",
        ],
    );
}

#[test]
fn the_page_is_one_file_with_a_picture_of_each_change() {
    let place = with_history();
    let ended = place.run(&["trend", "--out", "page"]);
    ended.said(0, &["page: page/index.html"]);
    let page = fs::read_to_string(place.path().join("page/index.html")).unwrap();
    assert!(page.matches("<figure").count() >= 4);
    assert!(page.contains("default-src 'none'"));
    assert_eq!(fs::read_dir(place.path().join("page")).unwrap().count(), 1);
    place.file("file", "");
    place
        .run(&["trend", "--out", "file/page"])
        .said(3, &["cannot write report file/page"]);
}

#[test]
fn a_history_that_is_not_there_or_empty_is_named() {
    let place = Place::new();
    place
        .run(&["trend"])
        .said(2, &["no history in results/history", "--record RUN"]);
    fs::create_dir(place.path().join("mine")).unwrap();
    place
        .run(&["trend", "--history", "mine"])
        .said(2, &["history mine holds no line"]);
    place.file("file", "");
    place
        .run(&["trend", "--history", "file"])
        .said(2, &["no history in file"]);
    assert_eq!(place.entries(), ["file", "mine"], "nothing was made");
}

/// The history, changed, is refused with these words.
#[track_caller]
fn refused(change: impl Fn(&str) -> String, words: &[&str]) {
    let place = with_history();
    place.file("results/history/quick.jsonl", &change(&NIGHTS));
    let words = [&["results/history/quick.jsonl, line "], words].concat();
    let ended = place.run(&["trend", "--out", "page"]);
    ended.said(2, &words);
    assert_eq!(ended.stdout, "");
    assert!(!place.path().join("page").exists());
}

#[test]
fn a_wrong_line_is_named_by_file_number_and_reason() {
    refused(|text| text[..text.len() - 9].to_owned(), &["cut off"]);
    refused(
        |text| text.replacen("\"history_version\":1", "\"history_version\":9", 1),
        &[
            "line 1: history version 9 is newer than the 1",
            "use a newer busbench",
        ],
    );
    refused(
        |text| text.replace("\"trials\":3", "\"trials\":-3"),
        &["line 1: not of the shape", "invalid value: integer `-3`"],
    );
    refused(
        |text| {
            text.replace(
                "\"delivered_per_second\":",
                "\"delivered_per_second\":NaN,\"x\":",
            )
        },
        &["line 1: not JSON", "column"],
    );
    refused(
        |text| format!("{text}{}\n", text.lines().next().unwrap()),
        &["run night-001 has this cell in line 1 already"],
    );
}

#[test]
fn what_is_no_finished_run_is_not_recorded() {
    let place = Place::new();
    let mut run = fixtures::small_run();
    run.record.state = RunState::Interrupted;
    write(&place, "out", &run);
    place
        .run(&["trend", "--record", "out"])
        .said(2, &["is not complete", "--resume out"]);
    place
        .run(&["trend", "--record", "nowhere"])
        .said(2, &["no run in nowhere"]);
    place.file("file", "");
    run.record.state = RunState::Complete;
    write(&place, "complete", &run);
    place
        .run(&["trend", "--history", "file/history", "--record", "complete"])
        .said(3, &["create folder file/history"]);
    place
        .run(&["trend", "--record"])
        .said(2, &["--record <RUN>"]);
}
