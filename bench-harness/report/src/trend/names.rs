//! Names that tell series apart.

use std::collections::{BTreeMap, BTreeSet};

use busbench_results::Load;
use busbench_results::history::SeriesKey;

use crate::format;

/// What a name has in any case.
const TOLD: [&str; 6] = [
    "scenario",
    "bus",
    "envelope",
    "load",
    "offered_per_second",
    "window",
];

/// So much of a hash tells it from others.
const HASH: usize = 8;

/// A name for each series: scenario where there are several, bus, envelope and load, then whatever else tells it from those of
/// the same name.
pub(super) fn names(keys: &[&SeriesKey]) -> Vec<String> {
    let columns: Vec<BTreeMap<String, String>> = keys.iter().map(|key| key.columns()).collect();
    let scenarios: BTreeSet<&str> = keys.iter().map(|key| key.scenario.as_str()).collect();
    let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, key) in keys.iter().enumerate() {
        let mut name = short(key);
        if scenarios.len() > 1 {
            name = format!("{}: {name}", key.scenario);
        }
        alike.entry(name).or_default().push(place);
    }
    let mut names = vec![String::new(); keys.len()];
    for (short, places) in alike {
        let names_of: BTreeSet<&String> = places
            .iter()
            .flat_map(|place| columns[*place].keys())
            .collect();
        let differs = |name: &&&String| {
            let values: BTreeSet<_> = places.iter().map(|at| columns[*at].get(**name)).collect();
            values.len() > 1 && !TOLD.contains(&name.as_str())
        };
        let differing: Vec<&String> = names_of.iter().filter(differs).copied().collect();
        for place in &places {
            let told = differing.iter().filter_map(|name| {
                let value = columns[*place].get(*name)?;
                let value = if *name == "scenario_hash" {
                    value.chars().take(HASH).collect()
                } else {
                    value.clone()
                };
                Some(format!("{} {value}", name.replace('_', " ")))
            });
            let told: Vec<String> = std::iter::once(short.clone()).chain(told).collect();
            names[*place] = format::printable(&told.join(", "));
        }
    }
    names
}

fn short(key: &SeriesKey) -> String {
    let cell = &key.cell;
    let load = match (cell.load, cell.offered_per_second, cell.window) {
        (Load::Open, Some(rate), _) => format!("open {}/s", format::whole(rate)),
        (Load::Closed, _, Some(window)) => format!("closed {}", format::count(window)),
        (load, ..) => load.name().to_owned(),
    };
    format!("{} {} {load}", cell.bus, cell.envelope)
}

#[cfg(test)]
mod tests {
    use busbench_results::fixtures;
    use busbench_results::history::{HistoryLine, SeriesKey};

    use super::names;

    #[test]
    fn names_tell_what_differs_and_no_more() {
        let key = HistoryLine::of(&fixtures::small_run()).remove(0).series;
        let mut other_payload = key.clone();
        other_payload.cell.payload = "10xInt16".to_owned();
        other_payload.cell.payload_bytes = 400;
        let mut other_machine = key.clone();
        other_machine.host.cores = 8;
        let mut other_hash = key.clone();
        other_hash.scenario_hash = "0123456789abcdef".to_owned();
        let mut other_rate = key.clone();
        other_rate.cell.offered_per_second = Some(1000.0);
        let told = |keys: &[&SeriesKey]| names(keys);
        assert_eq!(told(&[&key]), ["nats-core native open 5,000/s"]);
        assert_eq!(
            told(&[&key, &other_rate]),
            [
                "nats-core native open 5,000/s",
                "nats-core native open 1,000/s"
            ]
        );
        let [first, second, third, fourth] =
            &told(&[&key, &other_payload, &other_machine, &other_hash])[..]
        else {
            panic!("four series have four names");
        };
        assert!(
            first.ends_with(
                "open 5,000/s, cores 2, payload 1xInt32, payload bytes 382, scenario hash 9f9f9f9f"
            ),
            "{first}"
        );
        assert!(
            second.contains("payload 10xInt16, payload bytes 400"),
            "{second}"
        );
        assert!(third.contains("cores 8"), "{third}");
        assert!(fourth.ends_with("scenario hash 01234567"), "{fourth}");
        let mut other_scenario = key.clone();
        other_scenario.scenario = "slow".to_owned();
        assert_eq!(
            told(&[&key, &other_scenario]),
            [
                "quick: nats-core native open 5,000/s",
                "slow: nats-core native open 5,000/s"
            ]
        );
        assert!(told(&[]).is_empty());
    }
}
