//! Where a message's time goes: means of encode, transport and decode, which add up.

use busbench_results::comparison::conditions_that_differ;
use busbench_results::{Distribution, FLOORS, Load, Metric, sets_of_alike};

use super::ENCODING_DEPTHS;
use crate::format;
use crate::table::{self, Column, Line, Table};
use crate::view::{CellView, View, offering};

/// Why there is no picture of times.
pub(super) const NO_PICTURE: &str = "There is no picture of where a message's time goes: that takes \
     a valid cell under open load at a depth that encodes. With a full window, a message's time is \
     that of the queue.";

/// Key columns in which the bars of one picture may differ.
const MAY_DIFFER: [&str; 5] = [
    "payload",
    "payload_bytes",
    "ack_window",
    "retention",
    "network_path",
];

/// One picture: cells of one depth under the same open load.
pub(crate) struct Breakdown<'v, 'a> {
    pub(crate) depth: &'v str,
    /// What all of them have in common, as a line.
    pub(crate) conditions: String,
    pub(crate) panels: Vec<Panel<'v, 'a>>,
    /// Label with payload, and why it is not in the picture.
    pub(crate) not_drawn: Vec<(String, String)>,
}

/// One bus.
pub(crate) struct Panel<'v, 'a> {
    bus: &'v str,
    pub(crate) blocks: Vec<Block<'v, 'a>>,
}

/// One payload on one bus.
pub(crate) struct Block<'v, 'a> {
    pub(crate) payload: &'v str,
    pub(crate) bars: Vec<Bar<'v, 'a>>,
}

/// One cell.
pub(crate) struct Bar<'v, 'a> {
    pub(crate) cell: &'v CellView<'a>,
    pub(crate) parts: Parts,
}

/// Mean times of a message, in ns.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::struct_field_names, reason = "a name says its unit")]
pub(crate) struct Parts {
    pub(crate) encode_ns: f64,
    /// All of the service time that is neither encoding nor decoding: client crates, server, network
    /// and scheduling.
    pub(crate) transport_ns: f64,
    pub(crate) decode_ns: f64,
}

impl Parts {
    /// The mean service time.
    pub(crate) fn whole_ns(self) -> f64 {
        self.encode_ns + self.transport_ns + self.decode_ns
    }

    /// Share of encoding and decoding in it, 0 to 1.
    pub(crate) fn codec_share(self) -> f64 {
        (self.encode_ns + self.decode_ns) / self.whole_ns()
    }
}

impl Panel<'_, '_> {
    /// The bus, and whether it is none of a server.
    pub(crate) fn title(&self) -> String {
        if FLOORS.contains(&self.bus) {
            format!("{} (floor)", self.bus)
        } else {
            self.bus.to_owned()
        }
    }
}

impl Bar<'_, '_> {
    /// Layout, and what else tells it from the others of its block.
    pub(crate) fn label(&self) -> &str {
        let label = self.cell.label.strip_prefix(self.cell.row.bus.as_str());
        label.unwrap_or(&self.cell.label).trim_start()
    }
}

/// Pictures of the depths that encode, in the plan's order; cells without parts are named in them.
/// There is none without a bar.
pub(crate) fn breakdowns<'v, 'a>(view: &'v View<'a>) -> Vec<Breakdown<'v, 'a>> {
    let measured = view.cells.iter().filter(|cell| {
        cell.row.load == Load::Open
            && !cell.trials.is_empty()
            && ENCODING_DEPTHS.contains(&cell.row.depth.as_str())
    });
    let alike = |one: &&CellView<'_>, other: &&CellView<'_>| {
        conditions_that_differ(&one.row, &other.row)
            .iter()
            .all(|condition| MAY_DIFFER.contains(condition))
    };
    sets_of_alike(measured, alike)
        .iter()
        .map(|cells| breakdown(cells))
        .filter(|breakdown| !breakdown.panels.is_empty())
        .collect()
}

