//! Several runs: by what they differ, and the cells that they share.

use maud::{Markup, html};

use super::pictures::picture;
use super::{method, tables};
use crate::Report;
use crate::several::{self, Matrix};

const ANCHOR: &str = "several-runs";

/// Nothing for fewer than two runs.
pub(super) fn section(report: &Report<'_>) -> Markup {
    let shared = &report.side_by_side;
    html! {
        @if report.views.len() > 1 {
            section id="side-by-side" {
                h2 { "The runs side by side" }
                p {
                    (several::introduction(report).join(" ")) " " (method::link(ANCHOR))
                }
                @if let Some(differing) = several::differing(report) { (matrix(&differing)) }
                h3 { "Cells that runs share" }
                @if let Some(note) = &shared.note { p { (note) } }
                @else { p { "No cell was measured by more than one run." } }
                @for figure in &shared.figures { (picture(figure)) }
                @for table in &shared.tables {
                    div.card {
                        h4 { (table.title) " · " (method::link(ANCHOR)) }
                        div.scroll tabindex="0" role="region" aria-label=(table.title) {
                            (tables::plain(table))
                        }
                    }
                }
            }
        }
    }
}

fn matrix(matrix: &Matrix) -> Markup {
    let runs = matrix.rows.first().map_or(0, |(_, values)| values.len());
    html! {
        div.card {
            h3 { "What differs between the runs · " (method::link(ANCHOR)) }
            div.scroll tabindex="0" role="region" aria-label="What differs between the runs" {
                table.differing {
                    thead {
                        tr {
                            th scope="col" { "field" }
                            @for run in 0..runs { th scope="col" { (several::heading(run)) } }
                        }
                    }
                    tbody {
                        @for (name, values) in &matrix.rows {
                            tr {
                                th scope="row" { (name) }
                                @for value in values { td { (value) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
