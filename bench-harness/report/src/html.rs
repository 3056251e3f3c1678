//! One HTML file that asks for nothing else: styles and pictures are inside it.

mod answers;
mod cells;
mod chapter;
mod claims;
mod details;
mod environment;
mod method;
mod pictures;
mod tables;

use busbench_results::RunState;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::Report;
use crate::envelopes;
use crate::figure::{Gallery, style_sheet};
use crate::format;
use crate::table;
use crate::view::View;

/// Forbids what the page does not need, so that it cannot ask for anything by mistake. One script is
/// allowed, by its digest.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src {}",
        cells::script_source()
    )
}

const STYLE: &str = include_str!("html/style.css");

/// The whole page.
pub(crate) fn page(report: &Report<'_>) -> String {
    let (views, figures) = (&report.views, &report.figures);
    let title = match &views[..] {
        [view] => format!("busbench: {}", view.run.record.scenario.name),
        _ => format!("busbench: {} runs", views.len()),
    };
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(policy());
                title { (title) }
                style {
                    (PreEscaped(STYLE)) (PreEscaped(claims::STYLE)) (PreEscaped(cells::STYLE))
                    (PreEscaped(style_sheet()))
                }
            }
            body {
                main {
                    @if views.is_empty() {
                        h1 { "No run" }
                        p { "This report was made from no run at all." }
                    }
                    @if views.len() > 1 { (contents(views)) }
                    (answers::section(report))
                    (claims::section(report))
                    @for (index, (view, figures)) in views.iter().zip(figures).enumerate() {
                        section.run id=(anchor(index)) { (run(view, figures)) }
                    }
                    (cells::section(report))
                    (environment::section(report))
                    @if !views.is_empty() { (method::notes()) }
                }
            }
        }
    };
    page.into_string() + "\n"
}

fn anchor(index: usize) -> String {
    format!("run-{}", index + 1)
}

fn contents(views: &[View<'_>]) -> Markup {
    html! {
        nav aria-label="Runs" {
            p.kind { "busbench report of " (views.len()) " runs" }
            ol {
                @for (index, view) in views.iter().enumerate() {
                    li {
                        a href={ "#" (anchor(index)) } { (view.run.record.run) }
                        " on " (view.run.record.host.name)
                    }
                }
            }
        }
    }
}

fn run(view: &View<'_>, gallery: &Gallery) -> Markup {
    let envelopes = envelopes::chapter(view);
    let is_first = envelopes.as_ref().is_some_and(|chapter| chapter.is_first);
    let envelopes = envelopes.map(|chapter| chapter::of(chapter, gallery));
    html! {
        (head(view))
        @if !view.has_figures() { (nothing_valid()) }
        @if let Some(chapter) = envelopes.as_ref().filter(|_| is_first) { (chapter) }
        (pictures::throughput(view, gallery))
        (pictures::response_time(view, gallery))
        (pictures::rate_latency(gallery))
        @if let Some(chapter) = envelopes.as_ref().filter(|_| !is_first) { (chapter) }
        (pictures::cost(gallery))
        (pictures::loss(gallery))
        (pictures::over_time(gallery))
        (list("Worth knowing", &table::notes(view)))
        (reasons(view))
        (list("Not measured", &table::unmeasured(view)))
        h3 { "Everything recorded" }
        (details::all(view))
    }
}

fn head(view: &View<'_>) -> Markup {
    let record = &view.run.record;
    let host = &record.host;
    html! {
        header {
            p.kind { "busbench · scenario " (record.scenario.name) }
            h1 { (record.scenario.question) }
            @if record.state != RunState::Complete {
                div.card.warning {
                    @match record.state {
                        RunState::Interrupted => "This run was interrupted: what had finished is shown.",
                        _ => "This run has not finished: it goes on, or was killed.",
                    }
                }
            }
            @if host.emulated {
                div.card.warning {
                    "This host is emulated: its numbers are not to be compared with hardware."
                }
            }
            dl.facts {
                dt { "Machine" }
                dd {
                    (host.name) ": " (host.cpu_model) ", " (host.cores) " cores, "
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
                    ", " (record.scenario.trials)
                    @if record.scenario.trials == 1 { " trial" } @else { " trials" }
                    " of each cell"
                }
            }
        }
    }
}

fn nothing_valid() -> Markup {
    html! {
        div.card.warning {
            "No cell of this run has a valid trial, so there is nothing to compare. What happened \
             is listed below."
        }
    }
}

/// What the reasons of this run mean.
fn reasons(view: &View<'_>) -> Markup {
    let reasons = table::reasons(view);
    html! {
        @if !reasons.is_empty() {
            h4 { "What these reasons mean · " (method::link("outcome-limit-and-verdict")) }
            dl.facts {
                @for reason in reasons {
                    dt { (reason.name) }
                    dd {
                        (reason.meaning)
                        @if let Some(advice) = reason.advice { " " (advice) }
                    }
                }
            }
        }
    }
}

fn list(title: &str, entries: &[(String, String)]) -> Markup {
    html! {
        @if !entries.is_empty() {
            h3 { (title) }
            ul.plain {
                @for (label, why) in entries {
                    li { b { (label) } ": " (why) }
                }
            }
        }
    }
}
