use std::collections::BTreeMap;

use super::{
    ComparedFigure, Comparison, Difference, Finding, Judgement, Measured, NotComparable, Question,
    Side, SmallestEffects, Subject, compare,
};
use crate::{CellOutcome, LimitedBy, Load, Row, Verdict};

const RATE: ComparedFigure = ComparedFigure::DeliveredPerSecond;
const P99: ComparedFigure = ComparedFigure::ResponseP99Ns;

const SHARE: ComparedFigure = ComparedFigure::DeliveredShare;

const BASE: [f64; 5] = [100.0, 102.0, 98.0, 101.0, 99.0];

fn row() -> Row {
    Row {
        bus: "nats-core".to_owned(),
        load: Load::Closed,
        guarantee: Some("none / at-most-once".to_owned()),
        outcome: CellOutcome::Delivered,
        limited_by: Some(LimitedBy::Server),
        verdict: Some(Verdict::Valid),
        trials: 5,
        lost: Some(0),
        expected: Some(1_000_000),
        delivered: Some(1_000_000),
        delivered_per_second: Some(100.0),
        response_p99_ns: Some(100),
        ..Row::default()
    }
}

fn lossy(delivered: u64) -> Row {
    Row {
        outcome: CellOutcome::Lossy,
        lost: Some(1_000_000 - delivered),
        delivered: Some(delivered),
        ..row()
    }
}

fn limited_by(limit: LimitedBy) -> Row {
    Row {
        limited_by: Some(limit),
        ..row()
    }
}

fn measured<'a>(row: &'a Row, figure: ComparedFigure, trials: &[f64]) -> Measured<'a> {
    let trials = (1..).zip(trials.iter().copied()).collect();
    Measured::new(row, BTreeMap::from([(figure, trials)]))
}

fn question(
    subject: Subject,
    figure: ComparedFigure,
    base: (&Row, &[f64]),
    head: (&Row, &[f64]),
) -> Question {
    let base = measured(base.0, figure, base.1);
    let head = measured(head.0, figure, head.1);
    Question::new(subject, figure, &base, &head, &SmallestEffects::default())
}

fn only(comparison: Comparison) -> Difference {
    let [difference] = <[Difference; 1]>::try_from(comparison.differences).unwrap();
    difference
}

fn asked(figure: ComparedFigure, base: &[f64], head: &[f64]) -> Difference {
    let row = row();
    let question = question(Subject::Servers, figure, (&row, base), (&row, head));
    only(compare(&[question]))
}

fn times(factor: f64) -> Vec<f64> {
    // Noise of its own, so that ratios are not all alike.
    let noise = [1.004, 0.996, 1.0, 1.003, 0.997];
    BASE.iter()
        .zip(noise)
        .map(|(base, noise)| base * factor * noise)
        .collect()
}

#[track_caller]
fn check(factor: f64, finding: &Finding) {
    assert_eq!(&asked(RATE, &BASE, &times(factor)).finding, finding);
}

const HIGHER: Finding = Finding::Higher { at_least: false };
const LOWER: Finding = Finding::Lower { at_least: false };

#[test]
fn a_difference_is_one_beyond_the_smallest_effect_of_interest() {
    check(1.20, &HIGHER);
    check(1.08, &HIGHER);
    check(1.04, &Finding::NoMeasurableDifference);
    check(1.00, &Finding::NoMeasurableDifference);
    check(1.0 / 1.04, &Finding::NoMeasurableDifference);
    check(1.0 / 1.08, &LOWER);
}

#[test]
fn better_and_worse_follow_the_figures_own_way() {
    let higher = |figure| asked(figure, &BASE, &times(1.5)).judgement();
    let lower = |figure| asked(figure, &BASE, &times(0.5)).judgement();
    assert_eq!(
        (higher(RATE), lower(RATE)),
        (Judgement::Better, Judgement::Worse)
    );
    assert_eq!(
        (higher(P99), lower(P99)),
        (Judgement::Worse, Judgement::Better)
    );
    assert_eq!(
        asked(P99, &BASE, &BASE).judgement(),
        Judgement::NoMeasurableDifference
    );
}

