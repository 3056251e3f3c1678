//! What servers and client programs take before any message flows.

use maud::{Markup, html};

use super::pictures::picture;
use super::{list, method, tables};
use crate::Report;

const ANCHOR: &str = "footprint";

/// Nothing where no run has a footprint.
pub(super) fn section(report: &Report<'_>) -> Markup {
    html! {
        @if let Some(chapter) = &report.footprints {
            section id="footprints" {
                h2 { "Footprint" }
                p { (chapter.introduction.join(" ")) " " (method::link(ANCHOR)) }
                @for figure in &chapter.figures { (picture(figure)) }
                @for table in &chapter.tables {
                    div.card {
                        h4 { (table.title) " · " (method::link(ANCHOR)) }
                        div.scroll tabindex="0" role="region" aria-label=(table.title) {
                            (tables::plain(table))
                        }
                    }
                }
                (list("Worth knowing of footprints", &chapter.notes))
                (list("Footprints that were not taken", &chapter.unmeasured))
            }
        }
    }
}
