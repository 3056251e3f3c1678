//! The claims of the proposal, each with its verdict and what it rests on. Values only; HTML and
//! Markdown write them down.

mod evidence;
mod words;

use busbench_results::claims::{
    ClaimVerdict, ClaimsError, Compared, JudgedClaim, JudgedPart, Rule, claims, judge,
};

pub(crate) use evidence::Shown;

use crate::Report;
use crate::view::View;

/// A claim as a report shows it.
pub(crate) struct Claim<'r> {
    pub(crate) id: &'r str,
    pub(crate) statement: &'r str,
    pub(crate) verdict: ClaimVerdict,
    pub(crate) parts: Vec<Part<'r>>,
}

/// What has to hold for a claim to do so.
pub(crate) struct Part<'r> {
    /// What tells it from the others, with its own verdict; `None` where it is the only one.
    pub(crate) name: Option<(&'r str, ClaimVerdict)>,
    /// What the comparisons or cells say, in sentences.
    pub(crate) effects: Vec<String>,
    /// What to know of them, in sentences.
    pub(crate) notes: Vec<String>,
    /// What to run, or what stands in the way, where nothing judges it.
    pub(crate) missing: Option<&'r str>,
    /// The strongest of what judges it.
    pub(crate) evidence: Option<Shown>,
}

/// Every claim, judged by the comparisons that the chapters of the runs show.
pub(crate) fn judged(views: &[View<'_>]) -> Result<Vec<JudgedClaim>, ClaimsError> {
    let compared: Vec<Compared<'_>> = views
        .iter()
        .map(|view| Compared {
            rows: view.cells.iter().map(|cell| &cell.row).collect(),
            cells: view.differences.all(),
            layouts: &view.layouts,
            footprints: &view.footprints,
        })
        .collect();
    Ok(judge(&claims()?, &compared))
}

/// Every claim in words, in the order of the list.
pub(crate) fn texts<'r>(report: &'r Report<'_>) -> Vec<Claim<'r>> {
    let claim = |judged: &'r JudgedClaim| Claim {
        id: &judged.claim.id,
        statement: &judged.claim.statement,
        verdict: judged.verdict,
        parts: judged
            .parts
            .iter()
            .map(|part| self::part(&report.views, part))
            .collect(),
    };
    report.claims.iter().map(claim).collect()
}

/// How many claims have which verdict, and whose word it is.
pub(crate) fn introduction(report: &Report<'_>) -> String {
    let counts: Vec<String> = ClaimVerdict::ALL
        .into_iter()
        .filter_map(|verdict| {
            let of_it = report
                .claims
                .iter()
                .filter(|claim| claim.verdict == verdict);
            let number = of_it.count();
            (number > 0).then(|| format!("{number} {}", words::verdict(verdict)))
        })
        .collect();
    let cells = match report.views.len() {
        1 => "the cells of this run",
        _ => "the cells of these runs together",
    };
    format!(
        "What EdgeX's proposal claims of NATS, by {cells}: {}. Only valid cells with at least 5 trials \
         decide, and a claim names no conditions, so one comparison against it is enough for \"not supported\".",
        counts.join(", ")
    )
}

/// A verdict as a page writes it.
pub(crate) const fn verdict(verdict: ClaimVerdict) -> &'static str {
    words::verdict(verdict)
}

fn part<'r>(views: &'r [View<'_>], judged: &'r JudgedPart) -> Part<'r> {
    let is_open = judged.verdict == ClaimVerdict::NotTestedYet;
    Part {
        name: judged
            .part
            .name
            .as_deref()
            .map(|name| (name, judged.verdict)),
        effects: words::effects(views, judged),
        notes: words::notes(judged),
        missing: is_open.then_some(judged.part.missing.as_str()),
        evidence: evidence::shown(views, judged),
    }
}

/// Whether a rule sets servers beside each other.
const fn is_between_servers(rule: &Rule) -> bool {
    matches!(rule, Rule::NotWorse(_) | Rule::Beats(_))
}

#[cfg(test)]
mod tests;
