//! Table-driven lower-case hex in the canonical form of a UUID (RFC 9562, section 4).

/// Where each of a UUID's 16 bytes stands in the text, the four hyphens left out.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
/// What [`VALUES`] holds for a byte that is no lower-case hex digit.
const NO_DIGIT: u8 = 0xff;

/// The two digits of every byte.
const DIGITS: [[u8; 2]; 256] = {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = [HEX[byte >> 4], HEX[byte & 15]];
        byte += 1;
    }
    digits
};

/// The value of every digit.
const VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut digit = 0_u8;
    while digit < 16 {
        let character = if digit < 10 {
            b'0' + digit
        } else {
            b'a' + digit - 10
        };
        values[character as usize] = digit;
        digit += 1;
    }
    values
};

/// Writes the 128 bits as text.
#[inline]
pub(crate) fn write(high: u64, low: u64, text: &mut [u8; 36]) {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..].copy_from_slice(&low.to_be_bytes());
    for (byte, place) in bytes.into_iter().zip(PLACES) {
        let [first, second] = DIGITS[usize::from(byte)];
        text[place] = first;
        text[place + 1] = second;
    }
    for place in HYPHENS {
        text[place] = b'-';
    }
}

/// Reads the 128 bits; `None` where a digit or a hyphen is not one.
#[inline]
pub(crate) fn read(text: &[u8; 36]) -> Option<(u64, u64)> {
    let mut bytes = [0; 16];
    // Digits are 0..=15, so the upper bits are set only by a byte that is no digit: one test at
    // the end takes the place of 32.
    let mut seen = 0;
    for (byte, place) in bytes.iter_mut().zip(PLACES) {
        let first = VALUES[usize::from(text[place])];
        let second = VALUES[usize::from(text[place + 1])];
        seen |= first | second;
        *byte = first << 4 | second & 15;
    }
    let hyphens = HYPHENS.iter().all(|&place| text[place] == b'-');
    if seen > 15 || !hyphens {
        return None;
    }
    let value = u128::from_be_bytes(bytes);
    Some((
        u64::try_from(value >> 64).ok()?,
        u64::try_from(value & u128::from(u64::MAX)).ok()?,
    ))
}
