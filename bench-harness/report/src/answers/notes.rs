//! What else was seen that a deployment should know.

use std::collections::BTreeMap;

use busbench_results::answers::NoVerdict;
use busbench_results::comparison::{ComparedFigure, is_floor};
use busbench_results::{CellOutcome, ServerSpan};

use super::Context;
use super::words::listed;
use crate::format;

/// Which cells lost messages, failed or did not carry their load, and where; `None` where all did.
pub(super) fn undelivered(context: &Context<'_, '_>) -> Option<String> {
    let mut found: Vec<(CellOutcome, String, Vec<String>)> = Vec::new();
    for condition in &context.answer.conditions {
        let situation = context.situation(condition);
        for (cell, why) in &condition.no_verdict {
            let NoVerdict::Outcome(outcome) = why else {
                continue;
            };
            let label = context.label(condition.run, *cell).to_owned();
            match found
                .iter_mut()
                .find(|(known, at, _)| (*known, at) == (*outcome, &situation))
            {
                Some((.., labels)) if labels.contains(&label) => {}
                Some((.., labels)) => labels.push(label),
                None => found.push((*outcome, situation.clone(), vec![label])),
            }
        }
    }
    let texts: Vec<String> = found
        .iter()
        .map(|(outcome, situation, labels)| {
            let what = match outcome {
                CellOutcome::Lossy => "lost messages",
                CellOutcome::Saturated => "did not carry the load",
                _ => "failed",
            };
            format!("{} {what} at {situation}", listed(labels))
        })
        .collect();
    (!texts.is_empty()).then(|| format!("Not ranked: {}.", texts.join("; ")))
}

/// The largest memory that each server took, whatever the load and the verdict: a limit must hold
/// under all of them. Only of a question about memory.
pub(super) fn peaks(context: &Context<'_, '_>) -> Option<String> {
    let mut bases = context.answer.question.basis.iter();
    if !bases.any(|basis| basis.figure == ComparedFigure::ServerRssPeakBytes) {
        return None;
    }
    let mut peaks: BTreeMap<&str, (u64, String)> = BTreeMap::new();
    for view in context.views {
        if view.run.record.scenario.servers != ServerSpan::Trial {
            continue;
        }
        for cell in view.cells.iter().filter(|cell| !is_floor(&cell.row)) {
            let Some(bytes) = cell.row.server_rss_peak_bytes else {
                continue;
            };
            let peak = peaks.entry(&cell.row.bus).or_default();
            if bytes > peak.0 {
                let load = cell.row.load.name();
                *peak = (bytes, format!("{load} load, {}", cell.row.scenario));
            }
        }
    }
    let mut peaks: Vec<(&str, (u64, String))> = peaks.into_iter().collect();
    peaks.sort_by_key(|(bus, (bytes, _))| (std::cmp::Reverse(*bytes), *bus));
    let texts: Vec<String> = peaks
        .iter()
        .map(|(bus, (bytes, at))| format!("{bus} {} ({at})", format::bytes(*bytes)))
        .collect();
    (!texts.is_empty()).then(|| {
        format!(
            "The largest peak of each server that served one trial, whatever the load: {}.",
            texts.join(", ")
        )
    })
}
