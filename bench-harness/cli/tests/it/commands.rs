//! What the commands do when all is well.

use std::fs;

use crate::support::{Place, SMALL};

#[test]
fn a_run_shows_a_table_and_leaves_results_and_a_report() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    let ended = place.run(&["run", "mine.toml", "--out", "out"]);
    ended.said(0, &["1/1 null-json-closed-64 trial 1"]);
    assert!(ended.stdout.contains("Does it run?"), "{}", ended.stdout);
    assert!(ended.stdout.contains("null json"), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("report:  out/report/index.html"),
        "{}",
        ended.stdout
    );
    let page = fs::read_to_string(place.path().join("out/report/index.html")).unwrap();
    assert!(page.contains("<svg"), "the page has pictures");
    for file in [
        "out/result.json",
        "out/report/report.md",
        "out/report/cells.csv",
    ] {
        assert!(place.path().join(file).is_file(), "{file}");
    }
}

#[test]
fn a_run_goes_to_a_folder_of_its_own_by_default() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    place.run(&["run", "mine.toml"]).said(0, &[]);
    let runs = fs::read_dir(place.path().join("results/runs")).unwrap();
    let names: Vec<_> = runs
        .map(|run| run.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 1);
    assert!(names[0].contains("-mine-"), "{names:?}");
}

#[test]
fn a_dry_run_shows_the_plan_and_writes_nothing() {
    let place = Place::new();
    place.file(
        "mine.toml",
        &SMALL
            .replace("[\"null\"]", "[\"null\", \"mqtt3\"]")
            .replace("[\"json\"]", "[\"native\"]"),
    );
    let ended = place.run(&["run", "mine.toml", "--dry-run"]);
    ended.said(0, &[]);
    assert!(
        ended.stdout.contains("1 cells x 1 trials, about"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("null-native-closed-64"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("not possible: MQTT 3.1.1"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("1 not possible; 1 trials in all"),
        "{}",
        ended.stdout
    );
    let shared = place.run(&["run", "mine.toml", "--dry-run", "--set", "servers=round"]);
    let words = "one server for each bus and tuning in a round of trials";
    assert!(shared.said(0, &[]).stdout.contains(words), "{shared:?}");
    let listed = place.run(&["list", "."]);
    let words = "1 cells x 1 trials, about 0.4 s; 1 not possible\n";
    assert!(listed.said(0, &[]).stdout.ends_with(words), "{listed:?}");
    let checked = place.run(&["check", "mine.toml"]);
    let words = "2 cells (1 not possible), 1 trials, about 0.4 s";
    assert!(checked.said(0, &[]).stdout.contains(words), "{checked:?}");
    assert_eq!(place.entries(), ["mine.toml"]);
}

#[test]
fn quiet_is_quiet() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    let ended = place.run(&["run", "mine.toml", "--quiet", "--out", "out"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (Some(0), "", "")
    );
}

#[test]
fn progress_as_json_is_one_event_on_each_line() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    let ended = place.run(&["run", "mine.toml", "--progress", "json", "--out", "out"]);
    let events: Vec<serde_json::Value> = ended
        .said(0, &[])
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<_> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "run-started",
            "trial-started",
            "trial-finished",
            "run-finished"
        ]
    );
    assert!(events[1]["remaining_seconds"].as_f64().unwrap() > 0.0);
    assert!(events[2]["delivered_per_second"].as_f64().unwrap() > 0.0);
}

#[test]
fn set_and_trials_replace_what_the_scenario_says() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    let sets = [
        "--set",
        "publishers=2",
        "--set",
        "payload=3xBool",
        "--trials",
        "2",
    ];
    let arguments = [&["run", "mine.toml", "--out", "out"], &sets[..]].concat();
    place.run(&arguments).said(0, &["2/2"]);
    let rows = place.rows();
    assert_eq!(rows[0]["publishers"], 2);
    assert_eq!(rows[0]["payload"], "3xBool");
    assert_eq!(rows[0]["trials"], 2);
    assert_eq!(rows[0]["lost"], 0);
}

#[test]
fn several_scenarios_run_one_after_the_other() {
    let place = Place::new();
    place.file("one.toml", SMALL);
    place.file("two.toml", SMALL);
    place
        .run(&["run", "one.toml", "two.toml", "--out", "out"])
        .said(0, &[]);
    assert!(place.path().join("out/one/result.json").is_file());
    assert!(place.path().join("out/two/result.json").is_file());
}

#[test]
fn runs_are_exported_and_reported_again() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    place
        .run(&["run", "mine.toml", "--out", "out", "--quiet"])
        .said(0, &[]);
    let csv = place.run(&["export", "out"]).said(0, &[]).stdout.clone();
    assert!(
        csv.starts_with("run,host,arch,emulated,scenario,bus,"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 2);
    place.run(&["report", "out", "--out", "again"]).said(0, &[]);
    let read = |file: &str| fs::read(place.path().join(file)).unwrap();
    assert_eq!(
        read("again/index.html"),
        read("out/report/index.html"),
        "rendering is pure"
    );
}

#[test]
fn list_tells_each_scenario_with_its_question_and_time() {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    let ended = place.run(&["list", "."]);
    let expected = "./mine.toml\n  Does it run?\n  1 cells x 1 trials, about 0.4 s\n";
    assert_eq!(ended.said(0, &[]).stdout, expected);
    place
        .run(&["list"])
        .said(2, &["cannot list scenarios in scenarios"]);
}
