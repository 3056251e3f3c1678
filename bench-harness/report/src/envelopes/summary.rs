//! Where native wins, where it loses, and where it does not matter: from what is claimed only.

use busbench_results::comparison::{ComparedFigure, Difference, Judgement};
use busbench_results::statistics::{Interval, TRIALS_FOR_A_CLAIM};
use busbench_results::{Load, Row};

use super::gains::{Gain, Tally};
use super::words;
use crate::differences;
use crate::view::View;

/// What is asked under each load, the headlines first.
pub(super) const ASKED: [(Load, ComparedFigure); 6] = [
    (Load::Closed, ComparedFigure::DeliveredPerSecond),
    (Load::Open, ComparedFigure::ResponseP99Ns),
    (Load::Closed, ComparedFigure::ClientCpuNsPerMessage),
    (Load::Open, ComparedFigure::ClientCpuNsPerMessage),
    (Load::Closed, ComparedFigure::ServerCpuNsPerMessage),
    (Load::Open, ComparedFigure::ServerCpuNsPerMessage),
];

/// Those of them that a deployment notices first.
const HEADLINES: usize = 2;

/// Losses that are told one by one.
const LOSSES: usize = 5;

const LOSS: &str = "Native loses";

/// A gain with one figure of it.
pub(super) type Answer<'g, 'v, 'a> = (&'g Gain<'v, 'a>, &'v Difference);

/// What can be claimed, in sentences.
pub(super) fn findings(view: &View<'_>, gains: &[Gain<'_, '_>]) -> Vec<(String, String)> {
    let rows: Vec<&Row> = gains.iter().map(|gain| &gain.other.row).collect();
    let mut texts: Vec<(String, String)> = ASKED
        .iter()
        .filter_map(|&(load, figure)| over_all(gains, &rows, load, figure))
        .collect();
    texts.extend(losses(gains, &rows));
    texts.extend(where_it_does_not_matter(gains));
    if !texts.is_empty() && view.run.record.scenario.trials < TRIALS_FOR_A_CLAIM {
        let text = format!(
            "they find large differences only. A claim needs {TRIALS_FOR_A_CLAIM}, and here are {} \
             of each cell.",
            view.run.record.scenario.trials
        );
        texts.push(("Few trials".to_owned(), text));
    }
    texts
}

fn over_all(
    gains: &[Gain<'_, '_>],
    rows: &[&Row],
    load: Load,
    figure: ComparedFigure,
) -> Option<(String, String)> {
    let answers = answers(gains, load, figure, |_| true);
    let tally = Tally::of(answers.iter().map(|(_, difference)| *difference));
    if tally.all() == 0 {
        return None;
    }
    let about = format!("{}, {} load", differences::title(figure), load.name());
    let mut text = format!(
        "native is better in {} of {}, worse in {}, without a measurable difference in {}; {} could \
         not be judged.",
        tally.better,
        plural(tally.all(), "comparison"),
        tally.worse,
        tally.no_difference,
        tally.not_judged
    );
    let ends = [
        ("At best", strongest(&answers, Judgement::Better)),
        (
            "The smallest gain that is one",
            weakest(&answers, Judgement::Better).filter(|_| tally.better > 1),
        ),
        ("At worst", strongest(&answers, Judgement::Worse)),
    ];
    let ends = ends.into_iter().filter_map(|(which, answer)| {
        let told = told(answer?, rows)?;
        Some(format!(" {which}: {told}."))
    });
    text.extend(ends);
    Some((about, text))
}

/// The losses in rate and p99, each with what it goes along with.
fn losses(gains: &[Gain<'_, '_>], rows: &[&Row]) -> Vec<(String, String)> {
    let mut lost: Vec<Answer<'_, '_, '_>> = ASKED[..HEADLINES]
        .iter()
        .flat_map(|&(load, figure)| answers(gains, load, figure, |_| true))
        .filter(|(_, difference)| difference.judgement() == Judgement::Worse)
        .collect();
    lost.sort_by(|one, other| strength(other.1).total_cmp(&strength(one.1)));
    let mut texts: Vec<(String, String)> = lost
        .iter()
        .take(LOSSES)
        .filter_map(|&(gain, difference)| {
            let lost = told((gain, difference), rows)?;
            let costs = [
                ComparedFigure::ClientCpuNsPerMessage,
                ComparedFigure::ServerCpuNsPerMessage,
            ];
            let beside: Vec<String> = costs
                .into_iter()
                .filter_map(|figure| gain.figure(figure))
                .filter(|cost| cost.judgement() == Judgement::Worse)
                .filter_map(|cost| words::claim(cost, &gain.other.row.envelope))
                .collect();
            let text = if beside.is_empty() {
                format!("{lost}.")
            } else {
                format!("{lost}. In the same trials, {}.", beside.join(", and "))
            };
            Some((LOSS.to_owned(), text))
        })
        .collect();
    if lost.len() > LOSSES {
        let more = plural(lost.len() - LOSSES, "further loss");
        texts.push((LOSS.to_owned(), format!("the tables show {more}.")));
    }
    texts
}

