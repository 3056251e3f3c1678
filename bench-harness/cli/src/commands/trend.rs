//! `busbench trend`.

use busbench_report::trend as report;
use busbench_results::Run;
use busbench_results::comparison::ComparedFigure;
use busbench_results::history::{
    FIGURES, HistoryError, HistoryFolder, SeriesFilter, TrendOptions, figure_named, series_of,
    trends,
};

use super::export::read;
use super::report::write_files;
use crate::arguments::{Trend, TrendFormat};
use crate::exit::{DONE, Failure, INTERNAL, USAGE};
use crate::output;

pub(crate) fn trend(arguments: &Trend) -> Result<u8, Failure> {
    let mut options = TrendOptions {
        figures: figures(&arguments.figure)?,
        ..TrendOptions::default()
    };
    for effect in &arguments.smallest_effects {
        options.effects.replace(*effect);
    }
    let mut filter = SeriesFilter::default();
    for only in &arguments.only {
        filter.add(only).map_err(|error| Failure::usage(&error))?;
    }
    let folder = HistoryFolder::at(&arguments.history);
    record(&folder, arguments)?;
    let lines = folder.read().map_err(|error| failure(&error))?;
    let series = series_of(lines.into_iter().map(|placed| placed.line));
    let series = filter
        .keep(series)
        .map_err(|error| Failure::usage(&error))?;
    let trends = trends(&series, &options);
    match arguments.format {
        TrendFormat::Human => output::text(&report::terminal(&trends, output::width())),
        TrendFormat::Json => output::line(
            serde_json::to_string_pretty(&trends).map_err(|error| Failure::of(INTERNAL, &error))?,
        ),
    }
    if let Some(out) = &arguments.out {
        let files = report::page(&trends).map_err(|error| Failure::of(INTERNAL, &error))?;
        write_files(files, out)?;
        output::note(format_args!("page: {}", out.join("index.html").display()));
    }
    Ok(DONE)
}

/// The named ones, each once; all without a name.
fn figures(names: &[String]) -> Result<Vec<ComparedFigure>, Failure> {
    if names.is_empty() {
        return Ok(FIGURES.to_vec());
    }
    let mut figures = Vec::new();
    for name in names {
        let figure = figure_named(name).ok_or_else(|| {
            let known = FIGURES.map(ComparedFigure::name).join(", ");
            let message = format!("`--figure {name}`: no such figure; one of {known}");
            Failure::new(USAGE, message)
        })?;
        if !figures.contains(&figure) {
            figures.push(figure);
        }
    }
    Ok(figures)
}

fn record(folder: &HistoryFolder, arguments: &Trend) -> Result<(), Failure> {
    if arguments.record.is_empty() {
        return Ok(());
    }
    let runs = arguments
        .record
        .iter()
        .map(|run| read(run))
        .collect::<Result<Vec<Run>, _>>()?;
    let recorded = folder.record(&runs).map_err(|error| failure(&error))?;
    for run in recorded {
        output::note(format_args!(
            "recorded: {}, {} cells, in {}",
            run.run,
            run.cells,
            run.path.display()
        ));
    }
    Ok(())
}

/// What cannot be written is the environment's fault, and everything else the caller's.
fn failure(error: &HistoryError) -> Failure {
    match error {
        HistoryError::CreateFolder { .. } | HistoryError::Lock { .. } | HistoryError::Write(_) => {
            Failure::environment(error)
        }
        _ => Failure::usage(error),
    }
}
