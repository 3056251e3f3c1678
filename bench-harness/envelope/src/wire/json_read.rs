//! Reads JSON (RFC 8259), borrowing strings that hold no escape.

#[cfg(test)]
mod against_serde;
mod scan;
mod skip;
mod string;

use std::borrow::Cow;

use super::source::{CUT_SHORT, Progress, Read, Refused, Source};
use crate::{Encoding, Text};

/// JSON that is valid UTF-8, read from front to back.
pub(crate) struct JsonReader<'a> {
    text: &'a str,
    progress: Progress,
}

impl<'a> JsonReader<'a> {
    /// Go replaces bytes that are not UTF-8; we refuse them, where we come to them.
    pub(crate) fn new(input: &'a [u8]) -> Self {
        let progress = Progress::new(input.len());
        let text = match std::str::from_utf8(input) {
            Ok(text) => text,
            Err(error) => input
                .get(..error.valid_up_to())
                .and_then(|valid| std::str::from_utf8(valid).ok())
                .unwrap_or_default(),
        };
        Self { text, progress }
    }

    /// What is wrong where the text ends.
    fn text_end(&mut self) -> Refused {
        if self.text.len() == self.progress.length {
            return CUT_SHORT;
        }
        self.progress.at = self.text.len();
        Refused("not UTF-8")
    }

    /// The byte of the next token, which is not read.
    #[inline]
    fn token(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.progress.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.progress.at += 1,
                byte => return byte.copied(),
            }
        }
    }

    /// Whether the next value is a string.
    pub(crate) fn is_text(&mut self) -> bool {
        self.token() == Some(b'"')
    }

    #[inline]
    fn expect(&mut self, byte: u8, reason: &'static str) -> Read<()> {
        match self.token() {
            Some(found) if found == byte => {
                self.progress.at += 1;
                Ok(())
            }
            Some(_) => Err(Refused(reason)),
            None => Err(self.text_end()),
        }
    }

    fn literal(&mut self, literal: &[u8]) -> Read<()> {
        let rest = self.text.as_bytes().get(self.progress.at..);
        if rest.is_some_and(|rest| rest.starts_with(literal)) {
            self.progress.at += literal.len();
            return Ok(());
        }
        Err(Refused("no JSON value"))
    }

    /// The text between two places of this source, neither of which is inside a character.
    #[inline]
    fn between(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Ends a list or map, or goes on to its next part; says whether there is one.
    #[inline]
    fn next_part(&mut self, container: &mut Container, close: u8) -> Read<bool> {
        let token = self.token();
        if token == Some(close) {
            self.progress.at += 1;
            return Ok(false);
        }
        if container.first {
            container.first = false;
            return Ok(true);
        }
        match token {
            Some(b',') => {
                self.progress.at += 1;
                Ok(true)
            }
            Some(_) => Err(Refused("neither a comma nor the end of a list or object")),
            None => Err(self.text_end()),
        }
    }
}

const NO_OBJECT: Refused = Refused("no JSON object");

/// How far a list or an object has been read.
pub(crate) struct Container {
    first: bool,
}

