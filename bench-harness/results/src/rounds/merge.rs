//! The rounds of one side as one run.

use std::path::Path;

use super::RoundsError;
use crate::comparison::{DifferingField, fields_that_differ, scenario_keys_that_differ};
use crate::{Run, RunRecord};

/// Puts the trials of all rounds into the first, numbered through: round `place` has the numbers
/// above `place * trials`. A later round's server and guarantee are taken where the first has none.
pub(super) fn merge(
    path: &Path,
    rounds: impl Iterator<Item = (u32, Run)>,
    trials: u32,
) -> Result<Option<Run>, RoundsError> {
    let rounds: Vec<(u32, Run)> = rounds.collect();
    let records: Vec<&RunRecord> = rounds.iter().map(|(_, run)| &run.record).collect();
    let fields = fields_that_part(&records);
    if !fields.is_empty() {
        return Err(RoundsError::Mixed {
            path: path.to_owned(),
            fields,
        });
    }
    let mut rounds = rounds.into_iter();
    let Some((place, mut merged)) = rounds.next() else {
        return Ok(None);
    };
    renumber(&mut merged, place * trials);
    for (place, mut run) in rounds {
        renumber(&mut run, place * trials);
        append(&mut merged, run);
    }
    Ok(Some(merged))
}

/// By what the runs of one side differ although they should not. They may have other numbers of
/// trials, so their scenarios are compared key by key and not by their hash: of the first that differs
/// from the first run's.
fn fields_that_part(records: &[&RunRecord]) -> Vec<DifferingField> {
    const MAY_DIFFER: [&str; 2] = ["hash of the scenario", "trials of each cell"];
    let keys = records
        .iter()
        .map(|record| scenario_keys_that_differ(&records[0].scenario, &record.scenario))
        .find(|keys| !keys.is_empty());
    let fields = fields_that_differ(records)
        .into_iter()
        .filter(|field| !MAY_DIFFER.contains(&field.name.as_str()));
    keys.unwrap_or_default().into_iter().chain(fields).collect()
}

fn renumber(run: &mut Run, before: u32) {
    for trial in run.trials.values_mut().flatten() {
        trial.number += before;
    }
}

fn append(merged: &mut Run, round: Run) {
    for (id, trials) in round.trials {
        merged.trials.entry(id).or_default().extend(trials);
    }
    for (id, server) in round.record.servers {
        merged.record.servers.entry(id).or_insert(server);
    }
    for cell in round.record.cells {
        let same = merged
            .record
            .cells
            .iter_mut()
            .find(|known| known.id == cell.id);
        match same {
            Some(known) => {
                known.server = known.server.take().or(cell.server);
                known.guarantee = known.guarantee.or(cell.guarantee);
                known.trials.extend(cell.trials);
            }
            None => merged.record.cells.push(cell),
        }
    }
}
