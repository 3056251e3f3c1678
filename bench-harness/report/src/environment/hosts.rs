//! Machine and servers of a run as facts, and what of them an earlier run has told already.

use busbench_results::{Isolation, Run, ServerRecord};

use crate::format;

/// A name and what is recorded for it.
pub(crate) type Fact = (&'static str, String);

/// Everything that is recorded of the machine and the program.
pub(crate) fn host(run: &Run) -> Vec<Fact> {
    let record = &run.record;
    let host = &record.host;
    let unknown = || "cannot be seen here".to_owned();
    let pinned = |side: fn(&Isolation) -> &Vec<u32>| match &record.isolation {
        Some(isolation) => {
            let numbers: Vec<String> = side(isolation).iter().map(u32::to_string).collect();
            numbers.join(", ")
        }
        None => "not kept apart".to_owned(),
    };
    let emulated = if host.emulated { "yes" } else { "no" };
    vec![
        ("Name", host.name.clone()),
        ("Architecture", host.arch.clone()),
        ("CPU", host.cpu_model.clone()),
        ("Cores", host.cores.to_string()),
        ("Memory", format::bytes(host.memory_bytes)),
        ("Operating system", host.os.clone()),
        ("Kernel", host.kernel.clone()),
        ("Governor", host.governor.clone().unwrap_or_else(unknown)),
        (
            "Virtualisation",
            host.virtualization
                .clone()
                .unwrap_or_else(|| "none found".to_owned()),
        ),
        ("Emulated", emulated.to_owned()),
        (
            "Clock source",
            host.clock_source.clone().unwrap_or_else(unknown),
        ),
        (
            "Cores of the servers",
            pinned(|isolation| &isolation.server_cpus),
        ),
        (
            "Cores of the harness",
            pinned(|isolation| &isolation.generator_cpus),
        ),
        (
            "Servers provided by",
            format!("{} ({})", record.provider, record.provider_reason),
        ),
        (
            "busbench",
            match &record.tool.commit {
                Some(commit) => format!("{}, commit {commit}", record.tool.version),
                None => record.tool.version.clone(),
            },
        ),
        ("Result files", format!("version {}", record.schema_version)),
    ]
}

/// What is recorded of a server, its configuration left out.
pub(crate) fn server(server: &ServerRecord) -> Vec<Fact> {
    let optional = [
        ("Image", &server.image),
        ("Image digest", &server.image_digest),
        ("Binary", &server.binary),
        ("SHA-256 of the binary", &server.binary_sha256),
    ];
    let mut facts = vec![
        ("Version", server.version.clone()),
        ("Provided by", server.provider.clone()),
        ("Network path", server.network_path.clone()),
    ];
    // Told where it was looked for: earlier runs did not.
    if let Some(arch) = &server.arch {
        let emulated = if server.emulated { ", emulated" } else { "" };
        facts.push(("Architecture", format!("{arch}{emulated}")));
    } else if server.emulated {
        facts.push(("Emulated", "yes".to_owned()));
    }
    facts.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?))),
    );
    facts.extend(
        server
            .limit
            .iter()
            .map(|limit| ("Limit", format::server_limit(limit))),
    );
    facts
}

/// The first of the runs before this one whose machine and program are recorded alike.
pub(crate) fn same_host(runs: &[Run], index: usize) -> Option<usize> {
    let facts = host(&runs[index]);
    (0..index).find(|earlier| host(&runs[*earlier]) == facts)
}

/// The first of the runs before this one that had the same server, by all but its configuration.
pub(crate) fn same_server(runs: &[Run], index: usize, id: &str) -> Option<usize> {
    let own = runs[index].record.servers.get(id)?;
    (0..index).find(|earlier| {
        let other = runs[*earlier].record.servers.get(id);
        other.is_some_and(|other| other.name == own.name && server(other) == server(own))
    })
}

/// Lines of a configuration that another does not have.
pub(crate) fn server_lines<'a>(own: &'a str, other: &str) -> Vec<&'a str> {
    own.lines()
        .filter(|line| !other.lines().any(|known| known == *line))
        .collect()
}
