//! One HTML file that asks for nothing else: styles and pictures are inside it.

mod answers;
mod cells;
mod chapter;
mod claims;
mod details;
mod environment;
mod footprints;
mod head;
mod method;
mod pictures;
mod side_by_side;
mod tables;
pub(crate) mod trend;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::Report;
use crate::figure::style_sheet;
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
    let views = &report.views;
    let sections = html! {
        (answers::section(report))
        (claims::section(report))
        (side_by_side::section(report))
        (footprints::section(report))
        @for index in 0..views.len() {
            section.run id=(anchor(index)) {
                (head::of_run(report, index))
                (run(report, index))
            }
        }
        (cells::section(report))
        (environment::section(report))
        @if !views.is_empty() { (method::notes()) }
    };
    let body = html! {
        (head::of_page(report, &sections))
        (sections)
    };
    document(
        &head::title(report),
        &policy(),
        &[STYLE, head::STYLE, claims::STYLE, cells::STYLE],
        &body,
    )
}

/// A page with these styles and those of the pictures.
fn document(title: &str, policy: &str, styles: &[&str], body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(policy);
                title { (title) }
                style {
                    @for part in styles { (PreEscaped(part)) }
                    (PreEscaped(style_sheet()))
                }
            }
            body {
                main { (body) }
            }
        }
    };
    inert(&page.into_string()) + "\n"
}

/// The page without characters that steer how it is shown, but for line breaks and tabs; nothing of
/// the page's own has any.
fn inert(page: &str) -> String {
    let steers = |character| format::steers(character) && !matches!(character, '\n' | '\r' | '\t');
    page.replace(steers, "\u{fffd}")
}

fn anchor(index: usize) -> String {
    format!("run-{}", index + 1)
}

fn run(report: &Report<'_>, index: usize) -> Markup {
    let (view, gallery) = (&report.views[index], &report.figures[index]);
    let envelopes = report.envelopes[index].as_ref();
    html! {
        @if view.is_of_footprints() {
            p { "This run took footprints and sent no messages: " a href="#footprints" { "Footprint" } "." }
        } @else if !view.has_figures() {
            (nothing_valid(view))
        }
        @if let Some(chapter) = envelopes.filter(|chapter| chapter.is_first) {
            (chapter::of(chapter, gallery))
        }
        (pictures::throughput(view, gallery))
        (pictures::response_time(view, gallery))
        (pictures::rate_latency(gallery))
        @if let Some(chapter) = envelopes.filter(|chapter| !chapter.is_first) {
            (chapter::of(chapter, gallery))
        }
        (pictures::cost(gallery))
        (pictures::loss(gallery))
        (pictures::over_time(gallery))
        (list("Worth knowing", &table::notes(view)))
        (list("Not measured", &table::unmeasured(view)))
    }
}

fn nothing_valid(view: &View<'_>) -> Markup {
    html! {
        div.card.warning {
            (view.without_figures())
            @if !view.cells.is_empty() { " What happened is listed below." }
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
