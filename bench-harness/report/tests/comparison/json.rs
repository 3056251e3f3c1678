//! The JSON: its schema, its names and numbers.

use std::path::{Path, PathBuf};

use busbench_report::comparison::{View, human, json, markdown, schema};
use busbench_results::comparison::ComparedFigure;
use serde_json::Value;

use crate::sides::{Sides, one_regressed};

/// The JSON, valid under the committed schema.
pub(crate) fn parsed(sides: &Sides) -> Value {
    let value: Value = serde_json::from_str(&sides.rendered().json).unwrap();
    let validator = jsonschema::validator_for(&committed_schema()).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
    value
}

fn schema_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/comparison-v1.json")
}

fn committed_schema() -> Value {
    serde_json::from_str(&std::fs::read_to_string(schema_path()).unwrap()).unwrap()
}

/// Set to write the schema anew after a change of the types.
const UPDATE: &str = "BUSBENCH_UPDATE_SCHEMAS";

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let generated = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os(UPDATE).is_some() {
        std::fs::create_dir_all(schema_path().parent().unwrap()).unwrap();
        std::fs::write(schema_path(), &generated).unwrap();
    }
    let committed = std::fs::read_to_string(schema_path()).unwrap_or_default();
    assert!(
        committed == generated,
        "schema/comparison-v1.json is not the schema of the types: run the test with {UPDATE}=1, and \
         think of FORMAT_VERSION"
    );
}

#[test]
fn what_is_no_number_is_null() {
    let sides = Sides::small(|_| None);
    let mut comparison = sides.compared();
    let value = &mut comparison.compared[0].figures[0];
    (value.base, value.difference.ratio) = (Some(f64::NAN), Some(f64::INFINITY));
    let view = View {
        base: &sides.base,
        head: &sides.head,
        comparison: &comparison,
    };
    let parsed: Value = serde_json::from_str(&json(&view)).unwrap();
    let figure = &parsed["cells"][0]["figures"][0];
    assert_eq!(
        (&figure["base"], &figure["ratio"]),
        (&Value::Null, &Value::Null)
    );
    assert!(!human(&view, 120).contains("NaN"));
    assert!(!markdown(&view).contains("NaN"));
}

#[test]
fn the_json_has_the_names_and_numbers_of_the_comparison() {
    let sides = one_regressed();
    let (comparison, value) = (sides.compared(), parsed(&sides));
    assert_eq!(value["format_version"], 1);
    assert_eq!(value["narrow_enough"], comparison.narrow_enough());
    let cells = value["cells"].as_array().unwrap();
    assert_eq!(cells.len(), comparison.compared.len());
    for (cell, compared) in cells.iter().zip(&comparison.compared) {
        assert_eq!(cell["verdict"], compared.verdict.name());
        let figures = cell["figures"].as_array().unwrap();
        for (figure, value) in figures.iter().zip(&compared.figures) {
            assert_eq!(figure["ratio"].as_f64(), value.difference.ratio);
            assert_eq!(figure["judgement"], value.difference.judgement().name());
        }
    }
    let column = &cells[0]["figures"][1]["figure"];
    assert_eq!(column, ComparedFigure::ResponseP99Ns.name());
}
