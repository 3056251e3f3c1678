//! Content that a reader asks for.

use maud::{Markup, html};

use super::{method, tables};
use crate::table::Table;

/// A table that is long.
pub(super) fn long(table: &Table, anchor: &str) -> Markup {
    let content = html! {
        (method::link(anchor))
        div.scroll.on-ground tabindex="0" role="region" aria-label=(table.title) {
            (tables::plain(table))
        }
    };
    folded(&table.title, &content)
}

/// Any content, behind a line that names it.
pub(super) fn folded(summary: &str, content: &Markup) -> Markup {
    html! {
        details {
            summary { (summary) }
            div { (content) }
        }
    }
}
