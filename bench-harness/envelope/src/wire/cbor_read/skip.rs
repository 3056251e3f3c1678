//! Checks values of CBOR without building them.

use super::{BREAK, CborReader, major};
use crate::wire::source::{Read, Refused, TOO_DEEP};

/// How deep values may be nested; the default of fxamacker/cbor, which `EdgeX` uses.
const MAX_NESTING: u32 = 32;

impl CborReader<'_> {
    /// Checks the next value and goes behind it.
    pub(super) fn skip(&mut self) -> Read<()> {
        self.skip_nested(MAX_NESTING)
    }

    /// Checks a text and goes behind it.
    pub(super) fn skip_text(&mut self) -> Read<()> {
        match self.head_of(major::TEXT, "no text")? {
            Some(length) => self.check_text(length),
            None => self.pieces(major::TEXT, |_| {}).map(drop),
        }
    }

    fn skip_nested(&mut self, levels: u32) -> Read<()> {
        if self.byte()? >> 5 == major::OTHER {
            return self.skip_other();
        }
        let start = self.progress.at;
        let head = self.head()?;
        if head.major >= major::LIST && levels == 0 {
            self.progress.at = start;
            return Err(TOO_DEEP);
        }
        match head.major {
            major::BYTES | major::TEXT => match head.argument {
                Some(length) if head.major == major::TEXT => self.check_text(length),
                Some(length) => self.take(length).map(drop),
                None => self.pieces(head.major, |_| {}).map(drop),
            },
            major::LIST => self.skip_items(head.argument, false, levels - 1),
            major::MAP => self.skip_items(head.argument, true, levels - 1),
            major::TAG => self.skip_nested(levels - 1),
            _ => Ok(()),
        }
    }

    fn skip_items(&mut self, items: Option<u64>, members: bool, levels: u32) -> Read<()> {
        let mut left = items;
        loop {
            match &mut left {
                Some(0) => return Ok(()),
                Some(left) => *left -= 1,
                None if self.byte()? == BREAK => {
                    self.progress.at += 1;
                    return Ok(());
                }
                None => {}
            }
            if members {
                self.skip_nested(levels)?;
            }
            self.skip_nested(levels)?;
        }
    }

    /// False, true, null, undefined, floats, and simple values of one byte more.
    fn skip_other(&mut self) -> Read<()> {
        match self.byte()? & 31 {
            0..=27 => self.head().map(drop),
            _ => Err(Refused("no CBOR value")),
        }
    }
}
