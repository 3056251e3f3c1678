//! The harness's own floor in numbers: what it reaches without a server.

use busbench_results::{Load, Row};

use crate::format;
use crate::several::varying_conditions;
use crate::table::{Column, Line, NONE, Table, Tone};
use crate::view::{CellView, View};

/// Most rows; with many payloads there are many floors.
const MOST: usize = 24;

/// Cells without a server, and how to read them.
pub(crate) struct Floors {
    pub(crate) sentences: Vec<String>,
    pub(crate) table: Table,
}

/// `None` where no floor was measured.
pub(crate) fn floors(view: &View<'_>) -> Option<Floors> {
    let cells: Vec<&CellView<'_>> = view
        .cells
        .iter()
        .filter(|cell| cell.is_floor() && !cell.pooled.is_empty())
        .collect();
    if cells.is_empty() {
        return None;
    }
    Some(Floors {
        sentences: sentences(&cells),
        table: table(&cells),
    })
}

fn sentences(cells: &[&CellView<'_>]) -> Vec<String> {
    let mut sentences = Vec::new();
    for bus in ["null", "tcp-relay"] {
        sentences.extend(of_floor(bus, cells));
    }
    sentences.push(
        "A server's figure that comes near a floor's says more of the harness and this machine than \
         of the server: the null bus is a queue within the harness, the relay only copies bytes from \
         socket to socket. The wake lag is how late the harness itself sent; it is part of every \
         response time."
            .to_owned(),
    );
    sentences
}

/// What one floor reached, over its cells.
fn of_floor(bus: &str, cells: &[&CellView<'_>]) -> Option<String> {
    let rows = |load: Load| {
        let own = move |cell: &&&CellView<'_>| cell.row.bus == bus && cell.row.load == load;
        cells.iter().filter(own).map(|cell| &cell.row)
    };
    let rates: Vec<f64> = rows(Load::Closed)
        .filter_map(|row| row.delivered_per_second)
        .collect();
    let times = |of: fn(&Row) -> Option<u64>| -> Vec<f64> {
        let known = rows(Load::Open).filter_map(of);
        known.map(|nanoseconds| nanoseconds as f64).collect()
    };
    let parts = [
        range(&rates, format::significant)
            .map(|rates| format!("carried {rates} messages/s under closed load")),
        range(&times(|row| row.response_p50_ns), format::duration)
            .map(|times| format!("answered in {times} (p50)")),
        range(&times(|row| row.response_p99_ns), format::duration)
            .map(|times| format!("{times} (p99) under open load")),
        range(&times(|row| row.wake_lag_p99_ns), format::duration)
            .map(|times| format!("with a wake lag of {times} (p99)")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let name = match bus {
        "null" => "The null bus",
        _ => "The TCP relay",
    };
    (!parts.is_empty()).then(|| format!("{name} {}.", parts.join(", ")))
}

/// The only value, or the least and the most.
fn range(values: &[f64], shown: fn(f64) -> String) -> Option<String> {
    let least = values.iter().copied().reduce(f64::min)?;
    let most = values.iter().copied().reduce(f64::max)?;
    let [least, most] = [least, most].map(shown);
    Some(if least == most {
        least
    } else {
        format!("{least} to {most}")
    })
}

fn table(cells: &[&CellView<'_>]) -> Table {
    let columns = vec![
        Column::text("floor"),
        Column::text("load"),
        Column {
            explained_as: Some("delivered-rate"),
            ..Column::number("delivered/s")
        },
        Column {
            explained_as: Some("response"),
            ..Column::number("p50 µs")
        },
        Column {
            explained_as: Some("response"),
            ..Column::number("p99 µs")
        },
        Column {
            explained_as: Some("wake-lag"),
            ..Column::number("wake lag p99 µs")
        },
        Column::number("harness CPU µs/message"),
    ];
    let shown: Vec<&Row> = cells.iter().take(MOST).map(|cell| &cell.row).collect();
    let rows = cells
        .iter()
        .zip(varying_conditions(&shown))
        .map(|(cell, conditions)| line(cell, conditions))
        .collect();
    let title = if cells.len() > MOST {
        format!(
            "The harness's own floor: {MOST} of {} cells",
            format::count(cells.len() as u64)
        )
    } else {
        "The harness's own floor".to_owned()
    };
    Table {
        title,
        columns,
        rows,
    }
}

fn line(cell: &CellView<'_>, conditions: Vec<String>) -> Line {
    let row = &cell.row;
    let none = || NONE.to_owned();
    let microseconds =
        |nanoseconds: Option<u64>| nanoseconds.map_or_else(none, format::microseconds);
    let mut load = vec![row.load.name().to_owned()];
    load.extend(conditions);
    Line {
        bus: row.bus.clone(),
        tone: Tone::Plain,
        cells: vec![
            cell.label.clone(),
            load.join(", "),
            row.delivered_per_second
                .map_or_else(none, format::significant),
            microseconds(row.response_p50_ns),
            microseconds(row.response_p99_ns),
            microseconds(row.wake_lag_p99_ns),
            row.client_cpu_ns_per_message
                .map_or_else(none, |nanoseconds| format::significant(nanoseconds / 1e3)),
        ],
    }
}
