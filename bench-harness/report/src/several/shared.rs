//! Cells that several runs have measured, chosen so that a reader can take them in.

mod chosen;

use busbench_results::comparison::shared_cells;
use busbench_results::{Load, Row};

use crate::RenderError;
use crate::figure::{self, Figure, Measure};
use crate::format;
use crate::table::{Column, Line, NONE, Table, Tone};
use crate::view::{CellView, View};

use super::{names, varying_conditions};

/// Most cells of a load that are shown.
const MOST_OF_A_LOAD: usize = 12;

/// Most bars of a picture: with many runs there are fewer cells.
const MOST_BARS: usize = 48;

/// What runs share.
#[derive(Default)]
pub(crate) struct SideBySide {
    /// One for each load that has such cells.
    pub(crate) figures: Vec<Figure>,
    pub(crate) tables: Vec<Table>,
    /// How many there are, and how many of them are shown; `None` where there is none.
    pub(crate) note: Option<String>,
}

/// A cell with a bar for each run that measured it.
pub(crate) struct SharedCell {
    pub(crate) bus: String,
    /// Bus and envelope, and those conditions that differ among the cells shown.
    pub(crate) label: String,
    pub(crate) is_floor: bool,
    pub(crate) bars: Vec<Bar>,
}

/// What one run measured.
pub(crate) struct Bar {
    /// Number of the run, from 0.
    pub(crate) run: usize,
    /// `run 2, aarch64`.
    pub(crate) label: String,
    pub(crate) is_emulated: bool,
    pub(crate) value: Option<f64>,
    pub(crate) interval: Option<(f64, f64)>,
    /// The figure with its unit and doubts, or why there is none.
    pub(crate) text: String,
    pub(crate) tone: Tone,
    /// Outcome, with the verdict where it is not `valid`.
    pub(crate) state: String,
}

