//! A side compared with itself, as a terminal and a program see it.

use std::collections::BTreeMap;

use busbench_report::comparison::{self_check_human, self_check_json};
use busbench_results::comparison::{CheckedFigure, ComparedFigure, FalseAlarms, SelfCheck};
use busbench_results::statistics::interval_of_share;
use serde_json::Value;

fn false_alarms(comparisons: u64, alarms: u64, blocks: f64) -> FalseAlarms {
    let share = alarms as f64 / comparisons as f64;
    FalseAlarms {
        comparisons,
        alarms,
        interval: interval_of_share(share * blocks, blocks),
    }
}

/// Twenty comparisons in order, of which one alarmed.
fn check() -> SelfCheck {
    let figure = |name: &str, figure, (in_order, assigned), detectable| CheckedFigure {
        name: name.to_owned(),
        figure,
        in_order,
        assigned,
        detectable,
    };
    let (rate, p99) = (
        ComparedFigure::DeliveredPerSecond,
        ComparedFigure::ResponseP99Ns,
    );
    SelfCheck {
        trials: 5,
        rounds: 203,
        names: ["nats-core-json-closed", "nats-core-json-open"]
            .map(str::to_owned)
            .to_vec(),
        in_order: false_alarms(20, 1, 20.0),
        assigned: false_alarms(320, 5, 20.0),
        every_assignment: true,
        unanswered: 0,
        figures: vec![
            figure("nats-core-json-open", Some(p99), (1, 4), Some(0.611)),
            figure("nats-core-json-open", None, (0, 1), None),
            figure("nats-core-json-closed", Some(rate), (0, 0), Some(0.1234)),
        ],
        detectable: BTreeMap::from([(rate, 0.1234), (p99, 12.0)]),
    }
}

#[test]
fn the_text_is_as_it_was() {
    insta::assert_snapshot!(self_check_human(&check(), 80));
}

#[test]
fn the_json_is_as_it_was() {
    insta::assert_snapshot!(self_check_json(&check()));
}

#[test]
fn a_check_without_an_alarm_names_no_figure() {
    let mut check = check();
    check.in_order = false_alarms(20, 0, 20.0);
    check.assigned = false_alarms(40_960, 0, 20.0);
    check.every_assignment = false;
    check.unanswered = 1_024;
    for figure in &mut check.figures {
        (figure.in_order, figure.assigned) = (0, 0);
    }
    let text = self_check_human(&check, 80);
    assert!(!text.contains("Called different"), "{text}");
    assert!(text.contains("a sample of assignments"), "{text}");
    assert!(text.contains("1,024 more had no answer."), "{text}");
}

#[test]
fn of_many_figures_the_worst_are_named_and_the_rest_counted() {
    let mut check = check();
    let like = check.figures[0].clone();
    check.figures = vec![like; 14];
    let text = self_check_human(&check, 80);
    assert_eq!(text.matches("response p99").count(), 10 + 1, "{text}");
    assert!(text.contains("And 4 more figures."), "{text}");
    let json: Value = serde_json::from_str(&self_check_json(&check)).unwrap();
    assert_eq!(json["figures"].as_array().unwrap().len(), 14);
}

#[test]
fn names_cannot_steer_a_terminal() {
    let mut check = check();
    check.names[0] = "\u{1b}[31mred".to_owned();
    check.figures[0].name = "\u{1b}[31mred".to_owned();
    assert!(!self_check_human(&check, 80).contains('\u{1b}'));
}
