//! The envelope of a message that arrived in layout `native`, read from the protocol's metadata.

use busbench_envelope::native::nats;
use busbench_envelope::{DecodeError, EnvelopeRef, Form, Layout, Stamp};
use bytes::Bytes;

use crate::outgoing::StampText;

/// The metadata of a message that arrived, as its client gives it. What the client had to do for it
/// (NATS: a map of headers) is done by then; this is the way from there to the envelope.
pub trait Attributes {
    /// Reads the envelope. Only asked for in layout `native`, at depths that open messages.
    fn envelope(&self) -> Result<EnvelopeRef<'_>, DecodeError>;
}

/// Of a protocol, or a layout, that has the envelope in the body.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAttributes;

impl Attributes for NoAttributes {
    fn envelope(&self) -> Result<EnvelopeRef<'_>, DecodeError> {
        Err(no_metadata())
    }
}

/// That a message came without any metadata.
pub(crate) fn no_metadata() -> DecodeError {
    DecodeError {
        form: Form::Envelope(Layout::Native),
        field: "headers",
        position: None,
        reason: "the message has none".into(),
    }
}

/// What the floors, which know no protocol, send beside the body in layout `native`.
#[derive(Debug, Clone)]
pub(crate) enum Metadata {
    /// At depth `transport`: the other attributes are the same in each message.
    Stamp(StampText),
    /// At other depths: the header block that NATS would have.
    Block(Bytes),
}

impl Metadata {
    /// The text at the stamp's place: of a block the last value, before two line ends.
    pub(crate) fn stamp_text(&self) -> &[u8] {
        match self {
            Self::Stamp(text) => text.as_bytes(),
            Self::Block(block) => stamp_text_of_block(block),
        }
    }

    /// The header block, where there is one.
    pub(crate) fn block(&self) -> &[u8] {
        match self {
            Self::Stamp(_) => &[],
            Self::Block(block) => block,
        }
    }
}

/// The text at the stamp's place of a header block; empty where the block is too short.
pub(crate) fn stamp_text_of_block(block: &[u8]) -> &[u8] {
    let end = block.len().saturating_sub("\r\n\r\n".len());
    let start = end.saturating_sub(Stamp::TEXT_BYTES);
    block.get(start..end).unwrap_or_default()
}

/// A header block that arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block<'a>(pub(crate) &'a [u8]);

impl Attributes for Block<'_> {
    fn envelope(&self) -> Result<EnvelopeRef<'_>, DecodeError> {
        nats::read_block(self.0)
    }
}
