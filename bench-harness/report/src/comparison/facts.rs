//! What was compared, and how it was judged.

use std::collections::BTreeSet;

use busbench_results::comparison::{Compared, FALSE_DISCOVERY_RATE, SidesComparison};
use busbench_results::{Measurements, Row, Run, Tool, Verdict};

use super::View;
use super::everything::List;
use super::words::{self, TO, counted};
use crate::format;
use crate::several;

/// Digits of a commit that are shown.
const OF_A_COMMIT: usize = 12;

/// What was compared: a name and a value, or both sides' where they differ.
pub(super) fn list(view: &View<'_>) -> List {
    let comparison = view.comparison;
    let mut entries = sides(view.base, view.head);
    if let Some(across) = comparison.across {
        entries.push((
            "allowed to differ".to_owned(),
            format!("{} (--across)", across.name()),
        ));
    }
    entries.extend(pairs(comparison).map(|pairs| ("pairs of trials".to_owned(), pairs)));
    entries.push(("correction".to_owned(), correction(comparison)));
    entries.push((
        "smallest effects of interest".to_owned(),
        effects(comparison),
    ));
    List {
        title: "What was compared",
        entries,
    }
}

/// Cells whose trials are in doubt on a side, with the reasons.
pub(super) fn doubtful(comparison: &SidesComparison) -> List {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for cell in &comparison.compared {
        let Some(text) = doubt(cell) else { continue };
        match told.iter_mut().find(|(known, _)| *known == text) {
            Some((_, cells)) => cells.push(&cell.name),
            None => told.push((text, vec![&cell.name])),
        }
    }
    let entries = told.into_iter();
    List {
        title: "Trials in doubt",
        entries: entries
            .map(|(text, cells)| (words::listed(cells), text))
            .collect(),
    }
}

fn doubt(cell: &Compared) -> Option<String> {
    let (base, head) = &**cell.rows.as_ref()?;
    let of = |row: &Row| {
        let verdict = row.verdict.filter(|verdict| *verdict != Verdict::Valid)?;
        Some(format!("{}: {}", verdict.name(), words::text(&row.reasons)))
    };
    match (of(base), of(head)) {
        (None, None) => None,
        (Some(base), Some(head)) if base == head => Some(format!("both sides {base}")),
        (base, head) => {
            let base = base.map(|text| format!("base {text}"));
            let head = head.map(|text| format!("head {text}"));
            Some(base.into_iter().chain(head).collect::<Vec<_>>().join("; "))
        }
    }
}

/// Run, program, scenario, machine and servers of both sides.
pub(super) fn sides(base: &Measurements, head: &Measurements) -> Vec<(String, String)> {
    type Fact = (&'static str, fn(&Measurements) -> Option<String>);
    const FACTS: [Fact; 7] = [
        ("run", |side| {
            Some(match &side.run {
                Some(run) => run.record.run.clone(),
                None => side.path.display().to_string(),
            })
        }),
        ("commit", |side| commit(&side.run.as_ref()?.record.tool)),
        ("version of busbench", |side| {
            Some(side.run.as_ref()?.record.tool.version.clone())
        }),
        ("scenario", |side| {
            Some(side.run.as_ref()?.record.scenario.name.clone())
        }),
        ("machine", |side| {
            let record = &side.run.as_ref()?.record;
            let machine = several::machine(record);
            Some(format!("{machine}, {}", record.host.cpu_model))
        }),
        ("servers", |side| side.run.as_ref().and_then(servers)),
        ("benchmarks", |side| {
            let benchmarks = side.benchmarks.len();
            (benchmarks > 0).then(|| benchmarks.to_string())
        }),
    ];
    let told = FACTS.into_iter().filter_map(|(name, of)| {
        let value = match (of(base), of(head)) {
            (None, None) => return None,
            (Some(base), Some(head)) if base == head => words::text(&base),
            (base, head) => {
                let shown = |value: Option<String>| {
                    value.map_or_else(|| "not known".to_owned(), |value| words::text(&value))
                };
                format!("{}{TO}{}", shown(base), shown(head))
            }
        };
        Some((name.to_owned(), value))
    });
    told.collect()
}

/// The first digits, and whether the tree had changes.
fn commit(tool: &Tool) -> Option<String> {
    let commit = tool.commit.as_deref()?;
    let (digits, suffix) = commit.split_once('-').unwrap_or((commit, ""));
    let short: String = digits.chars().take(OF_A_COMMIT).collect();
    Some(if suffix.is_empty() {
        short
    } else {
        format!("{short}-{suffix}")
    })
}

/// Each once, with who provided them.
fn servers(run: &Run) -> Option<String> {
    let servers: BTreeSet<String> = run
        .record
        .servers
        .values()
        .map(|server| format!("{} {}", server.name, server.version))
        .collect();
    let names: Vec<String> = servers.into_iter().collect();
    (!names.is_empty()).then(|| format!("{} by {}", names.join(", "), run.record.provider))
}

/// Of the figures that trials could answer.
fn pairs(comparison: &SidesComparison) -> Option<String> {
    let tested = comparison.differences();
    let pairs: BTreeSet<u32> = tested
        .filter(|difference| difference.detectable.is_some())
        .map(|difference| difference.pairs)
        .collect();
    let (fewest, most) = (pairs.first()?, pairs.last()?);
    Some(if fewest == most {
        most.to_string()
    } else {
        format!("{fewest} to {most}")
    })
}

fn correction(comparison: &SidesComparison) -> String {
    format!(
        "{} could be answered and share one correction (Benjamini and Hochberg, false discovery rate \
         {}): the confidence of each interval is {}",
        counted(comparison.tested, "question"),
        format::percent_short(FALSE_DISCOVERY_RATE),
        format::percent_short(comparison.confidence()),
    )
}

/// By figure, each value once.
fn effects(comparison: &SidesComparison) -> String {
    let mut effects: Vec<String> = Vec::new();
    for difference in comparison.differences() {
        let share = format::percent_short(difference.smallest_effect);
        let effect = format!("{share} of {}", words::title(difference.figure));
        if !effects.contains(&effect) {
            effects.push(effect);
        }
    }
    effects.join(", ")
}
