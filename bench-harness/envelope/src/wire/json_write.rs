//! Writes JSON as Go's `encoding/json` (1.22 and later) does.

use std::io::Write as _;

use crate::{Any, EncodeError};

/// How a byte of a string is written: as it is (0), by a short escape (its letter), or as
/// `\u00XX` ([`LONG`]); [`SEPARATOR`] needs a look at the bytes that follow.
const ESCAPES: [u8; 256] = {
    let mut escapes = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        escapes[byte] = LONG;
        byte += 1;
    }
    escapes[b'"' as usize] = b'"';
    escapes[b'\\' as usize] = b'\\';
    escapes[0x08] = b'b';
    escapes[0x0c] = b'f';
    escapes[b'\n' as usize] = b'n';
    escapes[b'\r' as usize] = b'r';
    escapes[b'\t' as usize] = b't';
    // Go escapes these so that JSON can stand inside HTML.
    escapes[b'<' as usize] = LONG;
    escapes[b'>' as usize] = LONG;
    escapes[b'&' as usize] = LONG;
    escapes[0xe2] = SEPARATOR;
    escapes
};
const LONG: u8 = 1;
const SEPARATOR: u8 = 2;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Writes a string with its quotes.
#[inline]
pub(crate) fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let plain = plain_bytes(text.as_bytes());
    if plain == text.len() {
        out.extend_from_slice(text.as_bytes());
    } else {
        escaped(text.as_bytes(), plain, out);
    }
    out.push(b'"');
}

/// Writes a string of which the first so many bytes are plain.
fn escaped(bytes: &[u8], plain: usize, out: &mut Vec<u8>) {
    let mut written = 0;
    for (at, &byte) in bytes.iter().enumerate().skip(plain) {
        let escape = ESCAPES[usize::from(byte)];
        if escape == 0 {
            continue;
        }
        let length = match escape {
            // U+2028 and U+2029, which end a line in JavaScript, are e2 80 a8 and e2 80 a9.
            SEPARATOR => match bytes.get(at + 1..at + 3) {
                Some([0x80, 0xa8 | 0xa9]) => 3,
                _ => continue,
            },
            _ => 1,
        };
        out.extend_from_slice(&bytes[written..at]);
        match escape {
            SEPARATOR => {
                out.extend_from_slice(b"\\u202");
                out.push(HEX[usize::from(bytes[at + 2] & 15)]);
            }
            LONG => {
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
            letter => out.extend_from_slice(&[b'\\', letter]),
        }
        written = at + length;
    }
    out.extend_from_slice(&bytes[written..]);
}

/// How many bytes from the first on need no escape for sure, eight at a time where they last.
#[inline]
fn plain_bytes(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        if !is_plain_word(u64::from_le_bytes(*word)) {
            return at;
        }
        at += 8;
    }
    while bytes
        .get(at)
        .is_some_and(|&byte| ESCAPES[usize::from(byte)] == 0)
    {
        at += 1;
    }
    at
}

/// Whether all of a word's bytes are ASCII and need no escape. Tests for a byte of one value as S. E.
/// Anderson's Bit Twiddling Hacks do ("Determine if a word has a zero byte").
#[inline]
const fn is_plain_word(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 255;
    const UPPER: u64 = ONES << 7;
    // `"` and `&`, like `<` and `>`, differ in one bit.
    let quote_or_ampersand = (word | (ONES * 0x04)) ^ (ONES * b'&' as u64);
    let angle = (word | (ONES * 0x02)) ^ (ONES * b'>' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    // All bytes are below 0x80 where the word itself has no upper bit, so no test needs to leave
    // those out that were above before the subtraction.
    let special = word
        | word.wrapping_sub(ONES * 0x20)
        | quote_or_ampersand.wrapping_sub(ONES)
        | angle.wrapping_sub(ONES)
        | backslash.wrapping_sub(ONES);
    special & UPPER == 0
}

/// Writes `before`, then the string with its quotes: a key with its value.
pub(crate) fn member(before: &str, text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(before.as_bytes());
    string(text, out);
}

/// Writes bytes as a string of standard base64 with padding.
pub(crate) fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    base64_simd::STANDARD.encode_append(bytes, out);
    out.push(b'"');
}

