//! Changed inputs, the same in every run.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Lengths, numbers and pieces of syntax that mean something to a reader.
const TOKENS: [&[u8]; 16] = [
    b"\"",
    b"\\u",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\r\n",
    b"null",
    b"1e999",
    b"\x9b\x7f",
    b"\xbf",
    b"\xff",
    b"\x00",
    b"\xf0\x9f\x98\x80",
];

/// Seed `number` with one to four changes, which `change` chooses.
pub(crate) fn change(seeds: &[&[u8]], number: usize, change: u64) -> Vec<u8> {
    let mut random = Random(ChaCha8Rng::seed_from_u64(change));
    random.0.set_stream(number as u64);
    let mut input = seeds[number].to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        match random.below(7) {
            0 => input.truncate(at),
            1 => {
                input.drain(..at);
            }
            2 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
            3 => insert(&mut input, at, TOKENS[random.below(TOKENS.len())]),
            4 => {
                let byte = random.0.next_u64().to_le_bytes()[0];
                insert(&mut input, at, &[byte]);
            }
            5 => {
                let end = (at + random.below(64)).min(input.len());
                let piece = input[at..end].repeat(1 + random.below(8));
                insert(&mut input, at, &piece);
            }
            _ => {
                let other = seeds[random.below(seeds.len())];
                input.truncate(at);
                input.extend_from_slice(&other[random.below(other.len() + 1)..]);
            }
        }
    }
    input
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}

struct Random(ChaCha8Rng);

impl Random {
    /// The slight bias of a remainder does not matter here.
    fn below(&mut self, limit: usize) -> usize {
        self.0.next_u32() as usize % limit
    }
}
