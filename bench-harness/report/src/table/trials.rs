//! What is recorded of each trial: its figures, count checks, the server's counters, cost.

use busbench_results::steadiness::Steadiness;
use busbench_results::{ClockDrift, CountCheck, Distribution, Metric, ServerCounters};
use busbench_results::{Throttling, Trial, Verdict};

use super::{Column, NONE, Tone};
use crate::format;

/// A table with rows for each trial.
pub(crate) struct TrialRows {
    pub(crate) title: &'static str,
    /// The topic of the method.
    pub(crate) anchor: &'static str,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows_of: fn(&Trial) -> Vec<TonedRow>,
}

/// How much a row can be trusted, and its text.
type TonedRow = (Tone, Vec<String>);

/// One row for each trial, invalid ones included.
pub(crate) fn every_trial() -> TrialRows {
    TrialRows {
        title: "Trials",
        anchor: "statistics",
        columns: vec![
            Column::number("trial"),
            number("delivered/s", "delivered-rate"),
            number("lost", "lost"),
            number("p50 µs", "response"),
            number("p99 µs", "response"),
            Column::number("backlog peak"),
            number("dropped by client", "client-dropped"),
            Column::number("machine busy"),
            text("limited by", "limited-by"),
            text("outcome", "outcome"),
            text("verdict", "verdict"),
            text("reasons", "reasons"),
        ],
        rows_of: |trial| vec![figures(trial)],
    }
}

/// What is recorded beside the figures.
pub(crate) fn detailed() -> [TrialRows; 5] {
    [
        count_checks(),
        server_counters(),
        costs(),
        throttling(),
        machine(),
    ]
}

/// Counts of the harness that the server's do not agree with.
pub(crate) fn counts_apart() -> TrialRows {
    TrialRows {
        title: "Counts that are not the server's",
        rows_of: |trial| {
            let checks = trial.count_checks.iter();
            checks.filter(|check| !check.agrees).map(check).collect()
        },
        ..count_checks()
    }
}

fn figures(trial: &Trial) -> TonedRow {
    // A growing backlog has no response time of its own: it would only tell how long it grew.
    let response = Some(trial)
        .filter(|trial| trial.carried_its_load())
        .and_then(|trial| trial.histograms.get(&Metric::Response))
        .and_then(|recorded| Distribution::of(recorded).ok());
    let quantile = |quantile| {
        let time = response.as_ref()?.quantile_ns(quantile)?;
        Some(format::microseconds(time))
    };
    let reasons = trial.reasons.iter().map(ToString::to_string);
    let tone = match trial.verdict {
        Verdict::Valid => Tone::Plain,
        Verdict::Suspect => Tone::Doubtful,
        Verdict::Invalid => Tone::Void,
    };
    let cells = vec![
        trial.number.to_string(),
        format::significant(trial.delivered_per_second()),
        format::count(trial.counts.lost),
        quantile(0.5).unwrap_or_else(none),
        quantile(0.99).unwrap_or_else(none),
        format::count(trial.backlog_peak),
        format::count(trial.client_dropped),
        trial.machine.busy.map_or_else(none, format::percent),
        trial.limited_by.name().to_owned(),
        trial.outcome.name().to_owned(),
        trial.verdict.name().to_owned(),
        reasons.collect::<Vec<_>>().join("; "),
    ];
    (tone, cells)
}

/// The harness's counts beside the server's.
fn count_checks() -> TrialRows {
    TrialRows {
        title: "Counts beside the server's",
        anchor: "counts",
        columns: vec![
            text("what", "count-check"),
            Column::number("harness"),
            Column::number("server"),
            Column::text("agrees"),
            Column::text("explained by"),
        ],
        rows_of: |trial| trial.count_checks.iter().map(check).collect(),
    }
}

fn check(check: &CountCheck) -> TonedRow {
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

/// What servers counted themselves.
fn server_counters() -> TrialRows {
    let columns = vec![
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
    TrialRows {
        title: "Servers' own counters",
        anchor: "counts",
        columns,
        rows_of: |trial| trial.server_counters.iter().map(counters).collect(),
    }
}

fn counters(counters: &ServerCounters) -> TonedRow {
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

/// What each side used.
fn costs() -> TrialRows {
    let columns = vec![
        Column::text("of"),
        number("CPU", "cpu"),
        Column::number("busiest thread"),
        number("memory peak", "memory"),
        Column::number("switches: waited"),
        Column::number("switches: put off"),
        Column::number("disk read"),
        Column::number("disk written"),
        Column::number("network in"),
        Column::number("network out"),
        Column::text("CPU read from"),
    ];
    TrialRows {
        title: "What each side used",
        anchor: "cost",
        columns,
        rows_of: sides,
    }
}

fn sides(trial: &Trial) -> Vec<TonedRow> {
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
}

/// How a limit of CPU time held the server back; no row without one.
fn throttling() -> TrialRows {
    TrialRows {
        title: "Server held back by its CPU limit",
        anchor: "cost",
        columns: vec![
            Column::number("periods"),
            number("stopped in", "throttled"),
            number("share", "throttled"),
            Column::number("stopped for"),
        ],
        rows_of: |trial| {
            let cost = trial.server_cost.as_ref();
            let throttling = cost.and_then(|cost| cost.throttling);
            throttling.iter().map(held_back).collect()
        },
    }
}

fn held_back(throttling: &Throttling) -> TonedRow {
    let cells = vec![
        format::count(throttling.periods),
        format::count(throttling.throttled_periods),
        format::percent(throttling.share()),
        format::duration(throttling.throttled_ns as f64),
    ];
    (Tone::Plain, cells)
}

/// How evenly the machine and its clock went.
fn machine() -> TrialRows {
    TrialRows {
        title: "Machine, clock and client",
        anchor: "outcome-limit-and-verdict",
        columns: vec![
            Column::number("busy"),
            number("steal", "steal"),
            number("clock against raw µs", "clock-drift"),
            number("suspended ms", "clock-drift"),
            number("unacked", "ack-window"),
            Column::number("message bytes"),
            number("throughput drift", "steadiness"),
            number("backlog growth/s", "steadiness"),
        ],
        rows_of: |trial| vec![(Tone::Plain, evenness(trial))],
    }
}

fn evenness(trial: &Trial) -> Vec<String> {
    let share = |share: Option<f64>| share.map_or_else(none, format::percent);
    let clock = |of: fn(&ClockDrift) -> i64, unit: i64| {
        let drift = trial.clock.as_ref().map(|drift| of(drift) / unit);
        drift.map_or_else(none, |drift| drift.to_string())
    };
    let steadiness =
        |of: fn(&Steadiness) -> String| trial.steadiness.as_ref().map_or_else(none, of);
    vec![
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
    ]
}

const fn number(title: &'static str, explained_as: &'static str) -> Column {
    Column {
        explained_as: Some(explained_as),
        ..Column::number(title)
    }
}

const fn text(title: &'static str, explained_as: &'static str) -> Column {
    Column {
        explained_as: Some(explained_as),
        ..Column::text(title)
    }
}

fn count(count: Option<u64>) -> String {
    count.map_or_else(none, format::count)
}

fn none() -> String {
    NONE.to_owned()
}
