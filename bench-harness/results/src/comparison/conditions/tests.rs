use std::collections::BTreeSet;

use super::{
    CONDITIONS, NotComparable, SHARED_SETTINGS, Side, Subject, comparable, conditions_that_differ,
};
use crate::comparison::ComparedFigure;
use crate::{CellOutcome, KEY_COLUMNS, Load, Row, Verdict, export};

const RATE: ComparedFigure = ComparedFigure::DeliveredPerSecond;

/// Key columns that may differ between compared cells.
const MAY_DIFFER: [&str; 8] = [
    "run",
    "scenario",
    "bus",
    "server_version",
    "envelope",
    "qos",
    "storage",
    "sync",
];

fn row() -> Row {
    Row {
        bus: "nats-core".to_owned(),
        guarantee: Some("none / at-most-once".to_owned()),
        outcome: CellOutcome::Delivered,
        verdict: Some(Verdict::Valid),
        trials: 5,
        lost: Some(0),
        ..Row::default()
    }
}

#[track_caller]
fn check(change: impl FnOnce(&mut Row), expected: Result<(), &str>) {
    let mut head = row();
    change(&mut head);
    let said =
        comparable(Subject::Servers, &[], RATE, &row(), &head).map_err(|why| why.to_string());
    assert_eq!(said, expected.map_err(str::to_owned));
}

#[test]
fn every_key_column_must_be_equal_or_may_differ() {
    let csv = export::to_csv::<Row>(&[]).unwrap();
    let keys: BTreeSet<&str> = csv.trim_end().split(',').take(KEY_COLUMNS).collect();
    let named: BTreeSet<&str> = CONDITIONS
        .iter()
        .chain(&SHARED_SETTINGS)
        .map(|(name, _)| *name)
        .chain(MAY_DIFFER)
        .collect();
    assert_eq!(named, keys);
}

#[test]
fn each_condition_that_differs_is_named() {
    let other = Row {
        host: "h".to_owned(),
        arch: "a".to_owned(),
        emulated: true,
        provider: "p".to_owned(),
        network_path: Some("n".to_owned()),
        tuning: "t".to_owned(),
        depth: "d".to_owned(),
        client: "c".to_owned(),
        workload: "w".to_owned(),
        load: Load::Closed,
        publish: "p".to_owned(),
        subscribe: "s".to_owned(),
        window: Some(1),
        payload: "p".to_owned(),
        payload_bytes: 1,
        publishers: 1,
        subscribers: 1,
        offered_per_second: Some(1.0),
        arrivals: Some("poisson".to_owned()),
        servers: Some("round".to_owned()),
        limit: "l".to_owned(),
        ..Row::default()
    };
    let names: Vec<&str> = CONDITIONS.iter().map(|(name, _)| *name).collect();
    assert_eq!(conditions_that_differ(&Row::default(), &other), names);
}

#[test]
fn a_setting_that_only_one_bus_has_is_no_condition() {
    let with = |ack_window, retention: Option<&str>| Row {
        ack_window,
        retention: retention.map(str::to_owned),
        ..row()
    };
    let differing = conditions_that_differ(&with(Some(20), Some("9")), &with(Some(256), None));
    assert_eq!(differing, ["ack_window"]);
    let differing = conditions_that_differ(&with(None, Some("9")), &with(Some(256), Some("8")));
    assert_eq!(differing, ["retention"]);
}

#[test]
fn bus_and_envelope_may_differ_within_one_guarantee() {
    let other_bus = |head: &mut Row| {
        head.bus = "redis-pubsub".to_owned();
        head.envelope = "json".to_owned();
    };
    check(other_bus, Ok(()));
    check(
        |head| head.guarantee = Some("in-memory / at-least-once".to_owned()),
        Err("different guarantees: none / at-most-once against in-memory / at-least-once"),
    );
}

#[test]
fn an_unknown_guarantee_is_that_of_the_same_bus_with_the_same_settings_only() {
    let unknown = |bus: &str, qos| Row {
        bus: bus.to_owned(),
        qos,
        guarantee: None,
        ..row()
    };
    let mqtt = unknown("mqtt3", Some(0));
    assert_eq!(
        comparable(
            Subject::Servers,
            &[],
            RATE,
            &mqtt,
            &unknown("mqtt3", Some(0))
        ),
        Ok(())
    );
    for (other, side) in [
        (unknown("mqtt3", Some(1)), Side::Base),
        (unknown("nats-core", None), Side::Base),
        (row(), Side::Base),
    ] {
        let said = comparable(Subject::Servers, &[], RATE, &mqtt, &other);
        assert_eq!(said, Err(NotComparable::GuaranteeUnknown(side)));
    }
}

