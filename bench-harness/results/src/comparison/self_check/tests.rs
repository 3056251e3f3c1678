use super::{SelfCheck, SelfCheckError, self_check};
use crate::comparison::{ComparedFigure, Judgement, SmallestEffects, compare_sides};
use crate::fixtures::two_builds;
use crate::{Measurements, Outcome, Trial, Verdict};

const CELL: &str = "null-json-closed";

/// One side of `rounds` rounds: those of two equal builds that took turns, again and again.
fn side(rounds: u32) -> Measurements {
    let (mut side, other) = two_builds(|_| None);
    let other = other.run.unwrap().trials;
    for (cell, trials) in &mut side.run.as_mut().unwrap().trials {
        let turns = trials.iter().zip(&other[cell]);
        let turns: Vec<Trial> = turns
            .flat_map(|(one, two)| [one.clone(), two.clone()])
            .collect();
        *trials = (1..=rounds)
            .zip(turns.into_iter().cycle())
            .map(|(number, trial)| Trial { number, ..trial })
            .collect();
    }
    side
}

fn checked(side: &Measurements) -> SelfCheck {
    self_check(side, &SmallestEffects::default(), 5).unwrap()
}

fn trials<'a>(side: &'a mut Measurements, cell: &str) -> &'a mut Vec<Trial> {
    side.run.as_mut().unwrap().trials.get_mut(cell).unwrap()
}

fn refused(side: &Measurements, trials: u32) -> SelfCheckError {
    self_check(side, &SmallestEffects::default(), trials).unwrap_err()
}

/// The trials whose place from 0 is so by 2, numbered through.
fn every_second(side: &Measurements, rest: usize) -> Measurements {
    let mut part = side.clone();
    for trials in part.run.as_mut().unwrap().trials.values_mut() {
        let of_part = trials.drain(..).skip(rest).step_by(2);
        *trials = (1..)
            .zip(of_part)
            .map(|(number, trial)| Trial { number, ..trial })
            .collect();
    }
    part
}

#[test]
fn trials_that_hardly_vary_raise_no_alarm() {
    let side = side(25);
    let check = checked(&side);
    assert_eq!((check.rounds, check.trials), (25, 5));
    // Five rounds are left over.
    assert_eq!((check.in_order.comparisons, check.in_order.alarms), (2, 0));
    assert_eq!((check.assigned.comparisons, check.assigned.alarms), (32, 0));
    assert!(check.every_assignment);
    assert_eq!(check.unanswered, 0);
    // Of two blocks, however often they were compared.
    let interval = check.assigned.interval.unwrap();
    assert!((interval.high - 0.8419).abs() < 1e-4, "{interval:?}");
    assert_eq!(check.names.len(), side.run.as_ref().unwrap().trials.len());
    let rate = ComparedFigure::DeliveredPerSecond;
    let steady = check
        .figures
        .iter()
        .find(|it| it.name == CELL && it.figure == Some(rate));
    let steady = steady.unwrap().detectable.unwrap();
    assert!((0.05..0.12).contains(&steady), "{steady}");
    // Cells with invalid trials are noisier.
    assert!(check.detectable[&rate] > steady);
}

#[test]
fn a_difference_that_follows_the_order_is_an_alarm_of_that_order_alone() {
    let mut side = side(10);
    for trial in trials(&mut side, CELL).iter_mut().skip(1).step_by(2) {
        trial.counts.in_time = trial.counts.in_time * 5 / 6;
    }
    let check = checked(&side);
    assert_eq!((check.in_order.comparisons, check.in_order.alarms), (1, 1));
    assert_eq!((check.assigned.comparisons, check.assigned.alarms), (16, 1));
    assert!((check.assigned.share() - 1.0 / 16.0).abs() < 1e-12);
    let worst = &check.figures[0];
    assert_eq!(
        (worst.name.as_str(), worst.figure),
        (CELL, Some(ComparedFigure::DeliveredPerSecond))
    );
    assert_eq!((worst.in_order, worst.assigned), (1, 1));
    assert!(check.figures[1..].iter().all(|figure| figure.assigned == 0));
}

