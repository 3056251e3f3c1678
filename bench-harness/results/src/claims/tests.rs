mod footprints;
mod list;

use std::collections::BTreeMap;

use super::ClaimVerdict::{self, NoMeasurableDifference, NotSupported, NotTestedYet, Supported};
use super::{
    Claim, Compared, Evidence, JudgedClaim, JudgedPart, NoVerdict, cells_of_claims, judge, parse,
};
use crate::comparison::{
    ComparedFigure, Difference, Finding, LayoutComparison, LayoutPair, NotComparable, Side, compare,
};
use crate::footprint::FootprintRow;
use crate::statistics::Interval;
use crate::{CellOutcome, LimitedBy, Load, Row, Verdict};

const RATE: ComparedFigure = ComparedFigure::DeliveredPerSecond;
const P99: ComparedFigure = ComparedFigure::ResponseP99Ns;
const CLIENT_CPU: ComparedFigure = ComparedFigure::ClientCpuNsPerMessage;
const HIGHER: Finding = Finding::Higher { at_least: false };
const LOWER: Finding = Finding::Lower { at_least: false };
const EQUAL: Finding = Finding::NoMeasurableDifference;

const LAYOUTS: &str = "rule.layouts_beat = { figures = ['delivered_per_second', \
                       'response_p99_ns'], cells.depth = ['event'] }";
const NOT_WORSE: &str = "rule.not_worse = { head.bus = ['nats-core'], base.bus = ['mqtt5'], \
                         same_envelope = true }";
const BEATS: &str = "rule.beats = { head.bus = ['nats-core'], base.bus = ['mqtt5'] }";
const WORKS: &str = "rule.works = { bus = ['nats-core'], arch = ['aarch64'], emulated = false }";

fn row(bus: &str, envelope: &str) -> Row {
    Row {
        bus: bus.to_owned(),
        envelope: envelope.to_owned(),
        depth: "event".to_owned(),
        arch: "aarch64".to_owned(),
        load: Load::Closed,
        outcome: CellOutcome::Delivered,
        verdict: Some(Verdict::Valid),
        limited_by: Some(LimitedBy::Server),
        trials: 5,
        lost: Some(0),
        ..Row::default()
    }
}

fn difference(figure: ComparedFigure, ratio: f64, finding: Finding) -> Difference {
    Difference {
        figure,
        smallest_effect: 0.05,
        pairs: 5,
        ratio: Some(ratio),
        interval: Some(Interval {
            low: ratio * 0.9,
            high: ratio * 1.1,
        }),
        detectable: None,
        finding,
    }
}

/// Two cells beside each other, base first, and what was found.
type Pair = (Row, Row, Vec<Difference>);

/// A run in which every pair was compared, as layouts and as cells of one group.
struct MadeUp {
    rows: Vec<Row>,
    cells: BTreeMap<(ComparedFigure, usize, usize), Difference>,
    layouts: LayoutComparison,
    footprints: Vec<FootprintRow>,
}

fn run(pairs: Vec<Pair>) -> MadeUp {
    let mut made_up = MadeUp {
        rows: Vec::new(),
        cells: BTreeMap::new(),
        layouts: LayoutComparison {
            pairs: Vec::new(),
            comparison: compare(&[]),
        },
        footprints: Vec::new(),
    };
    for (base_row, head_row, differences) in pairs {
        let (base, head) = (made_up.rows.len(), made_up.rows.len() + 1);
        made_up.rows.extend([base_row, head_row]);
        for difference in &differences {
            let figure = difference.figure;
            made_up
                .cells
                .insert((figure, base, head), difference.clone());
            made_up
                .cells
                .insert((figure, head, base), difference.reversed());
        }
        made_up.layouts.pairs.push(LayoutPair {
            other: base,
            native: head,
            gains: differences,
        });
    }
    made_up
}

