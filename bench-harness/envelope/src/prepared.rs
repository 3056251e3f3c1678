//! A message that is built once and sent many times with a fresh stamp.

use crate::{Envelope, Layout};

/// A message whose bytes are ready but for the stamp (depth `transport`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// How the envelope is laid out.
    pub layout: Layout,
    /// The envelope's fields; a bus with headers writes them beside the body in layout `native`.
    /// `correlation_id` holds a placeholder of [`crate::Stamp::TEXT_BYTES`] characters.
    pub envelope: Envelope,
    /// The body's bytes, the stamp's place filled with a placeholder.
    pub body: Vec<u8>,
    /// Where the stamp's text stands in `body`; `None` in layout `native`, where it is a header.
    pub stamp_at: Option<usize>,
    /// Bytes of the payload alone (the encoded event), as it is before the envelope.
    pub payload_bytes: usize,
}
