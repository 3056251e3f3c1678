//! `busbench report`.

use std::fs;
use std::path::Path;

use busbench_report::{Options, RenderError};
use busbench_results::Run;

use super::export::read;
use crate::arguments::Report;
use crate::exit::{DONE, ENVIRONMENT, Failure, INTERNAL};
use crate::output;

pub(crate) fn report(arguments: &Report) -> Result<u8, Failure> {
    let runs = arguments
        .runs
        .iter()
        .map(|run| read(run))
        .collect::<Result<Vec<_>, _>>()?;
    let options = Options {
        title: arguments.title.clone(),
    };
    write(&runs, &options, &arguments.out)?;
    output::line(arguments.out.join("index.html").display());
    Ok(DONE)
}

/// Renders runs and writes the files into `folder`.
pub(crate) fn write(runs: &[Run], options: &Options, folder: &Path) -> Result<(), Failure> {
    let files = busbench_report::render_with(runs, options).map_err(|error| match error {
        RenderError::GivenTwice { .. } => Failure::usage(&error),
        error => Failure::of(INTERNAL, &error),
    })?;
    write_files(files, folder)
}

/// Writes the files of a report into `folder`, which is made where it is missing.
pub(crate) fn write_files(files: Vec<(String, Vec<u8>)>, folder: &Path) -> Result<(), Failure> {
    let unwritable = |path: &Path, error: std::io::Error| {
        Failure::new(
            ENVIRONMENT,
            format!("cannot write report {}: {error}", path.display()),
        )
    };
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|error| unwritable(&path, error))?;
    }
    Ok(())
}
