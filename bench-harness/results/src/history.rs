//! How figures go from run to run: a line for each cell and run, series of them, and where they
//! change.
//!
//! [`HistoryFolder`] keeps the lines, [`series_of`] puts those together that one machine measured under
//! the same conditions, and [`trends`] looks for changes in them.

mod change_points;
mod error;
mod filter;
mod folder;
mod line;
mod series;
mod trend;

pub use change_points::{FEWEST_IN_SEGMENT, POINTS_NEEDED, change_points};
pub use error::{HistoryError, InLine, LineFault};
pub use filter::{FilterError, SeriesFilter};
pub use folder::{HistoryFolder, PlacedLine, Recorded};
pub use line::{
    HISTORY_VERSION, HistoryHost, HistoryLine, Measured, NonNegative, NotAFigure, SeriesKey,
};
pub use series::{Point, Series, figure_named, series_of};
pub use trend::{
    Change, ChangedFigure, ChangedSeries, Direction, FIGURES, LookedAt, QuietSeries, RunAt,
    Segment, ServerChange, TrendOptions, Trends, trends,
};
