//! Fresh stamped copies of a prepared message.

use busbench_envelope::{Prepared, Stamp};
use bytes::{Bytes, BytesMut};

/// How much an arena takes from the allocator at once: about 100 of the smallest EdgeX events.
const ARENA_BYTES: usize = 64 * 1024;

/// A prepared message and the memory that its copies come from.
///
/// Each message costs exactly one copy of its body, in every layout (in `native` too, where the
/// stamp is a header), and no allocation of its own: copies are cut from an arena that is taken
/// again when all messages in it are gone.
#[derive(Debug)]
pub struct Outgoing {
    prepared: Prepared,
    /// Where bodies are cut from.
    arena: BytesMut,
    /// For clients that copy the body themselves: stamped in place.
    scratch: Vec<u8>,
}

impl Outgoing {
    pub(crate) fn new(prepared: Prepared) -> Self {
        Self {
            scratch: prepared.body.clone(),
            arena: BytesMut::new(),
            prepared,
        }
    }

    /// A stamped copy for a client that takes shared bytes.
    pub(crate) fn bytes(&mut self, stamp: &Stamp) -> Bytes {
        let length = self.prepared.body.len();
        if self.arena.capacity() < length {
            // Takes the memory back where no message is left in it, and allocates otherwise.
            self.arena.reserve(length.max(ARENA_BYTES));
        }
        self.arena.extend_from_slice(&self.prepared.body);
        let mut body = self.arena.split();
        self.prepared.stamp(&mut body, stamp);
        body.freeze()
    }

    /// A stamped copy for a client that takes a vector only (an allocation that its API asks for).
    pub(crate) fn vec(&mut self, stamp: &Stamp) -> Vec<u8> {
        let mut body = self.prepared.body.clone();
        self.prepared.stamp(&mut body, stamp);
        body
    }

    /// The stamped message for a client that makes its own copy of it.
    pub(crate) fn borrowed(&mut self, stamp: &Stamp) -> &[u8] {
        self.prepared.stamp(&mut self.scratch, stamp);
        &self.scratch
    }
}

/// A stamp's text, for layouts that carry it in a header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StampText([u8; Stamp::TEXT_BYTES]);

impl StampText {
    pub(crate) fn new(stamp: &Stamp) -> Self {
        let mut text = [0; Stamp::TEXT_BYTES];
        stamp.write(&mut text);
        Self(text)
    }

    /// What stands at a stamp's place where there is none.
    pub(crate) const fn of(text: [u8; Stamp::TEXT_BYTES]) -> Self {
        Self(text)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        // A stamp is written in hexadecimal digits, so this never falls back.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use busbench_envelope::{Envelope, Layout, Prepared, Stamp};

    use super::{ARENA_BYTES, Outgoing, StampText};

    fn prepared(body_bytes: usize, stamp_at: usize) -> Prepared {
        let mut body = vec![b'.'; body_bytes];
        body[stamp_at..stamp_at + Stamp::TEXT_BYTES].copy_from_slice(Stamp::PLACEHOLDER.as_bytes());
        Prepared {
            layout: Layout::Json,
            envelope: Envelope {
                api_version: "v3".to_owned(),
                correlation_id: Stamp::PLACEHOLDER.to_owned(),
                request_id: String::new(),
                error_code: 0,
                content_type: "application/json".to_owned(),
                query_params: Vec::new(),
            },
            body,
            stamp_at: Some(stamp_at),
            payload_bytes: 10,
        }
    }

    fn stamp(sequence: u32) -> Stamp {
        Stamp {
            epoch: 7,
            sequence,
            ..Stamp::default()
        }
    }

    #[test]
    fn every_copy_holds_the_message_with_its_own_stamp() {
        for body_bytes in [Stamp::TEXT_BYTES, 660, ARENA_BYTES, 3 * ARENA_BYTES] {
            let message = prepared(body_bytes, (body_bytes - Stamp::TEXT_BYTES) / 2);
            let mut outgoing = Outgoing::new(message.clone());
            // Held all at once, so that a copy that shared memory with another would show.
            let copies: Vec<_> = (0..300).map(|n| outgoing.bytes(&stamp(n))).collect();
            for (n, copy) in (0..).zip(&copies) {
                assert!(message.matches(copy), "copy {n} of {body_bytes} bytes");
                assert_eq!(Stamp::read(message.stamp_text(copy)), Some(stamp(n)));
            }
            assert_eq!(outgoing.vec(&stamp(9)), copies[9]);
            assert_eq!(outgoing.borrowed(&stamp(9)), copies[9]);
        }
    }

    #[test]
    fn memory_of_sent_messages_is_used_again() {
        let mut outgoing = Outgoing::new(prepared(660, 40));
        let addresses: std::collections::HashSet<usize> = (0..10_000)
            .map(|n| outgoing.bytes(&stamp(n)).as_ptr().addr())
            .collect();
        assert!(
            addresses.len() <= 2 * ARENA_BYTES / 660,
            "10 000 messages, each gone before the next, stood at {} places",
            addresses.len()
        );
    }

    #[test]
    fn a_stamps_text_is_what_the_stamp_writes() {
        let text = StampText::new(&stamp(5));
        assert_eq!(Stamp::read(text.as_bytes()), Some(stamp(5)));
        assert_eq!(text.as_str().as_bytes(), text.as_bytes());
    }
}
