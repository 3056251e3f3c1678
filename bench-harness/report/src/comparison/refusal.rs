//! Two sides that are not compared: why, and what to do.

use std::collections::BTreeSet;

use busbench_results::comparison::{Across, Incomparable, fields_that_forbid};
use busbench_results::statistics::{TRIALS_FOR_A_CLAIM, TRIALS_FOR_AN_INTERVAL};
use busbench_results::{Measurements, Run};

use super::everything::field;
use super::markdown::write_capped;
use super::words::{self, counted};
use super::{Refused, facts};
use crate::markdown::{escaped, line};
use crate::terminal::printable;

/// Bytes of the lines in Markdown, which stays below 1 MiB.
const OF_LINES: usize = 512 << 10;

/// What is said of it, before it becomes text.
pub(super) struct Told {
    /// `fields`, `nothing_in_common` or `no_answer`.
    pub(super) kind: &'static str,
    /// As a sentence.
    pub(super) sentence: String,
    /// Differing fields, what each side has, or reasons: each a name, and what is said of it.
    pub(super) lines: Vec<(String, String)>,
    /// What to do.
    pub(super) hint: String,
    /// What would allow the comparison.
    pub(super) across: Option<Across>,
    /// Runs of both sides.
    sides: Vec<(String, String)>,
}

impl Told {
    pub(super) fn of(refused: &Refused<'_>) -> Self {
        let (kind, across, hint) = match refused.why {
            Incomparable::Fields(_) => {
                let across = nameable(refused);
                ("fields", across, of_fields(across))
            }
            Incomparable::NothingInCommon => (
                "nothing_in_common",
                None,
                "Run one scenario on both sides.".to_owned(),
            ),
            Incomparable::NoAnswer(_) => ("no_answer", None, of_no_answer(refused)),
        };
        Self {
            kind,
            sentence: sentence(refused.why),
            lines: lines(refused),
            hint,
            across,
            sides: facts::sides(refused.base, refused.head),
        }
    }
}

/// Each line as `name: what is said of it`.
pub(super) fn text(told: &Told) -> String {
    let mut text = format!("Not comparable: {}\n\n", told.sentence);
    for (name, said) in &told.lines {
        line(&mut text, &format!("  {}", joined(name, said)));
    }
    line(&mut text, &format!("\n{}\n\nBase and head:", told.hint));
    for (name, said) in &told.sides {
        line(&mut text, &format!("  {}", joined(name, said)));
    }
    printable(&text)
}

pub(super) fn markdown(told: &Told) -> String {
    let mut text = String::new();
    line(&mut text, "## Performance: not comparable\n");
    line(
        &mut text,
        &format!("**Not comparable**: {}\n", escaped(&told.sentence)),
    );
    let lines = told.lines.iter();
    let lines = lines.map(|(name, said)| format!("- {}", escaped(&joined(name, said))));
    write_capped(&mut text, lines, OF_LINES);
    line(&mut text, &format!("{}\n", told.hint));
    line(&mut text, "### Base and head\n");
    for (name, said) in &told.sides {
        let (name, said) = (escaped(name), escaped(said));
        line(&mut text, &format!("- **{name}**: {said}"));
    }
    text
}

fn joined(name: &str, said: &str) -> String {
    if said.is_empty() {
        name.to_owned()
    } else {
        format!("{name}: {said}")
    }
}

fn sentence(why: &Incomparable) -> String {
    match why {
        Incomparable::Fields(fields) => {
            let differ = if fields.len() == 1 {
                "differs"
            } else {
                "differ"
            };
            format!("{why}: {} {differ}.", counted(fields.len(), "field"))
        }
        Incomparable::NothingInCommon => format!("{why}."),
        Incomparable::NoAnswer(_) => format!("{why}; the reasons:"),
    }
}

fn lines(refused: &Refused<'_>) -> Vec<(String, String)> {
    match refused.why {
        Incomparable::Fields(fields) => fields.iter().map(field).collect(),
        Incomparable::NothingInCommon => [("base", refused.base), ("head", refused.head)]
            .map(|(name, side)| (format!("{name} has"), measured(side)))
            .into(),
        Incomparable::NoAnswer(reasons) => reasons
            .iter()
            .map(|reason| (words::text(reason), String::new()))
            .collect(),
    }
}

/// What one name would allow, of all that forbids the comparison when nothing is named.
fn nameable(refused: &Refused<'_>) -> Option<Across> {
    let (base, head) = (refused.base.run.as_ref()?, refused.head.run.as_ref()?);
    Across::that_allows(&fields_that_forbid(&base.record, &head.record, None))
}

fn of_fields(across: Option<Across>) -> String {
    match across {
        Some(across) => format!(
            "If that is what you want to compare: `--across {}` allows it to differ, and nothing else.",
            across.name()
        ),
        None => {
            "Measure both sides under the same conditions: `--across FIELD` allows one thing to \
                 differ, and here it would not be enough."
                .to_owned()
        }
    }
}

fn of_no_answer(refused: &Refused<'_>) -> String {
    let pairs = most_pairs(refused.base, refused.head);
    if pairs < TRIALS_FOR_AN_INTERVAL {
        format!(
            "Trials are paired by their number, and both sides share {} at most. Run at least \
             {TRIALS_FOR_AN_INTERVAL} of each cell on both (`--trials N`, or more rounds); a claim \
             needs {TRIALS_FOR_A_CLAIM}.",
            counted(pairs, "trial")
        )
    } else {
        "`busbench explain NAME` says what an outcome or a limit means.".to_owned()
    }
}

fn measured(side: &Measurements) -> String {
    let cells = side.run.iter().flat_map(|run| run.trials.keys());
    let names: Vec<&str> = cells
        .chain(side.benchmarks.keys())
        .map(String::as_str)
        .collect();
    if names.is_empty() {
        return "no trial and no benchmark".to_owned();
    }
    words::listed(names)
}

/// Of the cell or the benchmark that has the most.
fn most_pairs(base: &Measurements, head: &Measurements) -> usize {
    let common = |one: BTreeSet<u32>, other: BTreeSet<u32>| one.intersection(&other).count();
    let trials = |run: &Run, cell: &str| -> BTreeSet<u32> {
        let trials = run.trials.get(cell).into_iter().flatten();
        trials.map(|trial| trial.number).collect()
    };
    let of_cells = base.run.iter().zip(&head.run).flat_map(|(base, head)| {
        let cells = base.trials.keys();
        cells.map(move |cell| common(trials(base, cell), trials(head, cell)))
    });
    let of_benchmarks = base.benchmarks.iter().filter_map(|(name, times)| {
        let numbers =
            |times: &std::collections::BTreeMap<u32, f64>| times.keys().copied().collect();
        Some(common(numbers(times), numbers(head.benchmarks.get(name)?)))
    });
    of_cells.chain(of_benchmarks).max().unwrap_or(0)
}
