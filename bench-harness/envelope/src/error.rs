//! What can go wrong between values and bytes.

use std::convert::Infallible;
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
    /// The CBOR writer failed, which it never does on a buffer in memory.
    #[error("cannot write CBOR")]
    Cbor(#[from] minicbor::encode::Error<Infallible>),
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
    pub reason: String,
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
    /// From `serde_json`, which counts lines and columns from 1; 0 columns where it does not know.
    pub(crate) fn json(form: Form, input: &[u8], error: &serde_json::Error) -> Self {
        let lines_before = error.line().saturating_sub(1);
        let line_start: usize = input
            .split_inclusive(|&byte| byte == b'\n')
            .take(lines_before)
            .map(<[u8]>::len)
            .sum();
        let text = error.to_string();
        let reason = text
            .rsplit_once(" at line ")
            .map_or(&*text, |(reason, _)| reason);
        Self {
            form,
            field: "body",
            position: error
                .column()
                .checked_sub(1)
                .map(|column| line_start + column),
            reason: reason.to_owned(),
        }
    }

    /// From minicbor, in a field.
    pub(crate) fn cbor(form: Form, field: &'static str, error: &minicbor::decode::Error) -> Self {
        let mut reason = error.to_string();
        if let Some(position) = error.position() {
            reason = reason.replacen(&format!(" at position {position}"), "", 1);
        }
        Self {
            form,
            field,
            position: error.position(),
            reason,
        }
    }
}
