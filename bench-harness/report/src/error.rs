//! Why a report could not be made.

use busbench_results::export::ExportError;

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
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
}
