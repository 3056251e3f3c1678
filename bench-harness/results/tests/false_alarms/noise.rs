//! How figures vary from trial to trial, as it was measured.
//!
//! `data/noise/busy.csv` is that noise: `scenarios/quick.toml` with ten trials of each cell, twice,
//! by a debug build of commit 3cb8ff6, on a virtual machine with 2 cores on which programs were being
//! compiled all the time. That is far more unrest than a benchmark should have: the rates of one
//! cell vary by a standard deviation of 10 to 29 %, its 99th percentiles by 23 to 70 %, with single
//! trials four times as slow as the others. Rounds have little in common: over pairs of cells, the
//! correlation within a round is 0.07 (rates) and 0.20 (99th percentiles) on average; here it is left
//! out, so that pairing gains nothing.

use std::collections::BTreeMap;

use busbench_results::comparison::ComparedFigure;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{P99, RATE};

/// How the logarithms of a figure vary from trial to trial, cell by cell.
pub(super) struct Noise(BTreeMap<ComparedFigure, Vec<Vec<f64>>>);

impl Noise {
    /// What was measured, around the mean of each cell in each run.
    pub(super) fn measured() -> Self {
        let mut cells: BTreeMap<(ComparedFigure, String), BTreeMap<String, Vec<f64>>> =
            BTreeMap::new();
        let text = include_str!("../data/noise/busy.csv");
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

    /// The same of a machine whose unrest is so many times this one's.
    pub(super) fn times(mut self, factor: f64) -> Self {
        let logs = self.0.values_mut().flatten().flatten();
        logs.for_each(|log| *log *= factor);
        self
    }

    /// Figures of one cell's trials, around 1.
    pub(super) fn trials(
        &self,
        random: &mut Random,
        (figure, cell): (ComparedFigure, usize),
        trials: u32,
    ) -> Vec<f64> {
        let cells = &self.0[&figure];
        let cell = &cells[cell % cells.len()];
        (0..trials)
            .map(|_| cell[random.below(cell.len())].exp())
            .collect()
    }
}

pub(super) struct Random(ChaCha8Rng);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(super) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        // The modulo's bias is below 2^-50 for the few that there are.
        usize::try_from(self.0.next_u64() % end as u64).unwrap()
    }

    /// By Box and Muller.
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}
