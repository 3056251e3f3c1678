//! What is said of a comparison, before it becomes text.

use busbench_results::comparison::{Judgement, SidesComparison};

use super::View;
use super::caught::Caught;
use super::everything::{self, List};
use super::{changes, facts};
use crate::table::Table;

/// Said once, where values and changes stand beside each other.
pub(super) const VALUES: &str = "Values are over all messages of all trials, a change is the geometric \
    mean of the ratios of paired trials, with its interval: the two need not divide exactly.";

/// In the order in which a reader gets it.
pub(super) struct Summary {
    /// The verdict.
    pub(super) verdict: &'static str,
    /// The rest of the sentence that begins with it: in how many cells, and what changed most.
    pub(super) rest: String,
    /// What makes every change doubtful.
    pub(super) warning: Option<&'static str>,
    /// Without rows where nothing changed.
    pub(super) changes: Table,
    /// Whether a figure of them has a value on each side.
    pub(super) has_values: bool,
    pub(super) caught: Caught,
    pub(super) everything: Table,
    pub(super) lists: Vec<List>,
    pub(super) facts: List,
    /// Without entries where no trial is in doubt.
    pub(super) doubtful: List,
}

impl Summary {
    pub(super) fn of(view: &View<'_>) -> Self {
        let comparison = view.comparison;
        let (verdict, rest) = changes::headline(comparison);
        Self {
            verdict,
            rest,
            warning: warning(comparison),
            changes: changes::table(comparison),
            has_values: comparison.differences().any(|difference| {
                matches!(difference.judgement(), Judgement::Better | Judgement::Worse)
            }),
            caught: Caught::of(comparison),
            everything: everything::table(comparison),
            lists: everything::lists(comparison),
            facts: facts::list(view),
            doubtful: facts::doubtful(comparison),
        }
    }
}

fn warning(comparison: &SidesComparison) -> Option<&'static str> {
    (!comparison.took_turns).then_some(
        "The sides did not take turns on the machine: whatever drifted between them counts as a \
         difference. `scripts/gate` runs both interleaved.",
    )
}
