//! Cells that are measured at several offered rates and are otherwise alike.

use std::collections::BTreeMap;

use busbench_results::comparison::conditions_that_differ;
use busbench_results::{Guarantee, Load, Row};

use super::groups::{offering, payload, same_for_floor, same_promise};
use super::{CellView, View};
use crate::format;

/// Lines of one guarantee under the same conditions but for the offered rate.
pub(crate) struct Sweep<'v, 'a> {
    pub(crate) guarantee: Option<Guarantee>,
    /// In the plan's order, floors last; each has two rates at least.
    pub(crate) lines: Vec<SweepLine<'v, 'a>>,
}

/// One bus with one layout and one configuration.
pub(crate) struct SweepLine<'v, 'a> {
    /// From the lowest rate to the highest.
    pub(crate) cells: Vec<&'v CellView<'a>>,
}

impl<'a> View<'a> {
    /// Sweeps over offered rates, in the plan's order.
    pub(crate) fn sweeps(&self) -> Vec<Sweep<'_, 'a>> {
        let lines = self.lines();
        let (floors, servers): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|cells| cells[0].is_floor());
        let mut sweeps: Vec<Vec<Vec<&CellView<'a>>>> = Vec::new();
        for line in servers {
            let belongs = |sweep: &&mut Vec<Vec<&CellView<'a>>>| {
                sweep.iter().all(|other| {
                    same_promise(&other[0].row, &line[0].row) && same_but_rate(other[0], line[0])
                })
            };
            match sweeps.iter_mut().find(belongs) {
                Some(sweep) => sweep.push(line),
                None => sweeps.push(vec![line]),
            }
        }
        sweeps
            .into_iter()
            .map(|mut lines| {
                let guarantee = lines[0][0].guarantee;
                let row = &lines[0][0].row;
                let own = floors
                    .iter()
                    .filter(|floor| same_for_floor(&floor[0].row, row, &["offered_per_second"]));
                let own: Vec<_> = own.cloned().collect();
                lines.extend(own);
                let lines = lines.into_iter().map(|cells| SweepLine { cells }).collect();
                Sweep { guarantee, lines }
            })
            .collect()
    }

    /// Cells with a valid trial that differ in nothing but the rate, where there are two at least.
    fn lines(&self) -> Vec<Vec<&CellView<'a>>> {
        let mut lines: Vec<Vec<&CellView<'a>>> = Vec::new();
        let mut named: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let open = |cell: &&CellView<'_>| cell.row.load == Load::Open && !cell.pooled.is_empty();
        for cell in self.cells.iter().filter(open) {
            let row = &cell.row;
            let name = (&cell.label, &row.payload, &row.depth, &row.publish);
            let places = named.entry(name).or_default();
            let belongs = |place: &&usize| {
                let other = lines[**place][0];
                same_settings(other, cell) && same_but_rate(other, cell)
            };
            if let Some(place) = places.iter().find(belongs) {
                lines[*place].push(cell);
            } else {
                places.push(lines.len());
                lines.push(vec![cell]);
            }
        }
        for line in &mut lines {
            line.sort_by(|one, other| rate(one).total_cmp(&rate(other)));
        }
        lines.retain(|line| line.len() > 1);
        lines
    }
}

fn rate(cell: &CellView<'_>) -> f64 {
    cell.row.offered_per_second.unwrap_or(0.0)
}

fn same_but_rate(one: &CellView<'_>, other: &CellView<'_>) -> bool {
    conditions_that_differ(&one.row, &other.row)
        .iter()
        .all(|condition| *condition == "offered_per_second")
}

/// The server's and the client's, those included that decide its guarantee.
fn same_settings(one: &CellView<'_>, other: &CellView<'_>) -> bool {
    let [one, other] = [&one.row, &other.row];
    (one.qos, &one.storage, &one.sync) == (other.qos, &other.storage, &other.sync)
        && (one.ack_window, &one.retention) == (other.ack_window, &other.retention)
        && one.guarantee == other.guarantee
}

impl<'v, 'a> Sweep<'v, 'a> {
    /// How many buses of servers are in it.
    pub(crate) fn buses(&self) -> usize {
        let rows = self.lines.iter().map(|line| line.cells[0]);
        let servers = rows.filter(|cell| !cell.is_floor());
        let mut buses: Vec<&str> = servers.map(|cell| cell.row.bus.as_str()).collect();
        buses.sort_unstable();
        buses.dedup();
        buses.len()
    }

    /// What all cells have in common, as a line.
    pub(crate) fn conditions(&self) -> String {
        let Some(row) = self.cells().next().map(|cell| &cell.row) else {
            return String::new();
        };
        let mut parts = vec![payload(row)];
        let spacing = row.arrivals.as_deref().unwrap_or("even");
        parts.push(format!("{spacing} arrivals"));
        parts.extend(offering(&Row {
            offered_per_second: None,
            ..row.clone()
        }));
        parts.push(format!("depth {}, client {}", row.depth, row.client));
        parts.push(format!("{} tuning", row.tuning));
        parts.extend(format::limit(&row.limit));
        if row.emulated {
            parts.push("emulated".to_owned());
        }
        parts.join(" · ")
    }

    /// What tells it from others of its guarantee, as far as it fits into a title.
    pub(crate) fn in_short(&self) -> String {
        let row = self.cells().next().map(|cell| &cell.row);
        row.map_or_else(String::new, |row| {
            let limit =
                format::limit(&row.limit).map_or_else(String::new, |limit| format!(", {limit}"));
            format!(
                "{} at depth {}, publish {}{limit}",
                row.payload, row.depth, row.publish
            )
        })
    }

    /// The guarantee, in words where there is none to name.
    pub(crate) fn promise(&self) -> String {
        match &self.guarantee {
            Some(guarantee) => format!("guarantee {guarantee}"),
            None => "guarantee not known".to_owned(),
        }
    }

    /// Every cell of it.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &'v CellView<'a>> {
        self.lines
            .iter()
            .flat_map(|line| line.cells.iter().copied())
    }
}
