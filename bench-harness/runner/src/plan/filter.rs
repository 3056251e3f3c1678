//! `--only bus=nats-core,envelope=json`: a part of the matrix.

use std::collections::BTreeMap;

use busbench_results::CellKey;

use super::Plan;

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
    #[error("`--only {key}=...`: no such key; one of {}", KEYS.join(", "))]
    Key {
        /// What was asked for.
        key: String,
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

const KEYS: [&str; 9] = [
    "bus",
    "envelope",
    "load",
    "payload",
    "qos",
    "publish",
    "publishers",
    "subscribers",
    "rate",
];

impl CellFilter {
    /// Adds the pairs of one `--only`.
    pub fn add(&mut self, text: &str) -> Result<(), FilterError> {
        for pair in text.split(',') {
            let (key, value) = pair
                .split_once('=')
                .filter(|(_, value)| !value.is_empty())
                .ok_or_else(|| FilterError::Form(text.to_owned()))?;
            if !KEYS.contains(&key) {
                return Err(FilterError::Key {
                    key: key.to_owned(),
                });
            }
            self.wanted
                .entry(key.to_owned())
                .or_default()
                .push(value.to_owned());
        }
        Ok(())
    }

    fn wants(&self, key: &CellKey) -> bool {
        self.wanted
            .iter()
            .all(|(name, values)| value_of(key, name).is_some_and(|value| values.contains(&value)))
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
        self.cells.retain(|cell| filter.wants(&cell.key));
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
        "rate" => key.offered_per_second.map(|rate| rate.to_string()),
        _ => None,
    }
}
