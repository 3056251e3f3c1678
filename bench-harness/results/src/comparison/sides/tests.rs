use super::{Incomparable, SideVerdict, SidesComparison, compare_sides};
use crate::comparison::{Across, ComparedFigure, Judgement, Side, SmallestEffects};
use crate::fixtures::{Change, two_builds};
use crate::{Cell, Load, Measurements};

fn compared(
    change: impl Fn(&Cell) -> Option<Change>,
) -> (SidesComparison, Measurements, Measurements) {
    let (base, head) = two_builds(change);
    let comparison = compare_sides(&base, &head, None, &SmallestEffects::default()).unwrap();
    (comparison, base, head)
}

fn verdict(comparison: &SidesComparison, name: &str) -> SideVerdict {
    let cell = comparison.compared.iter().find(|cell| cell.name == name);
    cell.unwrap().verdict
}

fn is(cell: &Cell, bus: &str, load: Load) -> bool {
    cell.key.bus == bus && cell.key.envelope == "json" && cell.key.load == load
}

#[test]
fn equal_builds_differ_nowhere() {
    let (comparison, ..) = compared(|_| None);
    assert!(!comparison.has_regression());
    assert!(comparison.took_turns);
    assert!(comparison.tested > 20, "{}", comparison.tested);
    let differing: Vec<&str> = comparison
        .compared
        .iter()
        .filter(|cell| cell.verdict == SideVerdict::Improved)
        .map(|cell| cell.name.as_str())
        .collect();
    assert_eq!(differing, [""; 0]);
}

#[test]
fn more_work_in_one_cell_is_a_regression_of_that_cell_alone() {
    let (comparison, ..) =
        compared(|cell| is(cell, "null", Load::Closed).then_some(Change::Slower(1.10)));
    assert!(comparison.has_regression());
    for cell in &comparison.compared {
        let expected = cell.name == "null-json-closed";
        assert_eq!(
            cell.verdict == SideVerdict::Regressed,
            expected,
            "{}",
            cell.name
        );
    }
}

#[test]
fn less_work_is_an_improvement_and_no_regression() {
    let (comparison, ..) =
        compared(|cell| is(cell, "null", Load::Closed).then_some(Change::Slower(0.85)));
    assert!(!comparison.has_regression());
    assert_eq!(
        verdict(&comparison, "null-json-closed"),
        SideVerdict::Improved
    );
}

#[test]
fn new_loss_is_a_regression_though_it_takes_every_other_figure_away() {
    let (comparison, ..) =
        compared(|cell| is(cell, "nats-core", Load::Open).then_some(Change::Loses(0.005)));
    let cell = comparison
        .compared
        .iter()
        .find(|cell| cell.name == "nats-core-json-open")
        .unwrap();
    assert_eq!(cell.verdict, SideVerdict::Regressed);
    for value in &cell.figures {
        let expected = if value.difference.figure == ComparedFigure::DeliveredShare {
            Judgement::Worse
        } else {
            Judgement::NotComparable
        };
        assert_eq!(
            value.difference.judgement(),
            expected,
            "{:?}",
            value.difference
        );
    }
}

#[test]
fn a_head_whose_every_trial_fails_is_a_regression() {
    let (comparison, ..) =
        compared(|cell| is(cell, "nats-core", Load::Open).then_some(Change::Fails));
    assert_eq!(
        verdict(&comparison, "nats-core-json-open"),
        SideVerdict::Regressed
    );
}

#[test]
fn cells_of_one_side_alone_are_told_and_no_regression() {
    let (base, mut head) = two_builds(|_| None);
    let run = head.run.as_mut().unwrap();
    run.trials.remove("null-json-closed");
    let comparison = compare_sides(&base, &head, None, &SmallestEffects::default()).unwrap();
    assert_eq!(
        comparison.alone,
        [(Side::Base, "null-json-closed".to_owned())]
    );
    assert!(!comparison.has_regression());
}

