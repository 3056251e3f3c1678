//! What keeps figures of several runs from being compared, and which cells runs share.
//!
//! Differences are judged within a run only. Between runs, machine, servers and time differ: their
//! figures stand side by side, with the fields named by which the runs differ.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::Identity;
use crate::{CellOutcome, Isolation, Row, RunRecord, ServerRecord};

/// A field by which runs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferingField {
    /// What differs, in words.
    pub name: String,
    /// One for each run; `None` where the run does not tell.
    pub values: Vec<Option<String>>,
}

/// A cell that several runs have measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedCell {
    /// Number of the run and place of the cell in it, in order of run; at least two.
    pub places: Vec<(usize, usize)>,
    /// Columns by which they differ, but for the run's name. None where it was measured again under
    /// the same conditions, as far as they are recorded.
    pub differing: Vec<&'static str>,
}

/// The name of a run that is among these more than once: its figures would pass for two.
#[must_use]
pub fn given_twice<'a>(runs: impl IntoIterator<Item = &'a RunRecord>) -> Option<&'a str> {
    let mut known = BTreeSet::new();
    runs.into_iter()
        .map(|record| record.run.as_str())
        .find(|run| !known.insert(*run))
}

/// Every field by which at least two runs differ: scenario, machine, providers, servers, program.
#[must_use]
pub fn fields_that_differ(records: &[&RunRecord]) -> Vec<DifferingField> {
    let mut fields: Vec<DifferingField> = FIELDS
        .iter()
        .map(|(name, of)| field(name, records, of))
        .filter(|field| differ(&field.values))
        .collect();
    let (mut versions, mut programs) = (Vec::new(), Vec::new());
    for id in server_ids(records) {
        let of_server = |name: &str, of: fn(&ServerRecord) -> Option<String>| {
            let of = |record: &RunRecord| of(record.servers.get(id)?);
            Some(field(&format!("{name} of {id}"), records, of)).filter(differ_where_known)
        };
        match of_server("version", |server| Some(server.version.clone())) {
            // Another version is another program.
            Some(version) => versions.push(version),
            None => programs.extend(of_server("program", program)),
        }
    }
    fields.extend(versions);
    fields.extend(programs);
    fields
}

/// A server that took no part has no other version.
fn differ_where_known(field: &DifferingField) -> bool {
    let known: BTreeSet<&String> = field.values.iter().flatten().collect();
    known.len() > 1
}

/// What tells a server's program from another of its version.
fn program(server: &ServerRecord) -> Option<String> {
    server
        .binary_sha256
        .clone()
        .or_else(|| server.image_digest.clone())
}

/// Cells that at least two runs have measured, in the order in which the runs have them: the same
/// in every key column but run, host, architecture, emulation, scenario, server version, provider
/// and network path. `rows` has one list for each run.
#[must_use]
pub fn shared_cells(rows: &[Vec<Row>]) -> Vec<SharedCell> {
    let mut cells: BTreeMap<Identity<'_>, Vec<(usize, usize)>> = BTreeMap::new();
    for (run, rows) in rows.iter().enumerate() {
        for (place, row) in rows.iter().enumerate() {
            if !matches!(row.outcome, CellOutcome::NotPossible | CellOutcome::NotRun) {
                cells
                    .entry(Identity::of(row))
                    .or_default()
                    .push((run, place));
            }
        }
    }
    let mut shared: Vec<SharedCell> = cells
        .into_values()
        .filter(|places| places.iter().any(|(run, _)| *run != places[0].0))
        .map(|places| {
            let members: Vec<&Row> = places
                .iter()
                .map(|&(run, place)| &rows[run][place])
                .collect();
            SharedCell {
                differing: columns_that_differ(&members),
                places,
            }
        })
        .collect();
    shared.sort_by(|one, other| one.places.cmp(&other.places));
    shared
}

