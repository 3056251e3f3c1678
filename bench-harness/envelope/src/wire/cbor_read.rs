//! Reads CBOR (RFC 8949), borrowing texts and bytes of definite length.

mod skip;
mod tree;

use std::borrow::Cow;

pub(crate) use tree::any;

use super::source::{CUT_SHORT, Progress, Read, Refused, Source};
use crate::{Encoding, Text};

/// The upper three bits of a value's first byte (RFC 8949, section 3.1).
mod major {
    pub(super) const UNSIGNED: u8 = 0;
    pub(super) const NEGATIVE: u8 = 1;
    pub(super) const BYTES: u8 = 2;
    pub(super) const TEXT: u8 = 3;
    pub(super) const LIST: u8 = 4;
    pub(super) const MAP: u8 = 5;
    pub(super) const TAG: u8 = 6;
    pub(super) const OTHER: u8 = 7;
}

const NULL: u8 = 0xf6;
const UNDEFINED: u8 = 0xf7;
const BREAK: u8 = 0xff;

/// CBOR, read from front to back.
pub(crate) struct CborReader<'a> {
    input: &'a [u8],
    progress: Progress,
}

/// A value's first byte taken apart, with what follows from it.
#[derive(Clone, Copy)]
struct Head {
    major: u8,
    /// The value, its length or number of items; `None` for an indefinite length.
    argument: Option<u64>,
}

/// How far a list or a map has been read.
pub(crate) struct Container {
    /// Items or members that follow; `None` where a break ends them.
    left: Option<u64>,
}

impl<'a> CborReader<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self {
            input,
            progress: Progress::new(input.len()),
        }
    }

    /// Whether the next value is a text.
    pub(crate) fn is_text(&self) -> bool {
        self.byte().is_ok_and(|byte| byte >> 5 == major::TEXT)
    }

    /// Whether the next value is bytes.
    pub(crate) fn is_bytes(&self) -> bool {
        self.byte().is_ok_and(|byte| byte >> 5 == major::BYTES)
    }

    #[inline]
    fn byte(&self) -> Read<u8> {
        self.input.get(self.progress.at).copied().ok_or(CUT_SHORT)
    }

    /// Reads a value's head.
    #[inline]
    fn head(&mut self) -> Read<Head> {
        let first = self.byte()?;
        let information = first & 31;
        if information < 24 {
            self.progress.at += 1;
            return Ok(Head {
                major: first >> 5,
                argument: Some(u64::from(information)),
            });
        }
        self.long_head(first)
    }

    fn long_head(&mut self, first: u8) -> Read<Head> {
        let major = first >> 5;
        let rest = self.input.get(self.progress.at + 1..).unwrap_or_default();
        let (argument, length) = match first & 31 {
            24 => (rest.first().map(|&byte| u64::from(byte)), 1),
            25 => (
                rest.first_chunk()
                    .map(|&bytes| u16::from_be_bytes(bytes).into()),
                2,
            ),
            26 => (
                rest.first_chunk()
                    .map(|&bytes| u32::from_be_bytes(bytes).into()),
                4,
            ),
            27 => (
                rest.first_chunk().map(|&bytes| u64::from_be_bytes(bytes)),
                8,
            ),
            31 if matches!(major, major::BYTES..=major::MAP) => {
                self.progress.at += 1;
                return Ok(Head {
                    major,
                    argument: None,
                });
            }
            _ => return Err(Refused("no CBOR value")),
        };
        if argument.is_none() {
            return Err(CUT_SHORT);
        }
        self.progress.at += 1 + length;
        Ok(Head { major, argument })
    }

    /// Reads the head of a value of one kind.
    #[inline]
    fn head_of(&mut self, major: u8, reason: &'static str) -> Read<Option<u64>> {
        if self.byte()? >> 5 != major {
            return Err(Refused(reason));
        }
        Ok(self.head()?.argument)
    }

    /// Takes so many bytes.
    #[inline]
    fn take(&mut self, length: u64) -> Read<&'a [u8]> {
        let rest = self.input.get(self.progress.at..).unwrap_or_default();
        let bytes = usize::try_from(length)
            .ok()
            .and_then(|length| rest.get(..length))
            .ok_or(CUT_SHORT)?;
        self.progress.at += bytes.len();
        Ok(bytes)
    }

    /// Takes a text that nobody keeps: of ASCII, which most is, a look at the upper bits is enough.
    #[inline]
    fn check_text(&mut self, length: u64) -> Read<()> {
        let start = self.progress.at;
        if self.take(length)?.is_ascii() {
            return Ok(());
        }
        self.progress.at = start;
        self.take_text(length).map(drop)
    }

    #[inline]
    fn take_text(&mut self, length: u64) -> Read<&'a str> {
        let start = self.progress.at;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|error| {
            self.progress.at = start + error.valid_up_to();
            Refused("not UTF-8")
        })
    }

    /// Joins the pieces of a text or of bytes of indefinite length, whose head is behind.
    fn joined(&mut self, major: u8) -> Read<Vec<u8>> {
        let start = self.progress.at;
        let length = self.pieces(major, |_| {})?;
        let end = self.progress.at;
        self.progress.allocate(length + size_of::<String>())?;
        let mut joined = Vec::with_capacity(length);
        self.progress.at = start;
        self.pieces(major, |piece| joined.extend_from_slice(piece))?;
        self.progress.at = end;
        Ok(joined)
    }

    /// Gives each piece up to the break; returns the bytes of all.
    fn pieces(&mut self, major: u8, mut visit: impl FnMut(&'a [u8])) -> Read<usize> {
        let mut length = 0;
        while self.byte()? != BREAK {
            let piece = self.head_of(major, "a piece of another kind")?;
            let piece = piece.ok_or(Refused("a piece that has pieces"))?;
            let bytes = if major == major::TEXT {
                self.take_text(piece)?.as_bytes()
            } else {
                self.take(piece)?
            };
            length += bytes.len();
            visit(bytes);
        }
        self.progress.at += 1;
        Ok(length)
    }

    #[inline]
    fn next_part(&mut self, container: &mut Container) -> Read<bool> {
        match &mut container.left {
            Some(0) => Ok(false),
            Some(left) => {
                *left -= 1;
                Ok(true)
            }
            None if self.byte()? == BREAK => {
                self.progress.at += 1;
                Ok(false)
            }
            None => Ok(true),
        }
    }
}

