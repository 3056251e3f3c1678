//! What judges a claim, in sentences.

use busbench_results::claims::{
    CellSeen, ClaimVerdict, Counts, Effect, Evidence, FootprintSeen, JudgedPart, NoVerdict, Rule,
    Tested,
};
use busbench_results::comparison::ComparedFigure;
use busbench_results::statistics::TRIALS_FOR_A_CLAIM;

use super::is_between_servers;
use crate::differences;
use crate::envelopes::{ends, factor, room};
use crate::footprints;
use crate::format;
use crate::view::View;

/// A verdict without hyphens.
pub(super) const fn verdict(verdict: ClaimVerdict) -> &'static str {
    match verdict {
        ClaimVerdict::Supported => "supported",
        ClaimVerdict::NotSupported => "not supported",
        ClaimVerdict::NoMeasurableDifference => "no measurable difference",
        ClaimVerdict::NotTestedYet => "not tested yet",
    }
}

/// What the comparisons of each figure say, or what the cells show.
pub(super) fn effects(views: &[View<'_>], part: &JudgedPart) -> Vec<String> {
    match &part.evidence {
        Evidence::Comparisons(tested) => part
            .effects
            .iter()
            .map(|effect| self::effect(views, part, tested, effect))
            .collect(),
        Evidence::Cells(cells) if cells.is_empty() => Vec::new(),
        Evidence::Cells(cells) => vec![works(cells)],
        Evidence::Footprints(seen) => footprint(views, part, seen).into_iter().collect(),
    }
}

fn effect(views: &[View<'_>], part: &JudgedPart, tested: &[Tested], effect: &Effect) -> String {
    let subject = match part.part.rule {
        Rule::LayoutsBeat(_) => "native is ",
        _ => "",
    };
    let mut sentences = vec![format!(
        "{}: {subject}{}.",
        title(effect.figure),
        tally(effect.counts)
    )];
    let strongest = [("At best", effect.best), ("At worst", effect.worst)];
    sentences.extend(strongest.into_iter().filter_map(|(which, place)| {
        let told = ratio(views, &part.part.rule, tested.get(place?)?)?;
        Some(format!("{which} {told}."))
    }));
    if let (None, None, Some(interval)) = (effect.best, effect.worst, effect.room) {
        let room = room(interval);
        sentences.push(format!("The intervals leave room for {room} times."));
    }
    sentences.join(" ")
}

/// `better in 5 of 84 comparisons, worse in 18, no measurable difference in 61`.
fn tally(counts: Counts) -> String {
    format!(
        "better in {} of {}, worse in {}, no measurable difference in {}",
        count(counts.better),
        plural(counts.tested(), "comparison"),
        count(counts.worse),
        count(counts.no_measurable_difference)
    )
}

/// `0.530 × (0.420 to 0.670), native against json on nats-core, 1xInt16 at depth event`.
fn ratio(views: &[View<'_>], rule: &Rule, tested: &Tested) -> Option<String> {
    let view = views.get(tested.run)?;
    let [base, head] = [tested.base, tested.head].map(|place| view.cells.get(place));
    let (base, head) = (base?, head?);
    let interval = tested
        .difference
        .interval
        .map(|interval| format!(" ({})", ends(interval)))
        .unwrap_or_default();
    let sides = match rule {
        Rule::LayoutsBeat(_) => format!(
            "{} against {} on {}",
            head.row.envelope, base.row.envelope, head.row.bus
        ),
        _ => format!("{} against {}", head.label, base.label),
    };
    Some(format!(
        "{} ×{interval}, {sides}, {}",
        factor(tested.difference.ratio?),
        super::evidence::place(view, head)
    ))
}

fn works(cells: &[CellSeen]) -> String {
    let works = cells.iter().filter(|cell| cell.works).count();
    format!(
        "{} of {} delivered everything.",
        count(works),
        plural(cells.len(), "cell")
    )
}

/// `Start, warm, at most 1.00 s: so in 4 of 4 footprints; most 42.0 ms, nats-jetstream, process.`
fn footprint(views: &[View<'_>], part: &JudgedPart, seen: &[FootprintSeen]) -> Option<String> {
    let Rule::AtMost(rule) = &part.part.rule else {
        return None;
    };
    let most = seen
        .iter()
        .max_by(|one, other| one.value.total_cmp(&other.value))?;
    let row = views.get(most.run)?.footprints.get(most.footprint)?;
    let within = seen
        .iter()
        .filter(|seen| seen.verdict == ClaimVerdict::Supported);
    let figure = rule.figure.words();
    let mut letters = figure.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let told = |value| footprints::told(rule.figure, value);
    Some(format!(
        "{}{}, at most {}: so in {} of {}; the most is {}, {} ({}).",
        first.collect::<String>(),
        letters.as_str(),
        told(rule.limit),
        count(within.count()),
        plural(seen.len(), "footprint"),
        told(most.value),
        footprints::name(row),
        footprints::architecture(row)
    ))
}

/// Whose word it is, and what was left out.
pub(super) fn notes(part: &JudgedPart) -> Vec<String> {
    let mut notes = Vec::new();
    if is_between_servers(&part.part.rule) && part.counts().tested() > 0 {
        notes.push("What differs here are buses through these Rust clients.".to_owned());
    }
    if part.lower_bounds > 0 {
        notes.push(format!(
            "In {} of these comparisons the client or the machine was used up before the server: what \
             they show is what this client on this machine gains or loses.",
            count(part.lower_bounds)
        ));
    }
    if !part.left_out.is_empty() {
        notes.push(left_out(part));
    }
    if part.alone > 0 {
        let (cells, have) = match part.alone {
            1 => ("1 cell".to_owned(), "has"),
            number => (format!("{} cells", count(number)), "have"),
        };
        notes.push(format!(
            "{cells} that the claim is about {have} no counterpart with the same guarantee under the \
             same conditions."
        ));
    }
    notes
}

fn left_out(part: &JudgedPart) -> String {
    let of = match part.part.rule {
        Rule::Works(_) => "cell",
        Rule::AtMost(_) => "footprint",
        _ => "comparison",
    };
    let reasons: Vec<String> = part
        .left_out
        .iter()
        .map(|(why, number)| format!("{} {}", count(*number), because(part, *why)))
        .collect();
    format!(
        "No verdict from {}: {}.",
        plural(part.left_out.values().sum(), of),
        reasons.join("; ")
    )
}

fn because(part: &JudgedPart, why: NoVerdict) -> String {
    let most_trials = part.most_trials;
    match why {
        NoVerdict::NotRun => "not run".to_owned(),
        NoVerdict::Outcome => "lossy, saturated or failed".to_owned(),
        NoVerdict::NotValid if matches!(part.part.rule, Rule::AtMost(_)) => {
            "suspect or invalid, as all are under an emulator".to_owned()
        }
        NoVerdict::NotValid => "with a cell that is suspect or invalid".to_owned(),
        NoVerdict::TooFewTrials => format!(
            "with too few trials ({most_trials} at most, and a claim needs {TRIALS_FOR_A_CLAIM})"
        ),
        NoVerdict::LowerBound => {
            "with a lower bound (client or machine used up before the server)".to_owned()
        }
        NoVerdict::NoFigure => "with too few samples".to_owned(),
        NoVerdict::NotComparable => "under other conditions".to_owned(),
    }
}

/// A figure with its load.
const fn title(figure: ComparedFigure) -> &'static str {
    match figure {
        ComparedFigure::DeliveredPerSecond => "Delivered rate, closed load",
        ComparedFigure::ResponseP50Ns => "Median response time, open load",
        ComparedFigure::ResponseP99Ns => "p99 of the response time, open load",
        other => differences::title(other),
    }
}

fn count(number: usize) -> String {
    format::count(number as u64)
}

/// `1 difference`, `1,200 comparisons without a measurable difference`.
pub(super) fn plural(number: usize, noun: &str) -> String {
    let (first, rest) = noun.split_once(' ').unwrap_or((noun, ""));
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {first}{ending} {rest}", count(number))
        .trim_end()
        .to_owned()
}
