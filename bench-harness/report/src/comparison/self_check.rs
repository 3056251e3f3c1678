//! How often trials of one side were called different, for a terminal and as JSON.

use std::collections::BTreeMap;

use busbench_results::comparison::{CheckedFigure, ComparedFigure, FalseAlarms, SelfCheck};
use serde::Serialize;

use super::FORMAT_VERSION;
use super::changes::line;
use super::words::{self, counted};
use crate::differences;
use crate::format;
use crate::table::{Column, NONE, Table};
use crate::terminal::{printable, wrapped, write_table};

/// Figures that are named, of those that were called different.
const WORST: usize = 10;

/// What the counts mean.
const MEANING: &str = "There is one build in it, so whatever is called different is a false alarm. \
                       Where nothing differs, any assignment of neighbours to sides is as likely as \
                       the order in which they ran: the second share is that of these trials, \
                       without the chance of one order. Neither sees what differs between builds \
                       beside their code, what neighbouring rounds have in common, nor unrest that \
                       these trials have not met.";

/// For a terminal, in at most `width` columns. No colours.
#[must_use]
pub fn self_check_human(check: &SelfCheck, width: u16) -> String {
    let mut text = String::new();
    paragraph(&mut text, &setting(check), width);
    text.push('\n');
    write_table(&mut text, &counts(check), width);
    if check.unanswered > 0 {
        let without = format!("{} more had no answer.", format::count(check.unanswered));
        paragraph(&mut text, &without, width);
    }
    let alarmed = alarmed(check);
    if !alarmed.is_empty() {
        text.push_str("\nCalled different, the most often first\n");
        write_table(&mut text, &worst(&alarmed), width);
        if alarmed.len() > WORST {
            let more = format!("And {} more figures.", alarmed.len() - WORST);
            paragraph(&mut text, &more, width);
        }
    }
    if !check.detectable.is_empty() {
        text.push_str("\nThe smallest change that a comparison would have shown, with 80 %\n");
        text.push_str("probability wherever it happened: median over comparisons\n");
        write_table(&mut text, &detectable(check), width);
    }
    text.push('\n');
    paragraph(&mut text, MEANING, width);
    printable(&text)
}

/// JSON of [`FORMAT_VERSION`]. Numbers are as they were worked out, not rounded; `null` where there
/// is none.
#[must_use]
pub fn self_check_json(check: &SelfCheck) -> String {
    let document = Document {
        format_version: FORMAT_VERSION,
        trials: check.trials,
        rounds: check.rounds,
        cells: &check.names,
        in_order: Counts::of(&check.in_order),
        assigned: Counts::of(&check.assigned),
        every_assignment: check.every_assignment,
        unanswered: check.unanswered,
        detectable: &check.detectable,
        figures: check.figures.iter().map(Checked::of).collect(),
    };
    // Only a map with foreign keys could fail, and those of this one are names.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text + "\n"
}

fn paragraph(text: &mut String, sentence: &str, width: u16) {
    text.push_str(&wrapped(sentence, usize::from(width), ""));
    text.push('\n');
}

fn setting(check: &SelfCheck) -> String {
    let trials = check.trials;
    format!(
        "A against A: {} of one side, compared {trials} against {trials} in {}.",
        counted(check.rounds, "round"),
        words::listed(check.names.iter().map(String::as_str)),
    )
}

fn counts(check: &SelfCheck) -> Table {
    let row = |title: &str, alarms: &FalseAlarms| {
        let interval = alarms.interval.map(|interval| {
            let [low, high] = [interval.low, interval.high].map(|share| share * 100.0);
            format!("{low:.1} to {high:.1} %")
        });
        line([
            title.to_owned(),
            format::count(alarms.comparisons),
            format::count(alarms.alarms),
            format::percent(alarms.share()),
            interval.unwrap_or_else(|| NONE.to_owned()),
        ])
    };
    let assigned = if check.every_assignment {
        "under every assignment"
    } else {
        "under a sample of assignments"
    };
    Table {
        title: String::new(),
        columns: vec![
            Column::text("trials"),
            Column::number("comparisons"),
            Column::number("false alarms"),
            Column::number("share"),
            Column::number("95 % interval"),
        ],
        rows: vec![
            row("in the order they ran", &check.in_order),
            row(assigned, &check.assigned),
        ],
    }
}

/// The most often first, as they come.
fn alarmed(check: &SelfCheck) -> Vec<&CheckedFigure> {
    let figures = check.figures.iter();
    figures.filter(|figure| figure.assigned > 0).collect()
}

fn worst(alarmed: &[&CheckedFigure]) -> Table {
    let row = |figure: &&CheckedFigure| {
        line([
            words::name(&figure.name),
            figure
                .figure
                .map_or("failed trials", words::title)
                .to_owned(),
            format::count(figure.in_order),
            format::count(figure.assigned),
            figure
                .detectable
                .map_or_else(|| NONE.to_owned(), differences::detectable),
        ])
    };
    Table {
        title: String::new(),
        columns: vec![
            Column::text("cell"),
            Column::text("figure"),
            Column::number("in order"),
            Column::number("in all"),
            Column::number("would show from"),
        ],
        rows: alarmed.iter().take(WORST).map(row).collect(),
    }
}

fn detectable(check: &SelfCheck) -> Table {
    let row = |(&figure, &share): (&ComparedFigure, &f64)| {
        line([
            words::title(figure).to_owned(),
            differences::detectable(share),
        ])
    };
    Table {
        title: String::new(),
        columns: vec![
            Column::text("figure"),
            Column::number("in the noisiest cell"),
        ],
        rows: check.detectable.iter().map(row).collect(),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    /// On each side of one comparison.
    trials: u32,
    rounds: usize,
    /// Names of cells, then of benchmarks.
    cells: &'a [String],
    in_order: Counts,
    assigned: Counts,
    /// Whether these are all there are; a sample otherwise.
    every_assignment: bool,
    unanswered: u64,
    /// By figure, in the noisiest cell; as shares.
    detectable: &'a BTreeMap<ComparedFigure, f64>,
    figures: Vec<Checked<'a>>,
}

#[derive(Serialize)]
struct Counts {
    comparisons: u64,
    alarms: u64,
    share: f64,
    share_low: Option<f64>,
    share_high: Option<f64>,
}

#[derive(Serialize)]
struct Checked<'a> {
    cell: &'a str,
    /// `null` for trials that failed on one side alone.
    figure: Option<ComparedFigure>,
    in_order: u64,
    assigned: u64,
    detectable: Option<f64>,
}

impl Counts {
    fn of(alarms: &FalseAlarms) -> Self {
        Self {
            comparisons: alarms.comparisons,
            alarms: alarms.alarms,
            share: alarms.share(),
            share_low: alarms.interval.map(|interval| interval.low),
            share_high: alarms.interval.map(|interval| interval.high),
        }
    }
}

impl<'a> Checked<'a> {
    fn of(figure: &'a CheckedFigure) -> Self {
        Self {
            cell: &figure.name,
            figure: figure.figure,
            in_order: figure.in_order,
            assigned: figure.assigned,
            detectable: figure.detectable,
        }
    }
}
