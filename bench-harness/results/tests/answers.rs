//! What made-up measurements favour, and what they do not.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::sync::LazyLock;

use busbench_results::answers::{
    Answer, Condition, Evidence, Favour, NoVerdict, Standing, answers,
};
use busbench_results::comparison::{
    ComparedFigure, Judgement, SmallestEffects, compare_cells, compare_layouts,
};
use busbench_results::{
    CellOutcome, LimitedBy, Load, Outcome, Row, Run, ServerSpan, Trial, Verdict, fixtures,
    summarise,
};

const AT_MOST_ONCE: &str = "none / at-most-once";
const AT_LEAST_ONCE: &str = "in-memory / at-least-once";

/// A run with its answer to one question.
struct Answered {
    run: Run,
    rows: Vec<Row>,
    answer: Answer,
}

fn answered(run: Run, question: &str) -> Answered {
    let rows = summarise(&run);
    let answer = answers_of(&run, &rows)
        .into_iter()
        .find(|answer| answer.question.id == question)
        .unwrap();
    Answered { run, rows, answer }
}

fn answers_of(run: &Run, rows: &[Row]) -> Vec<Answer> {
    let effects = SmallestEffects::default();
    let cells = compare_cells(run, rows, &effects);
    let between = |figure, base, head| cells.between(figure, base, head);
    let layouts = compare_layouts(run, rows, &effects, |row| {
        ComparedFigure::headlines(row.load)
    });
    answers(&[Evidence {
        run,
        rows,
        headlines: &between,
        layouts: &layouts,
    }])
}

/// The made-up run's answer to the first question, made once.
fn sensors() -> &'static Answered {
    static SENSORS: LazyLock<Answered> =
        LazyLock::new(|| answered(fixtures::sensors_run(), "sensors"));
    &SENSORS
}

impl Answered {
    fn bus(&self, cell: usize) -> &str {
        &self.rows[cell].bus
    }

    fn buses(&self, cells: impl IntoIterator<Item = usize>) -> Vec<&str> {
        cells.into_iter().map(|cell| self.bus(cell)).collect()
    }

    /// What the series of a guarantee favours.
    fn favour(&self, guarantee: &str) -> &Favour {
        let conditions = &self.answer.conditions;
        let of_guarantee = |condition: &usize| {
            let row = &self.rows[conditions[*condition].cells[0]];
            row.guarantee.as_deref() == Some(guarantee)
        };
        let mut series = self.answer.series.iter();
        let series = series.find(|series| series.conditions.iter().all(of_guarantee));
        &series.unwrap().favour
    }

    /// The group of a guarantee at a rate.
    fn condition(&self, guarantee: &str, at: f64) -> &Condition {
        let mut conditions = self.answer.conditions.iter();
        let condition = conditions.find(|condition| {
            let row = &self.rows[condition.cells[0]];
            row.guarantee.as_deref() == Some(guarantee) && row.offered_per_second == Some(at)
        });
        condition.unwrap()
    }

    fn no_verdict_of<'a>(&self, condition: &'a Condition, bus: &str) -> Option<&'a NoVerdict> {
        let mut cells = condition.no_verdict.iter();
        cells
            .find(|(cell, _)| self.bus(*cell) == bus)
            .map(|(_, why)| why)
    }
}

/// Changes each trial of a bus at a rate.
fn change(run: &mut Run, of_bus: &str, at: f64, how: impl Fn(&mut Trial)) {
    for cell in &run.record.cells {
        let is_it = cell.key.bus == of_bus && cell.key.offered_per_second == Some(at);
        if !is_it {
            continue;
        }
        run.trials
            .get_mut(&cell.id)
            .unwrap()
            .iter_mut()
            .for_each(&how);
    }
}

