//! A against A: how often a comparison finds a difference where there is none, and how often it
//! finds one that is there. Simulated, seeded, with the noise that was measured.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
#![expect(
    clippy::print_stdout,
    reason = "the counts are worth seeing: `--nocapture` shows them"
)]

#[path = "false_alarms/noise.rs"]
mod noise;
#[path = "false_alarms/stopping.rs"]
mod stopping;

use std::collections::BTreeMap;

use busbench_results::comparison::{
    ComparedFigure, Comparison, Finding, Measured, Question, SmallestEffects, Subject, compare,
};
use busbench_results::{CellOutcome, Load, Row, Verdict};

use noise::{Noise, Random};

const RATE: ComparedFigure = ComparedFigure::DeliveredPerSecond;
const P99: ComparedFigure = ComparedFigure::ResponseP99Ns;

/// Simulated comparisons of each case.
const COMPARISONS: u64 = 500;

/// Cells of each comparison.
const CELLS: usize = 14;

/// Trials of each cell, as a published claim has them at least.
const TRIALS: u32 = 5;

/// How much one comparison takes in.
#[derive(Clone, Copy)]
struct Size {
    /// With two figures each.
    cells: usize,
    /// On each side.
    trials: u32,
}

const PUBLISHED: Size = Size {
    cells: CELLS,
    trials: TRIALS,
};

/// A figure with the values of base and head, one for each round.
type Turns = (ComparedFigure, Vec<f64>, Vec<f64>);

fn row() -> Row {
    Row {
        bus: "nats-core".to_owned(),
        load: Load::Closed,
        outcome: CellOutcome::Delivered,
        verdict: Some(Verdict::Valid),
        trials: TRIALS,
        delivered_per_second: Some(1.0),
        response_p99_ns: Some(1),
        ..Row::default()
    }
}

fn question(row: &Row, figure: ComparedFigure, base: &[f64], head: &[f64]) -> Question {
    let measured = |trials: &[f64]| {
        let numbered = (1..).zip(trials.iter().copied()).collect();
        Measured::new(row, BTreeMap::from([(figure, numbered)]))
    };
    let effects = SmallestEffects::default();
    Question::new(
        Subject::Builds,
        figure,
        &measured(base),
        &measured(head),
        &effects,
    )
}

fn found(comparison: &Comparison) -> usize {
    comparison
        .differences
        .iter()
        .filter(|difference| {
            matches!(
                difference.finding,
                Finding::Higher { .. } | Finding::Lower { .. }
            )
        })
        .count()
}

/// Base and head of cells with two figures each; `distort` changes what both show in one of them.
fn turns(
    seed: u64,
    noise: &Noise,
    size: Size,
    distort: impl Fn(&mut Random, &mut Turns),
) -> Vec<Turns> {
    let mut random = Random::new(seed);
    let mut all = Vec::new();
    for cell in 0..size.cells {
        for figure in [RATE, P99] {
            let base = noise.trials(&mut random, (figure, cell), size.trials);
            let head = noise.trials(&mut random, (figure, cell), size.trials);
            let mut turns = (figure, base, head);
            distort(&mut random, &mut turns);
            all.push(turns);
        }
    }
    all
}

const fn as_measured(_: &mut Random, _: &mut Turns) {}

/// One trial in twenty is four times as slow, as the worst that was seen.
fn with_outliers(random: &mut Random, (figure, base, head): &mut Turns) {
    let slow = if *figure == RATE { 0.25 } else { 4.0 };
    for trial in base.iter_mut().chain(head) {
        if random.uniform() < 0.05 {
            *trial *= slow;
        }
    }
}

/// The machine gets faster and slower by a third from round to round.
fn with_uneven_rounds(random: &mut Random, (_, base, head): &mut Turns) {
    for (base, head) in base.iter_mut().zip(head) {
        let round = (0.3 * random.normal()).exp();
        *base *= round;
        *head *= round;
    }
}

/// The head differs by all that is not of interest.
fn at_the_edge(_: &mut Random, (figure, _, head): &mut Turns) {
    let effects = SmallestEffects::default();
    for trial in head {
        *trial *= 1.0 + effects.of(*figure);
    }
}

/// Compares so many of the rounds.
fn compared(turns: &[Turns], rounds: usize) -> Comparison {
    let row = row();
    let questions: Vec<Question> = turns
        .iter()
        .map(|(figure, base, head)| question(&row, *figure, &base[..rounds], &head[..rounds]))
        .collect();
    compare(&questions)
}

fn base_and_head(
    seed: u64,
    noise: &Noise,
    distort: impl Fn(&mut Random, &mut Turns),
) -> Comparison {
    let turns = turns(seed, noise, PUBLISHED, distort);
    compared(&turns, TRIALS as usize)
}

/// Shares of comparisons with any false alarm, and of questions answered by one.
fn false_alarms(what: &str, simulate: impl Fn(u64) -> Comparison) -> f64 {
    let (mut alarmed, mut alarms, mut asked) = (0, 0, 0);
    for seed in 0..COMPARISONS {
        let comparison = simulate(seed);
        let found = found(&comparison);
        alarmed += u64::from(found > 0);
        alarms += found;
        asked += comparison.tested;
    }
    println!("{what}: {alarmed} of {COMPARISONS} comparisons, {alarms} of {asked} questions");
    assert!(alarms * 20 <= asked, "{what}");
    alarmed as f64 / COMPARISONS as f64
}

#[test]
fn of_equal_builds_at_most_one_comparison_in_twenty_finds_a_difference() {
    let noise = Noise::measured();
    let plain = |seed| base_and_head(seed, &noise, as_measured);
    assert!(false_alarms("as measured", plain) <= 0.05);
    let outliers = |seed| base_and_head(seed, &noise, with_outliers);
    assert!(false_alarms("with outliers", outliers) <= 0.05);
    let rounds = |seed| base_and_head(seed, &noise, with_uneven_rounds);
    assert!(false_alarms("with uneven rounds", rounds) <= 0.05);
}

