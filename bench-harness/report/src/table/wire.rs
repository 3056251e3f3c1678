//! What one message costs on the wire.

use busbench_results::Row;

use super::{Column, Line, NONE, Table, Tone};
use crate::view::View;

/// One row for each cell in which it was counted; `None` where it was in none.
pub(crate) fn wire(view: &View<'_>) -> Option<Table> {
    let columns = vec![
        Column::text("cell"),
        Column::text("load"),
        Column::number("published"),
        Column::number("payload"),
        Column::number("envelope"),
        Column::number("topic"),
        Column::number("protocol"),
        Column::number("answered"),
        Column::number("delivered"),
        Column::number("subscriber's own"),
    ];
    let rows: Vec<Line> = view
        .cells
        .iter()
        .filter(|cell| cell.row.wire_bytes_per_message.is_some())
        .map(|cell| {
            let mut cells = vec![cell.label.clone(), cell.row.load.name().to_owned()];
            cells.extend(figures(&cell.row));
            Line {
                bus: cell.row.bus.clone(),
                tone: Tone::Plain,
                cells,
            }
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        title: "Bytes on the wire for each message".to_owned(),
        columns,
        rows,
    })
}

fn figures(row: &Row) -> [String; 8] {
    [
        row.wire_bytes_per_message,
        row.wire_payload_bytes,
        row.wire_envelope_bytes,
        row.wire_topic_bytes,
        row.wire_protocol_bytes,
        row.wire_publish_ack_bytes,
        row.wire_delivery_bytes,
        row.wire_delivery_ack_bytes,
    ]
    .map(|figure| figure.map_or_else(|| NONE.to_owned(), whole_bytes))
}

/// To the byte, unlike other figures: that is what was counted. Trials that differ have a mean, whose
/// fraction says so.
pub(crate) fn whole_bytes(bytes: f64) -> String {
    if bytes.fract() == 0.0 {
        format!("{bytes:.0}")
    } else {
        format!("{bytes:.1}")
    }
}
