//! Where each run was made, on which servers, what the harness alone reaches there, and what
//! disturbed.

use busbench_results::Run;
use maud::{Markup, html};

use super::details::folded;
use super::{method, tables};
use crate::Report;
use crate::differences;
use crate::environment::{self, Fact};
use crate::several;
use crate::table::{Table, Tone};
use crate::view::View;

/// Nothing without a run.
pub(super) fn section(report: &Report<'_>) -> Markup {
    html! {
        @if !report.views.is_empty() {
            section id="environment" {
                h2 { "Method and environment" }
                p {
                    "Where each run was made, on which servers, what the harness reaches there without a \
                     server, and what disturbed. How figures are made stands "
                    a href="#method" { "below" } "."
                }
                @for (index, view) in report.views.iter().enumerate() {
                    (run(report, index, view))
                }
            }
        }
    }
}

fn run(report: &Report<'_>, index: usize, view: &View<'_>) -> Markup {
    let record = &view.run.record;
    let alone = report.views.len() == 1;
    html! {
        h3 id={ "environment-" (index + 1) } {
            @if alone { "The run " } @else { (several::heading(index)) ": " }
            (record.run)
        }
        @if let Some(drill) = record.fire_drill() { p { b { "This run is a " (drill) "." } } }
        @if !view.is_of_footprints() {
            (floors(view))
            (disturbances(view))
        }
        (host(report.runs, index))
        @for id in record.servers.keys() { (server(report.runs, index, id)) }
        (folded("Scenario, as resolved", &scenario(report.runs, index)))
    }
}

fn floors(view: &View<'_>) -> Markup {
    html! {
        @match environment::floors(view) {
            Some(floors) => {
                @for sentence in &floors.sentences { p { (sentence) } }
                (folded(&floors.table.title, &scrolling(&floors.table, "floors")))
            }
            None => p { "No floor was measured: how much of a figure is the harness's own is not known." }
        }
    }
}

fn disturbances(view: &View<'_>) -> Markup {
    let seen = environment::disturbances(view);
    let is_serious = |tone| matches!(tone, Tone::Doubtful | Tone::Void);
    let serious = seen.iter().filter(|seen| is_serious(seen.tone)).count();
    html! {
        @if seen.is_empty() {
            p { "Nothing disturbed: no trial has a reason to be doubted." }
        } @else {
            p {
                @if serious == 0 { "Nothing makes a trial doubtful; what is worth knowing:" }
                @else { "What disturbed, the worst first:" }
                " " (method::link("outcome-limit-and-verdict"))
            }
            dl.facts {
                @for disturbance in &seen {
                    dt { (disturbance.explanation.name) }
                    dd {
                        b { (disturbance.seen) } " (" (disturbance.explanation.kind()) "). "
                        (disturbance.explanation.meaning)
                        @if let Some(advice) = disturbance.explanation.advice { " " (advice) }
                    }
                }
            }
        }
        @if let Some(spread) = environment::spread(view) {
            (folded(&spread.title, &scrolling(&spread, "cost")))
        }
    }
}

fn scrolling(table: &Table, anchor: &str) -> Markup {
    html! {
        (method::link(anchor))
        div.scroll.on-ground tabindex="0" role="region" aria-label=(table.title) {
            (tables::plain(table))
        }
    }
}

fn facts(facts: &[Fact]) -> Markup {
    html! {
        dl.facts { @for (name, value) in facts { dt { (name) } dd { (value) } } }
    }
}

fn host(runs: &[Run], index: usize) -> Markup {
    let content = match environment::same_host(runs, index) {
        Some(earlier) => same(earlier),
        None => facts(&environment::host(&runs[index])),
    };
    folded("Machine", &content)
}

/// What another run has told already is not told again.
fn same(earlier: usize) -> Markup {
    html! {
        p {
            "As in " a href={ "#environment-" (earlier + 1) } { (several::heading(earlier)) } "."
        }
    }
}

fn server(runs: &[Run], index: usize, id: &str) -> Markup {
    let Some(own) = runs[index].record.servers.get(id) else {
        return html! {};
    };
    let earlier = environment::same_server(runs, index, id);
    let earlier = earlier.and_then(|run| Some((run, runs[run].record.servers.get(id)?)));
    let content = html! {
        @match earlier {
            Some((run, other)) => {
                (same(run))
                (other_configuration(&own.configuration, &other.configuration, run))
            }
            None => {
                (facts(&environment::server(own)))
                p { b { "Effective configuration" } }
                pre tabindex="0" { (own.configuration) }
            }
        }
    };
    folded(&format!("Server: {} {}", own.name, own.version), &content)
}

/// Lines by which two configurations of one server differ.
fn other_configuration(own: &str, other: &str, run: usize) -> Markup {
    let here = environment::server_lines(own, other);
    let there = environment::server_lines(other, own);
    html! {
        @if !here.is_empty() || !there.is_empty() {
            p { "Its configuration differs in these lines:" }
            pre tabindex="0" {
                @for line in here { "here: " (line) "\n" }
                @for line in there { "in run " (run + 1) ": " (line) "\n" }
            }
        }
    }
}

fn scenario(runs: &[Run], index: usize) -> Markup {
    let scenario = &runs[index].record.scenario;
    let earlier = (0..index).find(|run| runs[*run].record.scenario == *scenario);
    if let Some(earlier) = earlier {
        return same(earlier);
    }
    // A JSON value prints as itself; only a map with foreign keys could fail.
    let resolved = format!("{:#}", scenario.resolved);
    let mut told = vec![
        ("Name", scenario.name.clone()),
        ("SHA-256", scenario.hash.clone()),
        ("Seed", scenario.seed.to_string()),
        ("Trials of each cell", scenario.trials.to_string()),
        (
            "How long a server serves",
            scenario.servers.name().to_owned(),
        ),
    ];
    let own_effects = differences::own_effects(&scenario.smallest_effects);
    told.extend(own_effects.map(|effects| ("Smallest effects of interest of its own", effects)));
    html! {
        (facts(&told))
        p { b { "Resolved" } }
        pre tabindex="0" { (resolved) }
    }
}