impl MadeUp {
    fn compared(&self) -> Compared<'_> {
        Compared {
            rows: self.rows.iter().collect(),
            cells: &self.cells,
            layouts: &self.layouts,
            footprints: &self.footprints,
        }
    }
}

fn claim(rule: &str) -> Claim {
    let text = format!(
        "[[claim]]\nid = 'C0'\nstatement = 'It is.'\n[[claim.part]]\n{rule}\nmissing = 'Run it.'\n"
    );
    parse(&text).unwrap().remove(0)
}

fn judged(rule: &str, runs: &[MadeUp]) -> JudgedClaim {
    let compared: Vec<Compared<'_>> = runs.iter().map(MadeUp::compared).collect();
    judge(&[claim(rule)], &compared).remove(0)
}

fn judged_part(rule: &str, pairs: Vec<Pair>) -> JudgedPart {
    judged(rule, &[run(pairs)]).parts.remove(0)
}

/// Pairs of two layouts, or of two buses, with what was found of their rate.
fn pairs(rule: &str, findings: &[Finding]) -> Vec<Pair> {
    let base = if rule == LAYOUTS {
        row("nats-core", "json")
    } else {
        row("mqtt5", "native")
    };
    let ratio = |finding: &Finding| match finding {
        Finding::Higher { .. } => 2.0,
        Finding::Lower { .. } => 0.5,
        _ => 1.0,
    };
    findings
        .iter()
        .map(|finding| {
            let found = difference(RATE, ratio(finding), finding.clone());
            (base.clone(), row("nats-core", "native"), vec![found])
        })
        .collect()
}

#[track_caller]
fn check(rule: &str, findings: &[Finding], expected: ClaimVerdict) {
    let judged = judged(rule, &[run(pairs(rule, findings))]);
    assert_eq!(judged.verdict, expected, "{rule}: {findings:?}");
}

#[test]
fn each_rule_has_each_verdict() {
    for rule in [LAYOUTS, NOT_WORSE, BEATS] {
        check(rule, &[HIGHER, EQUAL], Supported);
        check(rule, &[HIGHER, LOWER, HIGHER], NotSupported);
        check(rule, &[EQUAL, EQUAL], NoMeasurableDifference);
        check(rule, &[], NotTestedYet);
        check(rule, &[Finding::TooFewTrials], NotTestedYet);
    }
    for rule in [LAYOUTS, BEATS] {
        check(rule, &[HIGHER, EQUAL, EQUAL], NotSupported);
    }
    check(NOT_WORSE, &[HIGHER, EQUAL, EQUAL], Supported);
    check("rule = 'untested'", &[HIGHER], NotTestedYet);
}

#[test]
fn a_time_is_better_where_it_is_lower() {
    let pair = |ratio, finding| {
        let [base, head] = ["mqtt5", "nats-core"].map(|bus| Row {
            load: Load::Open,
            ..row(bus, "json")
        });
        vec![(base, head, vec![difference(P99, ratio, finding)])]
    };
    assert_eq!(judged_part(BEATS, pair(0.5, LOWER)).verdict, Supported);
    assert_eq!(judged_part(BEATS, pair(2.0, HIGHER)).verdict, NotSupported);
}

#[test]
fn sides_are_compared_by_the_headlines_of_their_load() {
    let found = [RATE, CLIENT_CPU, P99].map(|figure| difference(figure, 2.0, HIGHER));
    let pair = (
        row("mqtt5", "json"),
        row("nats-core", "json"),
        found.to_vec(),
    );
    let part = judged_part(BEATS, vec![pair]);
    assert_eq!((part.verdict, part.counts().tested()), (Supported, 1));
}

