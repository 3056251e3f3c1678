//! What disturbed trials, counted by the closed list of reasons, and what the machine did meanwhile.

use busbench_results::explain::{self, Explanation, Subject};
use busbench_results::{ReasonKind, Severity, Trial};

use crate::format;
use crate::table::{Column, Line, Table, Tone};
use crate::view::View;

/// A reason with how often it was seen.
pub(crate) struct Disturbance {
    /// `12 of 60 trials, in 4 cells`.
    pub(crate) seen: String,
    pub(crate) tone: Tone,
    pub(crate) explanation: &'static Explanation,
}

/// Reasons that trials of the run have, the worst first.
pub(crate) fn disturbances(view: &View<'_>) -> Vec<Disturbance> {
    let trials = view.cells.iter().flat_map(|cell| cell.trials).count();
    ReasonKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let has = |trial: &&Trial| trial.reasons.iter().any(|reason| reason.kind == kind);
            let by_cell = view
                .cells
                .iter()
                .map(|cell| cell.trials.iter().filter(has).count())
                .filter(|count| *count > 0);
            let (cells, with) =
                by_cell.fold((0, 0), |(cells, sum), count| (cells + 1, sum + count));
            let explanation = explain::of(Subject::Reason, kind.name())?;
            let noun = if cells == 1 { "cell" } else { "cells" };
            (cells > 0).then(|| Disturbance {
                seen: format!(
                    "{} of {} trials, in {} {noun}",
                    format::count(with as u64),
                    format::count(trials as u64),
                    format::count(cells)
                ),
                tone: match kind.severity() {
                    Severity::Note => Tone::Plain,
                    Severity::Suspect => Tone::Doubtful,
                    Severity::Invalid => Tone::Void,
                },
                explanation,
            })
        })
        .collect()
}

/// Least, middle and most of what the machine did in the trials; `None` where no trial tells.
pub(crate) fn spread(view: &View<'_>) -> Option<Table> {
    let trials = || view.cells.iter().flat_map(|cell| cell.trials);
    let of_trials =
        |of: fn(&Trial) -> Option<f64>| -> Vec<f64> { trials().filter_map(of).collect() };
    let wake_lags: Vec<f64> = view
        .cells
        .iter()
        .filter_map(|cell| cell.row.wake_lag_p99_ns)
        .map(|nanoseconds| nanoseconds as f64)
        .collect();
    let measured = [
        (
            "CPU steal, share of all cores",
            "trials",
            of_trials(|trial| trial.machine.steal),
            format::percent as fn(f64) -> String,
        ),
        (
            "all cores busy",
            "trials",
            of_trials(|trial| trial.machine.busy),
            format::percent,
        ),
        ("wake lag, p99", "cells", wake_lags, format::duration),
        (
            "clock against the raw one",
            "trials",
            of_trials(|trial| {
                let drift = trial.clock.as_ref()?;
                Some(drift.against_raw_ns.unsigned_abs() as f64)
            }),
            format::duration,
        ),
        (
            "messages waiting in the harness, at most",
            "trials",
            of_trials(|trial| Some(trial.backlog_peak as f64)),
            format::whole,
        ),
    ];
    let rows: Vec<Line> = measured
        .into_iter()
        .filter_map(|(what, of, values, shown)| line(what, of, values, shown))
        .collect();
    (!rows.is_empty()).then(|| Table {
        title: "The machine during the trials".to_owned(),
        columns: vec![
            Column::text("what"),
            Column::number("least"),
            Column::number("median"),
            Column::number("most"),
            Column::number("told by"),
        ],
        rows,
    })
}

fn line(what: &str, of: &str, mut values: Vec<f64>, shown: fn(f64) -> String) -> Option<Line> {
    values.sort_by(f64::total_cmp);
    let (least, most) = (values.first()?, values.last()?);
    let median = values[(values.len() - 1) / 2];
    Some(Line {
        bus: String::new(),
        tone: Tone::Plain,
        cells: vec![
            what.to_owned(),
            shown(*least),
            shown(median),
            shown(*most),
            format!("{} {of}", format::count(values.len() as u64)),
        ],
    })
}
