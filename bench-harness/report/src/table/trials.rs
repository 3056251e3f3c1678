//! What is recorded of each trial beside its figures: count checks, the server's counters, cost.

use busbench_results::steadiness::Steadiness;
use busbench_results::{CountCheck, ServerCounters, Trial};

use super::{Column, Line, NONE, Table, Tone};
use crate::format;
use crate::view::{CellView, View};

/// The harness's counts beside the server's; `None` where no trial has any.
pub(crate) fn count_checks(view: &View<'_>) -> Option<Table> {
    let columns = [
        Column::text("what"),
        Column::number("harness"),
        Column::number("server"),
        Column::text("agrees"),
        Column::text("explained by"),
    ];
    let checks = |trial: &Trial| -> Vec<(Tone, Vec<String>)> {
        trial.count_checks.iter().map(check).collect()
    };
    table(view, "Counts beside the server's", columns, checks)
}

fn check(check: &CountCheck) -> (Tone, Vec<String>) {
    let tone = if check.agrees {
        Tone::Plain
    } else {
        Tone::Doubtful
    };
    let agrees = if check.agrees { "yes" } else { "no" };
    let cells = vec![
        check.what.clone(),
        format::count(check.harness),
        format::count(check.server),
        agrees.to_owned(),
        check.explanation.clone().unwrap_or_else(none),
    ];
    (tone, cells)
}

/// What servers counted themselves; `None` where no trial has it.
pub(crate) fn server_counters(view: &View<'_>) -> Option<Table> {
    let columns = [
        Column::number("in"),
        Column::number("out"),
        Column::number("dropped"),
        Column::number("stored"),
        Column::number("cut off"),
        Column::number("bytes in"),
        Column::number("bytes out"),
        Column::number("bytes pending"),
        Column::text("read from"),
    ];
    table(view, "Servers' own counters", columns, |trial: &Trial| {
        trial.server_counters.iter().map(counters).collect()
    })
}

fn counters(counters: &ServerCounters) -> (Tone, Vec<String>) {
    let counts = [
        counters.messages_in,
        counters.messages_out,
        counters.dropped,
        counters.stored,
        counters.cut_off,
        counters.bytes_in,
        counters.bytes_out,
        counters.pending_bytes,
    ];
    let mut cells: Vec<String> = counts.map(count).into();
    cells.push(counters.source.clone());
    (Tone::Plain, cells)
}

/// What each side used; `None` where no trial could read any of it.
pub(crate) fn costs(view: &View<'_>) -> Option<Table> {
    let columns = [
        Column::text("of"),
        Column::number("CPU"),
        Column::number("busiest thread"),
        Column::number("memory peak"),
        Column::number("switches: waited"),
        Column::number("switches: put off"),
        Column::number("disk read"),
        Column::number("disk written"),
        Column::number("network in"),
        Column::number("network out"),
        Column::text("CPU read from"),
    ];
    table(view, "What each side used", columns, |trial: &Trial| {
        let sides = [
            ("server", trial.server_cost.as_ref()),
            ("harness", trial.client_cost.as_ref()),
        ];
        sides
            .into_iter()
            .filter_map(|(side, cost)| {
                let cost = cost?;
                let bytes = |bytes: Option<u64>| bytes.map_or_else(none, format::bytes);
                let cells = vec![
                    side.to_owned(),
                    format::duration(cost.cpu_ns as f64),
                    format::duration(cost.busiest_thread_cpu_ns as f64),
                    bytes(cost.rss_peak_bytes),
                    count(cost.voluntary_switches),
                    count(cost.involuntary_switches),
                    bytes(cost.disk_read_bytes),
                    bytes(cost.disk_written_bytes),
                    bytes(cost.network_in_bytes),
                    bytes(cost.network_out_bytes),
                    cost.cpu_source.clone(),
                ];
                Some((Tone::Plain, cells))
            })
            .collect()
    })
}

/// How evenly the machine and its clock went; `None` where no trial knows.
pub(crate) fn machine(view: &View<'_>) -> Option<Table> {
    let columns = [
        Column::number("busy"),
        Column::number("steal"),
        Column::number("clock against raw µs"),
        Column::number("suspended ms"),
        Column::number("unacked"),
        Column::number("message bytes"),
        Column::number("throughput drift"),
        Column::number("backlog growth/s"),
    ];
    table(
        view,
        "Machine, clock and client",
        columns,
        |trial: &Trial| {
            let share = |share: Option<f64>| share.map_or_else(none, format::percent);
            let clock = |of: fn(&busbench_results::ClockDrift) -> i64, unit: i64| {
                let drift = trial.clock.as_ref().map(|drift| of(drift) / unit);
                drift.map_or_else(none, |drift| drift.to_string())
            };
            let steadiness =
                |of: fn(&Steadiness) -> String| trial.steadiness.as_ref().map_or_else(none, of);
            let cells = vec![
                share(trial.machine.busy),
                share(trial.machine.steal),
                clock(|drift| drift.against_raw_ns, 1000),
                clock(|drift| drift.suspended_ns, 1_000_000),
                trial
                    .ack_window
                    .map_or_else(none, |window| window.to_string()),
                format::count(trial.message_bytes),
                steadiness(|steadiness| format::percent(steadiness.throughput_drift)),
                steadiness(|steadiness| format::significant(steadiness.backlog_growth_per_second)),
            ];
            vec![(Tone::Plain, cells)]
        },
    )
}

/// One table of rows of each trial, behind cell, load and number; `None` where there is no row.
fn table<const COLUMNS: usize>(
    view: &View<'_>,
    title: &str,
    of_trial: [Column; COLUMNS],
    rows_of: impl Fn(&Trial) -> Vec<(Tone, Vec<String>)>,
) -> Option<Table> {
    let mut columns = vec![
        Column::text("cell"),
        Column::text("load"),
        Column::number("trial"),
    ];
    columns.extend(of_trial);
    let rows: Vec<Line> = view
        .cells
        .iter()
        .flat_map(|cell| cell.trials.iter().map(move |trial| (cell, trial)))
        .flat_map(|(cell, trial)| {
            let rows = rows_of(trial);
            rows.into_iter()
                .map(|(tone, cells)| line(cell, trial, tone, cells))
                .collect::<Vec<_>>()
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        title: title.to_owned(),
        columns,
        rows,
    })
}

fn line(cell: &CellView<'_>, trial: &Trial, tone: Tone, own: Vec<String>) -> Line {
    let mut cells = vec![
        cell.label.clone(),
        cell.row.load.name().to_owned(),
        trial.number.to_string(),
    ];
    cells.extend(own);
    Line {
        bus: cell.row.bus.clone(),
        tone,
        cells,
    }
}

fn count(count: Option<u64>) -> String {
    count.map_or_else(none, format::count)
}

fn none() -> String {
    NONE.to_owned()
}
