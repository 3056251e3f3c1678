//! What a comparison of two sides says of a cell.

use super::{Explanation, Subject};

const fn verdict(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::SideVerdict, name, meaning)
}

pub(super) const LIST: &[Explanation] = &[
    verdict(
        "regressed",
        "Of base and head: a figure of the cell is worse by more than its smallest effect of \
         interest, and none is better; or the head's trials lose messages, saturate or fail where \
         the base's do not.",
    )
    .advice(
        "Look at the figure and its interval, and whether another machine says so too. \
         `busbench compare` and `scripts/gate` end with 10.",
    )
    .taken("`results/src/comparison/sides/verdict.rs`; paired by round, corrected for all cells."),
    verdict(
        "mixed",
        "Of base and head: a figure is worse and another better. It counts as a regression.",
    )
    .advice("Whether the one is worth the other is for whoever makes the change to say."),
    verdict(
        "improved",
        "Of base and head: a figure is better by more than its smallest effect of interest, and none \
         is worse.",
    ),
    verdict(
        "no-measurable-difference",
        "Of base and head: no figure differs by more than its smallest effect of interest, as far as \
         these trials can show. No proof that none does.",
    )
    .advice("Beside it stands the smallest change that would have been caught."),
    verdict(
        "not-comparable",
        "Of base and head: no figure of the cell has an answer: too few trials, loss, or saturation on \
         both sides; or everything, as the two were not measured under the same conditions.",
    )
    .advice("The reasons stand beside it; `--across` lets one named thing differ."),
];
