//! The chapter on envelopes: where a message's time goes by layout and size, and what the native
//! layout gains over each other one. Values only; HTML, Markdown and terminal write them down.

mod bytes;
mod gains;
mod glance;
mod introduction;
mod marshalling;
mod summary;
mod times;
mod words;

use std::collections::BTreeSet;

use busbench_results::comparison::{ComparedFigure, LayoutComparison, compare_layouts, is_floor};
use busbench_results::{Load, Row, Run};

use crate::table::Table;
use crate::view::View;

pub(crate) use times::{Breakdown, Parts, breakdowns};
pub(crate) use words::{cell as gain, ends, room, situation, times as factor};

/// A depth at which the envelope, or the event in it too, is encoded and decoded for each message.
const ENCODING_DEPTHS: [&str; 2] = ["envelope", "event"];

/// The depth of the proposal's own benchmark.
const UPSTREAM: &str = "upstream";

/// The bus in process.
const NULL: &str = "null";

/// What the chapter says.
pub(crate) struct Chapter {
    /// Whether it is what the run was made for, and stands before the rankings of buses: envelopes
    /// were encoded and decoded.
    pub(crate) is_first: bool,
    /// What was measured, and what was not.
    pub(crate) introduction: Vec<String>,
    /// By bus and figure, how often native is better or worse.
    pub(crate) glance: Option<Table>,
    /// What can be claimed of it: about what, and in sentences.
    pub(crate) findings: Vec<(String, String)>,
    /// How the pictures of times, which are figures of the run, come to be missing.
    pub(crate) no_picture: Option<&'static str>,
    /// The numbers of the pictures.
    pub(crate) times: Vec<Table>,
    /// What native gains, by bus.
    pub(crate) gains: Vec<gains::OfBus>,
    /// How the gains were judged.
    pub(crate) note: Option<String>,
    /// What a message costs on the wire.
    pub(crate) bytes: Vec<Table>,
    /// The proposal's way of measuring beside the fair one.
    pub(crate) marshalling: Option<marshalling::Marshalling>,
}

/// `None` where no bus of the run has measured cells of two layouts.
pub(crate) fn chapter(view: &View<'_>) -> Option<Chapter> {
    if !has_layouts(view) {
        return None;
    }
    let marshalling = marshalling::of(view);
    let gains = gains::all(view);
    let breakdowns = breakdowns(view);
    let has_encoding = has_encoding(view);
    let is_only_marshalling = gains.is_empty() && marshalling.is_some();
    Some(Chapter {
        is_first: has_encoding,
        introduction: introduction::texts(view, has_encoding, is_only_marshalling),
        glance: glance::table(&gains),
        findings: summary::findings(view, &gains),
        no_picture: (breakdowns.is_empty() && has_encoding && !is_only_marshalling)
            .then_some(times::NO_PICTURE),
        times: times::tables(&breakdowns),
        gains: gains::by_bus(view, &gains),
        note: glance::note(view),
        bytes: bytes::tables(view),
        marshalling,
    })
}

/// The chapter in a few numbers, for the terminal; `None` where envelopes were not encoded: there is
/// little to say of prepared bytes.
pub(crate) fn at_a_glance(view: &View<'_>) -> Option<Table> {
    has_encoding(view).then(|| glance::table(&gains::all(view)))?
}

fn has_encoding(view: &View<'_>) -> bool {
    let mut measured = view.cells.iter().filter(|cell| !cell.trials.is_empty());
    measured.any(|cell| ENCODING_DEPTHS.contains(&cell.row.depth.as_str()))
}

/// The layouts of a run against native, for [`View`].
pub(crate) fn compared(run: &Run, rows: &[Row]) -> LayoutComparison {
    let has_upstream = rows.iter().any(|row| row.depth == UPSTREAM);
    let effects = &run.record.scenario.smallest_effects;
    compare_layouts(run, rows, effects, |row| figures(row, has_upstream))
}

/// What is asked of two layouts. Where the proposal's benchmark stands beside the fair one, the
/// codecs alone are asked of; a floor has no server that could use CPU time.
fn figures(row: &Row, has_upstream: bool) -> &'static [ComparedFigure] {
    use ComparedFigure as Figure;
    if has_upstream && row.bus == NULL {
        return marshalling::FIGURES;
    }
    match (row.load, is_floor(row)) {
        (Load::Closed, false) => &[
            Figure::DeliveredPerSecond,
            Figure::ClientCpuNsPerMessage,
            Figure::ServerCpuNsPerMessage,
        ],
        (Load::Closed, true) => &[Figure::DeliveredPerSecond, Figure::ClientCpuNsPerMessage],
        (Load::Open, false) => &[
            Figure::ResponseP99Ns,
            Figure::ClientCpuNsPerMessage,
            Figure::ServerCpuNsPerMessage,
        ],
        (Load::Open, true) => &[Figure::ResponseP99Ns, Figure::ClientCpuNsPerMessage],
    }
}

fn has_layouts(view: &View<'_>) -> bool {
    let measured = || view.cells.iter().filter(|cell| !cell.trials.is_empty());
    let buses: BTreeSet<&str> = measured().map(|cell| cell.row.bus.as_str()).collect();
    buses.into_iter().any(|bus| {
        let of_it = measured().filter(|cell| cell.row.bus == bus);
        let layouts: BTreeSet<&str> = of_it.map(|cell| cell.row.envelope.as_str()).collect();
        layouts.len() > 1
    })
}
