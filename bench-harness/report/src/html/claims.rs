//! The claims of the proposal, each with its verdict.

use busbench_results::claims::ClaimVerdict;
use busbench_results::explain::{self, Subject};
use maud::{Markup, html};

use super::{method, tables};
use crate::Report;
use crate::claims::{self, Claim, Part};

/// Beside the style of the page.
pub(super) const STYLE: &str = include_str!("claims.css");

const ANCHOR: &str = "claims";

pub(super) fn section(report: &Report<'_>) -> Markup {
    html! {
        @if !report.views.is_empty() {
            section #claims {
                h2 { "The claims, tested" }
                p { (claims::introduction(report)) " " (method::link(ANCHOR)) }
                @for claim in claims::texts(report) { (card(&claim)) }
            }
        }
    }
}

fn card(claim: &Claim<'_>) -> Markup {
    let is_tested = claim.parts.iter().any(|part| part.evidence.is_some());
    html! {
        article.claim id={ "claim-" (claim.id) } {
            p.claim-head {
                span.claim-id { (claim.id) }
                " "
                (verdict(claim.verdict))
            }
            h3 { (claim.statement) }
            @for part in &claim.parts { (self::part(claim, part)) }
            @if is_tested {
                p.small {
                    a href={ "#cells?claim=" (claim.id) } { "The cells of this claim" }
                }
            }
        }
    }
}

fn part(claim: &Claim<'_>, part: &Part<'_>) -> Markup {
    html! {
        @if let Some((name, own)) = part.name { h4 { (name) ": " (verdict(own)) } }
        @if !part.effects.is_empty() {
            ul.claim-effects { @for effect in &part.effects { li { (effect) } } }
        }
        @for note in &part.notes { p.small { (note) } }
        @if let Some(missing) = part.missing { p.small { (missing) } }
        @if let Some(evidence) = &part.evidence {
            @let table = &evidence.table;
            details {
                summary { "Evidence: " (table.title) }
                div.scroll.words tabindex="0" role="region"
                    aria-label={ (claim.id) ", " (table.title) }
                {
                    (tables::plain(table))
                }
                @if let Some(more) = &evidence.more { p.small { (more) } }
            }
        }
    }
}

/// In a colour of its own, which says nothing that the words do not.
fn verdict(verdict: ClaimVerdict) -> Markup {
    let meaning = explain::of(Subject::ClaimVerdict, verdict.name());
    html! {
        b.claim-verdict.(verdict.name()) title=[meaning.map(|explanation| explanation.meaning)] {
            (claims::verdict(verdict))
        }
    }
}
