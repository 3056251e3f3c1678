//! The claims of the proposal, each with its verdict.

use super::{escaped, line, method};
use crate::Report;
use crate::claims::{self, Claim};

pub(super) fn write(text: &mut String, report: &Report<'_>) {
    if report.views.is_empty() {
        return;
    }
    line(text, "# The claims, tested\n");
    let (introduction, made) = (claims::introduction(report), method("claims"));
    let introduction = format!("{} How it is made: {made}.\n", escaped(&introduction));
    line(text, &introduction);
    for claim in claims::texts(report) {
        entry(text, &claim);
    }
    text.push('\n');
}

fn entry(text: &mut String, claim: &Claim<'_>) {
    let verdict = claims::verdict(claim.verdict);
    let statement = escaped(claim.statement);
    line(text, &format!("- **{}: {verdict}.** {statement}", claim.id));
    for part in &claim.parts {
        let name = part.name.map(|(name, own)| {
            let own = claims::verdict(own);
            format!("*{}: {own}.* ", escaped(name))
        });
        let mut name = name.unwrap_or_default();
        let missing = part.missing.map(str::to_owned);
        for sentence in part.effects.iter().chain(&part.notes).chain(&missing) {
            line(text, &format!("  - {name}{}", escaped(sentence)));
            name.clear();
        }
    }
}
