//! The rounds that one comparison takes, and what becomes of them under each assignment.

use std::collections::{BTreeMap, BTreeSet};

use super::assignment::Assignments;

use crate::comparison::conditions::Side;
use crate::comparison::effects::SmallestEffects;
use crate::comparison::figure::ComparedFigure;
use crate::comparison::measured::Measured;
use crate::comparison::sides::{Asked, Compared, FailedTrials, Incomparable, has_failed, judged};
use crate::comparison::{Judgement, SideVerdict};
use crate::{Cell, Measurements, Row, Run, Trial, summarise};

/// A figure of a cell or benchmark: its place among the [names], and `None` for failed trials.
pub(super) type Place = (usize, Option<ComparedFigure>);

/// All blocks of a side.
pub(super) struct Blocks<'a> {
    pub(super) blocks: Vec<Block<'a>>,
    /// Rounds that the side has: of cells, or of benchmarks where those are more.
    pub(super) rounds: usize,
}

/// Rounds that follow each other, two for each pair of a comparison.
pub(super) struct Block<'a> {
    side: &'a Measurements,
    /// Numbers of its trials.
    trials: Vec<u32>,
    /// Numbers of its rounds of benchmarks.
    rounds: Vec<u32>,
}

/// Comparisons of one block.
#[derive(Debug, Default)]
pub(super) struct Checks {
    pub(super) in_order: Count,
    pub(super) assigned: Count,
    pub(super) unanswered: u64,
    /// Why there was no answer.
    pub(super) reasons: BTreeSet<String>,
    /// Smallest detectable change of the noisiest cell, once for each comparison.
    pub(super) noisiest: Vec<(ComparedFigure, f64)>,
    pub(super) figures: BTreeMap<Place, Figure>,
}

/// Comparisons, and those that called a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Count {
    pub(super) comparisons: u64,
    pub(super) alarms: u64,
}

/// Alarms of one figure, and its smallest detectable change in each comparison.
#[derive(Debug, Default)]
pub(super) struct Figure {
    pub(super) in_order: u64,
    pub(super) assigned: u64,
    pub(super) detectable: Vec<f64>,
}

/// A cell with its trials of one block.
struct CellOfBlock<'a> {
    name: &'a str,
    place: usize,
    measured: Measured<'a>,
    /// Whether each trial failed, by its number.
    failures: Vec<(u32, bool)>,
}

/// What a side has measured: cells in their order, then benchmarks.
pub(super) fn names(side: &Measurements) -> Vec<&str> {
    let cells = side.run.iter().flat_map(measured_cells);
    cells
        .map(|(_, cell)| cell.id.as_str())
        .chain(side.benchmarks.keys().map(String::as_str))
        .collect()
}

/// Each with its place in the record.
fn measured_cells(run: &Run) -> impl Iterator<Item = (usize, &Cell)> {
    let cells = run.record.cells.iter().enumerate();
    cells.filter(|(_, cell)| !run.trials_of(cell).is_empty())
}

impl<'a> Blocks<'a> {
    /// Rounds that fill no block are left over, and so are benchmarks of too few rounds for one
    /// beside cells that have enough, or the other way round.
    pub(super) fn of(side: &'a Measurements, pairs: usize) -> Self {
        let trials = side
            .run
            .iter()
            .flat_map(|run| run.trials.values().flatten());
        let trials: BTreeSet<u32> = trials.map(|trial| trial.number).collect();
        let rounds = side.benchmarks.values().flat_map(BTreeMap::keys);
        let rounds: BTreeSet<u32> = rounds.copied().collect();
        let most = trials.len().max(rounds.len());
        let cut = |numbers: BTreeSet<u32>| -> Vec<Vec<u32>> {
            let numbers: Vec<u32> = numbers.into_iter().collect();
            let blocks = numbers.chunks_exact(pairs.saturating_mul(2));
            blocks.map(<[u32]>::to_vec).collect()
        };
        let (trials, rounds) = (cut(trials), cut(rounds));
        let blocks = match (trials.len(), rounds.len()) {
            (blocks, 0) | (0, blocks) => blocks,
            (of_cells, of_benchmarks) => of_cells.min(of_benchmarks),
        };
        let of_block =
            |numbers: &[Vec<u32>], block| numbers.get(block).cloned().unwrap_or_default();
        Self {
            blocks: (0..blocks)
                .map(|block| Block {
                    side,
                    trials: of_block(&trials, block),
                    rounds: of_block(&rounds, block),
                })
                .collect(),
            rounds: most,
        }
    }
}

