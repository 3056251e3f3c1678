//! What a message costs on the wire, by layout.

use busbench_results::Row;

use super::UPSTREAM;
use crate::format;
use crate::table::{Column, Line, NONE, Table, Tone};
use crate::view::View;

/// A column that is shown where any cell has it.
type Share = (&'static str, fn(&Row) -> Option<f64>);

/// What was counted on the wire.
const COUNTED: [Share; 1] = [("wire bytes", |row| row.wire_bytes_per_message)];

/// Each layout and payload of a bus once, as neither load nor depth changes the bytes; `None` where
/// nothing is known of any.
pub(super) fn table(view: &View<'_>) -> Option<Table> {
    let mut cells: Vec<(&Row, u64)> = Vec::new();
    for cell in view.cells.iter().filter(|cell| cell.row.depth != UPSTREAM) {
        let Some(trial) = cell.pooled.first() else {
            continue;
        };
        let row = &cell.row;
        let is_known = |(known, _): &(&Row, u64)| {
            (&known.bus, &known.envelope, &known.payload) == (&row.bus, &row.envelope, &row.payload)
        };
        if !cells.iter().any(is_known) {
            cells.push((row, trial.message_bytes));
        }
    }
    cells.sort_by_key(|(row, _)| {
        let place = |same: fn(&Row, &Row) -> bool| {
            let mut all = view.cells.iter();
            all.position(|cell| same(&cell.row, row))
        };
        (
            place(|one, other| one.bus == other.bus),
            place(|one, other| one.payload == other.payload),
        )
    });
    let counted: Vec<Share> = COUNTED
        .into_iter()
        .filter(|(_, of)| cells.iter().any(|(row, _)| of(row).is_some()))
        .collect();
    let mut columns = vec![
        Column::text("bus and envelope"),
        Column::text("payload"),
        Column::number("payload bytes"),
        Column::number("envelope bytes"),
        Column::number("message bytes"),
        Column::number("envelope of message"),
    ];
    columns.extend(counted.iter().map(|&(title, _)| Column {
        explained_as: Some("wire"),
        ..Column::number(title)
    }));
    let rows: Vec<Line> = cells
        .iter()
        .map(|&(row, message_bytes)| {
            let envelope_bytes = message_bytes.saturating_sub(row.payload_bytes);
            let share = envelope_bytes as f64 / message_bytes.max(1) as f64;
            let mut cells = vec![
                format!("{} {}", row.bus, row.envelope),
                row.payload.clone(),
                format::count(row.payload_bytes),
                format::count(envelope_bytes),
                format::count(message_bytes),
                format::percent(share),
            ];
            cells.extend(
                counted
                    .iter()
                    .map(|(_, of)| of(row).map_or_else(|| NONE.to_owned(), format::whole)),
            );
            Line {
                bus: row.bus.clone(),
                tone: Tone::Plain,
                cells,
            }
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        title: "Bytes of a message by layout".to_owned(),
        columns,
        rows,
    })
}
