//! What a sceptic looks up: servers, machine, scenario.

use busbench_results::{Isolation, ServerRecord, Tool};
use maud::{Markup, html};

use super::{method, tables};
use crate::format;
use crate::table::Table;
use crate::view::View;

pub(super) fn all(view: &View<'_>) -> Markup {
    let record = &view.run.record;
    html! {
        @for server in record.servers.values() {
            (folded(&format!("Server: {} {}", server.name, server.version), &self::server(server)))
        }
        (folded("Machine", &host(view)))
        (folded("Scenario, as resolved", &scenario(view)))
    }
}

/// A table that is long, where there is one.
pub(super) fn long(table: Option<Table>, anchor: &str) -> Markup {
    html! {
        @if let Some(table) = table {
            (folded(&table.title, &html! {
                (method::link(anchor))
                div.scroll.on-ground tabindex="0" role="region" aria-label=(table.title) {
                    (tables::plain(&table))
                }
            }))
        }
    }
}

fn folded(summary: &str, content: &Markup) -> Markup {
    html! {
        details {
            summary { (summary) }
            div { (content) }
        }
    }
}

fn facts(entries: &[(&str, Option<String>)]) -> Markup {
    html! {
        dl.facts {
            @for (name, value) in entries {
                @if let Some(value) = value { dt { (name) } dd { (value) } }
            }
        }
    }
}

fn server(server: &ServerRecord) -> Markup {
    html! {
        (facts(&[
            ("Version", Some(server.version.clone())),
            ("Provided by", Some(server.provider.clone())),
            ("Network path", Some(server.network_path.clone())),
            ("Image", server.image.clone()),
            ("Image digest", server.image_digest.clone()),
            ("Binary", server.binary.clone()),
            ("SHA-256 of the binary", server.binary_sha256.clone()),
        ]))
        h4 { "Effective configuration" }
        pre tabindex="0" { (server.configuration) }
    }
}

fn host(view: &View<'_>) -> Markup {
    let record = &view.run.record;
    let host = &record.host;
    let cores = |side: fn(&Isolation) -> &Vec<u32>| {
        let numbers = side(record.isolation.as_ref()?).iter().map(u32::to_string);
        Some(numbers.collect::<Vec<_>>().join(", "))
    };
    let emulated = if host.emulated { "yes" } else { "no" };
    facts(&[
        ("Name", Some(host.name.clone())),
        ("Architecture", Some(host.arch.clone())),
        ("CPU", Some(host.cpu_model.clone())),
        ("Cores", Some(host.cores.to_string())),
        ("Memory", Some(format::bytes(host.memory_bytes))),
        ("Operating system", Some(host.os.clone())),
        ("Kernel", Some(host.kernel.clone())),
        ("Governor", host.governor.clone()),
        ("Virtualisation", host.virtualization.clone()),
        ("Emulated", Some(emulated.to_owned())),
        ("Clock source", host.clock_source.clone()),
        (
            "Cores of the servers",
            cores(|isolation| &isolation.server_cpus),
        ),
        (
            "Cores of the harness",
            cores(|isolation| &isolation.generator_cpus),
        ),
        ("busbench", Some(tool(&record.tool))),
    ])
}

fn tool(tool: &Tool) -> String {
    match &tool.commit {
        Some(commit) => format!("{}, commit {commit}", tool.version),
        None => tool.version.clone(),
    }
}

fn scenario(view: &View<'_>) -> Markup {
    let scenario = &view.run.record.scenario;
    // A JSON value prints as itself; only a map with foreign keys could fail.
    let resolved = format!("{:#}", scenario.resolved);
    html! {
        (facts(&[
            ("Name", Some(scenario.name.clone())),
            ("SHA-256", Some(scenario.hash.clone())),
            ("Seed", Some(scenario.seed.to_string())),
            ("Trials of each cell", Some(scenario.trials.to_string())),
        ]))
        h4 { "Resolved" }
        pre tabindex="0" { (resolved) }
    }
}
