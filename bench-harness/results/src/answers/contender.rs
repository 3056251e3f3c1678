//! A bus with its envelope and its settings, over all conditions of a run.

use super::condition::Condition;
use crate::{CellOutcome, Row, Verdict, sets_of_alike};

/// Whether two cells show the same bus with the same envelope and settings.
pub(super) fn is_same(one: &Row, other: &Row) -> bool {
    own(one) == own(other)
}

fn own(row: &Row) -> impl PartialEq + use<'_> {
    (
        (&row.bus, &row.envelope, row.qos, row.ack_window),
        (&row.storage, &row.sync, &row.retention),
        (&row.tuning, &row.limit),
    )
}

/// The highest rate that a bus carried without loss. Counts do not depend on how exact the times
/// are, so cells count here that are suspect; but not emulated ones, whose rate is the emulator's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Carried {
    /// Place of the run.
    pub run: usize,
    /// The bus's first cell.
    pub cell: usize,
    /// Messages per second, offered and carried; `None` where it carried none of those offered.
    pub carried_per_second: Option<f64>,
    /// The highest that was offered.
    pub offered_per_second: f64,
    /// Whether the cell of the highest carried rate is valid.
    pub is_valid: bool,
}

/// One for each bus that was offered more than one rate, in the plan's order.
pub(super) fn carried(run: usize, rows: &[Row], conditions: &[Condition]) -> Vec<Carried> {
    let mut cells: Vec<usize> = conditions
        .iter()
        .flat_map(|condition| condition.cells.iter().copied())
        .collect();
    cells.sort_unstable();
    let is_one_bus = |one: &Row, other: &Row| is_same(one, other) && one.publish == other.publish;
    sets_of_alike(cells, |&one, &other| is_one_bus(&rows[one], &rows[other]))
        .iter()
        .filter_map(|bus| carried_by(run, rows, bus))
        .collect()
}

fn carried_by(run: usize, rows: &[Row], cells: &[usize]) -> Option<Carried> {
    let rate = |cell: usize| rows[cell].offered_per_second;
    let mut by_rate: Vec<(f64, usize)> = cells
        .iter()
        .filter(|&&cell| !rows[cell].emulated)
        .filter_map(|&cell| Some((rate(cell)?, cell)))
        .collect();
    by_rate.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (lowest, highest) = (by_rate.first()?.0, by_rate.last()?.0);
    if lowest >= highest {
        return None;
    }
    // The rates below the first that was not carried: one that comes through beyond it is luck.
    let followed: Vec<(f64, usize)> = by_rate
        .into_iter()
        .take_while(|(_, cell)| followed(&rows[*cell]))
        .collect();
    let last = followed.last();
    Some(Carried {
        run,
        cell: cells[0],
        carried_per_second: last.map(|(rate, _)| *rate),
        offered_per_second: highest,
        is_valid: last.is_some_and(|(_, cell)| rows[*cell].verdict == Some(Verdict::Valid)),
    })
}

fn followed(row: &Row) -> bool {
    row.outcome == CellOutcome::Delivered && row.lost.is_some_and(|lost| lost == 0)
}
