//! Finds the end of a string's plain part.

/// Words that are looked at one by one before blocks are: most strings are shorter.
const WORDS_BEFORE_BLOCKS: usize = 6;

/// Where the first byte from `at` on stands that ends a string or begins an escape, or that no
/// string may hold (a control character); the length of `bytes` where there is none.
#[inline]
pub(super) fn plain_end(bytes: &[u8], at: usize) -> usize {
    match plain_end_by_words(bytes, at, WORDS_BEFORE_BLOCKS) {
        Ok(end) => end,
        Err(at) => long_plain_end(bytes, at),
    }
}

#[inline(never)]
fn long_plain_end(bytes: &[u8], at: usize) -> usize {
    let at = skip_plain_blocks(bytes, at);
    plain_end_by_words(bytes, at, usize::MAX).unwrap_or(bytes.len())
}

/// Where the plain part ends, or where it was still going on after so many words.
#[inline]
fn plain_end_by_words(bytes: &[u8], mut at: usize, words: usize) -> Result<usize, usize> {
    for _ in 0..words {
        let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            while bytes.get(at).is_some_and(|&byte| !is_special(byte)) {
                at += 1;
            }
            return Ok(at);
        };
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return Ok(at + (special.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    Err(at)
}

/// Skips whole blocks of plain bytes; the compiler makes vector instructions of it.
#[inline]
fn skip_plain_blocks(bytes: &[u8], mut at: usize) -> usize {
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<32>()) {
        let special = block
            .iter()
            .fold(false, |seen, &byte| seen | is_special(byte));
        if special {
            break;
        }
        at += 32;
    }
    at
}

#[inline]
const fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Sets the upper bit of the word's first byte that is special, and perhaps of later ones. Bytes are
/// counted from the word's low end.
///
/// Source: S. E. Anderson, Bit Twiddling Hacks, "Determine if a word has a zero byte" and "has a
/// byte less than n".
#[inline]
const fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const UPPER: u64 = ONES << 7;
    let quote = word ^ (ONES * b'"' as u64);
    let escape = word ^ (ONES * b'\\' as u64);
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = quote.wrapping_sub(ONES) & !quote;
    let escape = escape.wrapping_sub(ONES) & !escape;
    (control | quote | escape) & UPPER
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{is_special, plain_end};

    proptest! {
        #[test]
        fn the_first_special_byte_is_found(
            bytes in proptest::collection::vec(any::<u8>(), 0..20),
            plain in 0_usize..100,
        ) {
            let bytes = [vec![b'x'; plain], bytes].concat();
            let expected = bytes.iter().position(|&byte| is_special(byte)).unwrap_or(bytes.len());
            prop_assert_eq!(plain_end(&bytes, 0), expected);
        }
    }
}
