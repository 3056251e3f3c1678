//! `busbench export`.

use std::path::Path;

use busbench_results::{Run, RunFolder, export as rows, summarise};

use crate::arguments::{Export, ExportFormat};
use crate::exit::{DONE, Failure, INTERNAL};
use crate::output;

pub(crate) fn export(arguments: &Export) -> Result<u8, Failure> {
    let run = read(&arguments.run)?;
    let summary = summarise(&run);
    let text = match arguments.format {
        ExportFormat::Csv => rows::to_csv(&summary),
        ExportFormat::Json => rows::to_json(&summary),
    };
    output::text(&text.map_err(|error| Failure::of(INTERNAL, &error))?);
    Ok(DONE)
}

/// Reads the folder of a run; what is wrong with it is the caller's mistake.
pub(crate) fn read(folder: &Path) -> Result<Run, Failure> {
    RunFolder::open(folder)
        .and_then(|folder| folder.read())
        .map_err(|error| Failure::usage(&error))
}