#[test]
fn sides_that_ran_one_after_the_other_did_not_take_turns() {
    let (base, mut head) = two_builds(|_| None);
    for trial in head.run.as_mut().unwrap().trials.values_mut().flatten() {
        trial.started_unix_ms += 86_400_000;
    }
    let comparison = compare_sides(&base, &head, None, &SmallestEffects::default()).unwrap();
    assert!(!comparison.took_turns);
}

#[test]
fn other_conditions_forbid_a_comparison_and_one_of_them_may_be_allowed() {
    let (base, mut head) = two_builds(|_| None);
    let effects = SmallestEffects::default();
    let record = &mut head.run.as_mut().unwrap().record;
    record.servers.get_mut("nats").unwrap().version = "2.10.1".to_owned();
    let names = |refused: Incomparable| match refused {
        Incomparable::Fields(fields) => fields
            .into_iter()
            .map(|field| field.name)
            .collect::<Vec<_>>(),
        other => panic!("{other}"),
    };
    let refused = compare_sides(&base, &head, None, &effects).unwrap_err();
    assert_eq!(names(refused), ["version of nats"]);
    let allowed = compare_sides(&base, &head, Some(Across::Versions), &effects).unwrap();
    assert!(!allowed.has_regression());
    // What the machine limited is a lower bound of each version, so no rate is compared there.
    assert!(allowed.differences().any(|difference| {
        difference.figure == ComparedFigure::DeliveredPerSecond && difference.reason().is_some()
    }));

    let record = &mut head.run.as_mut().unwrap().record;
    record.host.cores = 8;
    let refused = compare_sides(&base, &head, Some(Across::Versions), &effects).unwrap_err();
    assert_eq!(names(refused), ["cores"]);
}

#[test]
fn nothing_in_common_and_too_few_trials_are_refused() {
    let effects = SmallestEffects::default();
    let (mut base, head) = two_builds(|_| None);
    base.run.as_mut().unwrap().trials.clear();
    let refused = compare_sides(&base, &head, None, &effects).unwrap_err();
    assert_eq!(refused, Incomparable::NothingInCommon);

    let (mut base, head) = two_builds(|_| None);
    for trials in base.run.as_mut().unwrap().trials.values_mut() {
        trials.truncate(2);
    }
    let Incomparable::NoAnswer(reasons) = compare_sides(&base, &head, None, &effects).unwrap_err()
    else {
        panic!("an answer of two pairs");
    };
    let too_few = "2 pairs of trials, and 3 are needed".to_owned();
    assert!(reasons.contains(&too_few), "{reasons:?}");
}

#[test]
fn a_rate_of_zero_is_no_figure() {
    let (base, mut head) = two_builds(|_| None);
    let trials = head
        .run
        .as_mut()
        .unwrap()
        .trials
        .get_mut("null-json-closed")
        .unwrap();
    trials[0].counts.in_time = 0;
    trials[0].window_ns = 0;
    let comparison = compare_sides(&base, &head, None, &SmallestEffects::default()).unwrap();
    assert_eq!(
        verdict(&comparison, "null-json-closed"),
        SideVerdict::NoMeasurableDifference
    );
}

#[test]
fn benchmarks_are_judged_like_cells() {
    let (mut base, mut head) = two_builds(|_| None);
    (base.run, head.run) = (None, None);
    let rounds = |factor: f64| {
        (1..=8)
            .map(|round| (round, factor * (100.0 + f64::from(round % 3))))
            .collect()
    };
    for (name, factor) in [("encode/json", 1.0), ("decode/json", 1.2)] {
        base.benchmarks.insert(name.to_owned(), rounds(1.0));
        head.benchmarks.insert(name.to_owned(), rounds(factor));
    }
    head.benchmarks.insert("new".to_owned(), rounds(1.0));
    let comparison = compare_sides(&base, &head, None, &SmallestEffects::default()).unwrap();
    assert_eq!(verdict(&comparison, "decode/json"), SideVerdict::Regressed);
    assert_eq!(
        verdict(&comparison, "encode/json"),
        SideVerdict::NoMeasurableDifference
    );
    assert_eq!(comparison.alone, [(Side::Head, "new".to_owned())]);
}
