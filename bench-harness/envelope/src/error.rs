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
    /// From `serde_json`, which counts lines and columns from 1.
    pub(crate) fn json(form: Form, input: &[u8], error: &serde_json::Error) -> Self {
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
            field: last_key(input.get(..position).unwrap_or(input)),
            position: (error.line() > 0).then_some(position),
            reason: reason.to_owned(),
        }
    }

    /// From minicbor, in a field.
    pub(crate) fn cbor(
        form: Form,
        field: &'static str,
        input: &[u8],
        error: &minicbor::decode::Error,
    ) -> Self {
        let mut reason = error.to_string();
        if let Some(position) = error.position() {
            reason = reason.replacen(&format!(" at position {position}"), "", 1);
        }
        if let Some(message) = reason.strip_prefix("decode error: ") {
            reason = message.to_owned();
        }
        let end = error.is_end_of_input().then_some(input.len());
        Self {
            form,
            field,
            position: error.position().or(end),
            reason,
        }
    }

    /// From bytes that go on after the value.
    pub(crate) fn longer(form: Form, end: usize) -> Self {
        Self {
            form,
            field: "body",
            position: Some(end),
            reason: "more bytes follow".to_owned(),
        }
    }

    /// From a value that lacks a field which every one has.
    pub(crate) fn missing(form: Form, field: &'static str) -> Self {
        Self {
            form,
            field,
            position: None,
            reason: "it is missing".to_owned(),
        }
    }
}

/// Names on the wire of the fields whose values can be refused.
const FIELDS: [&str; 24] = [
    "apiVersion",
    "binaryValue",
    "contentType",
    "correlationID",
    "deviceName",
    "errorCode",
    "event",
    "id",
    "mediaType",
    "objectValue",
    "origin",
    "payload",
    "profileName",
    "queryParams",
    "readings",
    "receivedTopic",
    "requestID",
    "requestId",
    "resourceName",
    "sourceName",
    "tags",
    "units",
    "value",
    "valueType",
];

/// The last key before the place where reading stopped: `serde_json` does not say in which field it
/// was. Only errors come this way, so the search may take its time.
fn last_key(before: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(before);
    let key = text
        .rmatch_indices("\":")
        .find_map(|(end, _)| text[..end].rsplit_once('"').map(|(_, key)| key));
    FIELDS
        .into_iter()
        .find(|field| Some(*field) == key)
        .unwrap_or("body")
}
