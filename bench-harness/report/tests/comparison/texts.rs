//! What a reader at a terminal and one of a pull request get.

use busbench_results::Load;
use busbench_results::comparison::{Across, ComparedFigure};
use busbench_results::fixtures::Change;
use serde_json::Value;

use crate::json::parsed;
use crate::sides::{Sides, benchmarks, is, one_regressed};

/// What a reader at a terminal and one of a pull request get.
pub(crate) fn check(name: &str, sides: &Sides) {
    let texts = sides.rendered();
    let both = format!("{}\n{}\n{}", texts.human, "=".repeat(80), texts.markdown);
    insta::assert_snapshot!(name, both);
}

#[test]
fn equal_builds_pass_and_show_what_would_have_been_caught() {
    let sides = Sides::of(|_| None);
    check("equal", &sides);
    let value = parsed(&sides);
    assert_eq!(value["verdict"], "no measurable difference");
    assert_eq!(value["regressed"], false);
    assert_eq!(value["narrow_enough"], true);
}

#[test]
fn one_regressed_cell_is_named_first() {
    let sides = one_regressed();
    check("regressed", &sides);
    parsed(&sides);
    insta::assert_snapshot!("regressed_json", sides.rendered().json);
}

#[test]
fn what_is_better_does_not_hide_what_is_worse() {
    let sides = Sides::small(|cell| match (cell.key.bus.as_str(), cell.key.load) {
        ("null", Load::Closed) => Some(Change::Slower(1.2)),
        ("nats-core", Load::Closed) => Some(Change::Slower(0.8)),
        _ => None,
    });
    check("mixed", &sides);
    let value = parsed(&sides);
    assert_eq!(value["verdict"], "mixed");
    assert_eq!(value["regressed"], true);
}

#[test]
fn an_improvement_is_told_and_no_regression() {
    let sides =
        Sides::small(|cell| is(cell, "nats-core", Load::Closed).then_some(Change::Slower(0.8)));
    check("improved", &sides);
    let value = parsed(&sides);
    assert_eq!(value["verdict"], "improved");
    assert_eq!(value["regressed"], false);
}

#[test]
fn new_loss_is_told_as_what_is_lost_and_what_arrives() {
    let sides =
        Sides::small(|cell| is(cell, "nats-core", Load::Open).then_some(Change::Loses(0.0052)));
    check("loss", &sides);
    parsed(&sides);
}

#[test]
fn a_head_whose_trials_fail_is_told_as_that() {
    let sides = Sides::small(|cell| is(cell, "nats-core", Load::Open).then_some(Change::Fails));
    check("failing", &sides);
    let value = parsed(&sides);
    let cells = value["cells"].as_array().unwrap();
    let failing = cells
        .iter()
        .find(|cell| cell["verdict"] == "regressed")
        .unwrap();
    assert_eq!(failing["head_trials"]["failed"], 10);
}

#[test]
fn sides_that_did_not_take_turns_are_warned_of() {
    let mut sides = one_regressed();
    for trial in sides.head().trials.values_mut().flatten() {
        trial.started_unix_ms += 86_400_000;
    }
    let texts = sides.rendered();
    for text in [&texts.human, &texts.markdown] {
        let text = text.replace('\n', " ");
        let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
        let warning = place("The sides did not take turns");
        assert!(
            place("egressed") < warning && warning < place("head is"),
            "{text}"
        );
    }
    assert_eq!(parsed(&sides)["took_turns"], false);
}

#[test]
fn every_condition_that_differs_is_on_a_line_of_its_own() {
    let mut sides = Sides::small(|_| None);
    let record = &mut sides.head().record;
    record.host.cores = 8;
    record.host.kernel = "6.8.0".to_owned();
    record.scenario.resolved["duration"] = "20s".into();
    check("refused", &sides);
    let texts = sides.rendered();
    assert!(
        texts.human.contains("\n  cores: 2 -> 8\n"),
        "{}",
        texts.human
    );
    assert!(!texts.human.contains("--across cores"));
    parsed(&sides);
    insta::assert_snapshot!("refused_json", texts.json);
}

#[test]
fn one_difference_that_may_be_allowed_is_named_with_its_flag() {
    let mut sides = Sides::small(|_| None);
    let servers = &mut sides.head().record.servers;
    servers.get_mut("nats").unwrap().version = "2.10.1".to_owned();
    let texts = sides.rendered();
    for text in [&texts.human, &texts.markdown] {
        assert!(text.contains("`--across versions`"), "{text}");
    }
    assert_eq!(parsed(&sides)["refusal"]["allowed_across"], "versions");

    // What was named and does not differ does not keep the hint away.
    sides.across = Some(Across::Kernel);
    assert!(sides.rendered().human.contains("`--across versions`"));

    sides.across = Some(Across::Versions);
    check("across_versions", &sides);
    assert_eq!(parsed(&sides)["across"], "versions");
}

#[test]
fn sides_with_nothing_in_common_are_told_what_each_has() {
    let mut sides = Sides::small(|_| None);
    sides.head().trials.clear();
    check("nothing_in_common", &sides);
    assert_eq!(parsed(&sides)["refusal"]["kind"], "nothing_in_common");
}

#[test]
fn too_few_trials_are_told_with_how_many_are_needed() {
    let mut sides = Sides::small(|_| None);
    for trials in sides.runs().flat_map(|run| run.trials.values_mut()) {
        trials.truncate(2);
    }
    check("too_few_trials", &sides);
    assert_eq!(parsed(&sides)["refusal"]["kind"], "no_answer");
}

#[test]
fn benchmarks_are_shown_like_cells_with_their_time() {
    let sides = benchmarks();
    check("benchmarks", &sides);
    let value = parsed(&sides);
    assert_eq!(value["cells"][0]["kind"], "benchmark");
    assert_eq!(value["base"]["run"], Value::Null);
    assert_eq!(value["alone"][0]["side"], "head");
}

#[test]
fn cells_and_benchmarks_are_counted_together() {
    let (mut sides, benchmarks) = (Sides::small(|_| None), benchmarks());
    sides.base.benchmarks = benchmarks.base.benchmarks;
    sides.head.benchmarks = benchmarks.head.benchmarks;
    let human = sides.rendered().human;
    assert!(
        human.contains("1 of 5 cells and benchmarks is worse"),
        "{human}"
    );
}

#[test]
fn the_terminal_tables_fit_their_width() {
    let sides = one_regressed();
    for width in [80, 100, 120] {
        for line in sides.rendered_in(width).human.lines() {
            assert!(
                line.chars().count() <= usize::from(width),
                "{width}: {line}"
            );
        }
    }
}

#[test]
fn wide_intervals_are_not_narrow_enough_and_the_widest_are_named() {
    let mut sides = Sides::small(|_| None);
    let figure = ComparedFigure::ResponseP99Ns;
    sides.effects.set(figure, 0.000_1).unwrap();
    let human = sides.rendered().human.replace('\n', " ");
    assert!(human.contains("Not narrow enough: in 1 of "), "{human}");
    assert!(human.contains("the widest is response p99 of nats-core-json-open"));
    let value = parsed(&sides);
    assert_eq!(value["narrow_enough"], false);
    assert_eq!(value["widest"][0]["figure"], "response_p99_ns");
    assert_eq!(value["widest"].as_array().unwrap().len(), 3);
}
