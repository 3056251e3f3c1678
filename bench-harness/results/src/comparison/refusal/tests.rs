use serde_json::json;

use super::{fields_that_forbid, scenario_keys_that_differ, settings_that_differ};
use crate::comparison::Across;
use crate::fixtures::run;
use crate::{RunRecord, Scenario};

fn scenario(resolved: serde_json::Value) -> Scenario {
    Scenario {
        resolved,
        ..run().record.scenario
    }
}

#[track_caller]
fn check_keys(base: serde_json::Value, head: serde_json::Value, expected: &[&str]) {
    let fields = scenario_keys_that_differ(&scenario(base), &scenario(head));
    let told: Vec<String> = fields
        .iter()
        .map(|field| {
            let [base, head] = [0, 1].map(|side| field.values[side].as_deref().unwrap_or("none"));
            format!("{}: {base} -> {head}", field.name)
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn each_key_of_a_scenario_that_differs_is_told_with_its_path() {
    let base = json!({"load": {"open": {"rate": [1000.0]}}, "pin": false, "trials": 5});
    check_keys(base.clone(), base.clone(), &[]);
    check_keys(
        base.clone(),
        json!({"load": {"open": {"rate": [1000.0, 2000.0]}}, "pin": true, "trials": 9}),
        &[
            "scenario's load.open.rate: 1000.0 -> 1000.0, 2000.0",
            "scenario's pin: false -> true",
        ],
    );
    check_keys(
        json!({"block": [{"bus": ["null"]}], "retention": null}),
        json!({"block": [{"bus": ["mqtt3"]}], "question": "?"}),
        &["scenario's block.1.bus: null -> mqtt3"],
    );
    check_keys(
        json!({}),
        json!({"retention": 5}),
        &["scenario's retention: none -> 5"],
    );
}

fn names(change: impl FnOnce(&mut RunRecord), across: Option<Across>) -> Vec<String> {
    let base = run().record;
    let mut head = base.clone();
    change(&mut head);
    let fields = fields_that_forbid(&base, &head, across);
    fields.into_iter().map(|field| field.name).collect()
}

#[test]
fn another_program_and_another_number_of_trials_forbid_nothing() {
    let change = |record: &mut RunRecord| {
        record.tool.commit = Some("other".to_owned());
        record.tool.version = "9".to_owned();
        record.scenario.trials += 1;
        record.scenario.hash = "other".to_owned();
    };
    assert_eq!(names(change, None), [""; 0]);
}

#[test]
fn what_was_asked_for_may_differ_and_nothing_else() {
    let provider = |record: &mut RunRecord| {
        record.provider = "container".to_owned();
        for server in record.servers.values_mut() {
            server.network_path = "host-network".to_owned();
            server.binary_sha256 = None;
            server.image_digest = Some("sha256:1".to_owned());
        }
    };
    assert_eq!(names(provider, Some(Across::Provider)), [""; 0]);
    assert!(names(provider, None).contains(&"program of nats".to_owned()));
    assert!(names(provider, Some(Across::Versions)).contains(&"provider".to_owned()));

    let harness = |record: &mut RunRecord| record.host.emulated = true;
    let server = |record: &mut RunRecord| {
        record.servers.get_mut("redis").unwrap().emulated = true;
    };
    for across in Across::ALL {
        let name = across.name();
        assert_eq!(names(harness, Some(across)), ["emulated"], "{name}");
        assert_eq!(names(server, Some(across)), ["emulated"], "{name}");
    }
    let tuning = |record: &mut RunRecord| {
        record.scenario.resolved["matrix"] = json!({"tuning": ["tuned"]});
    };
    assert_eq!(names(tuning, None), ["scenario's matrix.tuning"]);
    assert_eq!(names(tuning, Some(Across::Tuning)), [""; 0]);
}

#[test]
fn every_name_of_what_may_differ_is_its_own() {
    let mut names: Vec<&str> = Across::ALL.iter().map(|across| across.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Across::ALL.len());
}

#[test]
fn settings_of_clients_are_told_once_for_a_bus() {
    let base = run().record;
    let mut head = base.clone();
    for cell in &mut head.cells {
        if cell.key.bus == "null" {
            cell.client_settings
                .insert("null_work_ns".to_owned(), "35".to_owned());
        }
    }
    let fields = settings_that_differ(&base, &head);
    assert_eq!(fields.len(), 1);
    assert_eq!(fields[0].name, "null_work_ns of null");
    assert_eq!(fields[0].values, [None, Some("35".to_owned())]);
    assert_eq!(settings_that_differ(&base, &base), []);
}
