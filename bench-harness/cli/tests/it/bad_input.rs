//! Wrong input: a clear message, exit code 2, and nothing written.

use std::fs;

use crate::support::{Place, SMALL};

/// The small scenario, changed, is refused with these words.
#[track_caller]
fn refused(old: &str, new: &str, words: &[&str]) {
    assert!(SMALL.contains(old), "{old}");
    let place = Place::new();
    place.file("mine.toml", &SMALL.replace(old, new));
    place.run(&["run", "mine.toml"]).said(2, words);
    place.run(&["check", "mine.toml"]).said(2, words);
    assert_eq!(place.entries(), ["mine.toml"], "nothing was written");
}

/// The small scenario is refused with these arguments.
#[track_caller]
fn refused_with(arguments: &[&str], words: &[&str]) {
    let place = Place::new();
    place.file("mine.toml", SMALL);
    let arguments = [&["run", "mine.toml"], arguments].concat();
    place.run(&arguments).said(2, words);
    assert_eq!(place.entries(), ["mine.toml"], "nothing was written");
}

#[test]
fn an_unknown_key_is_named_with_file_line_and_column() {
    refused(
        "seed = 1",
        "sed = 1",
        &["mine.toml", "line 3, column 1", "unknown field `sed`"],
    );
}

#[test]
fn an_unknown_bus_is_named_with_those_that_there_are() {
    refused(
        "\"null\"",
        "\"kafka\"",
        &["line 8", "kafka", "nats-core", "redis-streams"],
    );
}

#[test]
fn a_rate_or_window_of_zero_is_refused() {
    refused("[64]", "[0]", &["mine.toml", "line 13", "nonzero"]);
    refused(
        "[load.closed]\nwindow = [64]",
        "[load.open]\nrate = [0]",
        &["line 13", "above zero"],
    );
    refused_with(&["--set", "rate=0"], &["--set rate=0", "above zero"]);
    refused_with(&["--set", "window=0"], &["--set window=0"]);
}

#[test]
fn a_layout_that_the_protocol_cannot_carry_is_refused_when_it_is_asked_for() {
    let place = Place::new();
    let both = SMALL.replace("[\"null\"]", "[\"null\", \"mqtt3\"]");
    place.file(
        "mine.toml",
        &both.replace("[\"json\"]", "[\"json\", \"native\"]"),
    );
    let only = ["run", "mine.toml", "--only", "bus=mqtt3,envelope=native"];
    place
        .run(&only)
        .said(2, &["--only", "MQTT 3.1.1 has no headers"]);
    assert_eq!(place.entries(), ["mine.toml"]);
}

#[test]
fn only_names_what_there_is() {
    refused_with(
        &["--only", "bus=kafka"],
        &["--only bus=kafka", "its values are null"],
    );
    refused_with(&["--only", "colour=red"], &["no such key", "bus, envelope"]);
    refused_with(&["--set", "colour=red"], &["no such key", "rate, window"]);
}

#[test]
fn a_folder_is_no_scenario() {
    let place = Place::new();
    fs::create_dir(place.path().join("scenarios")).unwrap();
    place
        .run(&["run", "scenarios"])
        .said(2, &["scenarios is a folder", "scenarios/quick.toml"]);
}

#[test]
fn a_scenario_that_is_not_there_is_named() {
    Place::new()
        .run(&["run", "absent.toml"])
        .said(2, &["cannot read scenario absent.toml"]);
}

#[test]
fn a_command_line_that_means_nothing_is_refused() {
    let place = Place::new();
    place.run(&["run"]).said(2, &["<SCENARIO>"]);
    place
        .run(&["fly"])
        .said(2, &["unrecognized subcommand 'fly'"]);
    place
        .run(&["run", "x.toml", "--trials", "0"])
        .said(2, &["--trials"]);
    place
        .run(&["run", "x.toml", "--provider", "magic"])
        .said(2, &["container", "process"]);
}

#[test]
fn check_tells_of_every_file() {
    let place = Place::new();
    place.file("good.toml", SMALL);
    place.file("bad.toml", "question = 1");
    place.file("worse.toml", "what");
    let ended = place.run(&["check", "bad.toml", "good.toml", "worse.toml"]);
    ended.said(2, &["bad.toml", "worse.toml"]);
    assert!(
        ended
            .stdout
            .contains("good.toml: 1 cells (0 not possible), 1 trials"),
        "{ended:?}"
    );
}
