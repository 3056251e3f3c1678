//! Cells of a run against each other.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use busbench_results::comparison::{
    CellComparison, ComparedFigure, Difference, Finding, NotComparable, Ranking, Side,
    SmallestEffects, compare_cells,
};
use busbench_results::{
    CellOutcome, FLOORS, LimitedBy, Load, Row, Run, Trial, Verdict, fixtures, summarise,
};

const RATE: ComparedFigure = ComparedFigure::DeliveredPerSecond;
const P50: ComparedFigure = ComparedFigure::ResponseP50Ns;
const P99: ComparedFigure = ComparedFigure::ResponseP99Ns;

/// A cell, and what happens to each of its trials.
type Change = (&'static str, fn(&mut Trial));

/// The made-up run after a change to the trials of some cells, with its comparison.
fn with<T>(changes: &[Change], look: impl FnOnce(&Run, &[Row], &CellComparison<'_>) -> T) -> T {
    let mut run = fixtures::run();
    for (cell, change) in changes {
        for trial in run.trials.get_mut(*cell).unwrap() {
            change(trial);
        }
    }
    let rows = summarise(&run);
    let comparison = compare_cells(&run, &rows, &SmallestEffects::default());
    look(&run, &rows, &comparison)
}

fn place(run: &Run, cell: &str) -> usize {
    let place = run.record.cells.iter().position(|other| other.id == cell);
    place.unwrap()
}

fn difference(changes: &[Change], figure: ComparedFigure, base: &str, head: &str) -> Difference {
    with(changes, |run, _, comparison| {
        comparison
            .between(figure, place(run, base), place(run, head))
            .unwrap()
    })
}

#[track_caller]
fn check(figure: ComparedFigure, base: &str, head: &str, finding: &Finding) {
    assert_eq!(&difference(&[], figure, base, head).finding, finding);
}

fn not_comparable(why: NotComparable) -> Finding {
    Finding::NotComparable(why)
}

/// The ranking that holds this cell.
fn ranking(
    run: &Run,
    comparison: &CellComparison<'_>,
    cell: &str,
    figure: ComparedFigure,
) -> Ranking {
    let cell = place(run, cell);
    let group = comparison
        .groups
        .iter()
        .find(|group| group.cells.contains(&cell))
        .unwrap();
    let ranking = group
        .rankings
        .iter()
        .find(|ranking| ranking.figure == figure);
    ranking.unwrap().clone()
}

const HIGHER: Finding = Finding::Higher { at_least: false };
const LOWER: Finding = Finding::Lower { at_least: false };

#[test]
fn groups_hold_measured_cells_of_one_load_and_one_guarantee() {
    with(&[], |_, rows, comparison| {
        let mut grouped = 0;
        for group in &comparison.groups {
            let first = &rows[group.cells[0]];
            grouped += group.cells.len();
            for row in group.cells.iter().map(|&cell| &rows[cell]) {
                assert_eq!((row.load, &row.guarantee), (first.load, &first.guarantee));
                assert!(row.trials > 0 && !FLOORS.contains(&row.bus.as_str()));
            }
            let figures: Vec<_> = group
                .rankings
                .iter()
                .map(|ranking| ranking.figure)
                .collect();
            assert_eq!(figures, ComparedFigure::headlines(first.load));
        }
        let measured = rows
            .iter()
            .filter(|row| row.trials > 0 && !FLOORS.contains(&row.bus.as_str()));
        assert_eq!(grouped, measured.count());
        assert_eq!(
            comparison.groups.len(),
            6,
            "three guarantees under two loads"
        );
    });
}

#[test]
fn every_pair_of_a_group_shares_one_correction() {
    with(&[], |_, _, comparison| {
        let asked: usize = comparison
            .groups
            .iter()
            .map(|group| {
                let cells = group.cells.len();
                cells * (cells - 1) / 2 * group.rankings.len()
            })
            .sum();
        assert_eq!(comparison.comparison.differences.len(), asked);
        assert!(
            comparison.comparison.tested < asked,
            "lossy and saturated ones are not tested"
        );
        assert!(comparison.comparison.confidence() > 0.95);
    });
}

#[test]
fn a_clear_difference_is_found_both_ways() {
    check(RATE, "nats-core-native-closed", "mqtt5-json-closed", &LOWER);
    check(
        RATE,
        "mqtt5-json-closed",
        "nats-core-native-closed",
        &HIGHER,
    );
    check(P50, "nats-core-native-open", "mqtt3-json-open", &HIGHER);
}

#[test]
fn a_small_difference_is_not_measurable() {
    check(
        P99,
        "nats-core-native-open",
        "nats-core-json-open",
        &Finding::NoMeasurableDifference,
    );
    check(
        P50,
        "mqtt5-native-open",
        "mqtt5-json-open",
        &Finding::NoMeasurableDifference,
    );
}

#[test]
fn another_guarantee_is_not_compared() {
    let why = NotComparable::Guarantees {
        base: "none / at-most-once".to_owned(),
        head: "in-memory / at-least-once".to_owned(),
    };
    check(
        RATE,
        "nats-core-json-closed",
        "redis-streams-json-closed",
        &not_comparable(why),
    );
}

#[test]
fn a_floor_is_not_compared() {
    let why = not_comparable(NotComparable::Floor(Side::Head));
    check(RATE, "nats-core-json-closed", "null-json-closed", &why);
}

#[test]
fn another_load_is_not_compared() {
    let differing = vec!["load", "window", "offered_per_second", "arrivals"];
    let why = not_comparable(NotComparable::Conditions(differing));
    check(RATE, "nats-core-json-closed", "nats-core-json-open", &why);
}

#[test]
fn a_lossy_cell_stays_in_its_group_and_is_not_ranked() {
    let lossy: fn(&mut Trial) = |trial| {
        trial.counts.lost = 1;
        trial.outcome = busbench_results::Outcome::Lossy;
    };
    let changes = [("nats-core-native-closed", lossy)];
    with(&changes, |run, _, comparison| {
        let ranking = ranking(run, comparison, "nats-core-native-closed", RATE);
        assert_eq!(ranking.leader, Some(place(run, "nats-core-json-closed")));
        let lossy = place(run, "nats-core-native-closed");
        let (_, difference) = ranking
            .against_leader
            .iter()
            .find(|(cell, _)| *cell == lossy)
            .unwrap();
        let why = NotComparable::Outcome(Side::Head, CellOutcome::Lossy);
        assert_eq!(difference.finding, not_comparable(why));
    });
}

#[test]
fn the_leader_is_the_best_and_all_others_lie_to_it() {
    with(&[], |run, rows, comparison| {
        for group in &comparison.groups {
            for ranking in &group.rankings {
                let Some(leader) = ranking.leader else {
                    continue;
                };
                assert_eq!(ranking.against_leader.len(), group.cells.len() - 1);
                for (cell, difference) in &ranking.against_leader {
                    let ratio = difference.ratio.unwrap_or(1.0);
                    match rows[*cell].load {
                        Load::Closed => assert!(ratio <= 1.0),
                        Load::Open => assert!(ratio >= 1.0),
                    }
                    assert_eq!(
                        comparison.between(ranking.figure, leader, *cell).as_ref(),
                        Some(difference)
                    );
                }
            }
        }
        let fastest = ranking(run, comparison, "mqtt5-json-closed", RATE);
        assert_eq!(fastest.leader, Some(place(run, "nats-core-native-closed")));
        let soonest = ranking(run, comparison, "mqtt5-json-open", P99);
        assert_eq!(soonest.leader, Some(place(run, "nats-core-native-open")));
    });
}

#[test]
fn a_cell_that_the_machine_limited_is_at_least_what_it_reached() {
    let limited: fn(&mut Trial) = |trial| trial.limited_by = LimitedBy::Machine;
    let (fast, slow) = ("nats-core-native-closed", "mqtt5-json-closed");
    let finding = |changes: &[Change]| difference(changes, RATE, fast, slow).finding;
    let at_least = true;
    assert_eq!(finding(&[(fast, limited)]), Finding::Lower { at_least });
    let why = NotComparable::LimitedElsewhere(Side::Head, LimitedBy::Machine);
    assert_eq!(finding(&[(slow, limited)]), not_comparable(why));
    let both = not_comparable(NotComparable::BothLimitedElsewhere);
    assert_eq!(finding(&[(fast, limited), (slow, limited)]), both);
}

#[test]
fn an_invalid_trial_leaves_its_pair_out() {
    // One of three trials of this cell is invalid: two pairs are left.
    let difference = difference(&[], RATE, "mqtt5-native-closed", "mqtt5-json-closed");
    assert_eq!(
        (difference.pairs, difference.finding),
        (2, Finding::TooFewTrials)
    );
    assert_eq!(difference.interval, None);
}

#[test]
fn cells_without_a_valid_trial_say_so() {
    let invalid: fn(&mut Trial) = |trial| trial.verdict = Verdict::Invalid;
    let changes = [("mqtt5-json-closed", invalid)];
    let said = difference(&changes, RATE, "nats-core-json-closed", "mqtt5-json-closed").finding;
    assert_eq!(said, not_comparable(NotComparable::Invalid(Side::Head)));
}

#[test]
fn a_cell_is_not_compared_with_itself_nor_with_none() {
    with(&[], |run, _, comparison| {
        let cells = run.record.cells.len();
        assert_eq!(comparison.between(RATE, 0, 0), None);
        assert_eq!(comparison.between(RATE, 0, cells), None);
    });
}
