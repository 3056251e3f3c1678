//! In which order trials run: interleaved over the cells, in seeded random order, so that drift of
//! the machine favours nobody.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One trial of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    /// Place of the cell in the list that was given.
    pub(crate) cell: usize,
    /// Number of the trial within its cell, from 1.
    pub(crate) trial: u32,
}

/// `trials` rounds; each holds every cell once, in an order of its own.
pub(crate) fn interleaved(cells: usize, trials: u32, seed: u64) -> Vec<Turn> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut turns = Vec::new();
    for trial in 1..=trials {
        let mut round: Vec<_> = (0..cells).map(|cell| Turn { cell, trial }).collect();
        // Fisher and Yates; the modulo's bias is below 2^-32 for any list that fits into memory.
        for last in (1..round.len()).rev() {
            let among = last as u64 + 1;
            let other = usize::try_from(random.next_u64() % among).unwrap_or(last);
            round.swap(last, other);
        }
        turns.append(&mut round);
    }
    turns
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::interleaved;

    #[test]
    fn every_cell_has_its_turn_in_every_round() {
        let turns = interleaved(7, 3, 1);
        for (round, trial) in turns.chunks(7).zip(1..) {
            assert!(round.iter().all(|turn| turn.trial == trial));
            let cells: BTreeSet<_> = round.iter().map(|turn| turn.cell).collect();
            assert_eq!(cells.len(), 7);
        }
        assert_eq!(turns.len(), 21);
    }

    #[test]
    fn rounds_differ_and_the_seed_decides() {
        let turns = interleaved(20, 2, 1);
        let cells = |round: &[super::Turn]| round.iter().map(|turn| turn.cell).collect::<Vec<_>>();
        assert_ne!(cells(&turns[..20]), cells(&turns[20..]));
        assert_eq!(turns, interleaved(20, 2, 1));
        assert_ne!(turns, interleaved(20, 2, 2));
    }
}
