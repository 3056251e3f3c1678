//! What runs are called: the page's title, and a line or two for each run.

use std::collections::BTreeSet;

use busbench_results::{RunRecord, RunState, Verdict};

use crate::Report;
use crate::format;
use crate::view::View;

/// A run in a few words.
pub(crate) struct Listed<'a> {
    /// The run's own name.
    pub(crate) name: &'a str,
    /// Scenario, machine, servers, cells by verdict, trials, program.
    pub(crate) facts: Vec<String>,
}

/// What was chosen, or what the runs are: the question of one, the number of several.
pub(crate) fn title(report: &Report<'_>) -> String {
    if let Some(title) = report.title {
        return title.to_owned();
    }
    match &report.views[..] {
        [] => "No run".to_owned(),
        [view] => view.run.record.scenario.question.clone(),
        views => {
            let scenarios = views.iter().map(|view| &view.run.record.scenario.name);
            let scenarios = scenarios.collect::<BTreeSet<_>>().len();
            let machines = machines(views);
            format!(
                "{} runs of {} on {}",
                views.len(),
                numbered(scenarios, "scenario"),
                numbered(machines, "machine")
            )
        }
    }
}

/// On how many machines the runs were made; an emulator runs on one, too.
pub(crate) fn machines(views: &[View<'_>]) -> usize {
    let hosts = views.iter().map(|view| &view.run.record.host);
    hosts
        .map(|host| (&host.name, &host.cpu_model))
        .collect::<BTreeSet<_>>()
        .len()
}

/// Each run in a few words.
pub(crate) fn listed<'r>(report: &'r Report<'_>) -> Vec<Listed<'r>> {
    report.views.iter().map(of_run).collect()
}

fn of_run<'v>(view: &'v View<'_>) -> Listed<'v> {
    let record = &view.run.record;
    let mut facts = vec![
        format!("scenario {}", record.scenario.name),
        machine(record),
    ];
    match record.state {
        RunState::Complete => {}
        RunState::Interrupted => facts.push("interrupted".to_owned()),
        RunState::Running => facts.push("not finished".to_owned()),
    }
    let servers: Vec<String> = record
        .servers
        .values()
        .map(|server| format!("{} {}", server.name, server.version))
        .collect();
    if servers.is_empty() {
        facts.push("no server".to_owned());
    } else {
        facts.push(format!("{} by {}", servers.join(", "), record.provider));
    }
    facts.push(cells(view));
    facts.push(format!(
        "{} of each cell",
        numbered(record.scenario.trials as usize, "trial")
    ));
    facts.push(match &record.tool.commit {
        Some(commit) => {
            let commit = super::differing::shortened(commit);
            format!("busbench {}, commit {commit}", record.tool.version)
        }
        None => format!("busbench {}", record.tool.version),
    });
    Listed {
        name: &record.run,
        facts,
    }
}

/// Name, architecture and cores, and whether that is a machine of its own.
pub(crate) fn machine(record: &RunRecord) -> String {
    let host = &record.host;
    let mut text = format!(
        "{}: {}, {}",
        host.name,
        host.arch,
        numbered(host.cores as usize, "core")
    );
    if host.virtualization.is_some() && !host.emulated {
        text.push_str(", virtualised");
    }
    if let Some(emulation) = record.emulation() {
        text.push_str(", ");
        text.push_str(&emulation.words());
    }
    text
}

/// How many cells or footprints there are, by what can be said of them.
pub(crate) fn cells(view: &View<'_>) -> String {
    let verdicts = || {
        let cells = view.cells.iter().map(|cell| cell.row.verdict);
        cells.chain(view.footprints.iter().map(|row| row.verdict))
    };
    let of = |wanted: Option<Verdict>| verdicts().filter(|verdict| *verdict == wanted).count();
    let counted = [
        (of(Some(Verdict::Valid)), "valid"),
        (of(Some(Verdict::Suspect)), "suspect"),
        (of(Some(Verdict::Invalid)), "invalid"),
        (of(None), "not measured"),
    ];
    let counted: Vec<String> = counted
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| format!("{count} {verdict}"))
        .collect();
    let cells = if view.is_of_footprints() {
        numbered(view.footprints.len(), "footprint")
    } else {
        numbered(view.cells.len(), "cell")
    };
    if counted.is_empty() {
        cells
    } else {
        format!("{cells}: {}", counted.join(", "))
    }
}

/// What a run is called where several are: `Run 2`.
pub(crate) fn heading(index: usize) -> String {
    format!("Run {}", index + 1)
}

/// A run within a line about one of its cells: `run 2, aarch64`, and that the cell is emulated.
pub(crate) fn to_run(index: usize, view: &View<'_>, is_emulated: bool) -> String {
    let host = &view.run.record.host;
    let emulated = if is_emulated { " (emulated)" } else { "" };
    format!(
        "run {}, {}{emulated}",
        index + 1,
        format::printable(&host.arch)
    )
}

pub(crate) fn numbered(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{} {noun}s", format::count(number as u64)),
    }
}
