//! The committed JSON Schemas are those of the types, and what we write is valid under them.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::path::{Path, PathBuf};

use busbench_results::history::HistoryLine;
use busbench_results::{fixtures, schema};

/// Set to write the schemas anew after a change of the types.
const UPDATE: &str = "BUSBENCH_UPDATE_SCHEMAS";

fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("schema")
        .join(name)
}

fn check_schema(name: &str, generated: &schemars::Schema) {
    let path = committed(name);
    let generated = serde_json::to_string_pretty(generated).unwrap() + "\n";
    if std::env::var_os(UPDATE).is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == generated,
        "{} is not the schema of the types: run the test with {UPDATE}=1, and think of \
         SCHEMA_VERSION",
        path.display()
    );
}

fn errors_of<T: serde::Serialize>(name: &str, value: &T) -> Vec<String> {
    let schema = std::fs::read_to_string(committed(name)).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value = serde_json::to_value(value).unwrap();
    validator
        .iter_errors(&value)
        .map(|error| error.to_string())
        .collect()
}

#[test]
fn the_committed_schemas_are_those_of_the_types() {
    check_schema("result-v2.json", &schema::result());
    check_schema("trial-v2.json", &schema::trial());
    check_schema("footprint-v2.json", &schema::footprint());
    check_schema("history-v1.json", &schema::history_line());
}

#[test]
fn a_run_and_its_trials_are_valid_under_the_committed_schemas() {
    let run = fixtures::run();
    assert_eq!(errors_of("result-v2.json", &run.record), [""; 0]);
    assert!(!run.trials.is_empty());
    for trial in run.trials.values().flatten() {
        assert_eq!(errors_of("trial-v2.json", trial), [""; 0]);
    }
    for line in HistoryLine::of(&run) {
        assert_eq!(errors_of("history-v1.json", &line), [""; 0]);
    }
}

#[test]
fn a_file_without_its_cells_is_invalid_under_the_schema() {
    let mut value = serde_json::to_value(fixtures::run().record).unwrap();
    value.as_object_mut().unwrap().remove("cells");
    assert_eq!(
        errors_of("result-v2.json", &value),
        ["\"cells\" is a required property"]
    );
}

#[test]
fn a_rate_below_zero_is_invalid_under_the_schema() {
    let line = HistoryLine::of(&fixtures::small_run()).remove(0);
    let mut value = serde_json::to_value(line).unwrap();
    value["measured"]["delivered_per_second"] = (-1.0).into();
    let errors = errors_of("history-v1.json", &value);
    assert_eq!(errors.len(), 1, "{errors:?}");
}

#[test]
fn footprints_are_valid_under_the_committed_schemas() {
    let run = fixtures::footprint_run();
    assert_eq!(errors_of("result-v2.json", &run.record), [""; 0]);
    assert!(!run.footprints.is_empty());
    for trial in run.footprints.values().flatten() {
        assert_eq!(errors_of("footprint-v2.json", trial), [""; 0]);
    }
}
