//! Changes as rows.

use busbench_results::history::{Change, ChangedFigure, Direction, RunAt, Trends};

use crate::comparison::words;
use crate::differences::{self, signed_percent};
use crate::format;
use crate::table::{Column, Line, NONE, Table, Tone};

/// So much of a commit tells it from others; what it was built from may be marked behind it.
const COMMIT: usize = 9;

/// Between what was before a change and what is after it.
const TO: &str = " -> ";

/// Head of a column that is there only where it says something.
const WHAT_ELSE: &str = "what else";

/// One row for each change of each series.
pub(super) fn changes(trends: &Trends, names: &[String]) -> Table {
    let rows = trends.changed.iter().zip(names).flat_map(|(series, name)| {
        series.figures.iter().flat_map(move |figure| {
            figure.changes.iter().map(move |change| {
                let mut cells = vec![name.clone(), differences::title(figure.figure).to_owned()];
                cells.extend(row(figure, change));
                Line {
                    bus: series.key.cell.bus.clone(),
                    tone: tone(change),
                    cells,
                }
            })
        })
    });
    let mut columns = vec![Column::text("cell"), Column::text("figure")];
    columns.extend(heads());
    telling(Table {
        title: "Changes".to_owned(),
        columns,
        rows: rows.collect(),
    })
}

/// The changes of one figure, numbered as its picture numbers them.
pub(crate) fn changes_of(figure: &ChangedFigure) -> Table {
    let mut columns = vec![Column::text("change")];
    columns.extend(heads());
    columns.push(Column::text("runs"));
    let rows = (1..).zip(&figure.changes).map(|(number, change)| {
        let mut cells = vec![number.to_string()];
        cells.extend(row(figure, change));
        cells.push(runs(change));
        Line {
            bus: String::new(),
            tone: tone(change),
            cells,
        }
    });
    telling(Table {
        title: format!("Changes of {}", words::title(figure.figure)),
        rows: rows.collect(),
        columns,
    })
}

/// Without the column of what else there is to say, where there is nothing.
fn telling(mut table: Table) -> Table {
    let place = table
        .columns
        .iter()
        .position(|column| column.title == WHAT_ELSE);
    if let Some(place) = place
        && table.rows.iter().all(|row| row.cells[place] == NONE)
    {
        table.columns.remove(place);
        for row in &mut table.rows {
            row.cells.remove(place);
        }
    }
    table
}

fn heads() -> [Column; 6] {
    [
        Column::number("from"),
        Column::number("to"),
        Column::text("change"),
        Column::text("commits"),
        Column::text("when"),
        Column::text(WHAT_ELSE),
    ]
}

fn row(figure: &ChangedFigure, change: &Change) -> [String; 6] {
    let value = |value| words::value(figure.figure, value);
    let direction = match change.direction {
        Direction::Better => "better",
        Direction::Worse => "worse",
    };
    [
        value(change.from),
        value(change.to),
        format!("{} %, {direction}", signed_percent(change.share())),
        format!(
            "{}{TO}{}",
            commit(&change.last_before),
            commit(last_with(change))
        ),
        when(change),
        what_else(change),
    ]
}

fn tone(change: &Change) -> Tone {
    match change.direction {
        Direction::Better => Tone::Plain,
        Direction::Worse => Tone::Doubtful,
    }
}

/// The first run in which all of the change is there.
fn last_with(change: &Change) -> &RunAt {
    change.complete_with.as_ref().unwrap_or(&change.first_with)
}

fn when(change: &Change) -> String {
    let first = day(&change.first_with);
    match change.complete_with.as_ref().map(day) {
        Some(last) if last != first => format!("{first} to {last}"),
        _ => first,
    }
}

/// The last run before the change and the first with it.
fn runs(change: &Change) -> String {
    let runs = [&change.last_before, last_with(change)];
    format::printable(&runs.map(|run| run.run.as_str()).join(TO))
}

/// A drift is said to be one, and a server that explains a change is named.
fn what_else(change: &Change) -> String {
    let drift = (change.steps > 1).then(|| format!("drift of {} steps", change.steps));
    let server = change.server.as_ref().map(|server| {
        let version =
            |version: &Option<String>| format::printable(version.as_deref().unwrap_or("unknown"));
        format!(
            "server {}{TO}{}",
            version(&server.from),
            version(&server.to)
        )
    });
    let told: Vec<String> = drift.into_iter().chain(server).collect();
    if told.is_empty() {
        NONE.to_owned()
    } else {
        told.join(", ")
    }
}

/// Without the mark of changes it is cut off; with it, it is told whole.
pub(crate) fn commit(run: &RunAt) -> String {
    let Some(commit) = &run.commit else {
        return "unknown".to_owned();
    };
    let (hash, mark) = commit.split_at(commit.find('-').unwrap_or(commit.len()));
    let hash: String = hash.chars().take(COMMIT).collect();
    format::printable(&(hash + mark))
}

/// The day in UTC.
fn day(run: &RunAt) -> String {
    let instant = format::instant(run.started_unix_ms);
    instant.split(' ').next().unwrap_or_default().to_owned()
}
