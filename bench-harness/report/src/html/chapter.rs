//! The chapter on envelopes.

use maud::{Markup, html};

use super::{details, method, pictures, tables};
use crate::envelopes::Chapter;
use crate::figure::{Gallery, Subject};
use crate::table::Table;

const ANCHOR: &str = "envelopes";

/// The chapter with the pictures of times.
pub(super) fn of(chapter: &Chapter, gallery: &Gallery) -> Markup {
    html! {
        h3 { "Envelopes" }
        @for text in &chapter.introduction { p { (text) } }
        (sentences(&chapter.findings))
        @if let Some(why) = chapter.no_picture { p.small { (why) } }
        (pictures::of(gallery, Subject::Breakdown))
        @for times in &chapter.times { (details::long(times, ANCHOR)) }
        @if let Some(glance) = &chapter.glance { (card(&glance.title, &[glance])) }
        @for of_bus in &chapter.gains {
            @let tables: Vec<&Table> = of_bus.tables.iter().collect();
            (card(&format!("What native gains: {}", of_bus.bus), &tables))
        }
        @if let Some(marshalling) = &chapter.marshalling {
            h4 { (marshalling.table.title) }
            p { (marshalling.introduction) }
            (sentences(&marshalling.findings))
            (card("Medians and gaps", &[&marshalling.table]))
        }
        @if let Some(note) = &chapter.note { p.small { (note) } }
        @for bytes in &chapter.bytes { (card(&bytes.title, &[bytes])) }
    }
}

/// Tables under one head; several have heads of their own.
fn card(title: &str, tables: &[&Table]) -> Markup {
    html! {
        div.card.words {
            h4 { (title) " · " (method::link(ANCHOR)) }
            @for table in tables {
                @if table.title != title { h5 { (table.title) } }
                div.scroll tabindex="0" role="region" aria-label={ (title) ", " (table.title) } {
                    (tables::plain(table))
                }
            }
        }
    }
}

fn sentences(texts: &[(String, String)]) -> Markup {
    html! {
        @if !texts.is_empty() {
            ul.plain { @for (about, text) in texts { li { b { (about) } ": " (text) } } }
        }
    }
}