#[test]
fn a_bus_that_is_measurably_better_everywhere_is_favoured() {
    let sensors = sensors();
    let Favour::Favoured(cells) = sensors.favour(AT_MOST_ONCE) else {
        panic!("{:?}", sensors.answer.series);
    };
    assert_eq!(sensors.buses(cells.iter().copied()), ["nats-core"]);
    let first = sensors.condition(AT_MOST_ONCE, 1_000.0);
    assert_eq!(first.standing, Standing::Judged);
    let worse: Vec<&str> = first
        .worse
        .iter()
        .map(|(cell, _)| sensors.bus(*cell))
        .collect();
    assert_eq!(worse, ["mqtt3", "mqtt5"]);
    for (_, difference) in &first.worse {
        assert_eq!(difference.judgement(), Judgement::Worse);
        assert!(difference.ratio.unwrap() > 1.3, "{difference:?}");
    }
}

#[test]
fn cells_of_equal_times_have_no_measurable_difference() {
    let mut run = fixtures::sensors_run();
    for at in [1_000.0, 5_000.0, 10_000.0] {
        let of_nats: Vec<Trial> = run
            .record
            .cells
            .iter()
            .find(|cell| cell.key.bus == "nats-core" && cell.key.offered_per_second == Some(at))
            .map(|cell| run.trials[&cell.id].clone())
            .unwrap();
        for other in ["mqtt3", "mqtt5"] {
            change(&mut run, other, at, |trial| {
                let same = &of_nats[trial.number as usize - 1];
                trial.histograms.clone_from(&same.histograms);
            });
        }
    }
    let sensors = answered(run, "sensors");
    let Favour::NoDifference(cells) = sensors.favour(AT_MOST_ONCE) else {
        panic!("{:?}", sensors.answer.series);
    };
    assert_eq!(
        sensors.buses(cells.iter().copied()),
        ["nats-core", "mqtt3", "mqtt5"]
    );
}

#[test]
fn conditions_that_disagree_are_told_apart() {
    let sensors = sensors();
    assert_eq!(*sensors.favour(AT_LEAST_ONCE), Favour::ByCondition);
    for (at, leader) in [(1_000.0, "nats-jetstream"), (5_000.0, "redis-streams")] {
        let condition = sensors.condition(AT_LEAST_ONCE, at);
        assert_eq!(sensors.bus(condition.leader.unwrap()), leader, "{at}");
    }
}

#[test]
fn guarantees_are_never_ranked_against_each_other() {
    let sensors = sensors();
    for condition in &sensors.answer.conditions {
        let first = &sensors.rows[condition.cells[0]].guarantee;
        assert!(
            condition
                .cells
                .iter()
                .all(|&cell| sensors.rows[cell].guarantee == *first)
        );
    }
    assert_eq!(sensors.answer.series.len(), 3);
    let alone = sensors.favour("in-memory / at-most-once");
    assert_eq!(*alone, Favour::None(Standing::Alone));
}

#[test]
fn floors_take_no_part() {
    let sensors = sensors();
    let mut cells = sensors
        .answer
        .conditions
        .iter()
        .flat_map(|condition| &condition.cells);
    assert!(cells.all(|&cell| sensors.bus(cell) != "null"));
}

#[test]
fn a_cell_that_takes_no_part_says_why() {
    let sensors = sensors();
    let suspect = NoVerdict::Verdict(Verdict::Suspect);
    for (guarantee, at, bus, why) in [
        (AT_MOST_ONCE, 5_000.0, "mqtt3", suspect),
        (
            AT_MOST_ONCE,
            10_000.0,
            "mqtt3",
            NoVerdict::Outcome(CellOutcome::Lossy),
        ),
        (
            AT_MOST_ONCE,
            10_000.0,
            "mqtt5",
            NoVerdict::Limited(LimitedBy::Machine),
        ),
        (
            AT_LEAST_ONCE,
            10_000.0,
            "redis-streams",
            NoVerdict::Outcome(CellOutcome::Saturated),
        ),
    ] {
        let condition = sensors.condition(guarantee, at);
        assert_eq!(sensors.no_verdict_of(condition, bus), Some(&why), "{bus}");
        assert!(!condition.favoured().any(|cell| sensors.bus(cell) == bus));
    }
}

/// What becomes of the first group when all trials of its best bus change.
#[track_caller]
fn check_best(how: impl Fn(&mut Trial), standing: Standing) {
    let mut run = fixtures::sensors_run();
    change(&mut run, "nats-core", 1_000.0, how);
    let sensors = answered(run, "sensors");
    let condition = sensors.condition(AT_MOST_ONCE, 1_000.0);
    assert_eq!(condition.standing, standing, "{condition:?}");
    assert!(sensors.no_verdict_of(condition, "nats-core").is_some());
}

