//! What the measurements favour, by deployment question.

use maud::{Markup, html};

use super::{method, tables};
use crate::Report;
use crate::answers::{CLIENTS, Card, Headline, TITLE};

/// One card for each question; nothing without a run.
pub(super) fn section(report: &Report<'_>) -> Markup {
    html! {
        @if !report.answers.is_empty() {
            section.answers id="answers" {
                h2 { (TITLE) }
                p.small { (CLIENTS) " " (method::link("answers")) }
                @for answer in &report.answers { (card(answer)) }
            }
        }
    }
}

fn card(card: &Card) -> Markup {
    html! {
        article.card id={ "answer-" (card.id) } {
            h3 { (card.title) }
            p.conditions { (card.why) }
            @for headline in &card.headlines { (sentence(headline)) }
            @for note in &card.notes { p.small { (note) } }
            @if !card.layouts.is_empty() {
                ul.plain { @for (about, text) in &card.layouts { li { b { (about) } ": " (text) } } }
            }
            @if let Some(table) = &card.table {
                details {
                    summary { (table.title) " · " (table.rows.len()) }
                    div.scroll.words tabindex="0" role="region"
                        aria-label={ (card.title) ", " (table.title) }
                    {
                        (tables::plain(table))
                    }
                }
            }
            p.small {
                @if let Some(machines) = &card.machines { (machines) " " }
                b { "What would change it: " } (card.would_change)
                @if let Some(scenario) = &card.scenario { " To measure it: " code { (scenario) } "." }
            }
        }
    }
}

fn sentence(headline: &Headline) -> Markup {
    html! {
        p.answer.small[headline.favoured.is_empty()] {
            @if !headline.favoured.is_empty() { strong { (headline.favoured) } }
            @if !headline.others.is_empty() {
                @if !headline.favoured.is_empty() { " " }
                span { (headline.others) "." }
            }
            @if !headline.under.is_empty() { " " span.conditions { (headline.under) "." } }
        }
    }
}