impl<'a> Source<'a> for CborReader<'a> {
    type Container = Container;

    const ENCODING: Encoding = Encoding::Cbor;

    #[inline]
    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }

    #[inline]
    fn null(&mut self) -> Read<bool> {
        let null = matches!(self.byte()?, NULL | UNDEFINED);
        self.progress.at += usize::from(null);
        Ok(null)
    }

    #[inline]
    fn text(&mut self) -> Read<Text<'a>> {
        if let Some(length) = self.head_of(major::TEXT, "no text")? {
            return self.take_text(length).map(Text::from);
        }
        let joined = self.joined(major::TEXT)?;
        let text = String::from_utf8(joined).map_err(|_| Refused("not UTF-8"))?;
        Ok(text.into())
    }

    fn text_or_number(&mut self) -> Read<Text<'a>> {
        match self.byte()? >> 5 {
            major::TEXT => self.text(),
            major::UNSIGNED | major::NEGATIVE | major::OTHER => {
                let start = self.progress.at;
                let number = self.number()?.ok_or_else(|| {
                    self.progress.at = start;
                    Refused("neither a text nor a number")
                })?;
                self.progress
                    .allocate(size_of::<String>() + number.capacity())?;
                Ok(number.into())
            }
            _ => Err(Refused("neither a text nor a number")),
        }
    }

    fn bytes(&mut self) -> Read<Cow<'a, [u8]>> {
        match self.head_of(major::BYTES, "no bytes")? {
            Some(length) => self.take(length).map(Cow::Borrowed),
            None => self.joined(major::BYTES).map(Cow::Owned),
        }
    }

    fn integer(&mut self) -> Read<i64> {
        let start = self.progress.at;
        let head = match self.byte()? >> 5 {
            major::UNSIGNED | major::NEGATIVE => self.head()?,
            _ => return Err(Refused("no whole number")),
        };
        let number = head.argument.and_then(|number| i64::try_from(number).ok());
        let number = number.ok_or_else(|| {
            self.progress.at = start;
            Refused("no whole number of 64 bits")
        })?;
        // The argument of a negative number n is -1 - n.
        Ok(if head.major == major::NEGATIVE {
            !number
        } else {
            number
        })
    }

    fn raw(&mut self) -> Read<&'a [u8]> {
        let start = self.progress.at;
        self.skip()?;
        let value = self.input.get(start..self.progress.at);
        Ok(value.unwrap_or_default())
    }

    fn raw_map(&mut self) -> Read<(&'a [u8], bool)> {
        let start = self.progress.at;
        let mut map = self.map()?;
        let mut is_empty = true;
        while self.next_part(&mut map)? {
            is_empty = false;
            self.skip_text()?;
            self.skip()?;
        }
        let bytes = self.input.get(start..self.progress.at);
        Ok((bytes.unwrap_or_default(), is_empty))
    }

    #[inline]
    fn map(&mut self) -> Read<Container> {
        let left = self.head_of(major::MAP, "no map")?;
        Ok(Container { left })
    }

    #[inline]
    fn key(&mut self, map: &mut Container) -> Read<Option<Text<'a>>> {
        if self.next_part(map)? {
            return self.text().map(Some);
        }
        Ok(None)
    }

    #[inline]
    fn key_bytes(&mut self, map: &mut Container) -> Read<Option<Cow<'a, [u8]>>> {
        if !self.next_part(map)? {
            return Ok(None);
        }
        let key = match self.head_of(major::TEXT, "no text")? {
            Some(length) => Cow::Borrowed(self.take(length)?),
            None => Cow::Owned(self.joined(major::TEXT)?),
        };
        Ok(Some(key))
    }

    fn list(&mut self) -> Read<Container> {
        let left = self.head_of(major::LIST, "no list")?;
        Ok(Container { left })
    }

    #[inline]
    fn item(&mut self, list: &mut Container) -> Read<bool> {
        self.next_part(list)
    }

    /// The wire says it, and it may say what it likes: the memory for it is refused then.
    fn items_left(&self, list: &Container) -> Option<usize> {
        list.left
            .map(|left| usize::try_from(left).unwrap_or(usize::MAX))
    }

    fn count(&mut self, list: &Container, members: bool) -> Read<usize> {
        let before = self.progress.at;
        let mut rest = Container { left: list.left };
        let mut count = 0;
        while self.next_part(&mut rest)? {
            if members {
                self.skip()?;
            }
            self.skip()?;
            count += 1;
        }
        self.progress.at = before;
        Ok(count)
    }

    fn end(&mut self) -> Read<()> {
        if self.progress.at < self.input.len() {
            return Err(Refused("more bytes follow"));
        }
        Ok(())
    }
}