#[test]
fn a_better_cell_without_a_verdict_keeps_the_others_from_being_favoured() {
    let limited = |trial: &mut Trial| trial.limited_by = LimitedBy::Client;
    check_best(limited, Standing::Undecided);
    let suspect = |trial: &mut Trial| trial.verdict = Verdict::Suspect;
    check_best(suspect, Standing::Undecided);
}

#[test]
fn a_cell_that_failed_its_load_keeps_nobody_from_being_favoured() {
    let lossy = |trial: &mut Trial| {
        trial.outcome = Outcome::Lossy;
        trial.counts.lost = 1;
    };
    check_best(lossy, Standing::Judged);
    check_best(|trial| trial.outcome = Outcome::Saturated, Standing::Judged);
}

#[test]
fn suspect_cells_alone_give_no_verdict() {
    let mut run = fixtures::sensors_run();
    for trial in run.trials.values_mut().flatten() {
        trial.verdict = Verdict::Suspect;
    }
    let sensors = answered(run, "sensors");
    assert!(!sensors.answer.conditions.is_empty());
    for condition in &sensors.answer.conditions {
        assert_eq!(condition.standing, Standing::Nothing);
        assert_eq!(condition.leader, None);
        assert_eq!(condition.no_verdict.len(), condition.cells.len());
    }
}

#[test]
fn few_trials_are_a_hint() {
    let mut run = fixtures::sensors_run();
    for trials in run.trials.values_mut() {
        trials.truncate(4);
    }
    let sensors = answered(run, "sensors");
    let hint = Favour::None(Standing::Hint);
    assert_eq!(*sensors.favour(AT_MOST_ONCE), hint);
    let first = sensors.condition(AT_MOST_ONCE, 1_000.0);
    assert_eq!(sensors.bus(first.leader.unwrap()), "nats-core");
}

#[test]
fn a_cell_of_few_trials_is_not_ranked_with_those_that_have_enough() {
    let mut run = fixtures::sensors_run();
    let cell = run
        .record
        .cells
        .iter()
        .position(|cell| cell.key.bus == "mqtt5")
        .unwrap();
    let id = run.record.cells[cell].id.clone();
    run.trials.get_mut(&id).unwrap().truncate(4);
    let sensors = answered(run, "sensors");
    let first = sensors.condition(AT_MOST_ONCE, 1_000.0);
    assert_eq!(first.standing, Standing::Judged);
    assert_eq!(
        sensors.no_verdict_of(first, "mqtt5"),
        Some(&NoVerdict::TooFewTrials(4))
    );
}

#[test]
fn a_run_of_other_cells_answers_nothing() {
    let run = fixtures::small_run();
    let answers = answers_of(&run, &summarise(&run));
    assert_eq!(answers.len(), 6);
    for answer in answers {
        let id = &answer.question.id;
        assert!(answer.conditions.is_empty(), "{id}");
        assert!(answer.series.is_empty(), "{id}");
        assert!(answer.layouts.is_empty(), "{id}");
    }
}

#[test]
fn the_highest_carried_rate_counts_suspect_cells_and_no_loss() {
    let sensors = sensors();
    for (of_bus, rate, is_valid) in [
        ("nats-core", 10_000.0, true),
        ("mqtt3", 5_000.0, false),
        ("redis-pubsub", 10_000.0, false),
        ("redis-streams", 5_000.0, true),
    ] {
        let mut all = sensors.answer.carried.iter();
        let carried = all
            .find(|carried| sensors.bus(carried.cell) == of_bus)
            .unwrap();
        assert_eq!(carried.carried_per_second, Some(rate), "{of_bus}");
        assert_eq!(carried.is_valid, is_valid, "{of_bus}");
        assert!((carried.offered_per_second - 10_000.0).abs() < 1e-9);
    }
}