#[test]
fn a_difference_has_its_ratio_and_interval() {
    let difference = asked(RATE, &BASE, &times(1.2));
    let interval = difference.interval.unwrap();
    assert_eq!(difference.pairs, 5);
    assert!((difference.ratio.unwrap() - 1.2).abs() < 0.001);
    assert!(1.18 < interval.low && interval.low < 1.2 && 1.2 < interval.high);
    assert!((0.05..0.08).contains(&difference.detectable.unwrap()));
}

#[test]
fn the_other_way_round_everything_is_turned() {
    let forth = asked(RATE, &BASE, &times(1.2));
    let back = asked(RATE, &times(1.2), &BASE);
    let turned = forth.reversed();
    assert_eq!(turned.finding, back.finding);
    assert!((turned.ratio.unwrap() - back.ratio.unwrap()).abs() < 1e-12);
    let (one, other) = (turned.interval.unwrap(), back.interval.unwrap());
    assert!((one.low - other.low).abs() < 1e-12 && (one.high - other.high).abs() < 1e-12);
}

#[test]
fn fewer_than_three_pairs_show_a_ratio_and_no_more() {
    let difference = asked(RATE, &BASE[..2], &times(2.0));
    assert_eq!(difference.finding, Finding::TooFewTrials);
    assert!((difference.ratio.unwrap() - 2.0).abs() < 0.01);
    assert_eq!((difference.interval, difference.detectable), (None, None));
    assert_eq!(asked(RATE, &BASE[..3], &times(2.0)[..3]).finding, HIGHER);
}

