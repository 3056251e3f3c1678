use std::collections::BTreeMap;

use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{FEWEST_IN_SEGMENT, POINTS_NEEDED, change_points};

const LEVEL: f64 = 0.05;

/// Noise of single trials on a busy machine, as logarithms around the mean of each cell and run
/// (`tests/false_alarms.rs` says where it comes from), by column.
fn measured_noise(column: usize) -> Vec<Vec<f64>> {
    let mut cells: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let text = include_str!("../../../tests/data/noise/busy.csv");
    for record in csv::Reader::from_reader(text.as_bytes()).records() {
        let record = record.unwrap();
        if let Ok(figure) = record[column].parse::<f64>() {
            let cell = format!("{} {}", &record[0], &record[1]);
            cells.entry(cell).or_default().push(figure.ln());
        }
    }
    cells
        .into_values()
        .map(|logs| {
            let mean = logs.iter().sum::<f64>() / logs.len() as f64;
            logs.into_iter().map(|log| log - mean).collect()
        })
        .collect()
}

struct Random(ChaCha8Rng);

impl Random {
    fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / f64::from(u32::MAX)
    }

    /// About normal, of variance 1: the sum of twelve uniform numbers.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    fn one_of(&mut self, figures: &[f64]) -> f64 {
        let place = (u64::from(self.0.next_u32()) * figures.len() as u64) >> 32;
        figures[usize::try_from(place).unwrap()]
    }

    /// Logarithms around `of` each place, with normal noise of so much.
    fn around(&mut self, length: u32, noise: f64, of: impl Fn(u32) -> f64) -> Vec<f64> {
        (0..length)
            .map(|place| of(place) + noise * self.normal())
            .collect()
    }
}

/// Whether one change point is found, within `slack` of `place`.
fn is_at(found: &[usize], place: usize, slack: usize) -> bool {
    matches!(found, [only] if only.abs_diff(place) <= slack)
}

#[test]
fn a_step_is_found_at_its_place() {
    // Step as a factor, noise as a share, how far off, and how many of 20 are found at least.
    for (step, noise, slack, at_least) in [
        (1.10_f64, 0.02, 0, 18),
        (0.90, 0.02, 0, 18),
        (1.10, 0.05, 5, 17),
        (2.0, 0.20, 1, 18),
    ] {
        let found = (0..20)
            .filter(|seed| {
                let logs = Random::new(*seed)
                    .around(60, noise, |place| if place < 35 { 0.0 } else { step.ln() });
                is_at(&change_points(&logs, LEVEL), 35, slack)
            })
            .count();
        assert!(found >= at_least, "{step} {noise}: {found} of 20");
    }
}

#[test]
fn a_change_is_found_as_soon_as_it_has_enough_points() {
    let step = |place| if place < 95 { 0.0 } else { 0.1 };
    let logs = Random::new(1).around(100, 0.02, step);
    assert_eq!(change_points(&logs, 0.001), [95]);
}

#[test]
fn a_spell_is_found_at_both_its_ends() {
    for (from, to) in [(40, 60), (120, 140), (10, 30)] {
        let spell = |place| {
            if (from..to).contains(&place) {
                0.1
            } else {
                0.0
            }
        };
        let logs = Random::new(3).around(200, 0.02, spell);
        let expected = [from, to].map(|place| usize::try_from(place).unwrap());
        assert_eq!(change_points(&logs, 0.001), expected);
    }
}

#[test]
fn a_slow_drift_is_several_steps_up() {
    // 20 % over 100 points, with noise of 3 % at each.
    for seed in 0..10 {
        let drift = |place: u32| f64::from(place) / 100.0 * 1.2_f64.ln();
        let logs = Random::new(seed).around(100, 0.03, drift);
        let found = change_points(&logs, LEVEL);
        assert!(found.len() >= 2, "{seed}: {found:?}");
        let first: f64 = logs[..found[0]].iter().sum::<f64>() / found[0] as f64;
        let last = &logs[found[found.len() - 1]..];
        let last = last.iter().sum::<f64>() / last.len() as f64;
        assert!(last - first > 0.1, "{seed}: from {first} to {last}");
    }
}

/// Counts series of pure noise in which a change is found.
fn false_alarms(series: u64, draw: impl Fn(&mut Random) -> Vec<f64>) -> usize {
    (0..series)
        .filter(|seed| {
            let logs = draw(&mut Random::new(1_000 + seed));
            !change_points(&logs, LEVEL).is_empty()
        })
        .count()
}

#[test]
// `--nocapture` shows the counts.
fn noise_shows_a_change_in_at_most_a_twentieth_of_the_series() {
    // Of 200 at a true rate of 5 %, 16 or fewer are seen in 98 % of all such tests.
    const AT_MOST: usize = 16;
    let columns = [3, 5].map(measured_noise);
    for length in [10, 20, 60] {
        let normal = false_alarms(200, |random| random.around(length, 0.1, |_| 0.0));
        println!("normal, {length} points: {normal} of 200");
        assert!(normal <= AT_MOST, "normal, {length}: {normal} of 200");
        for cells in &columns {
            let measured = false_alarms(200, |random| {
                let cell = usize::try_from(random.0.next_u32()).unwrap() % cells.len();
                (0..length).map(|_| random.one_of(&cells[cell])).collect()
            });
            println!("measured, {length} points: {measured} of 200");
            assert!(measured <= AT_MOST, "measured, {length}: {measured} of 200");
        }
    }
}

#[test]
fn figures_that_are_all_the_same_or_none_change_nowhere() {
    for figures in [
        vec![],
        vec![1.0],
        vec![7.0; 300],
        vec![f64::NAN; 30],
        [vec![0.0; 15], vec![f64::INFINITY; 15]].concat(),
        [vec![0.0; 4], vec![9.0; 5]].concat(),
    ] {
        assert_eq!(change_points(&figures, LEVEL), [0; 0], "{figures:?}");
    }
}

proptest! {
    #[test]
    fn any_figures_and_level_give_change_points_apart_from_each_other(
        figures in prop::collection::vec(any::<f64>(), 0..60),
        level in any::<f64>(),
    ) {
        // Levels that ask for more permutations than a test has time for are as good as any.
        let level = if level > 0.0 { level.max(1e-3) } else { level.min(-1e-3) };
        let mut ends = vec![0];
        ends.extend(change_points(&figures, level));
        ends.push(figures.len());
        if ends.len() > 2 {
            prop_assert!(ends.windows(2).all(|ends| ends[1] >= ends[0] + FEWEST_IN_SEGMENT));
            prop_assert!(figures.len() >= POINTS_NEEDED);
        }
    }

    #[test]
    fn the_order_of_magnitude_does_not_matter(
        seed in 0_u64..1_000,
        step in 0.0_f64..0.3,
        factor in -20.0_f64..20.0,
    ) {
        let at = |place| if place < 17 { 0.0 } else { step };
        let logs = Random::new(seed).around(40, 0.05, at);
        let scaled: Vec<f64> = logs.iter().map(|log| log + factor).collect();
        prop_assert_eq!(change_points(&logs, LEVEL), change_points(&scaled, LEVEL));
    }
}
