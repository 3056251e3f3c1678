//! `--only bus=nats-core,envelope=json`: a part of the matrix.

use std::collections::BTreeMap;

use busbench_brokers::Limit;
use busbench_results::CellKey;

use super::{Plan, PlannedCell};

/// Which cells of a plan are wanted. Values of one key are alternatives; keys add up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CellFilter {
    wanted: BTreeMap<String, Vec<String>>,
}

/// A `--only` that leaves nothing to run.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// Not of the form `key=value,key=value`.
    #[error("`--only {0}`: expected KEY=VALUE, several parted by commas")]
    Form(String),
    /// No such key.
    #[error("`--only {key}=...`: no such key; one of {known}")]
    Key {
        /// What was asked for.
        key: String,
        /// The keys that there are.
        known: String,
    },
    /// No cell of the scenario has the value.
    #[error(
        "`--only {key}={value}`: scenario {scenario} has no such cell; its values are {values}"
    )]
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// The scenario's name.
        scenario: String,
        /// What there is.
        values: String,
    },
    /// The values are there, but not together.
    #[error("`--only`: no cell of scenario {scenario} has all of {wanted}")]
    Nothing {
        /// The scenario's name.
        scenario: String,
        /// What was asked for.
        wanted: String,
    },
    /// What is left cannot be run.
    #[error("`--only`: what is left of scenario {scenario} is not possible: {reason}")]
    NotPossible {
        /// The scenario's name.
        scenario: String,
        /// Why the protocol cannot do it.
        reason: String,
    },
}

const KEYS: [&str; 12] = [
    "bus",
    "envelope",
    "load",
    "payload",
    "qos",
    "publish",
    "publishers",
    "subscribers",
    "rate",
    "arrivals",
    "tuning",
    "limit",
];

/// What the parts of a limit begin with, as it has commas itself.
const PARTS_OF_A_LIMIT: [&str; 2] = ["memory=", "cpus="];

/// A floor stands under whatever is measured in its conditions, so these do not part it from them.
const NOT_OF_A_FLOOR: [&str; 6] = ["bus", "envelope", "qos", "publish", "tuning", "limit"];

impl CellFilter {
    /// Adds the pairs of one `--only`.
    pub fn add(&mut self, text: &str) -> Result<(), FilterError> {
        for (key, value) in key_values(text, pairs(text), &KEYS)? {
            let value = match key.as_str() {
                "limit" => canonical(&value),
                _ => value,
            };
            self.wanted.entry(key).or_default().push(value);
        }
        Ok(())
    }

    fn wants(&self, cell: &PlannedCell) -> bool {
        self.wanted.iter().all(|(name, values)| {
            (cell.is_floor && NOT_OF_A_FLOOR.contains(&name.as_str()))
                || has(&cell.key, name, values)
        })
    }

    /// Whether the cell has every wanted value itself.
    fn names(&self, cell: &PlannedCell) -> bool {
        self.wanted
            .iter()
            .all(|(name, values)| has(&cell.key, name, values))
    }

    /// The first wanted value that no cell has, with all that there are.
    fn unknown_value(&self, plan: &Plan) -> Option<FilterError> {
        self.wanted.iter().find_map(|(key, values)| {
            let mut known: Vec<_> = plan
                .cells
                .iter()
                .filter_map(|cell| value_of(&cell.key, key))
                .collect();
            known.sort_unstable();
            known.dedup();
            let value = values.iter().find(|value| !known.contains(value))?;
            Some(FilterError::Value {
                key: key.clone(),
                value: value.clone(),
                scenario: plan.name.clone(),
                values: known.join(", "),
            })
        })
    }
}

impl Plan {
    /// Keeps the wanted cells; refuses a filter that leaves none that can be run.
    pub fn keep(&mut self, filter: &CellFilter) -> Result<(), FilterError> {
        if let Some(error) = filter.unknown_value(self) {
            return Err(error);
        }
        let asked_for = |cell: &PlannedCell| {
            // A floor alone was asked for by its name.
            !cell.is_floor || filter.names(cell)
        };
        let any = self
            .cells
            .iter()
            .any(|cell| filter.wants(cell) && asked_for(cell));
        self.cells.retain(|cell| any && filter.wants(cell));
        if self.cells.is_empty() {
            let wanted = filter
                .wanted
                .iter()
                .map(|(key, values)| format!("{key}={}", values.join("|")))
                .collect::<Vec<_>>();
            return Err(FilterError::Nothing {
                scenario: self.name.clone(),
                wanted: wanted.join(", "),
            });
        }
        let reason = self.cells.iter().find_map(|cell| cell.not_possible.clone());
        match reason {
            Some(reason) if self.possible().next().is_none() => Err(FilterError::NotPossible {
                scenario: self.name.clone(),
                reason,
            }),
            _ => Ok(()),
        }
    }
}

/// Pairs of a text that are parted by commas; what goes on with a limit belongs to it.
fn pairs(text: &str) -> Vec<String> {
    let mut pairs: Vec<String> = Vec::new();
    for part in text.split(',') {
        let goes_on = PARTS_OF_A_LIMIT.iter().any(|begin| part.starts_with(begin));
        match pairs.last_mut() {
            Some(last) if goes_on && last.starts_with("limit=") => {
                last.push(',');
                last.push_str(part);
            }
            _ => pairs.push(part.to_owned()),
        }
    }
    pairs
}

/// A limit as cells have it; what is none is told as a value that no cell has.
fn canonical(value: &str) -> String {
    let limit: Result<Limit, _> = value.parse();
    limit.map_or_else(|_| value.to_owned(), |limit| limit.to_string())
}

/// Keys and values of the pairs of a text, whose keys are among those that there are.
pub(super) fn key_values(
    text: &str,
    pairs: impl IntoIterator<Item = impl AsRef<str>>,
    keys: &[&str],
) -> Result<Vec<(String, String)>, FilterError> {
    let key_value = |pair: &str| {
        let (key, value) = pair
            .split_once('=')
            .filter(|(_, value)| !value.is_empty())
            .ok_or_else(|| FilterError::Form(text.to_owned()))?;
        if !keys.contains(&key) {
            return Err(FilterError::Key {
                key: key.to_owned(),
                known: keys.join(", "),
            });
        }
        Ok((key.to_owned(), value.to_owned()))
    };
    pairs
        .into_iter()
        .map(|pair| key_value(pair.as_ref()))
        .collect()
}

fn has(key: &CellKey, name: &str, values: &[String]) -> bool {
    value_of(key, name).is_some_and(|value| values.contains(&value))
}

fn value_of(key: &CellKey, name: &str) -> Option<String> {
    match name {
        "bus" => Some(key.bus.clone()),
        "envelope" => Some(key.envelope.clone()),
        "load" => Some(match key.load {
            busbench_results::Load::Open => "open".to_owned(),
            busbench_results::Load::Closed => "closed".to_owned(),
        }),
        "payload" => Some(key.payload.clone()),
        "qos" => key.qos.map(|qos| qos.to_string()),
        "publish" => Some(key.publish.clone()),
        "publishers" => Some(key.publishers.to_string()),
        "subscribers" => Some(key.subscribers.to_string()),
        "arrivals" => key.arrivals.clone(),
        "tuning" => Some(key.tuning.clone()),
        "limit" => Some(key.limit.clone()),
        "rate" => key.offered_per_second.map(|rate| rate.to_string()),
        _ => None,
    }
}
