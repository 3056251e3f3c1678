//! Inputs to begin with: the golden vectors, taken apart, and what a hostile sender would try.

mod golden;
mod hostile;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Inputs by the name of their target; no input twice.
pub type Seeds = BTreeMap<&'static str, BTreeSet<Vec<u8>>>;

/// Every seed. `golden` is the folder of the vectors, of which each `*.jsonl` is read.
pub fn all(golden: &Path) -> Result<Seeds, String> {
    let mut seeds = Seeds::new();
    golden::add(golden, &mut seeds)?;
    hostile::add(&mut seeds);
    Ok(seeds)
}

fn add(seeds: &mut Seeds, target: &'static str, input: impl Into<Vec<u8>>) {
    seeds.entry(target).or_default().insert(input.into());
}
