//! The native layout of a bus against its other layouts.

use std::collections::BTreeMap;

use super::conditions::Subject;
use super::effects::SmallestEffects;
use super::figure::ComparedFigure;
use super::measured::{Measured, Question};
use super::{Comparison, Difference, compare};
use crate::{CellKey, Row, Run};

/// The layout that sends an envelope's fields as headers of the protocol.
pub const NATIVE: &str = "native";

/// Every other layout of a run beside the native one. Cells are named by their place in the run's
/// list.
#[derive(Debug, Clone, PartialEq)]
pub struct LayoutComparison {
    /// In the plan's order of the other cells.
    pub pairs: Vec<LayoutPair>,
    /// What all pairs asked, corrected at once.
    pub comparison: Comparison,
}

/// Two layouts on one bus under the same conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct LayoutPair {
    /// The cell with another layout: the base.
    pub other: usize,
    /// The cell with the native layout: the head. The protocol may not be able to carry it, which
    /// its row says.
    pub native: usize,
    /// How the native one lies to the other: one for each figure that was asked for.
    pub gains: Vec<Difference>,
}

/// Compares the layouts of each bus of a run; `rows` are those that [`summarise`](crate::summarise)
/// gives, and `figures` says what is asked of a pair, by the row of its other cell.
#[must_use]
pub fn compare_layouts(
    run: &Run,
    rows: &[Row],
    effects: &SmallestEffects,
    figures: impl Fn(&Row) -> &'static [ComparedFigure],
) -> LayoutComparison {
    let cells = &run.record.cells;
    let keys: Vec<CellKey> = cells.iter().map(|cell| without_layout(&cell.key)).collect();
    let is_native = |place: usize| rows[place].envelope == NATIVE;
    let count = rows.len().min(keys.len());
    // Few cells share these, so that few keys are compared whole.
    let shelf = |place: usize| {
        (
            &keys[place].bus,
            &keys[place].payload,
            keys[place].publishers,
        )
    };
    let mut natives: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for place in (0..count).filter(|&place| is_native(place)) {
        natives.entry(shelf(place)).or_default().push(place);
    }
    let places: Vec<(usize, usize)> = (0..count)
        .filter(|&place| !is_native(place))
        .filter_map(|other| {
            let native = natives
                .get(&shelf(other))?
                .iter()
                .copied()
                .filter(|&place| keys[place] == keys[other])
                .min_by_key(|&place| between_windows(&rows[place], &rows[other]))?;
            Some((other, native))
        })
        .collect();
    let mut questions = Vec::new();
    for &(other, native) in &places {
        let asked = figures(&rows[other]);
        let measured =
            |place: usize| Measured::of_trials(&rows[place], run.trials_of(&cells[place]), asked);
        let (base, head) = (measured(other), measured(native));
        questions.extend(
            asked
                .iter()
                .map(|&figure| Question::new(Subject::Layouts, figure, &base, &head, effects)),
        );
    }
    let comparison = compare(&questions);
    let mut answers = comparison.differences.iter();
    let pairs = places
        .into_iter()
        .map(|(other, native)| {
            let asked = figures(&rows[other]).len();
            LayoutPair {
                other,
                native,
                gains: answers.by_ref().take(asked).cloned().collect(),
            }
        })
        .collect();
    LayoutComparison { pairs, comparison }
}

/// What two layouts of one plan have in common. The layout decides how many bytes the payload has,
/// and with them how many messages a window that is bounded in bytes holds.
fn without_layout(key: &CellKey) -> CellKey {
    CellKey {
        envelope: String::new(),
        payload_bytes: 0,
        window: None,
        ..key.clone()
    }
}

fn between_windows(one: &Row, other: &Row) -> u64 {
    match (one.window, other.window) {
        (Some(one), Some(other)) => one.abs_diff(other),
        _ => 0,
    }
}