impl SideBySide {
    pub(crate) fn of(views: &[View<'_>]) -> Result<Self, RenderError> {
        if views.len() < 2 {
            return Ok(Self::default());
        }
        let rows: Vec<Vec<Row>> = views
            .iter()
            .map(|view| view.cells.iter().map(|cell| cell.row.clone()).collect())
            .collect();
        let shared = shared_cells(&rows);
        if shared.is_empty() {
            return Ok(Self::default());
        }
        let most = MOST_OF_A_LOAD.min(MOST_BARS / views.len()).max(1);
        let mut side_by_side = Self::default();
        let mut shown = 0;
        for load in [Load::Closed, Load::Open] {
            let of_load: Vec<Vec<(usize, &CellView<'_>)>> = shared
                .iter()
                .map(|cell| {
                    let member = |&(run, place): &(usize, usize)| (run, &views[run].cells[place]);
                    cell.places.iter().map(member).collect()
                })
                .filter(|members: &Vec<(usize, &CellView<'_>)>| members[0].1.row.load == load)
                .collect();
            let cells = chosen::chosen(of_load, most);
            shown += cells.len();
            let rows: Vec<&Row> = cells.iter().map(|members| &members[0].1.row).collect();
            let conditions = varying_conditions(&rows);
            let cells: Vec<SharedCell> = cells
                .iter()
                .zip(conditions)
                .map(|(members, conditions)| shared_cell(views, load, members, &conditions))
                .collect();
            if cells.is_empty() {
                continue;
            }
            side_by_side.tables.push(table(load, &cells));
            side_by_side
                .figures
                .extend(figure::side_by_side(&measure(load), &cells)?);
        }
        side_by_side.note = Some(note(shared.len(), shown));
        Ok(side_by_side)
    }
}

/// Times are held in nanoseconds and drawn in microseconds.
fn measure(load: Load) -> Measure {
    let (name, title, what, in_short, axis, unit) = match load {
        Load::Closed => (
            "side-by-side-rates",
            "Delivered rate under closed load",
            "Distinct deliveries per second of the window",
            "deliveries per second",
            "deliveries per second",
            1.0,
        ),
        Load::Open => (
            "side-by-side-response-times",
            "99th percentile of the response time under open load",
            "99th percentile, from the instant at which a message was due",
            "99th percentiles of the response time",
            "p99 of the response time, µs",
            1e3,
        ),
    };
    Measure {
        subject: figure::Subject::SideBySide,
        name,
        title: format!("{title}, by run"),
        what: format!(
            "{what}, for cells that several runs measured; one bar for each run, in the colour of the \
             bus. Whiskers are 95 % intervals over trials (from 3 trials on). Runs are not ranked with \
             each other."
        ),
        in_short,
        axis,
        unit,
    }
}

fn note(shared: usize, shown: usize) -> String {
    let shared_ = format::count(shared as u64);
    match (shared, shown) {
        (1, _) => "One cell was measured by more than one run.".to_owned(),
        _ if shared == shown => {
            format!("{shared_} cells were measured by more than one run.")
        }
        _ => format!(
            "{shared_} cells were measured by more than one run. {} of them are shown, each bus in \
             its turn; all are in the table of every cell and in cells.csv.",
            format::count(shown as u64)
        ),
    }
}

fn shared_cell(
    views: &[View<'_>],
    load: Load,
    members: &[(usize, &CellView<'_>)],
    conditions: &[String],
) -> SharedCell {
    let (_, first) = members[0];
    let mut label = vec![first.label.clone()];
    label.extend(conditions.iter().cloned());
    SharedCell {
        bus: first.row.bus.clone(),
        label: label.join(", "),
        is_floor: first.is_floor(),
        bars: members
            .iter()
            .map(|&(run, cell)| bar(&views[run], run, load, cell))
            .collect(),
    }
}

/// Loss and saturation take the response time away; a rate is told with its loss.
fn bar(view: &View<'_>, run: usize, load: Load, cell: &CellView<'_>) -> Bar {
    let row = &cell.row;
    let (value, interval, text) = match load {
        Load::Closed => (
            row.delivered_per_second,
            row.delivered_per_second_low
                .zip(row.delivered_per_second_high),
            cell.rate().map(|rate| format!("{rate}/s{}", cell.doubts())),
        ),
        Load::Open => {
            let ranked = cell.not_ranked().is_none();
            let p99 = row.response_p99_ns.filter(|_| ranked);
            (
                p99.map(|nanoseconds| nanoseconds as f64),
                row.response_p99_low_ns
                    .zip(row.response_p99_high_ns)
                    .filter(|_| ranked)
                    .map(|(low, high)| (low as f64, high as f64)),
                p99.map(|nanoseconds| {
                    format!("{}{}", format::duration(nanoseconds as f64), cell.doubts())
                }),
            )
        }
    };
    Bar {
        run,
        label: names::to_run(run, view, row.emulated),
        is_emulated: row.emulated,
        value,
        interval,
        text: text.unwrap_or_else(|| {
            let state = cell.state();
            if value.is_none() && cell.not_ranked().is_none() {
                format!("{state}, too few samples")
            } else {
                state
            }
        }),
        tone: crate::table::tone(cell),
        state: cell.state(),
    }
}

/// The same as a table, a row for each cell and run.
fn table(load: Load, cells: &[SharedCell]) -> Table {
    let (title, figure) = match load {
        Load::Closed => ("Delivered rate under closed load", "delivered"),
        Load::Open => (
            "99th percentile of the response time under open load",
            "p99",
        ),
    };
    let columns = vec![
        Column::text("cell"),
        Column::text("run"),
        Column::number(figure),
        Column {
            explained_as: Some("interval"),
            ..Column::number("95 % interval")
        },
        Column::text("outcome"),
    ];
    let rows = cells
        .iter()
        .flat_map(|cell| cell.bars.iter().map(move |bar| (cell, bar)))
        .map(|(cell, bar)| Line {
            bus: cell.bus.clone(),
            tone: bar.tone,
            cells: vec![
                if cell.is_floor {
                    format!("{} (floor)", cell.label)
                } else {
                    cell.label.clone()
                },
                bar.label.clone(),
                bar.value
                    .map_or_else(|| NONE.to_owned(), |_| bar.text.clone()),
                bar.interval.map_or_else(
                    || NONE.to_owned(),
                    |(low, high)| {
                        let [low, high] = [low, high].map(|end| match load {
                            Load::Closed => format::significant(end),
                            Load::Open => format::duration(end),
                        });
                        format!("{low} – {high}")
                    },
                ),
                bar.state.clone(),
            ],
        })
        .collect();
    Table {
        title: title.to_owned(),
        columns,
        rows,
    }
}