#[test]
fn a_comparison_in_order_is_that_of_two_sides_that_took_turns() {
    let mut side = side(10);
    // One cell is unsteady, another loses.
    for (index, trial) in trials(&mut side, CELL).iter_mut().enumerate() {
        trial.counts.in_time += trial.counts.in_time * [0, 3, 1][index % 3] / 10;
    }
    let lossy = &mut trials(&mut side, "nats-core-json-open")[3];
    lossy.counts.lost = 5;
    lossy.counts.delivered -= 5;
    lossy.outcome = Outcome::Lossy;
    let (base, head) = (every_second(&side, 0), every_second(&side, 1));
    let expected = compare_sides(&base, &head, None, &SmallestEffects::default()).unwrap();
    let check = checked(&side);
    for compared in &expected.compared {
        for value in &compared.figures {
            let difference = &value.difference;
            let called = check
                .figures
                .iter()
                .find(|it| it.name == compared.name && it.figure == Some(difference.figure))
                .unwrap();
            let differs = matches!(difference.judgement(), Judgement::Better | Judgement::Worse);
            assert_eq!(called.in_order == 1, differs, "{difference:?}");
            let detectable = difference.detectable;
            assert_eq!(called.detectable.is_some(), detectable.is_some());
        }
    }
}

#[test]
fn a_round_that_a_cell_has_missed_leaves_the_others_where_they_are() {
    let mut side = side(10);
    trials(&mut side, CELL).remove(0);
    for trial in trials(&mut side, CELL) {
        if trial.number % 2 == 0 {
            trial.counts.in_time = trial.counts.in_time * 5 / 6;
        }
    }
    assert_eq!(checked(&side).in_order.alarms, 1);
}

#[test]
fn trials_that_fail_on_one_side_again_and_again_are_an_alarm() {
    let mut side = side(10);
    for trial in trials(&mut side, CELL).iter_mut().step_by(2).take(3) {
        trial.outcome = Outcome::Failed;
        trial.verdict = Verdict::Invalid;
    }
    let check = checked(&side);
    // The three fail on one side in one of four assignments of theirs, and so of all.
    assert_eq!((check.in_order.alarms, check.assigned.alarms), (1, 4));
    assert_eq!(
        (check.figures[0].name.as_str(), check.figures[0].figure),
        (CELL, None)
    );
}

#[test]
fn benchmarks_are_compared_with_themselves_too() {
    let mut side = side(10);
    let times = |rounds: std::ops::Range<u32>| {
        let time = |round| {
            (
                round,
                if round % 2 == 0 {
                    100.0
                } else {
                    120.0 + f64::from(round)
                },
            )
        };
        rounds.map(time).collect()
    };
    side.benchmarks.insert("encode".to_owned(), times(0..4));
    let too_few = checked(&side);
    assert!(!too_few.names.contains(&"encode".to_owned()));
    side.benchmarks.insert("encode".to_owned(), times(0..20));
    let check = checked(&side);
    assert_eq!((check.in_order.comparisons, check.in_order.alarms), (1, 1));
    assert_eq!(check.figures[0].name, "encode");
    side.run = None;
    let check = checked(&side);
    assert_eq!(check.names, ["encode"]);
    assert_eq!((check.in_order.comparisons, check.in_order.alarms), (2, 2));
}

#[test]
fn many_pairs_are_compared_by_a_sample_of_assignments() {
    let mut side = side(26);
    let run = side.run.as_mut().unwrap();
    run.trials.retain(|cell, _| cell == CELL);
    let check = self_check(&side, &SmallestEffects::default(), 13).unwrap();
    assert!(!check.every_assignment);
    assert_eq!(check.assigned.comparisons, 2_048);
}

#[test]
fn too_few_rounds_and_sides_of_no_interval_are_refused() {
    let why = refused(&side(9), 5);
    assert_eq!(
        why.to_string(),
        "a comparison of 5 trials against 5 needs 10, and there are 9: measure more, or compare \
         fewer with --trials"
    );
    assert_eq!(
        refused(&side(10), u32::MAX),
        SelfCheckError::TooFewRounds {
            trials: u32::MAX,
            rounds: 10
        }
    );
    for trials in [0, 2] {
        assert_eq!(
            refused(&side(10), trials),
            SelfCheckError::NoInterval(trials)
        );
    }
    let mut nothing = side(10);
    nothing.run = None;
    assert_eq!(
        refused(&nothing, 3),
        SelfCheckError::TooFewRounds {
            trials: 3,
            rounds: 0
        }
    );
}

#[test]
fn invalid_trials_have_no_answer() {
    let mut side = side(10);
    let run = side.run.as_mut().unwrap();
    for trial in run.trials.values_mut().flatten() {
        trial.verdict = Verdict::Invalid;
    }
    let SelfCheckError::NoAnswer(reasons) = refused(&side, 5) else {
        panic!("an answer of invalid trials");
    };
    assert!(
        reasons.contains(&"no valid trial of the base".to_owned()),
        "{reasons:?}"
    );
}
