//! A message that is built once and sent many times with a fresh stamp.

use crate::{Envelope, Layout, Stamp};

/// A message whose bytes are ready but for the stamp (depth `transport`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// How the envelope is laid out.
    pub layout: Layout,
    /// The envelope's fields; a bus with headers writes them beside the body in layout `native`.
    /// `correlation_id` holds [`Stamp::PLACEHOLDER`].
    pub envelope: Envelope,
    /// The body's bytes, the stamp's place filled with the placeholder.
    pub body: Vec<u8>,
    /// Where the stamp's text stands in `body`; `None` in layout `native`, where it is a header.
    pub stamp_at: Option<usize>,
    /// Bytes of the payload alone (the encoded event), as it is before the envelope.
    pub payload_bytes: usize,
}

impl Prepared {
    /// Writes a stamp into a copy of [`Self::body`]. Does nothing in layout `native`, where the bus
    /// writes it into a header, and where `body` is too short to be such a copy.
    #[inline]
    pub fn stamp(&self, body: &mut [u8], stamp: &Stamp) {
        if let Some(text) = self
            .stamp_at
            .and_then(|start| body.get_mut(start..)?.first_chunk_mut())
        {
            stamp.write(text);
        }
    }

    /// The text at the stamp's place of a body that arrived; empty where the body is too short, and
    /// in layout `native`.
    #[inline]
    #[must_use]
    pub fn stamp_text<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        self.stamp_at
            .and_then(|start| body.get(start..start.checked_add(Stamp::TEXT_BYTES)?))
            .unwrap_or_default()
    }

    /// Whether a body that arrived is this message: every byte but the stamp's is the same.
    #[inline]
    #[must_use]
    pub fn matches(&self, body: &[u8]) -> bool {
        let Some(start) = self.stamp_at else {
            return body == self.body;
        };
        let end = start + Stamp::TEXT_BYTES;
        body.len() == self.body.len()
            && body.get(..start) == self.body.get(..start)
            && body.get(end..) == self.body.get(end..)
    }
}
