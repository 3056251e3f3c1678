//! The page of a history.

use std::collections::BTreeSet;

use busbench_results::history::{ChangedSeries, HistoryHost, SeriesKey, Trends};
use maud::{Markup, PreEscaped, html};

use super::{STYLE, document, head, tables};
use crate::RenderError;
use crate::figure::{self, Figure, Medium};
use crate::format;
use crate::table::Table;
use crate::trend::{Summary, changes_of};

/// There is no script.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Series whose pictures are open from the start.
const OPEN_AT_MOST: usize = 8;

/// The whole page.
pub(crate) fn page(summary: &Summary<'_>) -> Result<String, RenderError> {
    let series = summary
        .trends
        .changed
        .iter()
        .zip(&summary.changed_names)
        .enumerate()
        .map(|(number, (series, name))| changed(number, series, name))
        .collect::<Result<Vec<_>, _>>()?;
    let body = html! {
        header {
            p.kind { "busbench · history" }
            h1 { "What changed from run to run" }
            (facts(summary.trends))
        }
        section id="changes" {
            h2 { "Changes" }
            @for sentence in &summary.sentences { p { (sentence) } }
            @if !summary.changes.rows.is_empty() { (card(&summary.changes)) }
        }
        @if !series.is_empty() {
            section.run id="series" {
                h2 { "Series that changed" }
                @for (number, one) in series.iter().enumerate() {
                    @if number < OPEN_AT_MOST { (one) } @else {
                        details {
                            summary { (summary.changed_names[number]) }
                            (one)
                        }
                    }
                }
            }
        }
        @if !summary.quiet.rows.is_empty() {
            section id="quiet" {
                h2 { "Series without a change" }
                (card(&summary.quiet))
            }
        }
        (method(summary.trends))
    };
    let title = "busbench: what changed from run to run";
    Ok(document(title, POLICY, &[STYLE, head::STYLE], &body))
}

/// What was looked at.
fn facts(trends: &Trends) -> Markup {
    let lines = || trends.changed.iter().flat_map(|series| &series.lines);
    let keys: Vec<&SeriesKey> = (trends.changed.iter().map(|series| &series.key))
        .chain(trends.quiet.iter().map(|series| &series.key))
        .collect();
    let scenarios: BTreeSet<&str> = keys.iter().map(|key| key.scenario.as_str()).collect();
    let hosts: BTreeSet<String> = keys.iter().map(|key| machine(&key.host)).collect();
    let runs: BTreeSet<(u64, &str)> = lines()
        .map(|line| (line.started_unix_ms, line.run.as_str()))
        .collect();
    html! {
        dl.facts {
            dt { "Scenarios" }
            dd { (scenarios.into_iter().collect::<Vec<_>>().join(", ")) }
            dt { "Machines" }
            dd { (hosts.into_iter().collect::<Vec<_>>().join("; ")) }
            @if let (Some(first), Some(last)) = (runs.first(), runs.last()) {
                dt { "Runs of what changed" }
                dd {
                    (format::count(runs.len() as u64)) ", " (format::instant(first.0)) " to "
                    (format::instant(last.0))
                }
            }
            dt { "Series" }
            dd { (format::count(keys.len() as u64)) }
        }
    }
}

fn machine(host: &HistoryHost) -> String {
    let cores = if host.cores == 1 { "core" } else { "cores" };
    let emulated = if host.emulated { ", emulated" } else { "" };
    format!(
        "{}: {}, {} {cores}, {}{emulated}",
        host.name, host.cpu_model, host.cores, host.arch
    )
}

/// A series with a picture and a table for each figure that changed.
fn changed(number: usize, series: &ChangedSeries, name: &str) -> Result<Markup, RenderError> {
    let figures = series
        .figures
        .iter()
        .map(|figure| {
            let id = format!("series-{}-{}", number + 1, figure.figure.name());
            let picture = figure::trend(series, figure, &id, name)?;
            Ok((picture, changes_of(figure)))
        })
        .collect::<Result<Vec<(Figure, Table)>, RenderError>>()?;
    let key = &series.key;
    let conditions = [
        Some(machine(&key.host)),
        Some(format!("servers by {}", key.provider)),
        key.guarantee.clone(),
        Some(format!("payload {}", key.cell.payload)),
        Some(format!(
            "publishers {}, subscribers {}",
            key.cell.publishers, key.cell.subscribers
        )),
    ];
    let conditions: Vec<String> = conditions.into_iter().flatten().collect();
    Ok(html! {
        h3 { (name) }
        p.conditions { (conditions.join(" · ")) }
        @for (picture, changes) in &figures { (card_of(picture, changes)) }
    })
}

fn card_of(picture: &Figure, changes: &Table) -> Markup {
    html! {
        figure.card {
            h4 { (picture.title) }
            (PreEscaped(picture.svg(Medium::Wide)))
            (PreEscaped(picture.svg(Medium::Narrow)))
            div.scroll tabindex="0" role="region" aria-label=(picture.title) {
                (tables::plain(changes))
            }
            figcaption { (picture.caption) " " (super::method::link(picture.subject.anchor())) }
        }
    }
}

fn card(table: &Table) -> Markup {
    html! {
        div.card {
            div.scroll tabindex="0" role="region" aria-label=(table.title) { (tables::plain(table)) }
        }
    }
}

fn method(trends: &Trends) -> Markup {
    html! {
        section id="method" {
            h2 { "How to read this" }
            dl.facts {
                dt { "Series" }
                dd {
                    "One cell on one machine, with one scenario, provider and guarantee. Commit, version of \
                     busbench and of the server may differ from run to run. Invalid runs are no points."
                }
                dt id="method-history" { "Change points" }
                dd {
                    "Found by E-Divisive on logarithms, with seeded permutations, and corrected over all \
                     series of the page by Benjamini and Hochberg. At least "
                    (trends.points_needed / 2)
                    " runs stand on each side. A change is found to within a few runs where the figures \
                     vary, so look at the commits around it, too. Several steps in one direction, each \
                     below the smallest effect of interest, are told as one drift."
                }
                dt { "In full" }
                dd { "docs/gate.md and docs/method.md of the repository." }
            }
        }
    }
}
