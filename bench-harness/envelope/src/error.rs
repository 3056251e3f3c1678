//! What can go wrong between values and bytes.

use std::borrow::Cow;
use std::fmt;

use crate::{Encoding, Layout};

/// A value that cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// JSON has no infinite number and no NaN.
    #[error("cannot write the number {number} as JSON: it has finite numbers only")]
    NotFinite {
        /// The number.
        number: f64,
    },
    /// A value of no fixed shape that stands in the message's encoding cannot be read, so it cannot
    /// be written in the other.
    #[error("cannot write a value in another encoding")]
    Unreadable(#[from] DecodeError),
}

/// What was being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A message envelope.
    Envelope(Layout),
    /// An event.
    Event(Encoding),
}

impl fmt::Display for Form {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Envelope(layout) => write!(formatter, "the {layout} envelope"),
            Self::Event(Encoding::Json) => formatter.write_str("the JSON event"),
            Self::Event(Encoding::Cbor) => formatter.write_str("the CBOR event"),
        }
    }
}

/// Bytes that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {field} of {form}{}: {reason}", At(*.position))]
pub struct DecodeError {
    /// What was being read.
    pub form: Form,
    /// The field, by its name on the wire; `body` where it is not known.
    pub field: &'static str,
    /// Where reading stopped, in bytes from the start of what was being read.
    pub position: Option<usize>,
    /// What is wrong there.
    pub reason: Cow<'static, str>,
}

struct At(Option<usize>);

impl fmt::Display for At {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(position) => write!(formatter, " at byte {position}"),
            None => Ok(()),
        }
    }
}

impl DecodeError {
    /// From `serde_json`, which counts lines and columns from 1.
    pub(crate) fn json(
        form: Form,
        field: &'static str,
        input: &[u8],
        error: &serde_json::Error,
    ) -> Self {
        let lines_before = error.line().saturating_sub(1);
        let line_start: usize = input
            .split_inclusive(|&byte| byte == b'\n')
            .take(lines_before)
            .map(<[u8]>::len)
            .sum();
        let position = line_start + error.column().saturating_sub(1);
        let text = error.to_string();
        let reason = text
            .rsplit_once(" at line ")
            .map_or(&*text, |(reason, _)| reason);
        Self {
            form,
            field,
            position: (error.line() > 0).then_some(position),
            reason: Cow::Owned(reason.to_owned()),
        }
    }

    /// From a value that lacks a field which every one has.
    pub(crate) fn missing(form: Form, field: &'static str) -> Self {
        Self {
            form,
            field,
            position: None,
            reason: Cow::Borrowed("it is missing"),
        }
    }
}
