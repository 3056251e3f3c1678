//! Strings of JSON.

use super::JsonReader;
use super::scan::plain_end;
use crate::Text;
use crate::wire::source::{Read, Refused};

/// What Go gives for half of a surrogate pair.
const REPLACEMENT: char = '\u{fffd}';

impl<'a> JsonReader<'a> {
    /// Reads a string whose opening quote is behind.
    #[inline]
    pub(super) fn string(&mut self) -> Read<Text<'a>> {
        let start = self.progress.at;
        let end = plain_end(self.text.as_bytes(), start);
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.progress.at = end + 1;
            return Ok(self.between(start, end).into());
        }
        self.escaped_string(start)
    }

    #[cold]
    fn escaped_string(&mut self, start: usize) -> Read<Text<'a>> {
        self.skip_string()?;
        let end = self.progress.at - 1;
        let escaped = self.between(start, end);
        // An escape is never shorter than its character's UTF-8.
        self.progress
            .allocate(size_of::<String>() + escaped.len())?;
        let mut text = String::with_capacity(escaped.len());
        let mut rest = escaped;
        while let Some((plain, escape)) = rest.split_once('\\') {
            text.push_str(plain);
            let (character, bytes) = unescape(escape);
            text.push(character);
            rest = escape.get(bytes..).unwrap_or_default();
        }
        text.push_str(rest);
        Ok(text.into())
    }

    /// Checks a string whose opening quote is behind.
    #[inline]
    pub(super) fn skip_string(&mut self) -> Read<()> {
        let bytes = self.text.as_bytes();
        loop {
            self.progress.at = plain_end(bytes, self.progress.at);
            match bytes.get(self.progress.at) {
                Some(b'"') => {
                    self.progress.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.skip_escape()?,
                Some(_) => return Err(Refused("a control character in a string")),
                None => return Err(self.text_end()),
            }
        }
    }

    fn skip_escape(&mut self) -> Read<()> {
        let bytes = self.text.as_bytes();
        let length = match bytes.get(self.progress.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => {
                let digits = bytes.get(self.progress.at + 2..self.progress.at + 6);
                let Some(digits) = digits else {
                    return Err(self.text_end());
                };
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(Refused("no four hexadecimal digits after `\\u`"));
                }
                6
            }
            Some(_) => return Err(Refused("an escape that JSON lacks")),
            None => return Err(self.text_end()),
        };
        self.progress.at += length;
        Ok(())
    }
}

/// The character of an escape that was checked, and how many bytes it takes behind the backslash.
fn unescape(escape: &str) -> (char, usize) {
    let character = match escape.as_bytes().first() {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unescape_unit(escape),
        Some(&byte) => char::from(byte),
        None => REPLACEMENT,
    };
    (character, 1)
}

fn unescape_unit(escape: &str) -> (char, usize) {
    let first = unit(escape.get(1..5));
    // The second half of a pair is an escape of its own: `\ud83d\ude00`.
    let second = match escape.get(5..7) {
        Some("\\u") => unit(escape.get(7..11)),
        _ => None,
    };
    let pair = [first.unwrap_or_default(), second.unwrap_or_default()];
    match char::decode_utf16(pair).next() {
        Some(Ok(character)) if character.len_utf16() == 2 => (character, 11),
        Some(Ok(character)) => (character, 5),
        _ => (REPLACEMENT, 5),
    }
}

fn unit(digits: Option<&str>) -> Option<u16> {
    u16::from_str_radix(digits?, 16).ok()
}
