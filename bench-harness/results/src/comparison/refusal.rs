//! What keeps two sides from being compared, field by field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::across::Across;
use super::runs::{DifferingField, fields_that_differ};
use crate::{RunRecord, Scenario};

/// Keys of a scenario that say nothing of how a trial is measured: how many there are, what is asked,
/// and which change is of interest.
const NOT_MEASURED: [&str; 3] = ["question", "smallest_effects", "trials"];

/// Fields of a run by which two sides may always differ: the program is what is compared; the
/// scenario is compared key by key; and trials that only one side has are left out.
const MAY_DIFFER: [&str; 6] = [
    "scenario",
    "hash of the scenario",
    "trials of each cell",
    "how long a server serves",
    "version of busbench",
    "commit of busbench",
];

/// What the names of its keys begin with among differing fields.
pub(super) const OF_SCENARIO: &str = "scenario's ";

/// Keys by which two scenarios measure differently, with both values.
#[must_use]
pub fn scenario_keys_that_differ(base: &Scenario, head: &Scenario) -> Vec<DifferingField> {
    let of = |scenario: &Scenario| {
        let mut keys = BTreeMap::new();
        flatten("", &scenario.resolved, &mut keys);
        keys.retain(|key, _| {
            let first = key.split('.').next().unwrap_or_default();
            !NOT_MEASURED.contains(&first)
        });
        keys
    };
    let (base, head) = (of(base), of(head));
    let mut keys: Vec<&String> = base.keys().chain(head.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .map(|key| DifferingField {
            name: format!("{OF_SCENARIO}{key}"),
            values: vec![base.get(key).cloned(), head.get(key).cloned()],
        })
        .filter(|field| field.values[0] != field.values[1])
        .collect()
}

/// Every field that must be equal and is not: of the scenario, the machine, the servers. What
/// [`Across`] names may differ.
#[must_use]
pub fn fields_that_forbid(
    base: &RunRecord,
    head: &RunRecord,
    across: Option<Across>,
) -> Vec<DifferingField> {
    let keys = scenario_keys_that_differ(&base.scenario, &head.scenario);
    let fields = fields_that_differ(&[base, head])
        .into_iter()
        .filter(|field| !MAY_DIFFER.contains(&field.name.as_str()));
    keys.into_iter()
        .chain(fields)
        .filter(|field| !across.is_some_and(|across| across.allows(field)))
        .collect()
}

/// Settings of client crates and harness by which cells of one id differ. A build may well change
/// them, so they forbid nothing.
#[must_use]
pub fn settings_that_differ(base: &RunRecord, head: &RunRecord) -> Vec<DifferingField> {
    let mut differing: Vec<DifferingField> = Vec::new();
    for cell in &base.cells {
        let Some(other) = head.cells.iter().find(|other| other.id == cell.id) else {
            continue;
        };
        let names = cell
            .client_settings
            .keys()
            .chain(other.client_settings.keys());
        for name in names {
            let field = DifferingField {
                name: format!("{name} of {}", cell.key.bus),
                values: vec![
                    cell.client_settings.get(name).cloned(),
                    other.client_settings.get(name).cloned(),
                ],
            };
            if field.values[0] != field.values[1] && !differing.contains(&field) {
                differing.push(field);
            }
        }
    }
    differing
}

/// Every value of a JSON tree by its path. A list of plain values is one value.
fn flatten(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                flatten(&below(name), member, into);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (place, item) in (1..).zip(items) {
                flatten(&below(&format!("{place}")), item, into);
            }
        }
        Value::Null => {}
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            into.insert(path.to_owned(), items.join(", "));
        }
        value => {
            into.insert(path.to_owned(), plain(value));
        }
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests;