fn breakdown<'v, 'a>(cells: &[&'v CellView<'a>]) -> Breakdown<'v, 'a> {
    let mut panels: Vec<Panel<'v, 'a>> = Vec::new();
    let mut not_drawn = Vec::new();
    for &cell in cells {
        // It takes three histograms of every trial, and each form of a report asks.
        match cell.parts.get_or_init(|| parts(cell)) {
            Ok(parts) => add(
                &mut panels,
                Bar {
                    cell,
                    parts: *parts,
                },
            ),
            Err(why) => {
                let what = format!("{} with {}", cell.label, cell.row.payload);
                not_drawn.push((what, why.clone()));
            }
        }
    }
    let row = &cells[0].row;
    let mut conditions = offering(row);
    conditions.push(format!("client {}, {} tuning", row.client, row.tuning));
    conditions.extend(format::limit(&row.limit));
    Breakdown {
        depth: &row.depth,
        conditions: conditions.join(" · "),
        panels,
        not_drawn,
    }
}

fn add<'v, 'a>(panels: &mut Vec<Panel<'v, 'a>>, bar: Bar<'v, 'a>) {
    let row = &bar.cell.row;
    let place = panels.iter().position(|panel| panel.bus == row.bus);
    let place = place.unwrap_or_else(|| {
        panels.push(Panel {
            bus: &row.bus,
            blocks: Vec::new(),
        });
        panels.len() - 1
    });
    let blocks = &mut panels[place].blocks;
    match blocks.iter_mut().find(|block| block.payload == row.payload) {
        Some(block) => block.bars.push(bar),
        None => blocks.push(Block {
            payload: &row.payload,
            bars: vec![bar],
        }),
    }
}

/// The means of a cell over all messages of its pooled trials, or why there are none.
fn parts(cell: &CellView<'_>) -> Result<Parts, String> {
    if cell.pooled.is_empty() {
        return Err("no valid trial".to_owned());
    }
    if cell.is_lossy() || !cell.pooled.iter().all(|trial| trial.carried_its_load()) {
        return Err(cell.row.outcome.name().to_owned());
    }
    let mean_ns = |metric: Metric| {
        let name = metric.name();
        // A trial without a metric would leave a mean over other messages than the rest.
        if cell
            .pooled
            .iter()
            .any(|trial| !trial.histograms.contains_key(&metric))
        {
            return Err(format!("no {name} time recorded"));
        }
        Distribution::pool(cell.pooled.iter().copied(), metric)
            .map_err(|_| format!("{name} histogram unreadable"))?
            .and_then(|times| times.mean_ns())
            .ok_or_else(|| format!("no {name} time recorded"))
    };
    let (encode_ns, decode_ns) = (mean_ns(Metric::Encode)?, mean_ns(Metric::Decode)?);
    let transport_ns = mean_ns(Metric::Service)? - encode_ns - decode_ns;
    if transport_ns < 0.0 {
        return Err("encode and decode time exceed the service time".to_owned());
    }
    Ok(Parts {
        encode_ns,
        transport_ns,
        decode_ns,
    })
}

/// The numbers of the pictures.
pub(super) fn tables(breakdowns: &[Breakdown<'_, '_>]) -> Vec<Table> {
    breakdowns
        .iter()
        .map(|breakdown| {
            let mut alike = breakdowns.iter().filter(|one| one.depth == breakdown.depth);
            let depth = breakdown.depth;
            let mut title = format!("Where a message's time goes at depth {depth}, in numbers");
            if alike.nth(1).is_some() {
                title = format!("{title}: {}", breakdown.conditions);
            }
            table(title, breakdown)
        })
        .collect()
}

fn table(title: String, breakdown: &Breakdown<'_, '_>) -> Table {
    let bars = breakdown.panels.iter().flat_map(|panel| {
        let blocks = panel.blocks.iter();
        blocks.flat_map(|block| block.bars.iter().map(|bar| (block.payload, bar)))
    });
    let rows = bars
        .map(|(payload, bar)| {
            let parts = bar.parts;
            let times = [
                parts.encode_ns,
                parts.transport_ns,
                parts.decode_ns,
                parts.whole_ns(),
            ];
            let mut cells = vec![bar.cell.label.clone(), payload.to_owned()];
            cells.extend(times.map(|ns| format::significant(ns / 1e3)));
            cells.push(format::percent(parts.codec_share()));
            Line {
                bus: bar.cell.row.bus.clone(),
                tone: table::tone(bar.cell),
                cells,
            }
        })
        .collect();
    let mean = |title| Column {
        explained_as: Some("breakdown"),
        ..Column::number(title)
    };
    Table {
        title,
        columns: vec![
            Column::text("bus and envelope"),
            Column::text("payload"),
            mean("encode µs"),
            mean("transport µs"),
            mean("decode µs"),
            mean("service µs"),
            mean("encode + decode"),
        ],
        rows,
    }
}