/// Buses, or payloads of a bus, for which no comparison of a headline shows a difference: where the
/// intervals exclude one that is of interest, and where they only do not show any.
fn where_it_does_not_matter(gains: &[Gain<'_, '_>]) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for (load, figure) in ASKED.into_iter().take(HEADLINES) {
        let mut equal = Vec::new();
        let mut open = Vec::new();
        for bus in distinct(gains.iter().map(Gain::bus)) {
            let of_bus = answers(gains, load, figure, |gain| gain.bus() == bus);
            let places = match Room::of(&of_bus) {
                Some(room) => vec![(bus.to_owned(), room)],
                None => by_payload(bus, &of_bus),
            };
            for (place, room) in places {
                let text = format!("{place} ({})", room.says());
                if room.excludes_what_is_of_interest() {
                    equal.push(text);
                } else {
                    open.push(text);
                }
            }
        }
        let title = differences::title(figure);
        if !equal.is_empty() {
            let text = format!(
                "the intervals leave no room for a difference of interest on {}.",
                equal.join("; ")
            );
            texts.push((format!("Does not matter for {title}"), text));
        }
        if !open.is_empty() {
            let text = format!("the intervals leave room for one on {}.", open.join("; "));
            texts.push((format!("No difference found in {title}"), text));
        }
    }
    texts
}

fn by_payload(bus: &str, answers: &[Answer<'_, '_, '_>]) -> Vec<(String, Room)> {
    let payload_of = |gain: &Gain<'_, '_>| gain.other.row.payload.clone();
    distinct(answers.iter().map(|(gain, _)| payload_of(gain)))
        .into_iter()
        .filter_map(|payload| {
            let of_it: Vec<Answer<'_, '_, '_>> = answers
                .iter()
                .copied()
                .filter(|(gain, _)| payload_of(gain) == payload)
                .collect();
            Some((format!("{bus} with {payload}"), Room::of(&of_it)?))
        })
        .collect()
}

/// What comparisons without a difference leave room for.
struct Room {
    comparisons: usize,
    not_judged: usize,
    /// From the lowest to the highest end of their intervals.
    interval: Interval,
    smallest_effect: f64,
}

impl Room {
    /// `None` where any comparison shows a difference, or none was judged.
    fn of(answers: &[Answer<'_, '_, '_>]) -> Option<Self> {
        let tally = Tally::of(answers.iter().map(|(_, difference)| *difference));
        if tally.no_difference < tally.judged() {
            return None;
        }
        let judged = answers
            .iter()
            .filter(|(_, difference)| difference.judgement() == Judgement::NoMeasurableDifference);
        let intervals = judged.filter_map(|(_, difference)| difference.interval);
        Some(Self {
            comparisons: tally.judged(),
            not_judged: tally.not_judged,
            interval: intervals.reduce(|one, other| Interval {
                low: one.low.min(other.low),
                high: one.high.max(other.high),
            })?,
            smallest_effect: answers.first()?.1.smallest_effect,
        })
    }

    fn excludes_what_is_of_interest(&self) -> bool {
        let most = 1.0 + self.smallest_effect;
        self.interval.low >= 1.0 / most && self.interval.high <= most
    }

    fn says(&self) -> String {
        let ends = words::room(self.interval);
        let comparisons = plural(self.comparisons, "comparison");
        match self.not_judged {
            0 => format!("{comparisons}: {ends} times"),
            count => format!("{comparisons}: {ends} times; {count} more not judged"),
        }
    }
}

/// Each value once, in order of appearance.
pub(super) fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for value in values {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

/// Answers to one question of those gains that are possible.
pub(super) fn answers<'g, 'v, 'a>(
    gains: &'g [Gain<'v, 'a>],
    load: Load,
    figure: ComparedFigure,
    belongs: impl Fn(&Gain<'v, 'a>) -> bool,
) -> Vec<Answer<'g, 'v, 'a>> {
    gains
        .iter()
        .filter(|gain| gain.is_possible() && gain.other.row.load == load && belongs(gain))
        .filter_map(|gain| Some((gain, gain.figure(figure)?)))
        .collect()
}

/// `native is 2.90 to 3.31 times as fast as json (nats-core, 100xInt16 at depth event)`.
fn told((gain, difference): Answer<'_, '_, '_>, rows: &[&Row]) -> Option<String> {
    let claim = words::claim(difference, &gain.other.row.envelope)?;
    let own: Vec<&Row> = rows
        .iter()
        .copied()
        .filter(|row| row.bus == gain.other.row.bus && row.load == gain.other.row.load)
        .collect();
    Some(format!("{claim} ({}, {})", gain.bus(), gain.place(&own)))
}

pub(super) fn strongest<'g, 'v, 'a>(
    answers: &[Answer<'g, 'v, 'a>],
    judgement: Judgement,
) -> Option<Answer<'g, 'v, 'a>> {
    judged(answers, judgement).max_by(|one, other| strength(one.1).total_cmp(&strength(other.1)))
}

fn weakest<'g, 'v, 'a>(
    answers: &[Answer<'g, 'v, 'a>],
    judgement: Judgement,
) -> Option<Answer<'g, 'v, 'a>> {
    judged(answers, judgement).min_by(|one, other| strength(one.1).total_cmp(&strength(other.1)))
}

fn judged<'g, 'v, 'a>(
    answers: &[Answer<'g, 'v, 'a>],
    judgement: Judgement,
) -> impl Iterator<Item = Answer<'g, 'v, 'a>> {
    let answers = answers.iter().copied();
    answers.filter(move |(_, difference)| difference.judgement() == judgement)
}

/// How far from 1 a ratio lies, up or down.
fn strength(difference: &Difference) -> f64 {
    difference.ratio.map_or(0.0, |ratio| ratio.ln().abs())
}

fn plural(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix("ss")) {
        (1, _) => format!("1 {noun}"),
        (_, Some(_)) => format!("{count} {noun}es"),
        (_, None) => format!("{count} {noun}s"),
    }
}
