//! A run as the reports look at it: cells with their rows and labels, and groups of cells that
//! were measured under the same conditions.

use busbench_results::{CellOutcome, LimitedBy, Load, Row, Run, Trial, Verdict, summarise};

use crate::format;

/// A run with its cells, in the plan's order.
pub(crate) struct View<'a> {
    pub(crate) run: &'a Run,
    pub(crate) cells: Vec<CellView<'a>>,
}

/// A cell with what it says.
pub(crate) struct CellView<'a> {
    /// All finished trials.
    pub(crate) trials: &'a [Trial],
    /// Those that the figures rest on.
    pub(crate) pooled: Vec<&'a Trial>,
    pub(crate) row: Row,
    /// Bus, envelope and what else tells it from the others of its group.
    pub(crate) label: String,
}

/// Cells of one load that differ in bus and envelope, and in what belongs to a bus.
pub(crate) struct Group<'v, 'a> {
    pub(crate) cells: Vec<&'v CellView<'a>>,
}

impl<'a> View<'a> {
    pub(crate) fn new(run: &'a Run) -> Self {
        let rows = summarise(run);
        let labels: Vec<String> = rows.iter().map(|row| label(row, &rows)).collect();
        let cells = run
            .record
            .cells
            .iter()
            .zip(rows)
            .zip(labels)
            .map(|((cell, row), label)| CellView {
                trials: run.trials_of(cell),
                pooled: run.pooled_trials(cell),
                row,
                label,
            })
            .collect();
        Self { run, cells }
    }

    /// Groups of cells of a load of which a trial has finished, in the plan's order.
    pub(crate) fn groups(&self, load: Load) -> Vec<Group<'_, 'a>> {
        let mut groups: Vec<Group<'_, 'a>> = Vec::new();
        for cell in &self.cells {
            if cell.row.load != load || cell.trials.is_empty() {
                continue;
            }
            match groups
                .iter_mut()
                .find(|group| same_conditions(&group.cells[0].row, &cell.row))
            {
                Some(group) => group.cells.push(cell),
                None => groups.push(Group { cells: vec![cell] }),
            }
        }
        groups
    }

    /// Cells without a finished trial.
    pub(crate) fn unmeasured(&self) -> impl Iterator<Item = &CellView<'a>> {
        self.cells.iter().filter(|cell| cell.trials.is_empty())
    }

    /// Whether any figure can be shown.
    pub(crate) fn has_figures(&self) -> bool {
        self.cells.iter().any(|cell| !cell.pooled.is_empty())
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
        if !servers.is_empty() {
            parts.push(servers.join(", "));
        }
        parts.join(" · ")
    }
}

impl CellView<'_> {
    /// Whether the rate is a lower bound of the server's: something else was used up first.
    pub(crate) fn is_at_least(&self) -> bool {
        matches!(
            self.row.limited_by,
            Some(LimitedBy::Client | LimitedBy::Machine)
        )
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

impl Group<'_, '_> {
    /// What all cells of the group have in common, as a line.
    pub(crate) fn conditions(&self) -> String {
        let row = &self.cells[0].row;
        let mut parts = vec![format!(
            "payload {} ({})",
            row.payload,
            format::bytes(row.payload_bytes)
        )];
        if let Some(offered) = row.offered_per_second {
            parts.push(format!("{} msg/s offered", format::significant(offered)));
        }
        if let Some(window) = row.window {
            parts.push(format!("window of {} messages", format::count(window)));
        }
        parts.push(format!(
            "{}, {}",
            plural(row.publishers, "publisher"),
            plural(row.subscribers, "subscriber")
        ));
        parts.push(format!(
            "publish {}, subscribe {}",
            row.publish, row.subscribe
        ));
        parts.push(format!("depth {}, client {}", row.depth, row.client));
        parts.push(format!("{} tuning", row.tuning));
        let mut qos: Vec<u8> = self.cells.iter().filter_map(|cell| cell.row.qos).collect();
        qos.dedup();
        if let [qos] = qos.as_slice() {
            parts.push(format!("MQTT QoS {qos}"));
        }
        parts.join(" · ")
    }
}

fn plural(number: u32, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// Everything but the bus, its envelope, and settings that only some buses have.
fn same_conditions(one: &Row, other: &Row) -> bool {
    fn conditions(row: &Row) -> impl PartialEq + use<'_> {
        (
            [&row.tuning, &row.depth, &row.client, &row.workload],
            [&row.publish, &row.subscribe, &row.payload],
            row.load,
            row.window,
            row.payload_bytes,
            (row.publishers, row.subscribers),
            row.offered_per_second,
        )
    }
    conditions(one) == conditions(other)
}

/// Bus and envelope, and those of the bus's own settings that vary under the same conditions.
fn label(row: &Row, rows: &[Row]) -> String {
    type Setting = fn(&Row) -> Option<String>;
    let settings: [Setting; 5] = [
        |row| row.qos.map(|qos| format!("QoS {qos}")),
        |row| row.ack_window.map(|window| format!("{window} unacked")),
        |row| row.storage.clone(),
        |row| row.sync.as_ref().map(|sync| format!("sync {sync}")),
        |row| {
            let kept = row.retention.as_ref()?;
            Some(format!("keeps {kept}"))
        },
    ];
    let mut parts = vec![row.bus.clone(), row.envelope.clone()];
    for setting in settings {
        let own = setting(row);
        let varies = rows
            .iter()
            .filter(|other| other.bus == row.bus && same_conditions(row, other))
            .any(|other| setting(other) != own);
        parts.extend(own.filter(|_| varies));
    }
    parts.join(" ")
}
