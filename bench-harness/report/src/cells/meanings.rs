//! What the names in opened cells mean, each once.

use std::collections::BTreeMap;

use busbench_results::explain::{self, Subject};
use busbench_results::{CellOutcome, LimitedBy, Verdict};
use serde::Serialize;

use crate::table;
use crate::view::View;

/// By the name that a cell has.
#[derive(Serialize)]
pub(super) struct Meanings {
    outcome: BTreeMap<&'static str, &'static str>,
    limited_by: BTreeMap<&'static str, &'static str>,
    verdict: BTreeMap<&'static str, &'static str>,
    guarantee: BTreeMap<String, String>,
    /// By kind; with what to do.
    reason: BTreeMap<&'static str, String>,
}

impl Meanings {
    pub(super) fn of(views: &[View<'_>]) -> Self {
        let cells = || views.iter().flat_map(|view| &view.cells);
        let meanings = |subject, names: &mut dyn Iterator<Item = &'static str>| {
            names
                .filter_map(|name| Some((name, explain::of(subject, name)?.meaning)))
                .collect()
        };
        let limits = cells().filter_map(|cell| cell.row.limited_by);
        let verdicts = cells().filter_map(|cell| cell.row.verdict);
        let reasons = views.iter().flat_map(table::reasons).map(|reason| {
            let parts = [Some(reason.meaning), reason.advice];
            let text: Vec<&str> = parts.into_iter().flatten().collect();
            (reason.name, text.join(" "))
        });
        Self {
            outcome: meanings(
                Subject::Outcome,
                &mut cells().map(|cell| CellOutcome::name(cell.row.outcome)),
            ),
            limited_by: meanings(Subject::LimitedBy, &mut limits.map(LimitedBy::name)),
            verdict: meanings(Subject::Verdict, &mut verdicts.map(Verdict::name)),
            guarantee: cells()
                .filter_map(|cell| cell.guarantee)
                .filter_map(|guarantee| {
                    Some((guarantee.to_string(), table::meaning_of(guarantee)?))
                })
                .collect(),
            reason: reasons.collect(),
        }
    }
}
