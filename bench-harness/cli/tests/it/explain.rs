//! `busbench explain`.

use crate::support::Place;

#[test]
fn a_reason_is_explained_with_what_it_does_and_what_to_do() {
    let ended = Place::new().run(&["explain", "cpu-steal"]);
    let said = &ended.said(0, &[]).stdout;
    assert!(
        said.starts_with("cpu-steal (reason that makes its trial suspect)\n"),
        "{said}"
    );
    assert!(said.contains("Where it comes from: "), "{said}");
    assert!(said.contains("What to do: "), "{said}");
    assert!(
        said.lines().all(|line| line.chars().count() <= 80),
        "{said}"
    );
}

#[test]
fn a_name_with_two_senses_is_explained_in_both() {
    let ended = Place::new().run(&["explain", "wake-lag"]);
    let said = &ended.said(0, &[]).stdout;
    assert!(said.contains("wake-lag (time of each message)"), "{said}");
    assert!(said.contains("wake-lag (reason that"), "{said}");
}

#[test]
fn a_column_of_the_export_is_explained() {
    let ended = Place::new().run(&["explain", "response_p99_ns"]);
    let said = &ended.said(0, &[]).stdout;
    assert!(said.starts_with("response (time of each message)"));
}

#[test]
fn without_a_name_all_names_are_listed() {
    let ended = Place::new().run(&["explain"]);
    let said = &ended.said(0, &[]).stdout;
    for name in ["response", "tcp-relay", "periodic-sync", "clock-jumped"] {
        assert!(said.contains(name), "{name}: {said}");
    }
    assert!(
        said.lines().all(|line| line.chars().count() <= 80),
        "{said}"
    );
}

#[test]
fn a_name_that_is_not_known_is_answered_with_near_ones() {
    let place = Place::new();
    place
        .run(&["explain", "wake-lags"])
        .said(2, &["nothing is called \"wake-lags\"", "wake-lag"]);
    place
        .run(&["explain", "zzzz"])
        .said(2, &["`busbench explain` lists all names"]);
}
