//! Tables as values, before they become text, Markdown or HTML: the same columns everywhere.

mod every;

use busbench_results::{CellOutcome, Load, Row, Verdict};

use crate::format;
use crate::view::{CellView, Group, View};

pub(crate) use every::{every_cell, every_trial};

/// Where a figure would be and none applies.
pub(crate) const NONE: &str = "–";

/// A table of the cells of one group.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) conditions: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Line>,
}

/// A column's head.
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) is_number: bool,
}

/// A row of text.
pub(crate) struct Line {
    pub(crate) bus: String,
    pub(crate) tone: Tone,
    pub(crate) cells: Vec<String>,
}

/// How much a row can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing to add.
    Plain,
    /// Lossy, saturated or suspect.
    Doubtful,
    /// No valid trial.
    Void,
}

type Text = Box<dyn Fn(&CellView<'_>) -> Option<String>>;

/// A column and how a cell fills it.
struct Field {
    column: Column,
    text: Text,
    /// Whether the column says something; it is left out where it does for no cell.
    tells: Box<dyn Fn(&CellView<'_>) -> bool>,
}

/// One table for each group of cells of a load.
pub(crate) fn tables(view: &View<'_>, load: Load) -> Vec<Table> {
    view.groups(load)
        .iter()
        .map(|group| table(group, load))
        .collect()
}

/// Why cells are not simply valid: which, and the reasons.
pub(crate) fn notes(view: &View<'_>) -> Vec<(String, String)> {
    told_once(
        view.cells
            .iter()
            .filter(|cell| !cell.trials.is_empty() && !cell.row.reasons.is_empty())
            .map(|cell| (cell, format!("{}: {}", cell.state(), cell.row.reasons))),
    )
}

/// Cells without a finished trial: which, and why.
pub(crate) fn unmeasured(view: &View<'_>) -> Vec<(String, String)> {
    told_once(view.unmeasured().map(|cell| {
        let why = match (cell.row.outcome, cell.row.reasons.as_str()) {
            (CellOutcome::NotPossible, reasons) => format!("not possible: {reasons}"),
            _ => "not run".to_owned(),
        };
        (cell, why)
    }))
}

/// Names each cell with its loads; what is true of several loads is said once.
fn told_once<'v, 'a: 'v>(
    entries: impl Iterator<Item = (&'v CellView<'a>, String)>,
) -> Vec<(String, String)> {
    let mut told: Vec<(&str, Vec<&str>, String)> = Vec::new();
    for (cell, why) in entries {
        let load = cell.row.load.name();
        match told
            .iter_mut()
            .find(|(label, _, known)| *label == cell.label && *known == why)
        {
            Some((_, loads, _)) if loads.contains(&load) => {}
            Some((_, loads, _)) => loads.push(load),
            None => told.push((&cell.label, vec![load], why)),
        }
    }
    told.into_iter()
        .map(|(label, loads, why)| (format!("{label}, {} load", loads.join(" and ")), why))
        .collect()
}

fn table(group: &Group<'_, '_>, load: Load) -> Table {
    let title = match load {
        Load::Closed => "Throughput under closed load",
        Load::Open => "Response time under open load",
    };
    let fields: Vec<Field> = match load {
        Load::Closed => closed_fields(),
        Load::Open => open_fields(),
    }
    .into_iter()
    .filter(|field| group.cells.iter().any(|cell| (field.tells)(cell)))
    .collect();
    let rows = group
        .cells
        .iter()
        .map(|cell| Line {
            bus: cell.row.bus.clone(),
            tone: tone(cell),
            cells: fields
                .iter()
                .map(|field| (field.text)(cell).unwrap_or_else(|| NONE.to_owned()))
                .collect(),
        })
        .collect();
    Table {
        title: title.to_owned(),
        conditions: group.conditions(),
        columns: fields.into_iter().map(|field| field.column).collect(),
        rows,
    }
}

fn tone(cell: &CellView<'_>) -> Tone {
    if cell.pooled.is_empty() {
        return Tone::Void;
    }
    match (cell.row.outcome, cell.row.verdict) {
        (CellOutcome::Delivered, Some(Verdict::Valid)) if !cell.is_lossy() => Tone::Plain,
        _ => Tone::Doubtful,
    }
}

fn closed_fields() -> Vec<Field> {
    let mut fields = vec![
        always("bus and envelope", false, |cell| Some(cell.label.clone())),
        always("delivered/s", true, delivered),
        always("95 % interval", true, interval),
    ];
    fields.extend(count_fields());
    fields.extend(ending_fields());
    fields
}

fn open_fields() -> Vec<Field> {
    let mut fields = vec![
        always("bus and envelope", false, |cell| Some(cell.label.clone())),
        always("achieved", true, |cell| {
            cell.achieved_share().map(format::percent_reached)
        }),
        always("p50 µs", true, |cell| time(cell.row.response_p50_ns)),
        always("p99 µs", true, |cell| time(cell.row.response_p99_ns)),
        always("p99.9 µs", true, |cell| time(cell.row.response_p99_9_ns)),
        always("max µs", true, |cell| time(cell.row.response_max_ns)),
    ];
    fields.extend(count_fields());
    fields.extend(ending_fields());
    fields
}

fn count_fields() -> Vec<Field> {
    vec![
        always("lost", true, lost),
        where_counted("twice", |row| row.duplicated),
        where_counted("reordered", |row| row.reordered),
        where_counted("corrupt", |row| row.corrupt),
        where_counted("foreign", |row| row.foreign),
    ]
}

fn ending_fields() -> Vec<Field> {
    vec![
        always("limited by", false, |cell| {
            cell.row.limited_by.map(|limit| limit.name().to_owned())
        }),
        always("outcome", false, |cell| {
            Some(cell.row.outcome.name().to_owned())
        }),
        Field {
            tells: Box::new(|cell| cell.row.verdict != Some(Verdict::Valid)),
            ..always("verdict", false, |cell| {
                cell.row.verdict.map(|verdict| verdict.name().to_owned())
            })
        },
    ]
}

fn always(
    title: &'static str,
    is_number: bool,
    text: fn(&CellView<'_>) -> Option<String>,
) -> Field {
    Field {
        column: Column { title, is_number },
        text: Box::new(text),
        tells: Box::new(|_| true),
    }
}

/// A count that is 0 in a good run: its column is shown when it is not.
fn where_counted(title: &'static str, of: fn(&Row) -> Option<u64>) -> Field {
    Field {
        column: Column {
            title,
            is_number: true,
        },
        text: Box::new(move |cell| of(&cell.row).map(format::count)),
        tells: Box::new(move |cell| of(&cell.row).is_some_and(|count| count > 0)),
    }
}

fn time(nanoseconds: Option<u64>) -> Option<String> {
    nanoseconds.map(format::microseconds)
}

fn delivered(cell: &CellView<'_>) -> Option<String> {
    cell.rate()
}

fn interval(cell: &CellView<'_>) -> Option<String> {
    let low = cell.row.delivered_per_second_low?;
    let high = cell.row.delivered_per_second_high?;
    Some(format!(
        "{} – {}",
        format::significant(low),
        format::significant(high)
    ))
}

fn lost(cell: &CellView<'_>) -> Option<String> {
    let lost = cell.row.lost?;
    match cell.lost_share() {
        Some(share) if lost > 0 => Some(format!(
            "{} ({})",
            format::count(lost),
            format::percent(share)
        )),
        _ => Some(format::count(lost)),
    }
}
