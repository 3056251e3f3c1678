//! What a reader must know first: what the page is about, what it was made from, and its limits.

use maud::{Markup, html};

use super::anchor;
use crate::Report;
use crate::format;
use crate::several;
use crate::view::View;

/// Beside the style of the page.
pub(super) const STYLE: &str = include_str!("head.css");

/// Places of the page in their order, with their titles in the navigation.
const PLACES: [(&str, &str); 7] = [
    ("answers", "The answer"),
    ("claims", "The claims"),
    ("side-by-side", "Side by side"),
    ("footprints", "Footprint"),
    ("cells", "Every cell"),
    ("environment", "Method and environment"),
    ("method", "How to read this"),
];

/// Behind this place stand the runs.
const BEFORE_RUNS: usize = 4;

/// Of the document.
pub(super) fn title(report: &Report<'_>) -> String {
    match &report.views[..] {
        [view] if report.title.is_none() => {
            format!("busbench: {}", view.run.record.scenario.name)
        }
        _ => format!("busbench: {}", several::title(report)),
    }
}

/// The head of the page, with a way to each place that the sections have.
pub(super) fn of_page(report: &Report<'_>, sections: &Markup) -> Markup {
    let limits = several::limits(&report.views);
    html! {
        header {
            p.kind { (kind(report)) }
            h1 { (several::title(report)) }
            @if report.views.is_empty() { p { "This report was made from no run at all." } }
            @if limits.iter().any(|limit| limit.is_warning) {
                div.card.warning {
                    @for limit in limits.iter().filter(|limit| limit.is_warning) {
                        p { (who(limit)) (limit.sentence) }
                    }
                }
            }
            @if let [view] = &report.views[..] { (facts(view)) } @else { (runs(report)) }
            @if !limits.is_empty() {
                details.limits {
                    summary { (what_it_can_say(report)) }
                    p.small {
                        "How these buses compare here, through these Rust clients and under these \
                         loads; not what another machine would reach."
                    }
                    ul.plain {
                        @for limit in &limits { li { (who(limit)) (limit.sentence) } }
                    }
                }
            }
            @if !report.views.is_empty() { (navigation(report, sections)) }
        }
    }
}

/// The head of a run's part.
pub(super) fn of_run(report: &Report<'_>, index: usize) -> Markup {
    let view = &report.views[index];
    let scenario = &view.run.record.scenario;
    html! {
        @if report.views.len() > 1 {
            p.kind {
                (several::heading(index)) " of " (report.views.len()) " · scenario " (scenario.name)
            }
            h2 { (scenario.question) }
            (facts(view))
        } @else {
            h2 { "Pictures and tables" }
        }
    }
}

fn kind(report: &Report<'_>) -> String {
    match &report.views[..] {
        [view] => format!("busbench · scenario {}", view.run.record.scenario.name),
        _ => "busbench".to_owned(),
    }
}

fn what_it_can_say(report: &Report<'_>) -> &'static str {
    if several::machines(&report.views) > 1 {
        "What these machines can and cannot say"
    } else {
        "What this machine can and cannot say"
    }
}

fn who(limit: &several::Limit) -> Markup {
    html! { @if let Some(who) = &limit.who { b { (who) } ": " } }
}

/// Only places that there are: a section without content is not on the page.
fn navigation(report: &Report<'_>, sections: &Markup) -> Markup {
    let is_there = |id: &str| sections.0.contains(&format!("id=\"{id}\""));
    let link = |(id, title): (&str, &str)| {
        html! { @if is_there(id) { li { a href={ "#" (id) } { (title) } } } }
    };
    let (before, behind) = PLACES.split_at(BEFORE_RUNS);
    html! {
        nav.contents aria-label="On this page" {
            ul {
                @for place in before { (link(*place)) }
                @for index in 0..report.views.len() {
                    @let run = match report.views.len() {
                        1 => "Pictures and tables".to_owned(),
                        _ => several::heading(index),
                    };
                    (link((&anchor(index), &run)))
                }
                @for place in behind { (link(*place)) }
            }
        }
    }
}

/// What a run was, a line for each kind of fact.
fn facts(view: &View<'_>) -> Markup {
    let record = &view.run.record;
    let host = &record.host;
    html! {
        dl.facts {
            dt { "Machine" }
            dd {
                (host.name) ": " (host.cpu_model) ", " (host.cores)
                @if host.cores == 1 { " core, " } @else { " cores, " }
                (format::bytes(host.memory_bytes)) ", " (host.arch)
                @if let Some(technology) = &host.virtualization { ", virtualised (" (technology) ")" }
            }
            dt { "Servers" }
            dd {
                @for (index, server) in record.servers.values().enumerate() {
                    @if index > 0 { ", " }
                    (server.name) " " (server.version)
                }
                @if record.servers.is_empty() { "none" }
            }
            dt { "Provided by" }
            dd { (record.provider) " (" (record.provider_reason) ")" }
            dt { "Run" }
            dd {
                (record.run) ", " (format::instant(record.started_unix_ms))
                @if let Some(finished) = record.finished_unix_ms {
                    ", " (format::span(finished.saturating_sub(record.started_unix_ms)))
                }
                ", busbench " (record.tool.version)
                @if let Some(commit) = &record.tool.commit { ", commit " (commit) }
            }
            dt { @if view.is_of_footprints() { "Footprints" } @else { "Cells" } }
            dd {
                (several::cells(view)) "; " (record.scenario.trials)
                @if record.scenario.trials == 1 { " trial" } @else { " trials" }
                " of each"
            }
        }
    }
}

fn runs(report: &Report<'_>) -> Markup {
    html! {
        @if !report.views.is_empty() {
            ol.runs {
                @for (index, run) in several::listed(report).iter().enumerate() {
                    li {
                        a href={ "#" (anchor(index)) } { (run.name) }
                        p.small { (run.facts.join(" · ")) }
                    }
                }
            }
        }
    }
}