#[test]
fn one_cell_that_delivered_everything_shows_that_it_works() {
    #[track_caller]
    fn check(change: fn(&mut Row), expected: ClaimVerdict, left_out: Option<NoVerdict>) {
        let mut cell = row("nats-core", "json");
        change(&mut cell);
        let part = judged_part(WORKS, vec![(row("mqtt5", "json"), cell, Vec::new())]);
        assert_eq!(part.verdict, expected);
        assert_eq!(part.left_out.keys().next().copied(), left_out);
    }
    check(|_| {}, Supported, None);
    check(|row| row.outcome = CellOutcome::Lossy, NotSupported, None);
    check(
        |row| row.outcome = CellOutcome::Saturated,
        NotTestedYet,
        Some(NoVerdict::Outcome),
    );
    check(
        |row| row.verdict = Some(Verdict::Suspect),
        NotTestedYet,
        Some(NoVerdict::NotValid),
    );
    check(
        |row| row.trials = 4,
        NotTestedYet,
        Some(NoVerdict::TooFewTrials),
    );
    check(
        |row| row.verdict = None,
        NotTestedYet,
        Some(NoVerdict::NotRun),
    );
    check(
        |row| row.outcome = CellOutcome::NotPossible,
        NotTestedYet,
        None,
    );
    check(|row| row.emulated = true, NotTestedYet, None);
    check(|row| "x86_64".clone_into(&mut row.arch), NotTestedYet, None);
}

/// What is left out of a comparison that shows a difference, after a change to its base.
#[track_caller]
fn check_left_out(rule: &str, change: fn(&mut Row), why: Option<NoVerdict>) {
    let mut pairs = pairs(rule, &[HIGHER]);
    change(&mut pairs[0].0);
    let part = judged_part(rule, pairs);
    assert_eq!(part.left_out.keys().next().copied(), why, "{rule}");
    assert_eq!(part.counts().tested(), usize::from(why.is_none()), "{rule}");
}

#[test]
fn only_valid_cells_with_enough_trials_decide() {
    for rule in [LAYOUTS, NOT_WORSE] {
        check_left_out(rule, |_| {}, None);
        let suspect = |row: &mut Row| row.verdict = Some(Verdict::Suspect);
        check_left_out(rule, suspect, Some(NoVerdict::NotValid));
        check_left_out(rule, |row| row.trials = 4, Some(NoVerdict::TooFewTrials));
        let not_run = |row: &mut Row| row.outcome = CellOutcome::NotRun;
        check_left_out(rule, not_run, Some(NoVerdict::NotRun));
    }
}

#[test]
fn a_lower_bound_is_none_of_a_server_and_one_of_a_layout() {
    for limit in [LimitedBy::Client, LimitedBy::Machine] {
        let limited = |rule| {
            let mut pairs = pairs(rule, &[HIGHER]);
            pairs[0].1.limited_by = Some(limit);
            judged_part(rule, pairs)
        };
        let servers = limited(NOT_WORSE);
        assert_eq!(servers.left_out[&NoVerdict::LowerBound], 1);
        assert_eq!(servers.verdict, NotTestedYet);
        let layouts = limited(LAYOUTS);
        assert_eq!((layouts.verdict, layouts.lower_bounds), (Supported, 1));
    }
}

#[test]
fn what_was_not_compared_says_why() {
    let because = |why| {
        let part = judged_part(LAYOUTS, pairs(LAYOUTS, &[Finding::NotComparable(why)]));
        assert_eq!(part.verdict, NotTestedYet);
        part.left_out.into_keys().next()
    };
    let lossy = NotComparable::Outcome(Side::Base, CellOutcome::Lossy);
    assert_eq!(because(lossy), Some(NoVerdict::Outcome));
    let few = NotComparable::NoFigure(Side::Head);
    assert_eq!(because(few), Some(NoVerdict::NoFigure));
    let window = NotComparable::Conditions(vec!["window"]);
    assert_eq!(because(window), Some(NoVerdict::NotComparable));
}

#[test]
fn four_pairs_are_too_few_even_of_five_trials() {
    let mut pairs = pairs(LAYOUTS, &[HIGHER]);
    pairs[0].2[0].pairs = 4;
    let part = judged_part(LAYOUTS, pairs);
    assert_eq!(part.left_out[&NoVerdict::TooFewTrials], 1);
}

