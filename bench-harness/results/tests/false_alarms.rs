//! A against A: how often a comparison finds a difference where there is none, and how often it
//! finds one that is there. Simulated, seeded, with the noise that was measured.
//!
//! `data/noise/busy.csv` is that noise: `scenarios/quick.toml` with ten trials of each cell, twice,
//! by a debug build of commit 3cb8ff6, on a virtual machine with 2 cores on which programs were being
//! compiled all the time. That is far more unrest than a benchmark should have: the rates of one
//! cell vary by a standard deviation of 10 to 29 %, its 99th percentiles by 23 to 70 %, with single
//! trials four times as slow as the others. Rounds have little in common: over pairs of cells, the
//! correlation within a round is 0.07 (rates) and 0.20 (99th percentiles) on average; here it is left
//! out, so that pairing gains nothing.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]
#![expect(
    clippy::print_stdout,
    reason = "the counts are worth seeing: `--nocapture` shows them"
)]

use std::collections::BTreeMap;

use busbench_results::comparison::{
    ComparedFigure, Comparison, Finding, Measured, Question, SmallestEffects, Subject, compare,
};
use busbench_results::{CellOutcome, Load, Row, Verdict};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const RATE: ComparedFigure = ComparedFigure::DeliveredPerSecond;
const P99: ComparedFigure = ComparedFigure::ResponseP99Ns;

/// Simulated comparisons of each case.
const COMPARISONS: u64 = 500;

/// Cells of each comparison.
const CELLS: usize = 14;

/// Trials of each cell, as a published claim has them at least.
const TRIALS: u32 = 5;

/// How the logarithms of a figure vary from trial to trial, cell by cell.
struct Noise(BTreeMap<ComparedFigure, Vec<Vec<f64>>>);

impl Noise {
    /// What was measured, around the mean of each cell in each run.
    fn measured() -> Self {
        let mut cells: BTreeMap<(ComparedFigure, String), BTreeMap<String, Vec<f64>>> =
            BTreeMap::new();
        let text = include_str!("data/noise/busy.csv");
        for record in csv::Reader::from_reader(text.as_bytes()).records() {
            let record = record.unwrap();
            for (figure, column) in [(RATE, 3), (P99, 5)] {
                if let Ok(value) = record[column].parse::<f64>() {
                    let runs = cells.entry((figure, record[1].to_owned())).or_default();
                    runs.entry(record[0].to_owned())
                        .or_default()
                        .push(value.ln());
                }
            }
        }
        let mut noise: BTreeMap<ComparedFigure, Vec<Vec<f64>>> = BTreeMap::new();
        for ((figure, _), runs) in cells {
            let around_mean = |logs: Vec<f64>| {
                let mean = logs.iter().sum::<f64>() / logs.len() as f64;
                logs.into_iter().map(move |log| log - mean)
            };
            let cell = runs.into_values().flat_map(around_mean).collect();
            noise.entry(figure).or_default().push(cell);
        }
        Self(noise)
    }

    /// Figures of one cell's trials, around 1.
    fn trials(&self, random: &mut Random, figure: ComparedFigure, cell: usize) -> Vec<f64> {
        let cells = &self.0[&figure];
        let cell = &cells[cell % cells.len()];
        (0..TRIALS)
            .map(|_| cell[random.below(cell.len())].exp())
            .collect()
    }
}

struct Random(ChaCha8Rng);

impl Random {
    fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, end: usize) -> usize {
        // The modulo's bias is below 2^-50 for the few that there are.
        usize::try_from(self.0.next_u64() % end as u64).unwrap()
    }

    /// By Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

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

/// Base and head of 14 cells with two figures each; `distort` changes a pair of figures in a round.
fn base_and_head(
    seed: u64,
    noise: &Noise,
    distort: impl Fn(&mut Random, ComparedFigure, &mut [f64], &mut [f64]),
) -> Comparison {
    let mut random = Random::new(seed);
    let row = row();
    let mut questions = Vec::new();
    for cell in 0..CELLS {
        for figure in [RATE, P99] {
            let mut base = noise.trials(&mut random, figure, cell);
            let mut head = noise.trials(&mut random, figure, cell);
            distort(&mut random, figure, &mut base, &mut head);
            questions.push(question(&row, figure, &base, &head));
        }
    }
    compare(&questions)
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
    let as_measured = |seed| base_and_head(seed, &noise, |_, _, _, _| {});
    assert!(false_alarms("as measured", as_measured) <= 0.05);

    // One trial in twenty is four times as slow, as the worst that was seen.
    let with_outliers = |seed| {
        base_and_head(seed, &noise, |random, figure, base, head| {
            let slow = if figure == RATE { 0.25 } else { 4.0 };
            for trial in base.iter_mut().chain(head) {
                if random.uniform() < 0.05 {
                    *trial *= slow;
                }
            }
        })
    };
    assert!(false_alarms("with outliers", with_outliers) <= 0.05);

    // The machine gets faster and slower by a third from round to round.
    let with_rounds = |seed| {
        base_and_head(seed, &noise, |random, _, base, head| {
            for (base, head) in base.iter_mut().zip(head) {
                let round = (0.3 * random.normal()).exp();
                *base *= round;
                *head *= round;
            }
        })
    };
    assert!(false_alarms("with uneven rounds", with_rounds) <= 0.05);
}

#[test]
fn a_true_difference_of_no_more_than_the_smallest_of_interest_is_none() {
    let noise = Noise::measured();
    let effects = SmallestEffects::default();
    let at_the_edge = |seed| {
        base_and_head(seed, &noise, |_, figure, _, head| {
            for trial in head {
                *trial *= 1.0 + effects.of(figure);
            }
        })
    };
    assert!(false_alarms("at the edge of interest", at_the_edge) <= 0.05);
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
                    .map(|_| noise.trials(&mut random, figure, kind))
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

/// A comparison of 28 rates whose trials vary by `spread`, of which the first `changed` are higher
/// by a share of `change`.
fn with_change(seed: u64, trials: u32, spread: f64, change: f64, changed: usize) -> Comparison {
    let row = row();
    let mut random = Random::new(seed);
    let mut figures = |level: f64| -> Vec<f64> {
        let trial = |_| level * (spread * random.normal()).exp();
        (0..trials).map(trial).collect()
    };
    let questions: Vec<Question> = (0..2 * CELLS)
        .map(|cell| {
            let level = if cell < changed { 1.0 + change } else { 1.0 };
            question(&row, RATE, &figures(1.0), &figures(level))
        })
        .collect();
    compare(&questions)
}

/// Share of comparisons that find the change of the first rate.
fn power(trials: u32, spread: f64, change: f64, changed: usize) -> f64 {
    let finds = |seed: &u64| {
        let comparison = with_change(*seed, trials, spread, change, changed);
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
        let mut said: Vec<f64> = (0..COMPARISONS)
            .map(|seed| {
                let comparison = with_change(seed, trials, spread, 0.0, 0);
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
        let base = noise.trials(&mut random, RATE, cell);
        let head = noise.trials(&mut random, RATE, cell);
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
