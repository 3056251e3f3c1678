//! Which series are wanted: `bus=nats-core,load=open`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Series, SeriesKey};

/// Which series are wanted. Values of one key are alternatives; keys add up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeriesFilter {
    wanted: BTreeMap<String, BTreeSet<String>>,
}

/// A filter that makes no sense, or leaves nothing.
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
        /// What there is.
        known: String,
    },
    /// No series has the value.
    #[error("`--only {key}={value}`: no series has it; values of {key} are {known}")]
    Value {
        /// The key.
        key: String,
        /// What was asked for.
        value: String,
        /// What there is.
        known: String,
    },
    /// The values are there, but not together.
    #[error("`--only`: no series has all of {0}")]
    Nothing(String),
}

impl SeriesFilter {
    /// Adds the pairs of one `--only`.
    pub fn add(&mut self, text: &str) -> Result<(), FilterError> {
        for pair in text.split(',') {
            let (key, value) = pair
                .split_once('=')
                .filter(|(key, value)| !key.is_empty() && !value.is_empty())
                .ok_or_else(|| FilterError::Form(text.to_owned()))?;
            self.wanted
                .entry(key.to_owned())
                .or_default()
                .insert(value.to_owned());
        }
        Ok(())
    }

    /// The wanted ones of these series; refuses a key or value that none has, and a filter that leaves
    /// nothing.
    pub fn keep(&self, series: Vec<Series>) -> Result<Vec<Series>, FilterError> {
        if self.wanted.is_empty() {
            return Ok(series);
        }
        let columns: Vec<BTreeMap<String, String>> =
            series.iter().map(|series| series.key.columns()).collect();
        for (key, values) in &self.wanted {
            let known: BTreeSet<&str> = columns
                .iter()
                .filter_map(|columns| Some(columns.get(key)?.as_str()))
                .collect();
            let list = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
            if known.is_empty() {
                let keys = columns.iter().flat_map(BTreeMap::keys);
                return Err(FilterError::Key {
                    key: key.clone(),
                    known: list(keys.map(String::as_str).collect()),
                });
            }
            if let Some(value) = values.iter().find(|value| !known.contains(value.as_str())) {
                return Err(FilterError::Value {
                    key: key.clone(),
                    value: value.clone(),
                    known: list(known),
                });
            }
        }
        let is_wanted = |columns: &BTreeMap<String, String>| {
            let has = |(key, values): (&String, &BTreeSet<String>)| {
                columns.get(key).is_some_and(|value| values.contains(value))
            };
            self.wanted.iter().all(has)
        };
        let kept: Vec<Series> = series
            .into_iter()
            .zip(&columns)
            .filter(|(_, columns)| is_wanted(columns))
            .map(|(series, _)| series)
            .collect();
        if kept.is_empty() {
            return Err(FilterError::Nothing(self.told()));
        }
        Ok(kept)
    }

    fn told(&self) -> String {
        let told = |(key, values): (&String, &BTreeSet<String>)| {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            format!("{key}={}", values.join("|"))
        };
        self.wanted.iter().map(told).collect::<Vec<_>>().join(", ")
    }
}

impl SeriesKey {
    /// What identifies the series as columns, by the names that the export has; `host` is the host's
    /// name. What is not known or does not apply is left out.
    #[must_use]
    pub fn columns(&self) -> BTreeMap<String, String> {
        let mut columns = BTreeMap::new();
        // A key is made of texts, numbers and truths, which JSON has all.
        if let Ok(value) = serde_json::to_value(self) {
            collect("", &value, &mut columns);
        }
        columns
    }
}

fn collect(name: &str, value: &serde_json::Value, columns: &mut BTreeMap<String, String>) {
    let text = match value {
        serde_json::Value::Object(fields) => {
            for (inner, value) in fields {
                // The host's name; no other key is called so.
                let inner = if inner == "name" { name } else { inner };
                collect(inner, value, columns);
            }
            return;
        }
        serde_json::Value::Null | serde_json::Value::Array(_) => return,
        serde_json::Value::Bool(truth) => truth.to_string(),
        // Without the fraction of a whole rate.
        serde_json::Value::Number(number) => number
            .as_f64()
            .map_or_else(|| number.to_string(), |number| number.to_string()),
        serde_json::Value::String(text) => text.clone(),
    };
    columns.insert(name.to_owned(), text);
}
