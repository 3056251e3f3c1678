//! Verdicts on claims.

use super::{Explanation, Subject};

const fn verdict(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::ClaimVerdict, name, meaning)
}

pub(super) const LIST: &[Explanation] = &[
    verdict(
        "supported",
        "The claim was tested and holds: none of the comparisons that judge it speaks against it, and \
         of one that something is better, at least half show it. On these machines and in these \
         scenarios; elsewhere it is open.",
    )
    .taken("`results/src/claims/tally.rs`, by the rules of `results/claims.toml`."),
    verdict(
        "not-supported",
        "The claim was tested and does not hold everywhere: some comparison that judges it speaks \
         against it, or less than half speak for it. A claim names no conditions under which it is \
         not to hold, so one is enough.",
    )
    .advice("See its evidence for where it holds and where not."),
    verdict(
        "no-measurable-difference",
        "The claim was tested, and no comparison shows a difference either way, beyond what is of \
         interest. No proof that there is none.",
    ),
    verdict(
        "not-tested-yet",
        "No valid cell with at least 5 trials judges the claim, or a part of it: the scenario was not \
         run, or there is no figure for it yet.",
    )
    .advice("The report says what to run, or what stands in the way."),
];