impl<'a> Source<'a> for JsonReader<'a> {
    type Container = Container;

    const ENCODING: Encoding = Encoding::Json;

    #[inline]
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    #[inline]
    fn null(&mut self) -> Read<bool> {
        let null = self.token() == Some(b'n');
        if null {
            self.literal(b"null")?;
        }
        Ok(null)
    }

    #[inline]
    fn text(&mut self) -> Read<Text<'a>> {
        self.expect(b'"', "no string")?;
        self.string()
    }

    fn text_or_number(&mut self) -> Read<Text<'a>> {
        match self.token() {
            Some(b'"') => self.text(),
            Some(b'-' | b'0'..=b'9') => {
                let start = self.progress.at;
                self.number()?;
                Ok(self.between(start, self.progress.at).into())
            }
            Some(_) => Err(Refused("neither a text nor a number")),
            None => Err(self.text_end()),
        }
    }

    fn bytes(&mut self) -> Read<Cow<'a, [u8]>> {
        self.expect(b'"', "no string")?;
        let start = self.progress.at;
        let text = self.string()?;
        let has_escapes = self.progress.at - 1 - start != text.len();
        self.progress.allocate(text.len() / 4 * 3)?;
        let bytes = base64_simd::STANDARD.decode_to_vec(text.as_bytes());
        bytes.map(Cow::Owned).map_err(|_| {
            self.progress.at = start;
            if !has_escapes {
                self.progress.at += base64_fault(text.as_bytes());
            }
            NOT_BASE64
        })
    }

    fn integer(&mut self) -> Read<i64> {
        match self.token() {
            Some(b'-' | b'0'..=b'9') => {}
            Some(_) => return Err(Refused("no whole number")),
            None => return Err(self.text_end()),
        }
        self.whole_number()
    }

    fn raw(&mut self) -> Read<&'a [u8]> {
        self.token();
        let start = self.progress.at;
        self.skip()?;
        Ok(self.between(start, self.progress.at).as_bytes())
    }

    fn raw_map(&mut self) -> Read<(&'a [u8], bool)> {
        if self.token().is_some_and(|token| token != b'{') {
            return Err(NO_OBJECT);
        }
        let map = self.raw()?;
        let inside = map.get(1..map.len() - 1).unwrap_or_default();
        Ok((map, inside.trim_ascii().is_empty()))
    }

    #[inline]
    fn map(&mut self) -> Read<Container> {
        self.expect(b'{', NO_OBJECT.0)?;
        Ok(Container { first: true })
    }

    #[inline]
    fn key(&mut self, map: &mut Container) -> Read<Option<Text<'a>>> {
        if !self.next_part(map, b'}')? {
            return Ok(None);
        }
        self.expect(b'"', "no key")?;
        let key = self.string()?;
        self.expect(b':', "no colon after a key")?;
        Ok(Some(key))
    }

    #[inline]
    fn key_bytes(&mut self, map: &mut Container) -> Read<Option<Cow<'a, [u8]>>> {
        Ok(self.key(map)?.map(|key| match Cow::from(key) {
            Cow::Borrowed(key) => Cow::Borrowed(key.as_bytes()),
            Cow::Owned(key) => Cow::Owned(key.into_bytes()),
        }))
    }

    fn list(&mut self) -> Read<Container> {
        self.expect(b'[', "no list")?;
        Ok(Container { first: true })
    }

    #[inline]
    fn item(&mut self, list: &mut Container) -> Read<bool> {
        self.next_part(list, b']')
    }

    fn items_left(&self, _list: &Container) -> Option<usize> {
        None
    }

    fn count(&mut self, list: &Container, members: bool) -> Read<usize> {
        let before = self.progress.at;
        let mut rest = Container { first: list.first };
        let mut count = 0;
        let close = if members { b'}' } else { b']' };
        while self.next_part(&mut rest, close)? {
            if members {
                self.skip_key()?;
            }
            self.skip()?;
            count += 1;
        }
        self.progress.at = before;
        Ok(count)
    }

    fn end(&mut self) -> Read<()> {
        match self.token() {
            Some(_) => Err(Refused("more bytes follow")),
            None if self.text.len() < self.progress.length => Err(self.text_end()),
            None => Ok(()),
        }
    }
}

/// A string is not standard base64 with padding.
pub(crate) const NOT_BASE64: Refused = Refused("not standard base64 with padding");

/// Where a text stops being standard base64 with padding, in bytes from its start; its length where
/// characters are missing.
pub(crate) fn base64_fault(text: &[u8]) -> usize {
    let digits = text
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')))
        .unwrap_or(text.len());
    let padding = match digits % 4 {
        2 => 2,
        3 => 1,
        _ => 0,
    };
    let padded = text
        .get(digits..)
        .unwrap_or_default()
        .iter()
        .take(padding)
        .take_while(|byte| **byte == b'=')
        .count();
    let end = digits + padded;
    if padded == padding && padding > 0 && end == text.len() {
        // All is there, so the last digit has bits that say nothing and are not 0.
        return digits - 1;
    }
    end
}
