//! Tables of cells.

use busbench_results::explain::{self, Subject};
use maud::{Markup, html};

use super::method;
use crate::figure::bus_class;
use crate::table::{self, Column, Line, Ranking, Table, Tone};

/// A group's figures and differences, with its guarantee and conditions.
pub(super) fn card(ranking: &Ranking, anchor: &str) -> Markup {
    html! {
        div.card {
            h4 title=[ranking.guarantee.and_then(table::meaning_of)] { (ranking.title) }
            p.conditions { (ranking.conditions) " · " (method::link(anchor)) }
            @if let Some(missing) = &ranking.missing { p.conditions { (missing) } }
            div.scroll tabindex="0" role="region" aria-label=(ranking.figures.title) {
                (plain(&ranking.figures))
            }
            @if let Some(differences) = &ranking.differences {
                h5 { (differences.title) " · " (method::link("differences")) }
                div.scroll tabindex="0" role="region"
                    aria-label={ (differences.title) ", " (ranking.title) }
                {
                    (plain(differences))
                }
            }
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
                        th scope="col" class=[column.is_number.then_some("number")]
                            title=[meaning(column)]
                        {
                            (column.title)
                        }
                    }
                }
            }
            tbody { @for line in &table.rows { (row(table, line)) } }
        }
    }
}

fn meaning(column: &Column) -> Option<&'static str> {
    let name = column.explained_as?;
    explain::all()
        .find(|explanation| explanation.name == name)
        .map(|explanation| explanation.meaning)
}

fn row(table: &Table, line: &Line) -> Markup {
    let tone = match line.tone {
        Tone::Plain => None,
        Tone::Floor => Some("floor"),
        Tone::Doubtful => Some("doubtful"),
        Tone::Void => Some("void"),
    };
    html! {
        tr class=[tone] {
            @for (index, (column, text)) in table.columns.iter().zip(&line.cells).enumerate() {
                @if index == 0 {
                    th scope="row" {
                        @if !line.bus.is_empty() {
                            svg.chip viewBox="0 0 10 10" aria-hidden="true" {
                                rect class=(bus_class(&line.bus)) width="10" height="10" {}
                            }
                        }
                        (text)
                    }
                } @else {
                    td class=[class(column)] title=[judgement(column, text)] { (text) }
                }
            }
        }
    }
}

fn class(column: &Column) -> Option<&'static str> {
    match (column.is_number, column.title) {
        (true, _) => Some("number"),
        (false, "outcome" | "verdict") => Some("judgement"),
        (false, _) => None,
    }
}

/// What an outcome, a limit or a verdict means.
fn judgement(column: &Column, text: &str) -> Option<&'static str> {
    let subject = match column.title {
        "outcome" => Subject::Outcome,
        "verdict" => Subject::Verdict,
        "limited by" => Subject::LimitedBy,
        _ => return None,
    };
    explain::of(subject, text).map(|explanation| explanation.meaning)
}
