//! A message that is built once and sent many times with a fresh stamp.

use crate::codec::{self, EventEncoder};
use crate::generate::{self, PayloadSpec, generate};
use crate::native::Carrier;
use crate::{AddEventRequest, Depth, EncodeError, Encoding, Envelope, Layout, Stamp};
use crate::{composer, topic};

/// A message whose bytes are ready but for the stamp, and what it is made of: at depths beyond
/// [`Depth::Transport`] it is built anew for every publish ([`crate::Composer`]) and opened for every
/// delivery ([`crate::Opener`]).
#[derive(Debug, Clone, PartialEq)]
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
    /// The payload alone (the encoded event, or raw bytes), as it is before the envelope.
    pub payload: Vec<u8>,
    /// How deep it is built and opened.
    pub depth: Depth,
    /// What the payload is.
    pub(crate) content: Content,
}

/// What a payload is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// An event.
    Event {
        request: Box<AddEventRequest<'static>>,
        encoding: Encoding,
        is_optimized: bool,
    },
    /// Bytes that nobody looks into.
    Raw,
}

impl Prepared {
    /// The message that `spec` and `seed` give a publisher, in a layout, with the topic that it is
    /// published to. Every publisher has a topic of its own.
    pub fn of_spec(
        spec: &PayloadSpec,
        seed: u64,
        publisher: u16,
        layout: Layout,
    ) -> Result<(String, Self), EncodeError> {
        let spec = match spec {
            PayloadSpec::Event(spec) => spec,
            PayloadSpec::Raw(bytes) => {
                let topic = topic::of_raw(generate::SERVICE, publisher);
                let payload = generate::raw(*bytes, seed, publisher);
                return Ok((topic, Self::raw(layout, payload)?));
            }
        };
        let mut request = Box::new(generate(spec, seed, publisher));
        let topic = topic::of_event(&request, generate::SERVICE);
        if spec.is_optimized() {
            request.event.optimize();
        }
        let encoding = match EventEncoder::payload_encoding(layout, &request) {
            Encoding::Json if spec.is_cbor() => Encoding::Cbor,
            chosen => chosen,
        };
        let mut payload = Vec::new();
        request.encode(encoding, &mut payload)?;
        let content = Content::Event {
            request,
            encoding,
            is_optimized: spec.is_optimized(),
        };
        let message = Self::new(layout, encoding.content_type(), payload, content)?;
        Ok((topic, message))
    }

    /// A message around bytes that nobody looks into. Its content type is JSON's, as in `EdgeX`'s own
    /// benchmark, so that it has the same size.
    pub fn raw(layout: Layout, payload: Vec<u8>) -> Result<Self, EncodeError> {
        let content_type = match layout {
            Layout::Cbor => Encoding::Cbor.content_type(),
            _ => Encoding::Json.content_type(),
        };
        Self::new(layout, content_type, payload, Content::Raw)
    }

    fn new(
        layout: Layout,
        content_type: &str,
        payload: Vec<u8>,
        content: Content,
    ) -> Result<Self, EncodeError> {
        let envelope = Envelope::of_event(Stamp::PLACEHOLDER, content_type);
        let mut body = Vec::new();
        let written = composer::payload(layout, &content, &payload);
        let stamp_at = codec::encode(layout, &envelope, &written, &mut body)?;
        Ok(Self {
            layout,
            envelope,
            body,
            stamp_at,
            payload,
            depth: Depth::Transport,
            content,
        })
    }

    /// The same message, built and opened at another depth.
    #[must_use]
    pub fn at_depth(self, depth: Depth) -> Self {
        Self { depth, ..self }
    }

    /// Whether it is built anew for every publish and opened for every delivery; otherwise its bytes
    /// are [`Self::body`] with a stamp, and nothing else has to be read of them.
    #[must_use]
    pub fn is_built_anew(&self) -> bool {
        match self.depth {
            Depth::Transport => false,
            Depth::Upstream => self.layout != Layout::Native,
            Depth::Envelope | Depth::Event => true,
        }
    }

    /// Whether it holds an event, which depth [`Depth::Event`] needs.
    #[must_use]
    pub const fn is_event(&self) -> bool {
        matches!(self.content, Content::Event { .. })
    }

    /// Bytes of the body and, in layout `native`, of the attributes as `carrier` writes them. What
    /// a protocol adds to every message (subject, packet header, framing) is not in it.
    #[must_use]
    pub fn wire_bytes(&self, carrier: Carrier) -> usize {
        let attributes = match self.layout {
            Layout::Native => carrier.attribute_bytes(&self.envelope),
            Layout::Json | Layout::JsonBase64 | Layout::Cbor => 0,
        };
        self.body.len() + attributes
    }

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

#[cfg(test)]
mod tests {
    use super::Prepared;
    use crate::native::Carrier;
    use crate::{Layout, PayloadSpec, Stamp, codec};

