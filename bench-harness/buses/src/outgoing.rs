//! Fresh messages with a stamp of their own: copies of what was prepared, or built anew.

use busbench_envelope::native::nats;
use busbench_envelope::{Composer, Envelope, Layout, Prepared, Stamp};
use bytes::{Bytes, BytesMut};

use crate::attributes::Metadata;

/// How much an arena takes from the allocator at once: about 100 of the smallest EdgeX events.
const ARENA_BYTES: usize = 64 * 1024;

/// A prepared message and the memory that what is sent comes from.
///
/// Each message is built in a buffer that is used again, where at depth `transport` only the stamp is
/// patched in, and costs exactly one copy of its body from there, in every layout (in `native` too,
/// where the stamp is a header). It takes no allocation of its own: copies are cut from an arena that
/// is taken again when all messages in it are gone.
#[derive(Debug)]
pub struct Outgoing {
    prepared: Prepared,
    /// Where depth asks for building.
    composer: Option<Composer>,
    /// Where bodies are cut from.
    arena: BytesMut,
    /// The message that was built last; at depth `transport` the prepared one, stamped in place.
    scratch: Vec<u8>,
    /// The header block that was written last.
    block: Vec<u8>,
}

impl Outgoing {
    pub(crate) fn new(prepared: Prepared) -> Self {
        Self {
            scratch: prepared.body.clone(),
            composer: Composer::new(&prepared),
            arena: BytesMut::new(),
            block: Vec::new(),
            prepared,
        }
    }

    /// A stamped message for a client that takes shared bytes.
    pub(crate) fn bytes(&mut self, stamp: &Stamp) -> Bytes {
        self.build(stamp);
        cut(&mut self.arena, &self.scratch)
    }

    /// A stamped message for a client that takes a vector only (an allocation that its API asks
    /// for).
    pub(crate) fn vec(&mut self, stamp: &Stamp) -> Vec<u8> {
        self.build(stamp);
        self.scratch.clone()
    }

    /// The stamped message for a client that makes its own copy of it.
    pub(crate) fn borrowed(&mut self, stamp: &Stamp) -> &[u8] {
        self.build(stamp);
        self.built()
    }

    /// Builds the message that [`Self::built`] and [`Self::envelope`] give.
    pub(crate) fn build(&mut self, stamp: &Stamp) {
        match &mut self.composer {
            None => self.prepared.stamp(&mut self.scratch, stamp),
            Some(composer) => {
                self.scratch.clear();
                composer.write(stamp, &mut self.scratch);
            }
        }
    }

    /// The message that was built last.
    pub(crate) fn built(&self) -> &[u8] {
        &self.scratch
    }

    /// In layout `native`, at depths that build: the envelope of the message that was built last,
    /// for the protocol's own metadata.
    pub(crate) fn envelope(&self) -> Option<&Envelope> {
        let composer = self.composer.as_ref();
        composer
            .filter(|_| self.prepared.layout == Layout::Native)
            .map(Composer::envelope)
    }

    /// What a bus without a protocol of its own sends beside the body of the message that was built
    /// last; `None` in layouts that have the envelope in the body.
    pub(crate) fn metadata(&mut self, stamp: &Stamp) -> Option<Metadata> {
        if self.prepared.layout != Layout::Native {
            return None;
        }
        let Some(composer) = &self.composer else {
            return Some(Metadata::Stamp(StampText::new(stamp)));
        };
        self.block.clear();
        nats::write_block(composer.envelope(), &mut self.block);
        Some(Metadata::Block(cut(&mut self.arena, &self.block)))
    }
}

/// A copy in the arena's memory.
fn cut(arena: &mut BytesMut, bytes: &[u8]) -> Bytes {
    if arena.capacity() < bytes.len() {
        // Takes the memory back where no message is left in it, and allocates otherwise.
        arena.reserve(bytes.len().max(ARENA_BYTES));
    }
    arena.extend_from_slice(bytes);
    arena.split().freeze()
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
    use busbench_envelope::{Depth, Layout, Prepared, Stamp};

    use super::{ARENA_BYTES, Outgoing, StampText};

    fn prepared(payload_bytes: usize) -> Prepared {
        Prepared::raw(Layout::Cbor, vec![b'.'; payload_bytes]).expect("a message")
    }

    fn stamp(sequence: u32) -> Stamp {
        Stamp {
            epoch: 7,
            sequence,
            ..Stamp::default()
        }
    }

    #[test]
    fn every_message_is_whole_and_has_its_own_stamp() {
        for payload_bytes in [1, 660, ARENA_BYTES, 3 * ARENA_BYTES] {
            for depth in [Depth::Transport, Depth::Envelope] {
                let message = prepared(payload_bytes).at_depth(depth);
                let mut outgoing = Outgoing::new(message.clone());
                // Held all at once, so that a copy that shared memory with another would show.
                let copies: Vec<_> = (0..300).map(|n| outgoing.bytes(&stamp(n))).collect();
                for (n, copy) in (0..).zip(&copies) {
                    assert!(message.matches(copy), "copy {n} of {payload_bytes} bytes");
                    assert_eq!(Stamp::read(message.stamp_text(copy)), Some(stamp(n)));
                }
                assert_eq!(outgoing.vec(&stamp(9)), copies[9]);
                assert_eq!(outgoing.borrowed(&stamp(9)), copies[9]);
            }
        }
    }

    #[test]
    fn memory_of_sent_messages_is_used_again() {
        for depth in [Depth::Transport, Depth::Envelope] {
            let mut outgoing = Outgoing::new(prepared(660).at_depth(depth));
            let addresses: std::collections::HashSet<usize> = (0..10_000)
                .map(|n| outgoing.bytes(&stamp(n)).as_ptr().addr())
                .collect();
            assert!(
                addresses.len() <= 2 * ARENA_BYTES / 660,
                "10 000 messages, each gone before the next, stood at {} places",
                addresses.len()
            );
        }
    }

    #[test]
    fn metadata_holds_the_stamp_at_every_depth() {
        let native = Prepared::raw(Layout::Native, vec![1, 2, 3]).expect("a message");
        for depth in Depth::ALL {
            let mut outgoing = Outgoing::new(native.clone().at_depth(depth));
            outgoing.bytes(&stamp(4));
            let metadata = outgoing.metadata(&stamp(4)).expect("metadata");
            assert_eq!(Stamp::read(metadata.stamp_text()), Some(stamp(4)));
            let is_written = matches!(depth, Depth::Envelope | Depth::Event);
            assert_eq!(metadata.block().len(), if is_written { 143 } else { 0 });
        }
        assert!(Outgoing::new(prepared(3)).metadata(&stamp(4)).is_none());
    }

    #[test]
    fn a_stamps_text_is_what_the_stamp_writes() {
        let text = StampText::new(&stamp(5));
        assert_eq!(Stamp::read(text.as_bytes()), Some(stamp(5)));
        assert_eq!(text.as_str().as_bytes(), text.as_bytes());
    }
}
