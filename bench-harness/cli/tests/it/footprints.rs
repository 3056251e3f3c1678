//! What commands make of a run of footprints.

use busbench_results::fixtures;

use crate::support::Place;

#[test]
fn it_is_exported_by_columns_of_its_own() {
    let place = Place::new();
    fixtures::write(&fixtures::footprint_run(), &place.path().join("out")).unwrap();
    let csv = place.run(&["export", "out"]).said(0, &[]).stdout.clone();
    assert!(csv.starts_with("run,host,host_arch,emulated,"), "{csv}");
    let ended = place.run(&["export", "out", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&ended.said(0, &[]).stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), csv.lines().count() - 1);
    assert_eq!(rows[0]["server"], "nats");
    assert!(rows[0]["idle_rss_bytes"].as_f64().unwrap() > 1e6);
}

#[test]
fn it_is_reported_beside_a_run_of_messages() {
    let place = Place::new();
    for (run, name) in [
        (fixtures::footprint_run(), "footprints"),
        (fixtures::small_run(), "messages"),
    ] {
        fixtures::write(&run, &place.path().join(name)).unwrap();
    }
    let report = ["report", "footprints", "messages", "--out", "page"];
    place.run(&report).said(0, &[]);
    for file in ["footprints.csv", "cells.csv", "footprint-starts.svg"] {
        assert!(place.path().join("page").join(file).is_file(), "{file}");
    }
}

#[test]
fn it_is_refused_where_only_messages_are_compared() {
    let place = Place::new();
    fixtures::write(&fixtures::footprint_run(), &place.path().join("out")).unwrap();
    for arguments in [
        &["compare", "out", "out"][..],
        &["compare", "--self-check", "out"],
    ] {
        let words = ["is a run of footprints", "`busbench report` shows"];
        place.run(arguments).said(11, &words);
    }
    place
        .run(&["trend", "--record", "out", "--history", "history"])
        .said(2, &["is of footprints", "figures of messages only"]);
}
