//! A against A: cuts the trials of one run into comparisons of equals and counts how many of them
//! call a difference (`scripts/prove false-alarms`).
//!
//!     false_alarms RUN TRIALS
//!
//! Each comparison takes `2 x TRIALS` trials that ran one after the other, as an interleaved
//! comparison of two builds does: the first of each two for the base, the second for the head. It
//! covers every cell of the run with the headline figures of its load, and is corrected as a whole.
//! Prints one JSON object.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use busbench_results::comparison::{
    ComparedFigure, Difference, Judgement, Measured, Question, SmallestEffects, Subject, compare,
};
use busbench_results::{Row, RunFolder, Trial, summarise};
use serde_json::{Value, json};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [run, trials] = arguments.as_slice() else {
        bail!("usage: false_alarms RUN TRIALS");
    };
    let trials: usize = trials.parse().context("TRIALS is a number")?;
    let run = RunFolder::open(Path::new(run))?.read()?;
    let rows = summarise(&run);
    let cells: Vec<(&Row, &[Trial])> = rows
        .iter()
        .zip(&run.record.cells)
        .map(|(row, cell)| (row, run.trials_of(cell)))
        .filter(|(_, finished)| !finished.is_empty())
        .collect();
    let fewest = cells.iter().map(|(_, finished)| finished.len()).min();
    let comparisons = fewest.unwrap_or(0) / (2 * trials).max(1);
    let effects = &run.record.scenario.smallest_effects;
    let mut alarms = Vec::new();
    let mut detectable: Vec<(ComparedFigure, f64)> = Vec::new();
    for number in 0..comparisons {
        let questions: Vec<Question> = cells
            .iter()
            .flat_map(|(row, finished)| {
                questions(row, &finished[number * 2 * trials..][..2 * trials], effects)
            })
            .collect();
        for difference in compare(&questions).differences {
            detectable.extend(
                difference
                    .detectable
                    .map(|share| (difference.figure, share)),
            );
            if is_alarm(&difference) {
                alarms.push(told(number + 1, &difference));
            }
        }
    }
    let alarmed: std::collections::BTreeSet<u64> = alarms
        .iter()
        .filter_map(|alarm| alarm["comparison"].as_u64())
        .collect();
    let result = json!({
        "comparisons": comparisons,
        "trials": trials,
        "cells": cells.iter().map(|(row, _)| format!("{} {} {}", row.bus, row.envelope, row.load.name())).collect::<Vec<_>>(),
        "comparisons_with_an_alarm": alarmed.len(),
        "alarms": alarms,
        "detectable": medians(&detectable),
    });
    writeln(&result)
}

fn questions(row: &Row, trials: &[Trial], effects: &SmallestEffects) -> Vec<Question> {
    let figures = ComparedFigure::headlines(row.load);
    let side = |offset: usize| -> Vec<Trial> {
        let every_second = trials.iter().skip(offset).step_by(2);
        let renumbered = (1..).zip(every_second).map(|(number, trial)| Trial {
            number,
            ..trial.clone()
        });
        renumbered.collect()
    };
    let base = Measured::of_trials(row, &side(0), figures);
    let head = Measured::of_trials(row, &side(1), figures);
    figures
        .iter()
        .map(|&figure| Question::new(Subject::Builds, figure, &base, &head, effects))
        .collect()
}

fn is_alarm(difference: &Difference) -> bool {
    matches!(difference.judgement(), Judgement::Better | Judgement::Worse)
}

fn told(comparison: usize, difference: &Difference) -> Value {
    json!({
        "comparison": comparison,
        "figure": difference.figure.name(),
        "ratio": difference.ratio,
        "low": difference.interval.map(|interval| interval.low),
        "high": difference.interval.map(|interval| interval.high),
    })
}

/// The median of the smallest change that would have been found, for each figure.
fn medians(detectable: &[(ComparedFigure, f64)]) -> Value {
    let mut figures: Vec<ComparedFigure> = detectable.iter().map(|(figure, _)| *figure).collect();
    figures.sort_unstable();
    figures.dedup();
    let median = |figure: ComparedFigure| {
        let mut shares: Vec<f64> = detectable
            .iter()
            .filter(|(of, _)| *of == figure)
            .map(|(_, share)| *share)
            .collect();
        shares.sort_by(f64::total_cmp);
        shares[shares.len() / 2]
    };
    figures
        .into_iter()
        .map(|figure| (figure.name().to_owned(), json!(median(figure))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn writeln(result: &Value) -> Result<()> {
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{result}").context("write the result")
}