#[test]
fn an_emulators_rate_is_carried_by_no_bus() {
    let mut run = fixtures::sensors_run();
    for server in run.record.servers.values_mut() {
        server.emulated = true;
    }
    assert_eq!(answered(run, "sensors").answer.carried, []);
}

#[test]
fn memory_is_compared_where_each_trial_had_a_fresh_server() {
    let memory = answered(fixtures::sensors_run(), "memory");
    let first = memory.condition(AT_MOST_ONCE, 1_000.0);
    assert_eq!(first.figure, ComparedFigure::ServerRssPeakBytes);
    assert_eq!(memory.buses(first.favoured()), ["mqtt3", "mqtt5"]);
    let worse = first.worse.iter().map(|(cell, _)| *cell);
    assert_eq!(memory.buses(worse), ["nats-core"]);

    let mut run = memory.run;
    run.record.scenario.servers = ServerSpan::Round;
    assert!(answered(run, "memory").answer.conditions.is_empty());
}

#[test]
fn memory_is_judged_by_the_smallest_effect_of_each_run() {
    let usual = fixtures::sensors_run();
    let mut own = usual.clone();
    let effects = &mut own.record.scenario.smallest_effects;
    effects
        .set(ComparedFigure::ServerRssPeakBytes, 10.0)
        .unwrap();
    let (usual_rows, own_rows) = (summarise(&usual), summarise(&own));
    let between = |_, _, _| None;
    let layouts = compare_layouts(&usual, &[], &SmallestEffects::default(), |_| &[]);
    let evidence = [(&usual, &usual_rows), (&own, &own_rows)].map(|(run, rows)| Evidence {
        run,
        rows,
        headlines: &between,
        layouts: &layouts,
    });
    let answers = answers(&evidence);
    let memory = answers.iter().find(|answer| answer.question.id == "memory");
    let of_run = |run: usize| {
        let conditions = memory.unwrap().conditions.iter();
        let own = conditions.filter(move |condition| condition.run == run);
        own.map(|condition| condition.worse.len()).sum::<usize>()
    };
    assert!(of_run(0) > 0);
    assert_eq!(of_run(1), 0);
}

#[test]
fn an_answer_has_the_differences_of_the_runs_own_chapter() {
    let sensors = sensors();
    let effects = SmallestEffects::default();
    let cells = compare_cells(&sensors.run, &sensors.rows, &effects);
    let mut compared = 0;
    for condition in &sensors.answer.conditions {
        for (cell, difference) in condition.as_good.iter().chain(&condition.worse) {
            let leader = condition.leader.unwrap();
            let expected = cells.between(ComparedFigure::ResponseP99Ns, leader, *cell);
            assert_eq!(Some(difference), expected.as_ref());
            compared += 1;
        }
    }
    assert!(compared > 3, "{compared}");
}

#[test]
fn layouts_of_one_bus_are_compared_even_where_the_machine_was_the_limit() {
    let mut run = fixtures::envelope_run();
    for cell in &mut run.record.cells {
        if cell.key.payload == "100xInt16" && cell.key.load == Load::Closed {
            "1xBinary:20000".clone_into(&mut cell.key.payload);
            for trial in run.trials.get_mut(&cell.id).into_iter().flatten() {
                trial.limited_by = LimitedBy::Machine;
            }
        }
    }
    let Answered { answer, .. } = answered(run, "binaries");
    let of_bus = |bus: &str| {
        let mut layouts = answer.layouts.iter();
        layouts.find(|of_bus| of_bus.bus == bus).unwrap()
    };
    let nats = of_bus("nats-core");
    assert_eq!(nats.figure, ComparedFigure::DeliveredPerSecond);
    assert_eq!((nats.gains.len(), nats.left_out), (3, 0));
    for gain in &nats.gains {
        assert!(gain.is_limited);
        assert_eq!(gain.difference.judgement(), Judgement::Better);
    }
    for condition in &answer.conditions {
        assert_eq!(condition.standing, Standing::Nothing);
    }
    // Without a valid trial of json there is a pair that says nothing.
    let mqtt5 = of_bus("mqtt5");
    assert_eq!((mqtt5.gains.len(), mqtt5.left_out), (2, 1));
}
