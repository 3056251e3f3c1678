//! The comparison of two sides, for a terminal, for a pull request and as JSON: the verdict first,
//! then what changed, what would have been caught, everything else, and what was compared.

mod caught;
mod changes;
mod everything;
mod facts;
mod json;
mod markdown;
mod refusal;
mod self_check;
mod summary;
mod table;
pub(crate) mod words;

use busbench_results::Measurements;
use busbench_results::comparison::{Incomparable, SidesComparison};

pub use json::{FORMAT_VERSION, schema};
pub use self_check::{self_check_human, self_check_json};

use refusal::Told;
use summary::Summary;

/// Two sides and how they lie to each other.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// What is compared against.
    pub base: &'a Measurements,
    /// What is compared.
    pub head: &'a Measurements,
    /// How it lies to the base.
    pub comparison: &'a SidesComparison,
}

/// Two sides that cannot be compared.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// What was to be compared against.
    pub base: &'a Measurements,
    /// What was to be compared.
    pub head: &'a Measurements,
    /// Why they are not.
    pub why: &'a Incomparable,
}

/// Tables for a terminal, in at most `width` columns. No colours. The verdict is also the last line,
/// where a long output ends.
#[must_use]
pub fn human(view: &View<'_>, width: u16) -> String {
    table::text(&Summary::of(view), width)
}

/// Markdown for a pull request. At most 1 MiB, so that it fits a step summary of GitHub: what is
/// left out of a long table is said.
#[must_use]
pub fn markdown(view: &View<'_>) -> String {
    markdown::text(&Summary::of(view))
}

/// JSON of [`FORMAT_VERSION`], as its [`schema`] describes it.
#[must_use]
pub fn json(view: &View<'_>) -> String {
    json::of(view)
}

/// Why two sides are not compared, and what to do, for a terminal: each reason on a line of its own.
#[must_use]
pub fn refused_human(refused: &Refused<'_>) -> String {
    refusal::text(&Told::of(refused))
}

/// The same as Markdown.
#[must_use]
pub fn refused_markdown(refused: &Refused<'_>) -> String {
    refusal::markdown(&Told::of(refused))
}

/// The same as JSON, of the structure that a [comparison](json()) has.
#[must_use]
pub fn refused_json(refused: &Refused<'_>) -> String {
    json::of_refused(refused, &Told::of(refused))
}
