//! Which of two neighbours is the base.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Pairs up to which every assignment is tried: 2048 of them.
const ALL_UP_TO: usize = 12;

/// Assignments that are tried of more pairs.
const SAMPLE: usize = 2_048;

/// Ways to share out the two neighbours of each pair to base and head.
pub(super) struct Assignments {
    /// Of each pair, whether its first is the head. The first pair never is, as swapping the sides
    /// of all changes nothing; and the first assignment is the order in which they ran.
    pub(super) swaps: Vec<Vec<bool>>,
    /// Whether there are no others; the sample of a seed otherwise.
    pub(super) are_all: bool,
}

impl Assignments {
    pub(super) fn of(pairs: usize) -> Self {
        let are_all = pairs <= ALL_UP_TO;
        let swaps = if are_all {
            let bits = 0..1_usize << pairs.saturating_sub(1);
            bits.map(|bits| {
                (0..pairs)
                    .map(|pair| (bits << 1) >> pair & 1 == 1)
                    .collect()
            })
            .collect()
        } else {
            let mut random = ChaCha8Rng::seed_from_u64(0);
            let drawn = |sample| {
                (0..pairs)
                    .map(|pair| sample > 0 && pair > 0 && random.next_u32() & 1 == 1)
                    .collect()
            };
            (0..SAMPLE).map(drawn).collect()
        };
        Self { swaps, are_all }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Assignments, SAMPLE};

    #[test]
    fn every_assignment_comes_once_up_to_a_swap_of_the_sides() {
        for pairs in [3, 5, 12] {
            let Assignments { swaps, are_all } = Assignments::of(pairs);
            assert!(are_all);
            assert_eq!(swaps.len(), 1 << (pairs - 1));
            assert_eq!(swaps[0], vec![false; pairs]);
            assert!(swaps.iter().all(|swaps| swaps.len() == pairs && !swaps[0]));
            assert_eq!(swaps.iter().collect::<BTreeSet<_>>().len(), swaps.len());
        }
    }

    #[test]
    fn too_many_are_sampled_and_each_pair_is_swapped_in_half_of_them() {
        let Assignments { swaps, are_all } = Assignments::of(20);
        assert!(!are_all);
        assert_eq!((swaps.len(), &swaps[0]), (SAMPLE, &vec![false; 20]));
        for pair in 1..20 {
            let swapped = swaps.iter().filter(|swaps| swaps[pair]).count();
            // Five standard deviations.
            assert!(swapped.abs_diff(SAMPLE / 2) < 113, "{pair}: {swapped}");
        }
        assert_eq!(swaps, Assignments::of(20).swaps);
    }
}
