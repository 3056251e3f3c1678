//! What both encodings are read through, so that events and envelopes have one reader each.

use std::borrow::Cow;

use crate::error::Form;
use crate::{DecodeError, Encoding, Text};

/// Why reading stopped; where and in which field, the source knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refused(pub(crate) &'static str);

/// The outcome of a step.
pub(crate) type Read<T> = Result<T, Refused>;

/// The input ended inside a value.
pub(crate) const CUT_SHORT: Refused = Refused("the input ends too early");
/// A value is nested deeper than its encoding allows.
pub(crate) const TOO_DEEP: Refused = Refused("nested too deep");

/// A message's bytes, read from front to back.
///
/// A step leaves the source behind what it has read, or, where it refuses, at the byte at fault.
pub(crate) trait Source<'a>: Sized {
    /// How far a list or a map has been read.
    type Container;

    /// The encoding that is read.
    const ENCODING: Encoding;

    /// The place, field and memory of this source.
    fn progress(&mut self) -> &mut Progress;

    /// Reads a null, if it is one, and says whether it was.
    fn null(&mut self) -> Read<bool>;
    /// Reads a text.
    fn text(&mut self) -> Read<Text<'a>>;
    /// Reads a text, or a number as a text.
    fn text_or_number(&mut self) -> Read<Text<'a>>;
    /// Reads bytes.
    fn bytes(&mut self) -> Read<Cow<'a, [u8]>>;
    /// Reads a whole number.
    fn integer(&mut self) -> Read<i64>;
    /// Checks any value and returns its bytes.
    fn raw(&mut self) -> Read<&'a [u8]>;

    /// Checks a map whose keys are texts, and returns its bytes and whether it is empty.
    fn raw_map(&mut self) -> Read<(&'a [u8], bool)>;

    /// Begins a map.
    fn map(&mut self) -> Read<Self::Container>;
    /// The next key; its value is to be read next.
    fn key(&mut self, map: &mut Self::Container) -> Read<Option<Text<'a>>>;
    /// The next key as bytes, which are compared and not kept; they may be no UTF-8.
    fn key_bytes(&mut self, map: &mut Self::Container) -> Read<Option<Cow<'a, [u8]>>>;
    /// Begins a list.
    fn list(&mut self) -> Read<Self::Container>;
    /// Whether there is an item to be read next.
    fn item(&mut self, list: &mut Self::Container) -> Read<bool>;
    /// How many items follow, if the list says so.
    fn items_left(&self, list: &Self::Container) -> Option<usize>;
    /// How many items or members follow, by looking.
    fn count(&mut self, list: &Self::Container, members: bool) -> Read<usize>;
    /// Makes sure that nothing follows.
    fn end(&mut self) -> Read<()>;
}

/// Where a source stands.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The byte that is read next.
    pub(crate) at: usize,
    /// The field that is being read.
    pub(crate) field: &'static str,
    /// Bytes that may still be allocated for the result.
    memory_left: usize,
    pub(crate) length: usize,
}

/// What a decoded message may take for each byte of the input.
const MEMORY_FACTOR: usize = 4;
/// What any message may take, so that a short one with a few readings is not refused.
const MEMORY_FLOOR_BYTES: usize = 2048;

impl Progress {
    pub(crate) fn new(length: usize) -> Self {
        Self {
            at: 0,
            field: "body",
            memory_left: length.saturating_mul(MEMORY_FACTOR) + MEMORY_FLOOR_BYTES,
            length,
        }
    }

    /// Must be called with the size of each allocation before it is made.
    pub(crate) fn allocate(&mut self, bytes: usize) -> Read<()> {
        self.memory_left = self
            .memory_left
            .checked_sub(bytes)
            .ok_or(Refused("it would take more memory than 4 times its bytes"))?;
        Ok(())
    }

    pub(crate) fn remaining(&self) -> usize {
        self.length.saturating_sub(self.at)
    }

    /// The error for what a step refused.
    pub(crate) fn error(&self, form: Form, refused: Refused) -> DecodeError {
        DecodeError {
            form,
            field: self.field,
            position: Some(self.at),
            reason: Cow::Borrowed(refused.0),
        }
    }
}

/// Reads the text of a field. A null is empty, as Go has it.
#[inline]
pub(crate) fn text<'a, S: Source<'a>>(source: &mut S, field: &'static str) -> Read<Text<'a>> {
    source.progress().field = field;
    if source.null()? {
        return Ok(Text::default());
    }
    source.text()
}

/// Makes room for one more item of a list or map in a vector, within the memory that the message may
/// take. `first_bytes` is what the first item took of the input, if that is known.
pub(crate) fn make_room<'a, S: Source<'a>, T>(
    items: &mut Vec<T>,
    source: &mut S,
    container: &S::Container,
    members: bool,
    first_bytes: usize,
) -> Read<()> {
    if items.len() < items.capacity() {
        return Ok(());
    }
    let remaining = source.progress().remaining();
    // Items mostly resemble the first; a little more than their number spares a second step.
    let guess = remaining / first_bytes.max(1);
    let guess = guess + guess / 8;
    let more = if let Some(left) = source.items_left(container) {
        left
    } else if items.is_empty() && guess.saturating_mul(size_of::<T>()) <= remaining {
        guess
    } else {
        source.count(container, members)?
    };
    let capacity = more.saturating_add(items.len()).saturating_add(1);
    let bytes = capacity.saturating_mul(size_of::<T>());
    source.progress().allocate(bytes)?;
    items.reserve_exact(capacity - items.len());
    Ok(())
}

/// Checks the value of a key that is not known, and the key itself.
pub(crate) fn skip<'a, S: Source<'a>>(source: &mut S, key: &[u8]) -> Read<()> {
    if std::str::from_utf8(key).is_err() {
        return Err(Refused("a key that is not UTF-8"));
    }
    source.raw().map(drop)
}
