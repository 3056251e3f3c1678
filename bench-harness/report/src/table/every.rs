//! The long tables: every figure of every cell, and every trial.

use busbench_results::{Metric, Row, Trial, Verdict};

use super::{Column, Line, NONE, Table, Tone, tone};
use crate::format;
use crate::view::{CellView, View};

/// A figure's title and its text.
type Figure = (&'static str, fn(&CellView<'_>) -> Option<String>);

/// Figures that the tables by load leave out.
const FIGURES: [Figure; 19] = [
    ("trials", |cell| Some(cell.row.trials.to_string())),
    ("attempted", |cell| cell.row.attempted.map(format::count)),
    ("published", |cell| cell.row.published.map(format::count)),
    ("expected", |cell| cell.row.expected.map(format::count)),
    ("delivered", |cell| cell.row.delivered.map(format::count)),
    ("lost", |cell| cell.row.lost.map(format::count)),
    ("twice", |cell| cell.row.duplicated.map(format::count)),
    ("reordered", |cell| cell.row.reordered.map(format::count)),
    ("corrupt", |cell| cell.row.corrupt.map(format::count)),
    ("foreign", |cell| cell.row.foreign.map(format::count)),
    ("service p99 µs", |cell| time(cell.row.service_p99_ns)),
    ("wake lag p99 µs", |cell| time(cell.row.wake_lag_p99_ns)),
    ("blocked p99 µs", |cell| time(cell.row.blocked_p99_ns)),
    ("ack p99 µs", |cell| time(cell.row.ack_p99_ns)),
    ("server CPU ns/delivery", |cell| {
        cell.row.server_cpu_ns_per_message.map(format::significant)
    }),
    ("server memory peak", |cell| {
        cell.row.server_rss_peak_bytes.map(format::bytes)
    }),
    ("client CPU ns/delivery", |cell| {
        cell.row.client_cpu_ns_per_message.map(format::significant)
    }),
    ("p99 95 % interval µs", |cell| {
        let (low, high) = (
            cell.row.response_p99_low_ns?,
            cell.row.response_p99_high_ns?,
        );
        let (low, high) = (format::microseconds(low), format::microseconds(high));
        Some(format!("{low} – {high}"))
    }),
    ("p90 µs", |cell| time(cell.row.response_p90_ns)),
];

/// One row for each cell with a finished trial.
pub(crate) fn every_cell(view: &View<'_>) -> Table {
    let mut columns = vec![Column::text("cell"), Column::text("load")];
    columns.extend(FIGURES.map(|(title, _)| Column::number(title)));
    columns.push(Column::text("settings"));
    let rows = view
        .cells
        .iter()
        .filter(|cell| !cell.trials.is_empty())
        .map(|cell| {
            let mut cells = vec![cell.label.clone(), cell.row.load.name().to_owned()];
            let figures = FIGURES.iter().map(|(_, figure)| figure(cell));
            cells.extend(figures.map(|figure| figure.unwrap_or_else(|| NONE.to_owned())));
            cells.push(settings(&cell.row));
            Line {
                bus: cell.row.bus.clone(),
                tone: tone(cell),
                cells,
            }
        })
        .collect();
    Table {
        title: "Every cell".to_owned(),
        columns,
        rows,
    }
}

/// One row for each trial, invalid ones included.
pub(crate) fn every_trial(view: &View<'_>) -> Table {
    let columns = vec![
        Column::text("cell"),
        Column::text("load"),
        Column::number("trial"),
        Column::number("delivered/s"),
        Column::number("lost"),
        Column::number("response p99 µs"),
        Column::number("backlog peak"),
        Column::number("dropped by client"),
        Column::number("machine busy"),
        Column::text("limited by"),
        Column::text("outcome"),
        Column::text("verdict"),
        Column::text("reasons"),
    ];
    let rows = view
        .cells
        .iter()
        .flat_map(|cell| cell.trials.iter().map(move |trial| line(cell, trial)))
        .collect();
    Table {
        title: "Every trial".to_owned(),
        columns,
        rows,
    }
}

fn line(cell: &CellView<'_>, trial: &Trial) -> Line {
    let none = || NONE.to_owned();
    let rate = trial.delivered_per_second();
    // A growing backlog has no response time of its own: it would only tell how long it grew.
    let p99 = Some(trial)
        .filter(|trial| trial.carried_its_load())
        .and_then(|trial| trial.histograms.get(&Metric::Response))
        .and_then(|recorded| busbench_results::Distribution::of(recorded).ok())
        .and_then(|distribution| distribution.quantile_ns(0.99));
    Line {
        bus: cell.row.bus.clone(),
        tone: match trial.verdict {
            Verdict::Valid => Tone::Plain,
            Verdict::Suspect => Tone::Doubtful,
            Verdict::Invalid => Tone::Void,
        },
        cells: vec![
            cell.label.clone(),
            cell.row.load.name().to_owned(),
            trial.number.to_string(),
            format::significant(rate),
            format::count(trial.counts.lost),
            time(p99).unwrap_or_else(none),
            format::count(trial.backlog_peak),
            format::count(trial.client_dropped),
            trial.machine.busy.map_or_else(none, format::percent),
            trial.limited_by.name().to_owned(),
            trial.outcome.name().to_owned(),
            trial.verdict.name().to_owned(),
            trial
                .reasons
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; "),
        ],
    }
}

/// What belongs to the bus, in words.
fn settings(row: &Row) -> String {
    let settings = [
        row.qos.map(|qos| format!("QoS {qos}")),
        row.ack_window.map(|window| format!("{window} unacked")),
        row.storage
            .as_ref()
            .map(|storage| format!("storage {storage}")),
        row.sync.as_ref().map(|sync| format!("sync {sync}")),
        row.retention.as_ref().map(|kept| format!("keeps {kept}")),
    ];
    let settings: Vec<String> = settings.into_iter().flatten().collect();
    if settings.is_empty() {
        NONE.to_owned()
    } else {
        settings.join(", ")
    }
}

fn time(nanoseconds: Option<u64>) -> Option<String> {
    nanoseconds.map(format::microseconds)
}