    fn prepared(spec: &str, layout: Layout) -> Prepared {
        let spec: PayloadSpec = spec.parse().expect(spec);
        Prepared::of_spec(&spec, 1, 0, layout).expect("an event").1
    }

    /// Sizes of EdgeX messages that were measured: body, without topic and NATS headers.
    #[track_caller]
    fn check(spec: &str, json: usize, json_base64: usize, cbor: usize, native: usize) {
        let size = |layout| prepared(spec, layout).body.len();
        assert_eq!(size(Layout::Json), json);
        assert_eq!(size(Layout::JsonBase64), json_base64);
        assert_eq!(size(Layout::Cbor), cbor);
        assert_eq!(size(Layout::Native), native);
        let native = prepared(spec, Layout::Native);
        assert_eq!(native.wire_bytes(Carrier::Nats), 143 + native.body.len());
        assert_eq!(native.wire_bytes(Carrier::InProcess), native.payload.len());
    }

    #[test]
    fn events_of_one_reading_have_the_sizes_of_real_ones() {
        check("1xBool", 651, 816, 544, 485);
        check("1xInt32", 660, 828, 553, 494);
        check("1xFloat64", 671, 844, 564, 505);
    }

    #[test]
    fn events_of_several_readings_are_within_one_percent_of_real_ones() {
        for (spec, real_bytes) in [
            ("5xInt16", 1390),
            ("10xInt16", 2351),
            ("50xInt16", 10_071),
            ("100xInt16", 19_722),
        ] {
            let bytes = prepared(spec, Layout::Json).body.len();
            assert!(
                bytes.abs_diff(real_bytes) * 100 <= real_bytes,
                "{spec}: {bytes} bytes, really {real_bytes}"
            );
        }
    }

    #[test]
    fn a_stamp_is_read_where_it_was_written() {
        let stamp = Stamp {
            epoch: 3,
            publisher: 7,
            sequence: 9,
            intended_ns: 11,
            wake_lag_ns: 64,
        };
        for layout in [Layout::Json, Layout::JsonBase64, Layout::Cbor] {
            for spec in ["1xInt32", "3xObject", "1xBinary:100"] {
                let message = prepared(spec, layout);
                let mut body = message.body.clone();
                message.stamp(&mut body, &stamp);
                assert_eq!(Stamp::read(message.stamp_text(&body)), Some(stamp));
                let decoded = codec::decode(layout, &body).expect("a message");
                let text = decoded.envelope.correlation_id;
                assert_eq!(Stamp::read(text.as_bytes()), Some(stamp));
                assert!(message.matches(&body));
            }
        }
    }

    #[test]
    fn a_native_body_holds_no_stamp() {
        let message = prepared("1xInt32", Layout::Native);
        let mut body = message.body.clone();
        message.stamp(&mut body, &Stamp::default());
        assert_eq!(body, message.body);
        assert_eq!(message.stamp_text(&body), b"");
        assert_eq!(message.envelope.correlation_id, Stamp::PLACEHOLDER);
    }

    #[test]
    fn every_altered_byte_but_the_stamps_is_found() {
        for layout in Layout::ALL {
            let message = prepared("1xInt32", layout);
            let stamp = message
                .stamp_at
                .map_or(0..0, |at| at..at + Stamp::TEXT_BYTES);
            for at in 0..message.body.len() {
                let mut body = message.body.clone();
                body[at] ^= 1;
                assert_eq!(message.matches(&body), stamp.contains(&at), "{layout} {at}");
            }
        }
    }

    #[test]
    fn a_body_of_another_length_does_not_match() {
        for layout in Layout::ALL {
            let message = prepared("1xInt32", layout);
            for length in 0..message.body.len() {
                assert!(!message.matches(&message.body[..length]));
            }
            let longer = [&message.body[..], b" "].concat();
            assert!(!message.matches(&longer));
        }
    }

    #[test]
    fn a_body_too_short_for_a_stamp_has_no_stamp_text() {
        let message = prepared("1xInt32", Layout::Json);
        let end = message.stamp_at.expect("in the body") + Stamp::TEXT_BYTES;
        assert_eq!(message.stamp_text(&message.body[..end - 1]), b"");
        assert_eq!(message.stamp_text(&[]), b"");
        message.stamp(&mut [], &Stamp::default());
    }
}
