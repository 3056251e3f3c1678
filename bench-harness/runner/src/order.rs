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
    /// Place in the whole order, from 0: the same where a run is resumed.
    pub(crate) place: usize,
}

/// `trials` rounds; each holds every cell once, in an order of its own.
pub(crate) fn interleaved(cells: usize, trials: u32, seed: u64) -> Vec<Turn> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut order = Vec::new();
    for trial in 1..=trials {
        let mut round: Vec<_> = (0..cells).collect();
        shuffle(&mut round, &mut random);
        order.extend(round.into_iter().map(|cell| (cell, trial)));
    }
    placed(order)
}

/// `trials` rounds; each holds every cell once. The cells of one group follow each other, so that
/// they can share a server: each round has an order of its own of the groups, and within each of
/// them. `groups` has the cells of each group.
pub(crate) fn grouped(groups: &[Vec<usize>], trials: u32, seed: u64) -> Vec<Turn> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut order = Vec::new();
    for trial in 1..=trials {
        let mut round = groups.to_vec();
        shuffle(&mut round, &mut random);
        for mut cells in round {
            shuffle(&mut cells, &mut random);
            order.extend(cells.into_iter().map(|cell| (cell, trial)));
        }
    }
    placed(order)
}

fn placed(order: Vec<(usize, u32)>) -> Vec<Turn> {
    let turn = |(place, (cell, trial))| Turn { cell, trial, place };
    order.into_iter().enumerate().map(turn).collect()
}

/// Fisher and Yates; the modulo's bias is below 2^-32 for any list that fits into memory.
fn shuffle<T>(list: &mut [T], random: &mut ChaCha8Rng) {
    for last in (1..list.len()).rev() {
        let among = last as u64 + 1;
        let other = usize::try_from(random.next_u64() % among).unwrap_or(last);
        list.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Turn, grouped, interleaved};

    fn cells(round: &[Turn]) -> Vec<usize> {
        round.iter().map(|turn| turn.cell).collect()
    }

    fn every_cell_once(turns: &[Turn], count: usize, rounds: usize) {
        for (round, trial) in turns.chunks(count).zip(1..) {
            assert!(round.iter().all(|turn| turn.trial == trial));
            let cells: BTreeSet<_> = round.iter().map(|turn| turn.cell).collect();
            assert_eq!(cells.len(), count);
        }
        assert_eq!(turns.len(), count * rounds);
    }

    #[test]
    fn every_cell_has_its_turn_in_every_round() {
        every_cell_once(&interleaved(7, 3, 1), 7, 3);
        let groups = [vec![0, 3], vec![1], vec![2, 4, 5, 6]];
        every_cell_once(&grouped(&groups, 3, 1), 7, 3);
    }

    #[test]
    fn rounds_differ_and_the_seed_decides() {
        let turns = interleaved(20, 2, 1);
        assert_ne!(cells(&turns[..20]), cells(&turns[20..]));
        assert_eq!(turns, interleaved(20, 2, 1));
        assert_ne!(turns, interleaved(20, 2, 2));
        let groups: Vec<Vec<usize>> = (0..5).map(|group| vec![group, group + 5]).collect();
        assert_eq!(grouped(&groups, 2, 1), grouped(&groups, 2, 1));
        assert_ne!(grouped(&groups, 2, 1), grouped(&groups, 2, 2));
    }

    #[test]
    fn a_group_is_never_parted_and_every_place_is_taken_by_each() {
        let groups: Vec<Vec<usize>> = (0..4)
            .map(|group| (0..3).map(|cell| group * 3 + cell).collect())
            .collect();
        let rounds = 200;
        let turns = grouped(&groups, rounds, 7);
        let (mut group_at, mut cell_at) = (BTreeSet::new(), BTreeSet::new());
        for round in turns.chunks(12) {
            for (place, group) in round.chunks(3).enumerate() {
                let own = group[0].cell / 3;
                assert!(group.iter().all(|turn| turn.cell / 3 == own), "{group:?}");
                group_at.insert((own, place));
                cell_at.extend(group.iter().zip(0..).map(|(turn, at)| (turn.cell, at)));
            }
        }
        assert_eq!(group_at.len(), 16, "4 groups, 4 places");
        assert_eq!(cell_at.len(), 36, "12 cells, 3 places within their group");
    }
}
