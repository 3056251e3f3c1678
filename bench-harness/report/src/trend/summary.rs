//! What is said of a history, before it becomes text or a page.

use busbench_results::history::{LookedAt, QuietSeries, Trends};

use super::{names, table};
use crate::differences;
use crate::format;
use crate::several::numbered;
use crate::table::{Column, Line, Table, Tone};

/// What is said of a history.
pub(crate) struct Summary<'a> {
    pub(crate) trends: &'a Trends,
    /// Of the series that changed, in their order.
    pub(crate) changed_names: Vec<String>,
    /// One row for each change.
    pub(crate) changes: Table,
    /// One row for each series without one.
    pub(crate) quiet: Table,
    /// What was found, and what was looked at.
    pub(crate) sentences: Vec<String>,
}

impl<'a> Summary<'a> {
    pub(crate) fn of(trends: &'a Trends) -> Self {
        let changed = trends.changed.iter().map(|series| &series.key);
        let quiet = trends.quiet.iter().map(|series| &series.key);
        let keys: Vec<_> = changed.chain(quiet).collect();
        let mut changed_names = names::names(&keys);
        let quiet_names = changed_names.split_off(trends.changed.len());
        Self {
            changes: table::changes(trends, &changed_names),
            quiet: quiet_table(&trends.quiet, &quiet_names, trends.points_needed),
            sentences: sentences(trends),
            trends,
            changed_names,
        }
    }
}

fn sentences(trends: &Trends) -> Vec<String> {
    let found = match trends.changes() {
        0 if trends.asked == 0 => "No series has enough points to find a change in.".to_owned(),
        0 => "No change in any series.".to_owned(),
        changes => format!(
            "{} in {} series. Commits are the last that was measured before a change, and the first that \
             was measured with it.",
            numbered(changes, "change"),
            format::count(trends.changed.len() as u64)
        ),
    };
    let without = format!(
        "{} series without a change, {} too short. A change is looked for from {} points on, {} before it and \
         {} after it.",
        trends.steady(),
        trends.too_short(),
        trends.points_needed,
        trends.points_needed / 2,
        trends.points_needed / 2
    );
    let mut sentences = vec![found, without];
    if trends.asked > 0 {
        sentences.push(format!(
            "Looked for in {} of series, with one correction for all: at most {} of what is called a \
             change is none, on average. Told are changes of more than {}.",
            numbered(trends.asked, "figure"),
            format::percent_short(trends.false_discovery_rate),
            effects(trends)
        ));
    }
    sentences
}

/// `5 % (p99: 10 %)`: that of most figures, and those that have another.
fn effects(trends: &Trends) -> String {
    let told = |of: &LookedAt| format::percent_short(of.smallest_effect);
    let usual = trends.figures.first().map(told).unwrap_or_default();
    let others: Vec<String> = trends
        .figures
        .iter()
        .filter(|of| told(of) != usual)
        .map(|of| format!("{}: {}", differences::title(of.figure), told(of)))
        .collect();
    if others.is_empty() {
        usual
    } else {
        format!("{usual} ({})", others.join(", "))
    }
}

fn quiet_table(quiet: &[QuietSeries], names: &[String], points_needed: usize) -> Table {
    let rows = quiet.iter().zip(names).map(|(series, name)| Line {
        bus: series.key.cell.bus.clone(),
        tone: Tone::Plain,
        cells: vec![
            name.clone(),
            series.points.to_string(),
            series.invalid.to_string(),
            if series.is_too_short {
                format!("too short: {} of {points_needed} points", series.points)
            } else {
                "no change".to_owned()
            },
        ],
    });
    Table {
        title: "Series without a change".to_owned(),
        columns: vec![
            Column::text("cell"),
            Column::number("runs"),
            Column::number("invalid runs"),
            Column::text("what was found"),
        ],
        rows: rows.collect(),
    }
}
