//! Opens every message that arrives.

use std::hint::black_box;

use crate::prepared::Content;
use crate::{
    AddEventRequest, DecodeError, Depth, Encoding, EnvelopeRef, Layout, Prepared, Stamp,
    ValidationError, codec,
};

/// A message that a service would refuse.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Its event can be read, and `EdgeX` refuses it.
    #[error(transparent)]
    Invalid(#[from] ValidationError),
}

/// Reads messages of one kind as deep as their depth says.
#[derive(Debug)]
pub struct Opener {
    layout: Layout,
    depth: Depth,
    /// Of the event inside, where there is one.
    encoding: Option<Encoding>,
    is_optimized: bool,
    /// What base64 is decoded into.
    scratch: Vec<u8>,
}

impl Opener {
    /// `None` where the message is not opened: its stamp stands at a known place
    /// ([`Prepared::is_built_anew`]).
    #[must_use]
    pub fn new(expected: &Prepared) -> Option<Self> {
        let (encoding, is_optimized) = match &expected.content {
            Content::Event {
                encoding,
                is_optimized,
                ..
            } => (Some(*encoding), *is_optimized),
            Content::Raw => (None, false),
        };
        expected.is_built_anew().then_some(Self {
            layout: expected.layout,
            depth: expected.depth,
            encoding,
            is_optimized,
            scratch: Vec::new(),
        })
    }

    /// Opens a body; `attributes` reads the envelope from the protocol's own metadata and is called
    /// in layout `native` only. Gives the stamp that stands in the envelope's correlation id; `None`
    /// where that is no stamp.
    pub fn open<'a>(
        &mut self,
        body: &'a [u8],
        attributes: impl FnOnce() -> Result<EnvelopeRef<'a>, DecodeError>,
    ) -> Result<Option<Stamp>, OpenError> {
        let mut message = codec::decode(self.layout, body)?;
        if self.layout == Layout::Native {
            message.envelope = attributes()?;
        }
        if self.depth == Depth::Upstream {
            let stamp = Stamp::read(message.envelope.correlation_id.as_bytes());
            black_box(&message);
            return Ok(stamp);
        }
        let (envelope, payload) = message.read_into(self.layout, &mut self.scratch)?;
        let stamp = Stamp::read(envelope.correlation_id.as_bytes());
        if let (Depth::Event, Some(encoding)) = (self.depth, self.encoding) {
            let mut request = AddEventRequest::decode(encoding, payload)?;
            if self.is_optimized {
                request.event.restore();
            }
            request.validate()?;
            black_box(&request);
        }
        // The rest of the envelope is read for the application, which is not there.
        black_box((&envelope, payload));
        Ok(stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::Opener;
    use crate::native::nats;
    use crate::{Composer, Depth, EnvelopeRef, Layout, OpenError, Prepared, Stamp};

    fn opened(prepared: &Prepared, body: &[u8]) -> Result<Option<Stamp>, OpenError> {
        let mut envelope = prepared.envelope.clone();
        let mut text = [0; Stamp::TEXT_BYTES];
        stamp().write(&mut text);
        envelope.correlation_id = String::from_utf8(text.to_vec()).expect("hexadecimal digits");
        let block = nats::block(&nats::fields(&envelope));
        // The block lives shorter than the body, so what is read of it is copied.
        let attributes = || {
            let read = nats::read_block(&block)?.into_owned();
            Ok(EnvelopeRef {
                api_version: read.api_version.into(),
                correlation_id: read.correlation_id.into(),
                request_id: read.request_id.into(),
                error_code: read.error_code,
                content_type: read.content_type.into(),
                query_params: Vec::new(),
            })
        };
        Opener::new(prepared)
            .expect("a message that is opened")
            .open(body, attributes)
    }

    fn stamp() -> Stamp {
        Stamp {
            epoch: 3,
            sequence: 77,
            ..Stamp::default()
        }
    }

    #[test]
    fn the_stamp_of_every_message_is_found_in_its_envelope() {
        for spec in [
            "1xInt32",
            "10xInt16+cbor+optimized",
            "1xBinary:500",
            "raw:99",
        ] {
            for layout in Layout::ALL {
                for depth in [Depth::Envelope, Depth::Event] {
                    let parsed = spec.parse().expect(spec);
                    let (_, prepared) =
                        Prepared::of_spec(&parsed, 1, 0, layout).expect("a message");
                    let prepared = prepared.at_depth(depth);
                    let mut body = Vec::new();
                    let mut composer = Composer::new(&prepared).expect("a composer");
                    composer.write(&stamp(), &mut body);
                    let read = opened(&prepared, &body).expect(spec);
                    assert_eq!(read, Some(stamp()), "{spec} in {layout} at {depth}");
                }
            }
        }
    }

    #[test]
    fn what_is_broken_inside_shows_only_at_its_depth() {
        let spec = "1xInt32".parse().expect("a spec");
        let (_, prepared) = Prepared::of_spec(&spec, 1, 0, Layout::Json).expect("a message");
        let mut body = prepared.body.clone();
        prepared.stamp(&mut body, &stamp());
        let text = String::from_utf8(body).expect("JSON");
        for wrong in ["32", "\"Int33\""] {
            let broken = text.replace("\"valueType\":\"Int32\"", &format!("\"valueType\":{wrong}"));
            assert_ne!(broken, text);
            let at = |depth| opened(&prepared.clone().at_depth(depth), broken.as_bytes());
            assert!(at(Depth::Envelope).is_ok());
            assert!(at(Depth::Upstream).is_ok());
            assert!(at(Depth::Event).is_err());
        }
    }

    #[test]
    fn prebuilt_messages_have_no_opener() {
        let spec = "1xInt32".parse().expect("a spec");
        let (_, prepared) = Prepared::of_spec(&spec, 1, 0, Layout::Native).expect("a message");
        assert!(Opener::new(&prepared).is_none());
        assert!(Opener::new(&prepared.at_depth(Depth::Upstream)).is_none());
    }
}