impl Block<'_> {
    /// Compares the block with itself under each assignment. One holds for all cells and benchmarks,
    /// as those of a round share what the machine did meanwhile.
    pub(super) fn check(&self, assignments: &Assignments, effects: &SmallestEffects) -> Checks {
        let run = self.side.run.as_ref().map(|run| self.part_of(run));
        let rows = run.as_ref().map(summarise).unwrap_or_default();
        let cells = run.as_ref().map(|run| self.cells(run, &rows));
        let cells = cells.unwrap_or_default();
        let mut checks = Checks::default();
        for (index, swaps) in assignments.swaps.iter().enumerate() {
            let (places, asked) = self.asked(&cells, swaps, effects).into_iter().unzip();
            match judged(asked) {
                Ok(judged) => checks.add(index == 0, places, &judged.compared),
                Err(why) => checks.add_unanswered(why),
            }
        }
        checks
    }

    /// The run with the trials of this block alone.
    fn part_of(&self, run: &Run) -> Run {
        let of_block = |trials: &Vec<Trial>| -> Vec<Trial> {
            let of_block = |trial: &&Trial| self.trials.binary_search(&trial.number).is_ok();
            trials.iter().filter(of_block).cloned().collect()
        };
        Run {
            record: run.record.clone(),
            trials: run
                .trials
                .iter()
                .map(|(cell, trials)| (cell.clone(), of_block(trials)))
                .collect(),
            footprints: BTreeMap::new(),
            path: run.path.clone(),
        }
    }

    /// The cells of its part of the run. What a row says of both sides together is what either would
    /// be kept from a comparison by: loss, failures, a load that was not carried.
    fn cells<'run>(&self, run: &'run Run, rows: &'run [Row]) -> Vec<CellOfBlock<'run>> {
        let all = self.side.run.iter().flat_map(measured_cells).enumerate();
        all.filter_map(|(place, (index, _))| {
            let (cell, row) = (run.record.cells.get(index)?, rows.get(index)?);
            let trials = run.trials_of(cell);
            let figures = ComparedFigure::of_builds(row.load);
            (!trials.is_empty()).then(|| CellOfBlock {
                name: &cell.id,
                place,
                measured: Measured::of_trials(row, trials, figures),
                failures: trials
                    .iter()
                    .map(|trial| (trial.number, has_failed(trial)))
                    .collect(),
            })
        })
        .collect()
    }

    /// What one comparison asks, each with its place.
    fn asked(
        &self,
        cells: &[CellOfBlock<'_>],
        swaps: &[bool],
        effects: &SmallestEffects,
    ) -> Vec<(usize, Asked)> {
        let trial = |side| move |number| seat(&self.trials, swaps, number, side);
        let round = |side| move |number| seat(&self.rounds, swaps, number, side);
        let (base, head) = (Side::Base, Side::Head);
        let mut all: Vec<(usize, Asked)> = cells
            .iter()
            .map(|cell| {
                let failures = |side| {
                    let of_side = move |&(number, has_failed): &(u32, bool)| {
                        trial(side)(number).map(|_| has_failed)
                    };
                    cell.failures.iter().filter_map(of_side)
                };
                let asked = Asked::of_cell(
                    cell.name,
                    None,
                    &cell.measured.renumbered(trial(base)),
                    &cell.measured.renumbered(trial(head)),
                    FailedTrials::of(failures(base), failures(head)),
                    effects,
                );
                (cell.place, asked)
            })
            .collect();
        if !self.rounds.is_empty() {
            let cells = self.side.run.iter().flat_map(measured_cells).count();
            for (place, (name, times)) in (cells..).zip(&self.side.benchmarks) {
                let of = |side| -> BTreeMap<u32, f64> {
                    let of_side = |(&number, &time)| Some((round(side)(number)?, time));
                    times.iter().filter_map(of_side).collect()
                };
                let asked = Asked::of_benchmark(name, &of(base), &of(head), effects);
                all.push((place, asked));
            }
        }
        all
    }
}

/// Number of the pair in which the round of this number stands on this side, from 1.
fn seat(numbers: &[u32], swaps: &[bool], number: u32, side: Side) -> Option<u32> {
    let place = numbers.binary_search(&number).ok()?;
    let (pair, is_second) = (place / 2, place % 2 == 1);
    let is_head = is_second != *swaps.get(pair)?;
    (is_head == (side == Side::Head)).then_some(u32::try_from(pair).ok()? + 1)
}

impl Checks {
    fn add(&mut self, in_order: bool, places: Vec<usize>, compared: &[Compared]) {
        let mut noisiest: BTreeMap<ComparedFigure, f64> = BTreeMap::new();
        let mut alarmed = BTreeSet::new();
        for (place, compared) in places.into_iter().zip(compared) {
            let before = alarmed.len();
            for value in &compared.figures {
                let difference = &value.difference;
                let figure = self
                    .figures
                    .entry((place, Some(difference.figure)))
                    .or_default();
                if let Some(detectable) = difference.detectable {
                    figure.detectable.push(detectable);
                    let noisiest = noisiest.entry(difference.figure).or_default();
                    *noisiest = noisiest.max(detectable);
                }
                if let Judgement::Better | Judgement::Worse = difference.judgement() {
                    alarmed.insert((place, Some(difference.figure)));
                }
            }
            if alarmed.len() == before && is_alarm(compared.verdict) {
                alarmed.insert((place, None));
            }
        }
        let alarm = u64::from(!alarmed.is_empty());
        self.assigned.add(alarm);
        if in_order {
            self.in_order.add(alarm);
        }
        for place in alarmed {
            let figure = self.figures.entry(place).or_default();
            figure.assigned += 1;
            figure.in_order += u64::from(in_order);
        }
        self.noisiest.extend(noisiest);
    }

    fn add_unanswered(&mut self, why: Incomparable) {
        self.unanswered += 1;
        if let Incomparable::NoAnswer(reasons) = why {
            self.reasons.extend(reasons);
        }
    }
}

/// Whether a comparison says that a side is better or worse.
const fn is_alarm(verdict: SideVerdict) -> bool {
    match verdict {
        SideVerdict::Regressed | SideVerdict::Mixed | SideVerdict::Improved => true,
        SideVerdict::NoMeasurableDifference | SideVerdict::NotComparable => false,
    }
}

impl Count {
    const fn add(&mut self, alarms: u64) {
        self.comparisons += 1;
        self.alarms += alarms;
    }
}

impl Figure {
    /// Adds what another block says of it.
    pub(super) fn add(&mut self, mut other: Self) {
        self.in_order += other.in_order;
        self.assigned += other.assigned;
        self.detectable.append(&mut other.detectable);
    }
}
