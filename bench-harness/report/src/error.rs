//! Why a report could not be made.

use busbench_results::claims::ClaimsError;
use busbench_results::export::ExportError;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// Its figures would pass for those of two runs.
    #[error("run {run} is given twice: a report shows each run once")]
    GivenTwice {
        /// The run's name.
        run: String,
    },
    /// A picture could not be drawn.
    #[error("draw figure {figure}: {reason}")]
    Draw {
        /// Name of the figure.
        figure: String,
        /// What plotters says.
        reason: String,
    },
    /// The flat rows could not be written.
    #[error("write cells.csv")]
    Export(#[from] ExportError),
    /// The list of claims could not be read.
    #[error("judge the claims")]
    Claims(#[from] ClaimsError),
    /// The data of the table of cells could not be written.
    #[error("write the page's cells as JSON")]
    Cells(#[source] serde_json::Error),
}
