//! Claims about buses as data, `claims.toml`, and the verdict that the cells of any number of runs
//! give on each. A verdict rests on valid cells of at least
//! [5 trials](crate::statistics::TRIALS_FOR_A_CLAIM) only, and on comparisons that a run corrected
//! for all that it asks; `docs/method.md`, "Claims", says the rules in words.

mod evidence;
mod footprints;
mod judge;
mod tally;
mod verdict;

use serde::Deserialize;

pub use evidence::{CellSeen, Effect, Evidence, Tested};
pub use footprints::{AtMost, FootprintSeen};
pub use judge::{Compared, JudgedClaim, JudgedPart, cells_of_claims, judge};
pub use tally::{Counts, NoVerdict, no_verdict};
pub use verdict::ClaimVerdict;

use crate::Selection;
use crate::comparison::ComparedFigure;

/// The claims that a report judges.
const CLAIMS: &str = include_str!("../claims.toml");

/// Something that is claimed of buses.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// `C1`.
    pub id: String,
    /// What is claimed, in a sentence.
    pub statement: String,
    /// What has to hold, all of it.
    #[serde(rename = "part")]
    pub parts: Vec<Part>,
}

/// Something that has to hold for a claim to do so.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What tells it from other parts of its claim.
    pub name: Option<String>,
    /// Which cells judge it, and how.
    pub rule: Rule,
    /// What to run, or what cannot be measured yet, where no cell judges it.
    pub missing: String,
}

/// How cells judge a claim.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The native layout against each other one of the same bus: better at least in half of the
    /// comparisons, and worse in none.
    LayoutsBeat(Layouts),
    /// One side against the other, within groups of comparable cells: worse in no comparison.
    NotWorse(Sides),
    /// The same: better at least in half of the comparisons, and worse in none.
    Beats(Sides),
    /// At least one of these cells delivered everything.
    Works(Selection),
    /// A figure of each of these footprints is at most so large.
    AtMost(AtMost),
    /// There is no figure for it yet.
    Untested,
}

/// Which layouts are compared, and by what.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layouts {
    /// What is compared of each pair, as far as its load has it.
    pub figures: Vec<ComparedFigure>,
    /// The cells with another layout than the native one.
    pub cells: Selection,
}

/// Two sets of cells, compared by the headlines of their load.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sides {
    /// The cells that the claim is about.
    pub head: Selection,
    /// What they are compared with.
    pub base: Selection,
    /// Whether only cells of one layout are compared.
    #[serde(default)]
    pub same_envelope: bool,
}

/// The list of claims cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("read the list of claims")]
pub struct ClaimsError(#[from] toml::de::Error);

/// Every claim of the list, in its order.
pub fn claims() -> Result<Vec<Claim>, ClaimsError> {
    parse(CLAIMS)
}

fn parse(text: &str) -> Result<Vec<Claim>, ClaimsError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct List {
        claim: Vec<Claim>,
    }
    let list: List = toml::from_str(text)?;
    Ok(list.claim)
}

#[cfg(test)]
mod tests;
