//! What a cell has beside its exported fields.

use busbench_results::{ReasonKind, ServerRecord};
use serde::Serialize;

use super::Tags;
use super::packed::Packed;
use crate::figure::line_class;
use crate::format;
use crate::table::{self, Tone};
use crate::view::{CellView, View};

/// A run, as an opened cell names it.
#[derive(Serialize)]
pub(super) struct RunLine {
    cells: usize,
    run: String,
    scenario: String,
    question: String,
    /// Machine, provider and server versions.
    setting: String,
    /// Kernel, clock, hypervisor, cores, harness.
    machine: String,
}

/// A server, with what it was told.
#[derive(PartialEq, Serialize)]
pub(super) struct ServerLine {
    title: String,
    configuration: String,
}

/// Columns with an entry for each cell.
#[derive(Serialize)]
pub(super) struct PerCell {
    label: Packed,
    /// The class of its row.
    tone: Packed,
    /// The class of its lines.
    ink: Packed,
    /// Number of its trials.
    trials: Packed,
    /// `1` where its rate is a lower bound.
    at_least: Packed,
    /// Why it has no headline.
    unranked: Packed,
    /// Kinds of its trials' reasons, the worst first, separated by spaces.
    kinds: Packed,
    tags: Packed,
    /// Place among the servers; empty without one.
    server: Packed,
    client_settings: Packed,
}

pub(super) fn runs(views: &[View<'_>]) -> Vec<RunLine> {
    views
        .iter()
        .map(|view| {
            let record = &view.run.record;
            RunLine {
                cells: view.cells.len(),
                run: record.run.clone(),
                scenario: record.scenario.name.clone(),
                question: record.scenario.question.clone(),
                setting: view.setting(),
                machine: machine(view),
            }
        })
        .collect()
}

fn machine(view: &View<'_>) -> String {
    let record = &view.run.record;
    let host = &record.host;
    let mut parts = vec![
        host.arch.clone(),
        host.os.clone(),
        format!("kernel {}", host.kernel),
    ];
    parts.extend(
        host.clock_source
            .iter()
            .map(|clock| format!("clock {clock}")),
    );
    parts.extend(
        host.governor
            .iter()
            .map(|governor| format!("governor {governor}")),
    );
    parts.extend(
        host.virtualization
            .iter()
            .map(|by| format!("virtualised ({by})")),
    );
    if let Some(emulation) = record.emulation() {
        let words = emulation.words();
        parts.push(format!("{words}: not to be compared with hardware"));
    }
    if let Some(isolation) = &record.isolation {
        let cores = |numbers: &[u32]| {
            let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
            numbers.join(", ")
        };
        parts.push(format!(
            "cores of the servers {}, of the harness {}",
            cores(&isolation.server_cpus),
            cores(&isolation.generator_cpus)
        ));
    }
    let commit = record.tool.commit.iter();
    let commit = commit.map(|commit| format!(", commit {commit}"));
    parts.push(format!(
        "busbench {}{}",
        record.tool.version,
        commit.collect::<String>()
    ));
    parts.join(" · ")
}

/// Each server once, and the place among them of each cell's, by run.
pub(super) fn servers(views: &[View<'_>]) -> (Vec<ServerLine>, Vec<Vec<Option<usize>>>) {
    let mut lines: Vec<ServerLine> = Vec::new();
    let places = views
        .iter()
        .map(|view| {
            let record = &view.run.record;
            let known: Vec<(&String, usize)> = record
                .servers
                .iter()
                .map(|(id, server)| (id, place(&mut lines, server)))
                .collect();
            let of = |id: &String| known.iter().find(|(other, _)| *other == id);
            record
                .cells
                .iter()
                .map(|cell| of(cell.server.as_ref()?).map(|(_, place)| *place))
                .collect()
        })
        .collect();
    (lines, places)
}

fn place(lines: &mut Vec<ServerLine>, server: &ServerRecord) -> usize {
    let mut parts = vec![
        format!("{} {}", server.name, server.version),
        format!("provided by {}", server.provider),
        format!("network path {}", server.network_path),
    ];
    let told = [
        ("image", &server.image),
        ("digest", &server.image_digest),
        ("binary", &server.binary),
        ("SHA-256 of the binary", &server.binary_sha256),
    ];
    for (name, value) in told {
        parts.extend(value.iter().map(|value| format!("{name} {value}")));
    }
    parts.extend(
        server
            .arch
            .iter()
            .map(|arch| format!("architecture {arch}")),
    );
    if server.emulated {
        parts.push("emulated: not to be compared with hardware".to_owned());
    }
    parts.extend(server.limit.as_ref().map(format::server_limit));
    let line = ServerLine {
        title: parts.join(" · "),
        configuration: server.configuration.clone(),
    };
    if let Some(known) = lines.iter().position(|known| *known == line) {
        return known;
    }
    lines.push(line);
    lines.len() - 1
}

impl PerCell {
    pub(super) fn of(views: &[View<'_>], tags: &Tags<'_>, servers: &[Vec<Option<usize>>]) -> Self {
        let column = |text: &dyn Fn(&CellView<'_>) -> String| {
            let cells = views.iter().flat_map(|view| &view.cells);
            packed(cells.map(text))
        };
        let by_run = |text: &dyn Fn(usize, &View<'_>, &CellView<'_>) -> String| {
            let of_run = |(run, view): (usize, &View<'_>)| -> Vec<String> {
                view.cells
                    .iter()
                    .map(|cell| text(run, view, cell))
                    .collect()
            };
            packed(views.iter().enumerate().flat_map(of_run))
        };
        Self {
            label: column(&|cell| cell.label.clone()),
            tone: column(&|cell| tone(table::tone(cell)).to_owned()),
            ink: column(&|cell| line_class(&cell.row.bus)),
            trials: column(&|cell| cell.trials.len().to_string()),
            at_least: column(&|cell| u8::from(cell.is_at_least()).to_string()),
            unranked: column(&|cell| cell.not_ranked().unwrap_or_default().to_owned()),
            kinds: column(&kinds),
            tags: by_run(&|run, _, cell| {
                let tags = tags.get(&(run, cell.place));
                tags.map_or_else(String::new, |tags| tags.join(" "))
            }),
            server: by_run(&|run, _, cell| {
                let server = servers.get(run).and_then(|cells| *cells.get(cell.place)?);
                server.map_or_else(String::new, |place| place.to_string())
            }),
            client_settings: by_run(&|_, view, cell| {
                let settings = &view.run.record.cells[cell.place].client_settings;
                let settings = settings
                    .iter()
                    .map(|(name, value)| format!("{name} {value}"));
                settings.collect::<Vec<_>>().join(" · ")
            }),
        }
    }
}

/// A column of texts that are made for it.
pub(super) fn packed(texts: impl Iterator<Item = String>) -> Packed {
    let texts: Vec<String> = texts.collect();
    Packed::of(texts.iter().map(String::as_str))
}

/// The class of a row.
pub(super) fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Floor => "floor",
        Tone::Doubtful => "doubtful",
        Tone::Void => "void",
    }
}

fn kinds(cell: &CellView<'_>) -> String {
    let has = |kind: &ReasonKind| {
        let mut reasons = cell.trials.iter().flat_map(|trial| &trial.reasons);
        reasons.any(|reason| reason.kind == *kind)
    };
    let kinds: Vec<&str> = ReasonKind::ALL
        .into_iter()
        .filter(has)
        .map(ReasonKind::name)
        .collect();
    kinds.join(" ")
}