#[test]
fn a_true_difference_of_no_more_than_the_smallest_of_interest_is_none() {
    let noise = Noise::measured();
    let edge = |seed| base_and_head(seed, &noise, at_the_edge);
    assert!(false_alarms("at the edge of interest", edge) <= 0.05);
}

#[test]
fn of_equal_cells_the_best_is_not_called_better() {
    // All pairs of seven equal cells, so those with the one that happened to be the best, too.
    let noise = Noise::measured();
    let row = row();
    let cells_of_a_run = |seed| {
        let mut random = Random::new(seed);
        let mut questions = Vec::new();
        for figure in [RATE, P99] {
            for kind in 0..2 {
                let cells: Vec<_> = (0..CELLS / 2)
                    .map(|_| noise.trials(&mut random, (figure, kind), TRIALS))
                    .collect();
                for (place, base) in cells.iter().enumerate() {
                    for head in &cells[place + 1..] {
                        questions.push(question(&row, figure, base, head));
                    }
                }
            }
        }
        compare(&questions)
    };
    assert!(false_alarms("all pairs of a run", cells_of_a_run) <= 0.05);
}

/// Base and head of two rates of each cell whose trials vary by `spread`, of which the first `changed` are higher
/// by a share of `change`.
fn with_change(seed: u64, size: Size, spread: f64, change: f64, changed: usize) -> Vec<Turns> {
    let mut random = Random::new(seed);
    let mut figures = |level: f64| -> Vec<f64> {
        let trial = |_| level * (spread * random.normal()).exp();
        (0..size.trials).map(trial).collect()
    };
    (0..2 * size.cells)
        .map(|cell| {
            let level = if cell < changed { 1.0 + change } else { 1.0 };
            (RATE, figures(1.0), figures(level))
        })
        .collect()
}

/// Share of comparisons that find the change of the first rate.
fn power(trials: u32, spread: f64, change: f64, changed: usize) -> f64 {
    let size = Size {
        trials,
        ..PUBLISHED
    };
    let finds = |seed: &u64| {
        let turns = with_change(*seed, size, spread, change, changed);
        let comparison = compared(&turns, trials as usize);
        matches!(comparison.differences[0].finding, Finding::Higher { .. })
    };
    let share = (0..COMPARISONS).filter(finds).count() as f64 / COMPARISONS as f64;
    println!("{change:.3} in {changed} of 28, {trials} trials that vary by {spread}: {share}");
    share
}

#[test]
fn a_difference_of_fifteen_percent_is_found_where_trials_vary_little() {
    // A change of one cell alone, one of half of all, and what more trials are worth.
    assert!(power(5, 0.015, 0.15, 1) >= 0.8);
    assert!(power(5, 0.02, 0.15, CELLS) >= 0.8);
    assert!(power(10, 0.035, 0.15, 1) >= 0.8);
    assert!(power(10, 0.05, 0.15, CELLS) >= 0.8);
}

#[test]
fn a_change_as_large_as_was_said_to_be_detectable_is_found_four_times_in_five() {
    for (trials, spread) in [(5, 0.05), (10, 0.1)] {
        let size = Size {
            trials,
            ..PUBLISHED
        };
        let mut said: Vec<f64> = (0..COMPARISONS)
            .map(|seed| {
                let turns = with_change(seed, size, spread, 0.0, 0);
                let comparison = compared(&turns, trials as usize);
                comparison.differences[0].detectable.unwrap()
            })
            .collect();
        said.sort_by(f64::total_cmp);
        let share = power(trials, spread, said[said.len() / 2], 1);
        assert!((0.7..0.9).contains(&share), "{share}");
    }
}

/// Means of all resamples of five with their repeats, each as likely: the percentile bootstrap
/// without its chance.
fn resampled_means(logs: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for _ in logs {
        sums = sums
            .iter()
            .flat_map(|sum| logs.iter().map(move |log| sum + log))
            .collect();
    }
    sums.sort_by(f64::total_cmp);
    sums.into_iter()
        .map(|sum| sum / logs.len() as f64)
        .collect()
}

#[test]
fn a_percentile_bootstrap_over_five_trials_alarms_more_than_twice_as_often_as_it_says() {
    let noise = Noise::measured();
    let (mut bootstrap, mut t_interval) = (0, 0);
    let row = row();
    for seed in 0..COMPARISONS {
        let mut random = Random::new(seed);
        let cell = random.below(CELLS);
        let base = noise.trials(&mut random, (RATE, cell), TRIALS);
        let head = noise.trials(&mut random, (RATE, cell), TRIALS);
        let logs: Vec<f64> = base
            .iter()
            .zip(&head)
            .map(|(base, head)| (head / base).ln())
            .collect();
        let means = resampled_means(&logs);
        let cut = means.len() / 40;
        bootstrap += u32::from(means[cut] > 0.0 || means[means.len() - 1 - cut] < 0.0);
        let comparison = compare(&[question(&row, RATE, &base, &head)]);
        let interval = comparison.differences[0].interval.unwrap();
        t_interval += u32::from(interval.low > 1.0 || interval.high < 1.0);
    }
    println!("of {COMPARISONS}: percentile bootstrap {bootstrap}, t interval {t_interval}");
    let share = |alarms: u32| f64::from(alarms) / COMPARISONS as f64;
    assert!(share(bootstrap) > 0.10, "{bootstrap}");
    assert!(share(t_interval) < 0.075, "{t_interval}");
}
