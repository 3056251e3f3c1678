//! What a message costs on the wire, by layout.

use busbench_results::Row;

use super::UPSTREAM;
use crate::format;
use crate::table::{Column, Line, NONE, Table, Tone, whole_bytes};
use crate::view::View;

/// A layout of a payload on a bus.
struct Message<'v> {
    row: &'v Row,
    /// Body and attributes, as the plan knows them.
    message_bytes: u64,
}

/// A column's title and its text.
type Share = (&'static str, fn(&Message<'_>) -> Option<String>);

/// What was counted on the wire of the publisher, and of a delivery.
const COUNTED: [Share; 7] = [
    ("payload bytes", |message| {
        message.row.wire_payload_bytes.map(whole_bytes)
    }),
    ("envelope bytes", |message| {
        message.row.wire_envelope_bytes.map(whole_bytes)
    }),
    ("topic bytes", |message| {
        message.row.wire_topic_bytes.map(whole_bytes)
    }),
    ("protocol bytes", |message| {
        message.row.wire_protocol_bytes.map(whole_bytes)
    }),
    ("published bytes", |message| {
        message.row.wire_bytes_per_message.map(whole_bytes)
    }),
    ("envelope of it", |message| {
        let share = message.row.wire_envelope_bytes? / message.row.wire_bytes_per_message?;
        share.is_finite().then(|| format::percent(share))
    }),
    ("delivered bytes", |message| {
        message.row.wire_delivery_bytes.map(whole_bytes)
    }),
];

/// What is known of messages that were not counted.
const KNOWN: [Share; 4] = [
    ("payload bytes", |message| {
        Some(format::count(message.row.payload_bytes))
    }),
    ("envelope bytes", |message| {
        Some(format::count(message.envelope_bytes()))
    }),
    ("message bytes", |message| {
        Some(format::count(message.message_bytes))
    }),
    ("envelope of it", |message| {
        let share = message.envelope_bytes() as f64 / message.message_bytes.max(1) as f64;
        Some(format::percent(share))
    }),
];

impl Message<'_> {
    fn envelope_bytes(&self) -> u64 {
        self.message_bytes.saturating_sub(self.row.payload_bytes)
    }

    fn is_counted(&self) -> bool {
        self.row.wire_bytes_per_message.is_some()
    }
}

/// Bytes as they were counted on the wire and, of buses without one, as they are known; each layout
/// and payload of a bus once, because neither load nor depth changes them.
pub(super) fn tables(view: &View<'_>) -> Vec<Table> {
    let messages = messages(view);
    let [counted, known] = [true, false].map(|is_counted| {
        let of_them = messages.iter();
        of_them
            .filter(|message| message.is_counted() == is_counted)
            .collect::<Vec<_>>()
    });
    let tables = [
        ("Bytes of a message on the wire", table(&counted, &COUNTED)),
        (
            "Bytes of a message, not counted on a wire",
            table(&known, &KNOWN),
        ),
    ];
    let tables = tables
        .into_iter()
        .filter(|(_, table)| !table.rows.is_empty());
    tables
        .map(|(title, table)| Table {
            title: title.to_owned(),
            ..table
        })
        .collect()
}

/// In the order of the plan's buses, then payloads, then layouts.
fn messages<'v>(view: &'v View<'_>) -> Vec<Message<'v>> {
    let mut messages: Vec<Message<'v>> = Vec::new();
    for cell in view.cells.iter().filter(|cell| cell.row.depth != UPSTREAM) {
        let Some(trial) = cell.pooled.first() else {
            continue;
        };
        let row = &cell.row;
        let message = Message {
            row,
            message_bytes: trial.message_bytes,
        };
        let same = messages.iter_mut().find(|known| {
            (&known.row.bus, &known.row.envelope, &known.row.payload)
                == (&row.bus, &row.envelope, &row.payload)
        });
        match same {
            // One that was counted says more.
            Some(known) if message.is_counted() && !known.is_counted() => *known = message,
            Some(_) => {}
            None => messages.push(message),
        }
    }
    messages.sort_by_key(|message| {
        (
            view.place(|row| row.bus == message.row.bus),
            view.place(|row| row.payload == message.row.payload),
            view.place(|row| row.envelope == message.row.envelope),
        )
    });
    messages
}

fn table(messages: &[&Message<'_>], shares: &[Share]) -> Table {
    let mut columns = vec![Column::text("bus and envelope"), Column::text("payload")];
    columns.extend(shares.iter().map(|&(title, _)| Column {
        explained_as: Some("wire"),
        ..Column::number(title)
    }));
    let rows = messages
        .iter()
        .map(|message| {
            let row = message.row;
            let mut cells = vec![format!("{} {}", row.bus, row.envelope), row.payload.clone()];
            let texts = shares.iter().map(|(_, of)| of(message));
            cells.extend(texts.map(|text| text.unwrap_or_else(|| NONE.to_owned())));
            Line {
                bus: row.bus.clone(),
                tone: Tone::Plain,
                cells,
            }
        })
        .collect();
    Table {
        title: String::new(),
        columns,
        rows,
    }
}