#[test]
fn cells_without_a_headline_are_not_compared() {
    let lossy = |head: &mut Row| head.outcome = CellOutcome::Lossy;
    check(lossy, Err("outcome of the head: lossy"));
    check(
        |head| head.lost = Some(1),
        Err("outcome of the head: lossy"),
    );
    let not_run = |head: &mut Row| head.outcome = CellOutcome::NotRun;
    check(not_run, Err("outcome of the head: not-run"));
    let failed = |head: &mut Row| head.outcome = CellOutcome::Failed;
    check(failed, Err("outcome of the head: failed"));
    check(|head| head.trials = 0, Err("no valid trial of the head"));
}

#[test]
fn loss_takes_every_figure_away_but_the_delivered_share() {
    let lossy = Row {
        lost: Some(1),
        outcome: CellOutcome::Lossy,
        ..row()
    };
    let saturated = Row {
        outcome: CellOutcome::Saturated,
        ..lossy.clone()
    };
    let share = ComparedFigure::DeliveredShare;
    for subject in [Subject::Servers, Subject::Builds, Subject::Layouts] {
        for load in [Load::Open, Load::Closed] {
            for &figure in ComparedFigure::of_builds(load) {
                let said = comparable(subject, &[], figure, &lossy, &row());
                let why = NotComparable::Outcome(Side::Base, CellOutcome::Lossy);
                let expected = if figure == share { Ok(()) } else { Err(why) };
                assert_eq!(said, expected, "{figure:?} between {subject:?}");
            }
        }
        assert_eq!(comparable(subject, &[], share, &lossy, &saturated), Ok(()));
    }
}

#[test]
fn loss_is_not_compared_where_there_is_no_share_to_show() {
    let said = |change: &dyn Fn(&mut Row)| {
        let mut head = Row {
            lost: Some(1),
            outcome: CellOutcome::Lossy,
            ..row()
        };
        change(&mut head);
        comparable(
            Subject::Builds,
            &[],
            ComparedFigure::DeliveredShare,
            &row(),
            &head,
        )
        .map_err(|why| why.to_string())
    };
    let refused = |why: &str| Err(why.to_owned());
    let failed = said(&|head| head.outcome = CellOutcome::Failed);
    assert_eq!(failed, refused("outcome of the head: failed"));
    let not_run = said(&|head| head.outcome = CellOutcome::NotRun);
    assert_eq!(not_run, refused("outcome of the head: not-run"));
    let invalid = said(&|head| head.verdict = Some(Verdict::Invalid));
    assert_eq!(invalid, refused("no valid trial of the head"));
    let elsewhere = said(&|head| head.host = "other".to_owned());
    assert_eq!(
        elsewhere,
        refused("measured under different conditions: host")
    );
}

#[test]
fn a_floor_is_compared_with_itself_only() {
    let null = |head: &mut Row| head.bus = "null".to_owned();
    check(null, Err("the head is a floor of the harness"));
    let floor = Row {
        bus: "null".to_owned(),
        ..row()
    };
    assert_eq!(
        comparable(Subject::Builds, &[], RATE, &floor, &floor),
        Ok(())
    );
}

#[test]
fn layouts_of_one_bus_may_differ_in_the_bytes_of_their_payload_only() {
    let compared = |change: &dyn Fn(&mut Row)| {
        let mut head = row();
        change(&mut head);
        comparable(Subject::Layouts, &[], RATE, &row(), &head)
    };
    assert_eq!(compared(&|head| head.payload_bytes = 9), Ok(()));
    let said = compared(&|head| {
        head.window = Some(190);
        head.bus = "mqtt5".to_owned();
        head.qos = Some(0);
    });
    let differing = vec!["window", "bus", "qos"];
    assert_eq!(said, Err(NotComparable::Conditions(differing)));
}

#[test]
fn the_column_that_differs_is_said() {
    check(
        |head| {
            head.payload = "10xFloat64".to_owned();
            head.subscribers = 4;
        },
        Err("measured under different conditions: payload, subscribers"),
    );
}