#[test]
fn trials_are_paired_by_their_number() {
    let row = row();
    let numbered = |numbers: &[u32]| {
        let trials = numbers.iter().map(|&number| (number, f64::from(number)));
        Measured::new(&row, BTreeMap::from([(RATE, trials.collect())]))
    };
    let (base, head) = (numbered(&[1, 2, 4, 5]), numbered(&[5, 2, 1, 3]));
    let effects = SmallestEffects::default();
    let question = Question::new(Subject::Servers, RATE, &base, &head, &effects);
    let difference = only(compare(&[question]));
    assert_eq!(difference.pairs, 3);
    assert!((difference.ratio.unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn a_figure_that_is_no_number_leaves_its_pair_out() {
    let mut head = times(2.0);
    head[0] = f64::NAN;
    head[1] = f64::INFINITY;
    let difference = asked(RATE, &BASE, &head);
    assert_eq!((difference.pairs, difference.finding), (3, HIGHER));
    head[2] = f64::NAN;
    assert_eq!(asked(RATE, &BASE, &head).finding, Finding::TooFewTrials);
}

#[test]
fn a_trial_that_shows_zero_is_said_and_not_left_out() {
    let mut head = times(2.0);
    head[3] = 0.0;
    let why = Finding::NotComparable(NotComparable::Zero(Side::Head));
    assert_eq!(asked(RATE, &BASE, &head).finding, why);
    let why = Finding::NotComparable(NotComparable::Zero(Side::Base));
    assert_eq!(asked(RATE, &head, &BASE).finding, why);
}

#[test]
fn trials_without_the_figure_are_said() {
    let why = Finding::NotComparable(NotComparable::NoFigure(Side::Head));
    assert_eq!(asked(RATE, &BASE, &[]).finding, why);
    let (row, shown) = (
        row(),
        Row {
            response_p99_ns: None,
            ..row()
        },
    );
    let hidden = question(Subject::Servers, P99, (&row, &BASE), (&shown, &BASE));
    assert_eq!(only(compare(&[hidden])).finding, why);
}

#[test]
fn a_saturated_cell_has_a_rate_and_no_response_time() {
    let (row, saturated) = (
        row(),
        Row {
            outcome: CellOutcome::Saturated,
            ..row()
        },
    );
    let of = |figure| {
        let head = times(1.5);
        let question = question(Subject::Servers, figure, (&row, &BASE), (&saturated, &head));
        only(compare(&[question])).finding
    };
    assert_eq!(of(RATE), HIGHER);
    let why = NotComparable::Outcome(Side::Head, CellOutcome::Saturated);
    assert_eq!(of(P99), Finding::NotComparable(why));
}

#[test]
fn trials_that_are_all_alike_are_no_infinite_evidence() {
    let row = row();
    let alike = |factor: f64| {
        let head = BASE.map(|base| base * factor);
        question(Subject::Servers, RATE, (&row, &BASE), (&row, &head))
    };
    let many: Vec<Question> = (0..100).map(|_| alike(1.0)).chain([alike(1.051)]).collect();
    let comparison = compare(&many);
    let last = comparison.differences.last().unwrap();
    assert_eq!(last.finding, Finding::NoMeasurableDifference);
    assert_eq!(only(compare(&[alike(1.1)])).finding, HIGHER);
}

/// What is found for a head that reached this many times as much, by what limited the two.
fn found(subject: Subject, base: LimitedBy, head: LimitedBy, factor: f64) -> Finding {
    let (base, head) = (limited_by(base), limited_by(head));
    let question = question(subject, RATE, (&base, &BASE), (&head, &times(factor)));
    only(compare(&[question])).finding
}

#[test]
fn a_lower_bound_is_at_least_higher_and_never_lower() {
    use LimitedBy::{Client, Machine, Server};
    let of = |base, head, factor| found(Subject::Servers, base, head, factor);
    let at_least = true;
    assert_eq!(of(Server, Client, 1.5), Finding::Higher { at_least });
    assert_eq!(of(Machine, Server, 0.5), Finding::Lower { at_least });
    let why = NotComparable::LimitedElsewhere(Side::Head, Client);
    assert_eq!(of(Server, Client, 0.5), Finding::NotComparable(why));
    let why = NotComparable::LimitedElsewhere(Side::Base, Machine);
    assert_eq!(of(Machine, Server, 1.5), Finding::NotComparable(why));
    assert_eq!(of(Server, Client, 1.0), Finding::NoMeasurableDifference);
    let why = Finding::NotComparable(NotComparable::BothLimitedElsewhere);
    assert_eq!(of(Machine, Client, 1.5), why);
}

#[test]
fn between_builds_what_was_reached_is_the_figure() {
    let limit = LimitedBy::Machine;
    assert_eq!(found(Subject::Builds, limit, limit, 1.5), HIGHER);
    assert_eq!(found(Subject::Builds, limit, limit, 0.5), LOWER);
}

#[test]
fn a_limit_of_the_rate_is_none_of_the_response_time() {
    let (row, machine) = (row(), limited_by(LimitedBy::Machine));
    let slow = times(1.5);
    let question = question(Subject::Servers, P99, (&row, &BASE), (&machine, &slow));
    assert_eq!(only(compare(&[question])).finding, HIGHER);
}

const SUBJECTS: [Subject; 3] = [Subject::Servers, Subject::Builds, Subject::Layouts];

/// Delivered shares of a lossless base and of this head, under every subject.
#[track_caller]
fn check_loss(head: &Row, shares: &[f64; 5], finding: &Finding) {
    for subject in SUBJECTS {
        let question = question(subject, SHARE, (&row(), &[1.0; 5]), (head, shares));
        assert_eq!(&only(compare(&[question])).finding, finding, "{subject:?}");
    }
}

#[test]
fn trials_without_loss_are_alike_within_a_narrow_interval() {
    let question = question(
        Subject::Builds,
        SHARE,
        (&row(), &[1.0; 5]),
        (&row(), &[1.0; 5]),
    );
    let difference = only(compare(&[question]));
    assert_eq!(difference.finding, Finding::NoMeasurableDifference);
    let interval = difference.interval.unwrap();
    let width = interval.high - interval.low;
    assert!((1e-7..1e-5).contains(&width), "{width}");
    assert!(difference.detectable.unwrap() < 0.001_1);
}

#[test]
fn a_loss_beyond_one_in_a_thousand_is_found_in_cells_that_have_no_other_figure() {
    check_loss(&lossy(995_000), &[0.995; 5], &LOWER);
    let shares = [0.994, 0.996, 0.995, 0.9945, 0.9955];
    check_loss(&lossy(995_000), &shares, &LOWER);
    let rate = question(
        Subject::Builds,
        RATE,
        (&row(), &BASE),
        (&lossy(995_000), &BASE),
    );
    let why = NotComparable::Outcome(Side::Head, CellOutcome::Lossy);
    assert_eq!(only(compare(&[rate])).finding, Finding::NotComparable(why));
}

#[test]
fn a_loss_that_is_small_or_of_one_trial_is_no_difference() {
    let none = Finding::NoMeasurableDifference;
    check_loss(&lossy(999_500), &[0.999_5; 5], &none);
    check_loss(&lossy(996_000), &[1.0, 1.0, 0.98, 1.0, 1.0], &none);
}

#[test]
fn less_loss_is_better() {
    let question = question(
        Subject::Builds,
        SHARE,
        (&lossy(995_000), &[0.995; 5]),
        (&row(), &[1.0; 5]),
    );
    let difference = only(compare(&[question]));
    assert_eq!(difference.judgement(), Judgement::Better);
}

#[test]
fn a_trial_that_lost_everything_is_said() {
    let why = NotComparable::Zero(Side::Head);
    let shares = [1.0, 1.0, 0.0, 1.0, 1.0];
    check_loss(&lossy(800_000), &shares, &Finding::NotComparable(why));
}

#[test]
fn a_cell_that_expected_nothing_has_no_delivered_share() {
    let idle = Row {
        expected: Some(0),
        delivered: Some(0),
        ..row()
    };
    let why = NotComparable::NoFigure(Side::Head);
    check_loss(&idle, &[1.0; 5], &Finding::NotComparable(why));
}

#[test]
fn each_question_makes_the_others_harder() {
    let row = row();
    let alone = asked(RATE, &BASE, &times(1.065));
    assert_eq!(alone.finding, HIGHER);
    let mut questions: Vec<Question> = (0..199)
        .map(|_| question(Subject::Servers, RATE, (&row, &BASE), (&row, &BASE)))
        .collect();
    let head = times(1.065);
    questions.push(question(
        Subject::Servers,
        RATE,
        (&row, &BASE),
        (&row, &head),
    ));
    let comparison = compare(&questions);
    let among = comparison.differences.last().unwrap();
    assert_eq!(among.finding, Finding::NoMeasurableDifference);
    assert!(among.interval.unwrap().low < alone.interval.unwrap().low);
    assert!(comparison.confidence() > 0.999);
    let one = comparison.differences[0].detectable.unwrap();
    let noisiest = one.max(among.detectable.unwrap());
    assert_eq!(comparison.detectable(RATE), Some(noisiest));
}

#[test]
fn what_is_not_compared_makes_nothing_harder() {
    let (row, lossy) = (
        row(),
        Row {
            outcome: CellOutcome::Lossy,
            ..row()
        },
    );
    let mut questions = vec![question(
        Subject::Servers,
        RATE,
        (&row, &BASE),
        (&row, &BASE),
    )];
    let alone = compare(&questions).level;
    questions.push(question(
        Subject::Servers,
        RATE,
        (&row, &BASE),
        (&lossy, &BASE),
    ));
    questions.push(question(
        Subject::Servers,
        RATE,
        (&row, &BASE),
        (&row, &BASE[..2]),
    ));
    let comparison = compare(&questions);
    assert_eq!(comparison.tested, 1);
    assert!((comparison.level - alone).abs() < 1e-15);
}

#[test]
fn nothing_asked_is_nothing_found() {
    let comparison = compare(&[]);
    assert!(comparison.differences.is_empty());
    assert_eq!((comparison.tested, comparison.detectable(RATE)), (0, None));
}
