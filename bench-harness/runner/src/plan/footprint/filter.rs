//! `--only server=nats,provider=container`: a part of the servers and client programs.

use std::collections::BTreeMap;

use super::{FootprintPlan, PlannedFootprint};
use crate::plan::FilterError;
use crate::plan::filter::key_values;

const KEYS: [&str; 5] = ["server", "provider", "client", "language", "service"];

impl FootprintPlan {
    /// Keeps the cells that the texts of several `--only` ask for: values of one key are alternatives,
    /// keys add up, so that a client program has no place where a server is asked for. Refuses what
    /// leaves none.
    pub fn keep(&mut self, only: &[String]) -> Result<(), FilterError> {
        let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for text in only {
            for (key, value) in key_values(text, text.split(','), &KEYS)? {
                wanted.entry(key).or_default().push(value);
            }
        }
        for (key, values) in &wanted {
            self.refuse_unknown(key, values)?;
        }
        let is_wanted = |cell: &PlannedFootprint| {
            wanted.iter().all(|(key, values)| {
                let value = cell.subject.value(key);
                value.is_some_and(|value| values.iter().any(|wanted| wanted == value))
            })
        };
        self.cells.retain(is_wanted);
        if self.cells.is_empty() {
            let wanted: Vec<String> = wanted
                .iter()
                .map(|(key, values)| format!("{key}={}", values.join("|")))
                .collect();
            return Err(FilterError::Nothing {
                scenario: self.name.clone(),
                wanted: wanted.join(", "),
            });
        }
        Ok(())
    }

    fn refuse_unknown(&self, key: &str, values: &[String]) -> Result<(), FilterError> {
        let known = self.cells.iter().filter_map(|cell| cell.subject.value(key));
        let mut known: Vec<&str> = known.collect();
        known.sort_unstable();
        known.dedup();
        let is_unknown = |value: &&String| !known.contains(&value.as_str());
        match values.iter().find(is_unknown) {
            Some(value) => Err(FilterError::Value {
                key: key.to_owned(),
                value: value.clone(),
                scenario: self.name.clone(),
                values: known.join(", "),
            }),
            None => Ok(()),
        }
    }
}
