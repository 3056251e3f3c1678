//! What servers and client programs take before any message flows, of all runs together. Values only;
//! HTML, Markdown and the terminal write them down.

mod pictures;
mod tables;

use busbench_results::footprint::{FootprintFigure, FootprintRow};
use busbench_results::{FootprintSubject, Verdict};

use crate::RenderError;
use crate::figure::Figure;
use crate::format;
use crate::table::{Table, Tone};
use crate::view::View;

/// What is said of all footprints together.
pub(crate) struct Chapter {
    /// One for each footprint, run after run.
    pub(crate) rows: Vec<FootprintRow>,
    /// Sentences.
    pub(crate) introduction: Vec<String>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) tables: Vec<Table>,
    /// What is to be known of which footprint.
    pub(crate) notes: Vec<(String, String)>,
    /// Which could not be taken, and why.
    pub(crate) unmeasured: Vec<(String, String)>,
}

/// A footprint with the place of its run.
#[derive(Clone, Copy)]
struct Taken<'v> {
    run: usize,
    row: &'v FootprintRow,
}

/// `None` where no run has a footprint.
pub(crate) fn chapter(views: &[View<'_>]) -> Result<Option<Chapter>, RenderError> {
    let mut taken: Vec<Taken<'_>> = views
        .iter()
        .enumerate()
        .flat_map(|(run, view)| taken_by(run, view))
        .collect();
    if taken.is_empty() {
        return Ok(None);
    }
    let rows = taken.iter().map(|taken| taken.row.clone()).collect();
    // The same of several runs side by side, in the order in which they come first.
    let order: Vec<[Option<&String>; 5]> = taken.iter().map(Taken::subject).collect();
    taken.sort_by_key(|taken| order.iter().position(|subject| *subject == taken.subject()));
    let runs = views.len();
    Ok(Some(Chapter {
        rows,
        introduction: introduction(&taken),
        figures: pictures::all(&taken)?,
        tables: tables::all(&taken, runs),
        notes: told_of(&taken, runs, true),
        unmeasured: told_of(&taken, runs, false),
    }))
}

/// The tables of one run, for a terminal.
pub(crate) fn of_run(view: &View<'_>) -> Vec<Table> {
    tables::all(&taken_by(0, view), 1)
}

/// What is to be known of which footprint of one run, and which could not be taken.
pub(crate) fn told_of_run(view: &View<'_>) -> [Vec<(String, String)>; 2] {
    let taken = taken_by(0, view);
    [true, false].map(|were_taken| told_of(&taken, 1, were_taken))
}

fn taken_by<'v>(run: usize, view: &'v View<'v>) -> Vec<Taken<'v>> {
    let rows = view.footprints.iter();
    rows.map(|row| Taken { run, row }).collect()
}

impl<'v> Taken<'v> {
    /// What it is of, whatever run it is from.
    fn subject(&self) -> [Option<&'v String>; 5] {
        let row = self.row;
        let program = [&row.language, &row.service, &row.client].map(Option::as_ref);
        let [language, service, client] = program;
        [
            row.server.as_ref(),
            row.provider.as_ref(),
            language,
            service,
            client,
        ]
    }

    /// Its name, with its run where there are several.
    fn label(&self, runs: usize) -> String {
        match runs {
            1 => name(self.row),
            _ => format!("{} of run {}", name(self.row), self.run + 1),
        }
    }
}

fn introduction(taken: &[Taken<'_>]) -> Vec<String> {
    let mut sentences = vec![
        "What a server takes before any message flows, and by how much a client library makes a program \
         larger. Sizes are read once, everything else in trials of their own."
            .to_owned(),
    ];
    if taken.iter().any(|taken| taken.row.emulated) {
        sentences.push(
            "What is marked as emulated ran under a user-mode emulator: its sizes are those of the real \
             architecture, its times, memory and threads are the emulator's as well, and are not to be \
             compared with hardware."
                .to_owned(),
        );
    }
    let clients = taken.iter().find_map(|taken| taken.row.clients);
    if let Some(clients) = clients {
        sentences.push(format!(
            "Idle clients are {} connections, each with one subscription and nothing to receive.",
            format::count(u64::from(clients))
        ));
    }
    sentences
}

/// By what is told, those of whom it is told together.
fn told_of(taken: &[Taken<'_>], runs: usize, were_taken: bool) -> Vec<(String, String)> {
    let mut told: Vec<(String, String)> = Vec::new();
    let own = taken
        .iter()
        .filter(|taken| taken.row.verdict.is_some() == were_taken && !taken.row.reasons.is_empty());
    for taken in own {
        let (label, why) = (taken.label(runs), format::printable(&taken.row.reasons));
        match told.iter_mut().find(|(_, known)| *known == why) {
            Some((labels, _)) => *labels = format!("{labels}; {label}"),
            None => told.push((label, why)),
        }
    }
    told
}

/// A server by its provider, with its version, or a client program with its library.
pub(crate) fn name(row: &FootprintRow) -> String {
    let text = match (&row.server, &row.provider, &row.language, &row.client) {
        (Some(server), Some(provider), ..) => match &row.server_version {
            Some(version) => format!("{server} {version}, {provider}"),
            None => format!("{server}, {provider}"),
        },
        (.., Some(_), Some(client)) => {
            let program = program(row);
            match (&row.library, &row.library_version) {
                _ if client == FootprintSubject::WITHOUT_CLIENT => format!("{program}, no client"),
                (Some(library), Some(version)) => {
                    format!("{program}, {library} {version}{}", tls(row))
                }
                _ => format!("{program}, client of {client}"),
            }
        }
        _ => row.footprint.clone(),
    };
    format::printable(&text)
}

/// Of a client program: its language, and what it does beside its bus: `go`, `go with REST`.
fn program(row: &FootprintRow) -> String {
    let language = row.language.as_deref().unwrap_or_default();
    match row.service.as_deref() {
        None | Some("bare") => language.to_owned(),
        Some("rest") => format!("{language} with REST"),
        Some(other) => format!("{language} with {other}"),
    }
}

/// What tells a client that is built with TLS from one of the same library without.
fn tls(row: &FootprintRow) -> &'static str {
    match &row.client {
        Some(client) if client.ends_with("-tls") => " with TLS",
        _ => "",
    }
}

/// Of program and image, and whether it ran under an emulator.
pub(crate) fn architecture(row: &FootprintRow) -> String {
    let emulated = if row.emulated { ", emulated" } else { "" };
    format!("{}{emulated}", format::printable(&row.arch))
}

/// Whose colour it has; empty for none.
pub(crate) fn bus(row: &FootprintRow) -> &'static str {
    let server = row.server.as_deref().or(row.client.as_deref());
    match server {
        Some("nats") => "nats-core",
        Some("nats-jetstream") => "nats-jetstream",
        Some("mosquitto" | "mqtt") => "mqtt5",
        Some("redis") => "redis-pubsub",
        _ => "",
    }
}

/// How much its times and memory can be trusted.
pub(crate) fn tone(row: &FootprintRow) -> Tone {
    match row.verdict {
        Some(Verdict::Valid) => Tone::Plain,
        // Sizes need no trial.
        None if row.program_bytes.is_some() => Tone::Plain,
        Some(Verdict::Suspect) => Tone::Doubtful,
        Some(Verdict::Invalid) | None => Tone::Void,
    }
}

/// A figure in its unit.
pub(crate) fn told(figure: FootprintFigure, value: f64) -> String {
    match figure {
        FootprintFigure::StartColdNs | FootprintFigure::StartWarmNs => format::duration(value),
        FootprintFigure::IdleRssBytes | FootprintFigure::ClientsRssBytes => format::memory(value),
        FootprintFigure::ImageCompressedBytes
        | FootprintFigure::ImageUnpackedBytes
        | FootprintFigure::ProgramBytes
        | FootprintFigure::AddedBytes => format::size(value),
    }
}
