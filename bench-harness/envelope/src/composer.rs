//! Builds a message anew for every publish.

use std::borrow::Cow;

use crate::codec::{self, EventEncoder};
use crate::prepared::Content;
use crate::{Depth, Encoding, Envelope, Layout, Payload, Prepared, Stamp};

/// Writes messages of one kind, each from its parts: the envelope always, the event at depth
/// [`Depth::Event`]. It allocates nothing once its buffers have grown.
#[derive(Debug)]
pub struct Composer {
    prepared: Prepared,
    /// With the correlation id of the message that was written last.
    envelope: Envelope,
    encoder: EventEncoder,
}

impl Composer {
    /// `None` where the message is not built anew ([`Prepared::is_built_anew`]).
    #[must_use]
    pub fn new(prepared: &Prepared) -> Option<Self> {
        prepared.is_built_anew().then(|| Self {
            prepared: prepared.clone(),
            envelope: prepared.envelope.clone(),
            encoder: EventEncoder::default(),
        })
    }

    /// Writes the body of the message with this stamp to the end of `out`.
    ///
    /// It writes what was written before, when the message was prepared, so it cannot fail for the
    /// message's own sake; should it fail, `out` ends where it did, which a receiver takes for a
    /// corrupt message.
    pub fn write(&mut self, stamp: &Stamp, out: &mut Vec<u8>) {
        let mut text = [0; Stamp::TEXT_BYTES];
        stamp.write(&mut text);
        self.envelope.correlation_id.clear();
        // A stamp is written in hexadecimal digits, so this never falls back.
        let text = str::from_utf8(&text).unwrap_or_default();
        self.envelope.correlation_id.push_str(text);
        let (layout, start) = (self.prepared.layout, out.len());
        let written = match (&self.prepared.content, self.prepared.depth) {
            (
                Content::Event {
                    request, encoding, ..
                },
                Depth::Event,
            ) => self
                .encoder
                .encode_as(layout, *encoding, &self.envelope, request, out),
            (content, _) => {
                let payload = payload(layout, content, &self.prepared.payload);
                codec::encode(layout, &self.envelope, &payload, out)
            }
        };
        if written.is_err() {
            out.truncate(start);
        }
    }

    /// The envelope of the message that was written last: in layout `native` a bus writes it as
    /// metadata.
    #[must_use]
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

/// A payload that is encoded already, as an envelope of this layout takes it.
pub(crate) fn payload<'a>(layout: Layout, content: &Content, bytes: &'a [u8]) -> Payload<'a> {
    let bytes = Cow::Borrowed(bytes);
    match (layout, content) {
        // CBOR is no JSON value, so JSON carries it as base64.
        (
            Layout::Json,
            Content::Event {
                encoding: Encoding::Cbor,
                ..
            },
        )
        | (_, Content::Raw) => Payload::Bytes(bytes),
        (_, Content::Event { .. }) => Payload::Encoded(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::Composer;
    use crate::{Depth, Layout, Prepared, Stamp};

    #[test]
    fn what_is_built_anew_has_the_bytes_of_what_was_prepared() {
        for spec in [
            "1xInt32",
            "10xInt16+cbor+optimized",
            "1xBinary:500",
            "raw:99",
        ] {
            let spec = spec.parse().expect(spec);
            for layout in Layout::ALL {
                for depth in [Depth::Envelope, Depth::Event, Depth::Upstream] {
                    let (_, prepared) = Prepared::of_spec(&spec, 1, 0, layout).expect("a message");
                    let prepared = prepared.at_depth(depth);
                    let Some(mut composer) = Composer::new(&prepared) else {
                        assert_eq!((layout, depth), (Layout::Native, Depth::Upstream));
                        continue;
                    };
                    for sequence in 0..3 {
                        let stamp = Stamp {
                            sequence,
                            ..Stamp::default()
                        };
                        let mut built = Vec::new();
                        composer.write(&stamp, &mut built);
                        let mut stamped = prepared.body.clone();
                        prepared.stamp(&mut stamped, &stamp);
                        assert_eq!(built, stamped, "{spec} in {layout} at {depth}");
                        let text = composer.envelope().correlation_id.as_bytes();
                        assert_eq!(Stamp::read(text), Some(stamp));
                    }
                }
            }
        }
    }

    #[test]
    fn prebuilt_messages_have_no_composer() {
        let spec = "1xInt32".parse().expect("a spec");
        let (_, prepared) = Prepared::of_spec(&spec, 1, 0, Layout::Json).expect("a message");
        assert!(Composer::new(&prepared).is_none());
    }
}
