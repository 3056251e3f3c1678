//! Writes CBOR (RFC 8949) as fxamacker/cbor does with its default options: shortest integers,
//! 64-bit floats, definite lengths, no tags.

use crate::Any;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1 << 5;
const BYTES: u8 = 2 << 5;
const TEXT: u8 = 3 << 5;
const LIST: u8 = 4 << 5;
const MAP: u8 = 5 << 5;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const FLOAT_64: u8 = 0xfb;

/// Added to a value's first byte: its argument stands in it, or in so many bytes behind.
const IN_1_BYTE: u8 = 0x18;
const IN_2_BYTES: u8 = 0x19;
const IN_4_BYTES: u8 = 0x1a;
const IN_8_BYTES: u8 = 0x1b;

/// Writes a value's first byte, and its argument in the fewest bytes.
#[inline]
fn head(major: u8, argument: u64, out: &mut Vec<u8>) {
    match u8::try_from(argument) {
        Ok(argument) if argument < IN_1_BYTE => out.push(major | argument),
        Ok(argument) => out.extend_from_slice(&[major | IN_1_BYTE, argument]),
        Err(_) => long_head(major, argument, out),
    }
}

fn long_head(major: u8, argument: u64, out: &mut Vec<u8>) {
    let bytes = argument.to_be_bytes();
    let (length, bytes) = if argument <= u16::MAX.into() {
        (IN_2_BYTES, &bytes[6..])
    } else if argument <= u32::MAX.into() {
        (IN_4_BYTES, &bytes[4..])
    } else {
        (IN_8_BYTES, &bytes[..])
    };
    out.push(major | length);
    out.extend_from_slice(bytes);
}

/// Begins a map of so many members.
pub(crate) fn map_of(members: u64, out: &mut Vec<u8>) {
    head(MAP, members, out);
}

/// Begins a list of so many items.
pub(crate) fn list_of(items: usize, out: &mut Vec<u8>) {
    head(LIST, items as u64, out);
}

/// Writes a null.
pub(crate) fn null(out: &mut Vec<u8>) {
    out.push(NULL);
}

/// Writes a text.
#[inline]
pub(crate) fn text(text: &str, out: &mut Vec<u8>) {
    head(TEXT, text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

/// Writes a key with its text.
#[inline]
pub(crate) fn member(key: &str, value: &str, out: &mut Vec<u8>) {
    text(key, out);
    text(value, out);
}

/// Writes bytes.
pub(crate) fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    head(BYTES, bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Writes a whole number.
pub(crate) fn integer(number: i64, out: &mut Vec<u8>) {
    match u64::try_from(number) {
        Ok(number) => head(UNSIGNED, number, out),
        // The argument of a negative number n is -1 - n.
        Err(_) => head(NEGATIVE, (!number).cast_unsigned(), out),
    }
}

/// Writes any value; a map's keys in the order in which they are given.
pub(crate) fn any(value: &Any<'_>, out: &mut Vec<u8>) {
    match value {
        Any::Null => null(out),
        Any::Bool(value) => out.push(if *value { TRUE } else { FALSE }),
        Any::Unsigned(number) => head(UNSIGNED, *number, out),
        Any::Signed(number) => integer(*number, out),
        Any::Float(number) => {
            out.push(FLOAT_64);
            out.extend_from_slice(&number.to_bits().to_be_bytes());
        }
        Any::Text(value) => text(value, out),
        Any::Bytes(value) => bytes(value, out),
        Any::List(values) => {
            list_of(values.len(), out);
            for value in values {
                any(value, out);
            }
        }
        Any::Map(members) => {
            map_of(members.len() as u64, out);
            for (key, value) in members {
                text(key, out);
                any(value, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{any, integer};
    use crate::Any;

    fn written(number: i64) -> Vec<u8> {
        let mut out = Vec::new();
        integer(number, &mut out);
        out
    }

    /// The examples of RFC 8949, appendix A, and the bounds of each length.
    #[test]
    fn numbers_take_the_fewest_bytes() {
        let table: [(i64, &[u8]); 14] = [
            (0, &[0x00]),
            (23, &[0x17]),
            (24, &[0x18, 0x18]),
            (255, &[0x18, 0xff]),
            (256, &[0x19, 0x01, 0x00]),
            (65_535, &[0x19, 0xff, 0xff]),
            (65_536, &[0x1a, 0x00, 0x01, 0x00, 0x00]),
            (1_000_000, &[0x1a, 0x00, 0x0f, 0x42, 0x40]),
            (4_294_967_295, &[0x1a, 0xff, 0xff, 0xff, 0xff]),
            (4_294_967_296, &[0x1b, 0, 0, 0, 1, 0, 0, 0, 0]),
            (-1, &[0x20]),
            (-100, &[0x38, 0x63]),
            (-1000, &[0x39, 0x03, 0xe7]),
            (
                i64::MIN,
                &[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            ),
        ];
        for (number, bytes) in table {
            assert_eq!(written(number), bytes, "{number}");
        }
    }

    #[test]
    fn a_float_is_64_bits_long() {
        let mut out = Vec::new();
        any(&Any::Float(1.1), &mut out);
        assert_eq!(out, [0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a]);
    }
}