#[test]
fn the_most_trials_of_what_has_too_few_are_known() {
    let mut pairs = pairs(BEATS, &[HIGHER, HIGHER]);
    pairs[0].0.trials = 2;
    pairs[1].1.trials = 3;
    assert_eq!(judged_part(BEATS, pairs).most_trials, 3);
}

#[test]
fn layouts_are_compared_by_the_figures_of_the_rule_and_where_they_are_possible() {
    let pair = |base: Row, head: Row| {
        let found = [RATE, CLIENT_CPU].map(|figure| difference(figure, 2.0, HIGHER));
        (base, head, found.to_vec())
    };
    let other_depth = Row {
        depth: "transport".to_owned(),
        ..row("nats-core", "json")
    };
    let impossible = Row {
        outcome: CellOutcome::NotPossible,
        verdict: None,
        ..row("mqtt3", "native")
    };
    let part = judged_part(
        LAYOUTS,
        vec![
            pair(row("nats-core", "json"), row("nats-core", "native")),
            pair(other_depth, row("nats-core", "native")),
            pair(row("mqtt3", "json"), impossible),
        ],
    );
    assert_eq!(part.counts().tested(), 1);
    assert_eq!(part.left_out, BTreeMap::new());
}

#[test]
fn sides_may_have_to_share_a_layout() {
    let found = vec![difference(RATE, 2.0, HIGHER)];
    let mixed = || {
        vec![(
            row("mqtt5", "json"),
            row("nats-core", "native"),
            found.clone(),
        )]
    };
    let same = judged_part(NOT_WORSE, mixed());
    assert_eq!((same.verdict, same.alone), (NotTestedYet, 1));
    let any = judged_part(BEATS, mixed());
    assert_eq!((any.verdict, any.alone), (Supported, 0));
}

#[test]
fn counts_add_up_over_runs_and_evidence_names_its_run() {
    let runs = [
        run(pairs(BEATS, &[EQUAL])),
        run(pairs(BEATS, &[EQUAL, HIGHER])),
    ];
    let judged = judged(BEATS, &runs);
    let part = &judged.parts[0];
    assert_eq!((part.counts().better, part.counts().tested()), (1, 3));
    let Evidence::Comparisons(tested) = &part.evidence else {
        panic!("{:?}", part.evidence);
    };
    let places: Vec<_> = tested
        .iter()
        .map(|tested| (tested.run, tested.base, tested.head))
        .collect();
    // The difference first.
    assert_eq!(places, [(1, 2, 3), (0, 0, 1), (1, 0, 1)]);
    let claims = [judged];
    let cells = cells_of_claims(&claims);
    assert_eq!(cells.len(), 6);
    assert_eq!(cells[&(1, 3)], ["C0"]);
}

#[test]
fn the_strongest_differences_each_way_are_the_effect() {
    let base = row("mqtt5", "json");
    let pair = |ratio: f64, finding| {
        let found = difference(RATE, ratio, finding);
        (base.clone(), row("nats-core", "json"), vec![found])
    };
    let part = judged_part(
        NOT_WORSE,
        vec![
            pair(1.3, HIGHER),
            pair(0.4, LOWER),
            pair(1.9, HIGHER),
            pair(0.7, LOWER),
            pair(1.0, EQUAL),
            pair(1.1, EQUAL),
        ],
    );
    let [effect] = part.effects.as_slice() else {
        panic!("{:?}", part.effects);
    };
    let Evidence::Comparisons(tested) = &part.evidence else {
        panic!("{:?}", part.evidence);
    };
    let ratio = |place: Option<usize>| tested[place.unwrap()].difference.ratio.unwrap();
    assert!((ratio(effect.best) - 1.9).abs() < 1e-12);
    assert!((ratio(effect.worst) - 0.4).abs() < 1e-12);
    let room = effect.room.unwrap();
    assert!((room.low - 0.9).abs() < 1e-12 && (room.high - 1.21).abs() < 1e-12);
}
