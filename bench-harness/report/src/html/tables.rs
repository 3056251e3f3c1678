//! Tables of cells.

use maud::{Markup, html};

use crate::figure::bus_class;
use crate::table::{Line, Table, Tone};

/// A table with its title and the conditions of its cells.
pub(super) fn card(table: &Table) -> Markup {
    html! {
        div.card {
            p.conditions { (table.conditions) }
            div.scroll tabindex="0" role="region" aria-label=(table.title) { (plain(table)) }
        }
    }
}

/// The table alone.
pub(super) fn plain(table: &Table) -> Markup {
    html! {
        table {
            thead {
                tr {
                    @for column in &table.columns {
                        th scope="col" class=[column.is_number.then_some("number")] {
                            (column.title)
                        }
                    }
                }
            }
            tbody { @for line in &table.rows { (row(table, line)) } }
        }
    }
}

fn row(table: &Table, line: &Line) -> Markup {
    let tone = match line.tone {
        Tone::Plain => None,
        Tone::Doubtful => Some("doubtful"),
        Tone::Void => Some("void"),
    };
    html! {
        tr class=[tone] {
            @for (index, (column, text)) in table.columns.iter().zip(&line.cells).enumerate() {
                @if index == 0 {
                    th scope="row" {
                        svg.chip viewBox="0 0 10 10" aria-hidden="true" {
                            rect class=(bus_class(&line.bus)) width="10" height="10" {}
                        }
                        (text)
                    }
                } @else {
                    td class=[class(column.is_number, column.title)] { (text) }
                }
            }
        }
    }
}

fn class(is_number: bool, title: &str) -> Option<&'static str> {
    match (is_number, title) {
        (true, _) => Some("number"),
        (false, "outcome" | "verdict") => Some("judgement"),
        (false, _) => None,
    }
}