/// Writes an integer.
pub(crate) fn integer(number: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Writes a number as Go does: the shortest digits that read back the same, with an exponent only
/// below 1e-6 and from 1e21 on.
fn float(number: f64, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if !number.is_finite() {
        return Err(EncodeError::NotFinite { number });
    }
    let start = out.len();
    let magnitude = number.abs();
    let plain = magnitude == 0.0 || (1e-6..1e21).contains(&magnitude);
    let written = if plain {
        write!(out, "{number}")
    } else {
        write!(out, "{number:e}")
    };
    written.map_err(|_| EncodeError::NotFinite { number })?;
    // Rust writes `1e21`, Go `1e+21`; both write `1e-7`.
    if let Some(at) = out[start..].iter().position(|&byte| byte == b'e')
        && magnitude >= 1.0
    {
        out.insert(start + at + 1, b'+');
    }
    Ok(())
}

/// Writes any value; a map's keys in the order in which they are given.
pub(crate) fn any(value: &Any<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match value {
        Any::Null => out.extend_from_slice(b"null"),
        Any::Bool(true) => out.extend_from_slice(b"true"),
        Any::Bool(false) => out.extend_from_slice(b"false"),
        Any::Unsigned(number) => integer(*number, out),
        Any::Signed(number) => integer(*number, out),
        Any::Float(number) => float(*number, out)?,
        Any::Text(text) => string(text, out),
        Any::Bytes(bytes) => base64(bytes, out),
        Any::List(values) => {
            out.push(b'[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                any(value, out)?;
            }
            out.push(b']');
        }
        Any::Map(members) => map(members, out)?,
    }
    Ok(())
}

/// Writes a map's members in the order in which they are given.
pub(crate) fn map<K: AsRef<str>>(
    members: &[(K, Any<'_>)],
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    out.push(b'{');
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        string(key.as_ref(), out);
        out.push(b':');
        any(value, out)?;
    }
    out.push(b'}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any as arbitrary, prop_assert_eq, proptest};

    use super::{any, float, string};
    use crate::Any;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        string(text, &mut out);
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    fn number(value: f64) -> String {
        let mut out = Vec::new();
        float(value, &mut out).expect("a finite number");
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn strings_are_escaped_as_go_escapes_them() {
        assert_eq!(written("a/b'c\u{7f}é"), "\"a/b'c\u{7f}é\"");
        assert_eq!(written("<a&b>"), r#""\u003ca\u0026b\u003e""#);
        assert_eq!(
            written("\u{2028}\u{2029}\u{202a}"),
            "\"\\u2028\\u2029\u{202a}\""
        );
        assert_eq!(written("\"\\\u{8}\u{c}\n\r\t"), r#""\"\\\b\f\n\r\t""#);
        assert_eq!(written("\0\u{1f}"), r#""\u0000\u001f""#);
    }

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        let table = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-2.5, "-2.5"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.25e300, "-1.25e+300"),
            (0.000_001, "0.000001"),
            (1.5e-9, "1.5e-9"),
            (5e-324, "5e-324"),
        ];
        for (value, text) in table {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn a_number_that_json_lacks_is_refused() {
        let error = any(&Any::Float(f64::NAN), &mut Vec::new()).expect_err("no NaN in JSON");
        insta::assert_snapshot!(error, @"cannot write the number NaN as JSON: it has finite numbers only");
    }

    #[test]
    fn every_byte_is_escaped_wherever_it_stands() {
        for byte in 0..=0x7f_u8 {
            let alone = written(&char::from(byte).to_string());
            let inside = alone.trim_matches('"');
            let inside = if byte == b'"' { "\\\"" } else { inside };
            for before in 0..20 {
                let text = format!("{}{}zzzzzzzzz", "z".repeat(before), char::from(byte));
                let expected = format!("\"{}{inside}zzzzzzzzz\"", "z".repeat(before));
                assert_eq!(written(&text), expected);
            }
        }
    }

    proptest! {
        #[test]
        fn a_string_reads_back_as_it_was(text: String) {
            let read: String = serde_json::from_str(&written(&text)).expect("JSON");
            prop_assert_eq!(read, text);
        }

        #[test]
        fn special_characters_read_back_as_they_were(text in "[\\x00-\\x1f\"\\\\<>&\u{2020}-\u{2030}é😀]*") {
            let read: String = serde_json::from_str(&written(&text)).expect("JSON");
            prop_assert_eq!(read, text);
        }

        #[test]
        fn a_finite_number_reads_back_as_it_was(bits in arbitrary::<u64>()) {
            let value = f64::from_bits(bits);
            if value.is_finite() {
                let read: f64 = number(value).parse().expect("a number");
                prop_assert_eq!(read.to_bits(), value.to_bits());
            }
        }
    }
}