type Field = (&'static str, fn(&RunRecord) -> Option<String>);

/// What is told of a run, but for its servers.
const FIELDS: [Field; 22] = [
    ("scenario", |record| Some(record.scenario.name.clone())),
    ("hash of the scenario", |record| {
        Some(record.scenario.hash.clone())
    }),
    ("trials of each cell", |record| {
        Some(record.scenario.trials.to_string())
    }),
    ("how long a server serves", |record| {
        Some(record.scenario.servers.name().to_owned())
    }),
    ("host", |record| Some(record.host.name.clone())),
    ("architecture", |record| Some(record.host.arch.clone())),
    ("architecture of the servers", |record| {
        Some(architectures(record))
    }),
    ("emulated", |record| Some(emulated(record))),
    ("CPU", |record| Some(record.host.cpu_model.clone())),
    ("cores", |record| Some(record.host.cores.to_string())),
    ("memory", |record| {
        Some(format!("{} MiB", record.host.memory_bytes >> 20))
    }),
    ("operating system", |record| Some(record.host.os.clone())),
    ("kernel", |record| Some(record.host.kernel.clone())),
    ("governor", |record| record.host.governor.clone()),
    ("virtualisation", |record| {
        record.host.virtualization.clone()
    }),
    ("clock source", |record| record.host.clock_source.clone()),
    ("provider", |record| Some(record.provider.clone())),
    ("network path", network_paths),
    ("cores of their own", |record| {
        Some(record.isolation.as_ref().map_or("none".to_owned(), cores))
    }),
    ("version of busbench", |record| {
        Some(record.tool.version.clone())
    }),
    ("commit of busbench", |record| record.tool.commit.clone()),
    ("version of the result files", |record| {
        Some(record.schema_version.to_string())
    }),
];

fn field(
    name: &str,
    records: &[&RunRecord],
    of: impl Fn(&RunRecord) -> Option<String>,
) -> DifferingField {
    DifferingField {
        name: name.to_owned(),
        values: records.iter().map(|record| of(record)).collect(),
    }
}

fn differ(values: &[Option<String>]) -> bool {
    values.iter().any(|value| *value != values[0])
}

fn server_ids<'a>(records: &[&'a RunRecord]) -> BTreeSet<&'a String> {
    records
        .iter()
        .flat_map(|record| record.servers.keys())
        .collect()
}

/// Of those servers that are for another than the host's. Runs that were written before it was looked
/// for had servers of the host's own, unless they were somebody else's.
fn architectures(record: &RunRecord) -> String {
    let other = record.servers.iter().filter_map(|(id, server)| {
        let arch = server.arch.as_ref()?;
        (*arch != record.host.arch).then(|| format!("{id}: {arch}"))
    });
    let other: Vec<String> = other.collect();
    if other.is_empty() {
        "the host's".to_owned()
    } else {
        other.join(", ")
    }
}

/// Which side was: `no`, `yes`, `harness`, `servers`, or the names of some servers.
fn emulated(record: &RunRecord) -> String {
    let words = record.emulation().map(|emulation| emulation.words());
    match words.as_deref() {
        None => "no".to_owned(),
        Some("emulated") => "yes".to_owned(),
        Some(words) => words.trim_end_matches(" emulated").to_owned(),
    }
}

/// Of all servers, each once.
fn network_paths(record: &RunRecord) -> Option<String> {
    let paths: BTreeSet<&str> = record
        .servers
        .values()
        .map(|server| server.network_path.as_str())
        .collect();
    (!paths.is_empty()).then(|| paths.into_iter().collect::<Vec<_>>().join(", "))
}

fn cores(isolation: &Isolation) -> String {
    let numbers = |cores: &[u32]| {
        let numbers: Vec<String> = cores.iter().map(u32::to_string).collect();
        numbers.join(" ")
    };
    format!(
        "servers {}, harness {}",
        numbers(&isolation.server_cpus),
        numbers(&isolation.generator_cpus)
    )
}

type Differing = (&'static str, fn(&Row, &Row) -> bool);

fn columns_that_differ(rows: &[&Row]) -> Vec<&'static str> {
    const COLUMNS: [Differing; 8] = [
        ("scenario", |one, other| one.scenario == other.scenario),
        ("host", |one, other| one.host == other.host),
        ("arch", |one, other| one.arch == other.arch),
        ("emulated", |one, other| one.emulated == other.emulated),
        ("server_version", |one, other| {
            one.server_version == other.server_version
        }),
        ("provider", |one, other| one.provider == other.provider),
        ("network_path", |one, other| {
            one.network_path == other.network_path
        }),
        ("guarantee", |one, other| one.guarantee == other.guarantee),
    ];
    COLUMNS
        .into_iter()
        .filter(|(_, equal)| rows.iter().any(|row| !equal(row, rows[0])))
        .map(|(name, _)| name)
        .collect()
}

#[cfg(test)]
mod tests;
