//! A run as the reports look at it: cells with their rows and labels, and groups of cells that
//! may stand in one ranking.

mod groups;
mod sweeps;

use std::sync::OnceLock;

use busbench_results::comparison::{
    LayoutComparison, conditions_that_differ, is_at_least, is_floor,
};
use busbench_results::footprint::{FootprintRow, footprints};
use busbench_results::{
    CellOutcome, Guarantee, Load, Row, Run, ServerSpan, Trial, Verdict, summarise,
};

pub(crate) use groups::{Group, offering};
pub(crate) use sweeps::{Sweep, SweepLine};

use crate::differences::Differences;
use crate::envelopes::{self, Parts};
use crate::format;
use crate::parallel::both;

/// A run with its cells, in the plan's order.
pub(crate) struct View<'a> {
    pub(crate) run: &'a Run,
    pub(crate) cells: Vec<CellView<'a>>,
    /// How its cells lie to each other.
    pub(crate) differences: Differences,
    /// How native layouts lie to the others.
    pub(crate) layouts: LayoutComparison,
    /// Footprints of servers and client programs, in the plan's order.
    pub(crate) footprints: Vec<FootprintRow>,
}

/// A cell with what it says.
pub(crate) struct CellView<'a> {
    /// Its place in the run's list.
    pub(crate) place: usize,
    /// What the bus promises, where it is known.
    pub(crate) guarantee: Option<Guarantee>,
    /// All finished trials.
    pub(crate) trials: &'a [Trial],
    /// Those that the figures rest on.
    pub(crate) pooled: Vec<&'a Trial>,
    pub(crate) row: Row,
    /// Bus, envelope and what else tells it from the others of its group.
    pub(crate) label: String,
    /// Where its messages' time goes, or why that is not known; worked out when it is first asked for.
    pub(crate) parts: OnceLock<Result<Parts, String>>,
}

impl<'a> View<'a> {
    pub(crate) fn new(run: &'a Run) -> Self {
        let rows = summarise(run);
        let (differences, layouts) = both(
            || Differences::of(run, &rows),
            || envelopes::compared(run, &rows),
        );
        let labels = groups::labels(&rows);
        let cells = run
            .record
            .cells
            .iter()
            .zip(rows)
            .zip(labels)
            .enumerate()
            .map(|(place, ((cell, row), label))| CellView {
                place,
                guarantee: cell.guarantee,
                trials: run.trials_of(cell),
                pooled: run.pooled_trials(cell),
                row,
                label,
                parts: OnceLock::new(),
            })
            .collect();
        Self {
            run,
            cells,
            differences,
            layouts,
            footprints: footprints(run),
        }
    }

    /// Whether the run took footprints: such a run has no cells.
    pub(crate) fn is_of_footprints(&self) -> bool {
        self.cells.is_empty() && !self.footprints.is_empty()
    }

    /// Cells without a finished trial.
    pub(crate) fn unmeasured(&self) -> impl Iterator<Item = &CellView<'a>> {
        self.cells.iter().filter(|cell| cell.trials.is_empty())
    }

    /// The place of the first cell that is so, in the plan's order.
    pub(crate) fn place(&self, is_so: impl Fn(&Row) -> bool) -> Option<usize> {
        self.cells.iter().position(|cell| is_so(&cell.row))
    }

    /// Whether any figure can be shown.
    pub(crate) fn has_figures(&self) -> bool {
        self.cells.iter().any(|cell| !cell.pooled.is_empty())
    }

    /// Why there are no figures, where there are none.
    pub(crate) fn without_figures(&self) -> &'static str {
        if self.cells.is_empty() {
            "This run has no cell, so there is nothing to show."
        } else {
            "No cell of this run has a valid trial, so there is nothing to compare."
        }
    }

    /// Machine, provider and server versions in one line.
    pub(crate) fn setting(&self) -> String {
        let record = &self.run.record;
        let host = &record.host;
        let servers: Vec<String> = record
            .servers
            .values()
            .map(|server| format!("{} {}", server.name, server.version))
            .collect();
        let mut parts = vec![
            format!(
                "{}: {}, {} cores, {}",
                host.name,
                host.cpu_model,
                host.cores,
                format::bytes(host.memory_bytes)
            ),
            format!("servers by {}", record.provider),
        ];
        if record.scenario.servers == ServerSpan::Round && !servers.is_empty() {
            parts.push("one server for a bus and round".to_owned());
        }
        if !servers.is_empty() {
            parts.push(servers.join(", "));
        }
        parts.extend(record.emulation().map(|emulation| emulation.words()));
        parts.extend(record.fire_drill());
        parts.join(" · ")
    }
}

