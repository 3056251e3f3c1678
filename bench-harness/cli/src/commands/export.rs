//! `busbench export`.

use std::path::Path;

use busbench_results::export;
use busbench_results::footprint::footprints;
use busbench_results::{Run, RunFolder, summarise};

use crate::arguments::{Export, ExportFormat};
use crate::exit::{DONE, Failure, INTERNAL};
use crate::output;

pub(crate) fn export(arguments: &Export) -> Result<u8, Failure> {
    let run = read(&arguments.run)?;
    let of_cells = run.record.footprints.is_empty();
    let text = match (of_cells, arguments.format) {
        (true, ExportFormat::Csv) => export::to_csv(&summarise(&run)),
        (true, ExportFormat::Json) => export::to_json(&summarise(&run)),
        (false, ExportFormat::Csv) => export::to_csv(&footprints(&run)),
        (false, ExportFormat::Json) => export::to_json(&footprints(&run)),
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