impl CellView<'_> {
    /// Whether the rate is a lower bound of the server's: something else was used up first.
    pub(crate) fn is_at_least(&self) -> bool {
        is_at_least(&self.row)
    }

    /// Whether there is no server in it.
    pub(crate) fn is_floor(&self) -> bool {
        is_floor(&self.row)
    }

    /// Why it stands in no ranking; `None` where it has a headline, and for a floor, whose headline
    /// is none of a server.
    pub(crate) fn not_ranked(&self) -> Option<&'static str> {
        if self.is_floor() {
            return None;
        }
        if self.is_lossy() {
            return Some(CellOutcome::Lossy.name());
        }
        match self.row.outcome {
            CellOutcome::Failed => Some(CellOutcome::Failed.name()),
            CellOutcome::Saturated if self.row.load == Load::Open => {
                Some(CellOutcome::Saturated.name())
            }
            _ if self.pooled.is_empty() => Some("no valid trial"),
            _ => None,
        }
    }

    /// Whether messages were lost: its rate stands beside the loss and in no ranking.
    pub(crate) fn is_lossy(&self) -> bool {
        self.row.outcome == CellOutcome::Lossy || self.row.lost.is_some_and(|lost| lost > 0)
    }

    /// Lost by expected, where anything was expected.
    pub(crate) fn lost_share(&self) -> Option<f64> {
        let (lost, expected) = (self.row.lost?, self.row.expected?);
        (expected > 0).then(|| lost as f64 / expected as f64)
    }

    /// Delivered rate by what was offered to all subscriptions together.
    pub(crate) fn achieved_share(&self) -> Option<f64> {
        let subscriptions = match (self.row.expected?, self.row.published?) {
            (0, _) | (_, 0) => 1.0,
            (expected, published) => expected as f64 / published as f64,
        };
        let offered = self.row.offered_per_second? * subscriptions;
        (offered > 0.0).then_some(self.row.delivered_per_second? / offered)
    }

    /// The delivered rate, marked where it is a lower bound.
    pub(crate) fn rate(&self) -> Option<String> {
        let rate = format::significant(self.row.delivered_per_second?);
        Some(if self.is_at_least() {
            format!("≥ {rate}")
        } else {
            rate
        })
    }

    /// What a picture says beside a figure that is not simply good: `, 1.25 % lost, suspect`.
    pub(crate) fn doubts(&self) -> String {
        let mut doubts = String::new();
        if let Some(share) = self.lost_share().filter(|share| *share > 0.0) {
            doubts.push_str(", ");
            doubts.push_str(&format::percent(share));
            doubts.push_str(" lost");
        }
        if self.row.verdict == Some(Verdict::Suspect) {
            doubts.push_str(", suspect");
        }
        doubts
    }

    /// Outcome, with the verdict where it is not `valid`.
    pub(crate) fn state(&self) -> String {
        let outcome = self.row.outcome.name();
        match self.row.verdict {
            None | Some(Verdict::Valid) => outcome.to_owned(),
            Some(verdict) => format!("{outcome}, {}", verdict.name()),
        }
    }
}

/// Everything but the bus, its envelope, and settings that only some buses have. A cell that has not
/// run has no network path yet.
fn same_but_own_settings(one: &Row, other: &Row) -> bool {
    conditions_that_differ(one, other)
        .iter()
        .all(|condition| ["ack_window", "retention", "network_path"].contains(condition))
}
