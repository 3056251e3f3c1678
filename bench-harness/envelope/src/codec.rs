//! The layouts of a message: envelope and payload to bytes, and back.

mod cbor;
mod json;
mod json_read;

use std::borrow::Cow;

use crate::error::Form;
use crate::{AddEventRequest, DecodeError, EncodeError, Encoding, Envelope, EnvelopeRef};
use crate::{Layout, Message, Payload};

/// Writes a message's body to the end of `out`, and returns where in `out` the text of the
/// correlation id begins; `None` in layout `native`, whose body is the payload alone.
///
/// An encoded payload must be encoded as its layout needs it: in CBOR for layout `cbor`, in JSON for
/// layout `json`; a CBOR payload goes into `json` as [`Payload::Bytes`].
pub fn encode(
    layout: Layout,
    envelope: &Envelope,
    payload: &Payload<'_>,
    out: &mut Vec<u8>,
) -> Result<Option<usize>, EncodeError> {
    match layout {
        Layout::Json => json::encode(envelope, out, |out| {
            json::inline(payload, out);
            Ok(())
        }),
        Layout::JsonBase64 => json::encode(envelope, out, |out| {
            json::base64(payload, out);
            Ok(())
        }),
        Layout::Cbor => cbor::encode(envelope, out, |out| cbor::inline(payload, out)),
        Layout::Native => {
            out.extend_from_slice(payload.as_bytes());
            Ok(None)
        }
    }
}

/// Writes events in their envelopes, keeping a buffer from one to the next.
#[derive(Debug, Default)]
pub struct EventEncoder {
    scratch: Vec<u8>,
}

impl EventEncoder {
    /// The content type that a message's envelope gives.
    #[must_use]
    pub fn content_type(layout: Layout, request: &AddEventRequest<'_>) -> &'static str {
        Self::payload_encoding(layout, request).content_type()
    }

    /// How the event is encoded: as `EdgeX` chooses, but for layout `cbor`, where it is always CBOR.
    #[must_use]
    pub fn payload_encoding(layout: Layout, request: &AddEventRequest<'_>) -> Encoding {
        match layout {
            Layout::Cbor => Encoding::Cbor,
            Layout::Native | Layout::Json | Layout::JsonBase64 => Encoding::of_event(request),
        }
    }

    /// Writes an event's body to the end of `out`; returns what [`encode`] does. The envelope's
    /// content type should be [`Self::content_type`].
    pub fn encode(
        &mut self,
        layout: Layout,
        envelope: &Envelope,
        request: &AddEventRequest<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Option<usize>, EncodeError> {
        let encoding = Self::payload_encoding(layout, request);
        match (layout, encoding) {
            (Layout::Json, Encoding::Json) => {
                json::encode(envelope, out, |out| request.encode(encoding, out))
            }
            (Layout::Json | Layout::JsonBase64, _) => {
                self.scratch.clear();
                request.encode(encoding, &mut self.scratch)?;
                let payload = Payload::Bytes(Cow::Borrowed(&self.scratch));
                encode(Layout::JsonBase64, envelope, &payload, out)
            }
            (Layout::Cbor, _) => cbor::encode(envelope, out, |out| request.encode(encoding, out)),
            (Layout::Native, _) => {
                request.encode(encoding, out)?;
                Ok(None)
            }
        }
    }
}

/// Reads a message's body. In layout `native` it is the payload alone, and the envelope is left at
/// its default: the protocol's headers hold it ([`crate::native`]).
pub fn decode(layout: Layout, body: &[u8]) -> Result<Message<'_>, DecodeError> {
    match layout {
        Layout::Json => json_read::decode(layout, body),
        Layout::JsonBase64 => {
            let mut message = json_read::decode(layout, body)?;
            // EdgeX 4 leaves an error's text as it is: what is no base64 stays a text.
            if let Payload::Text(text) = &message.payload
                && let Ok(bytes) = base64_simd::STANDARD.decode_to_vec(text.as_bytes())
            {
                message.payload = Payload::Bytes(Cow::Owned(bytes));
            }
            Ok(message)
        }
        Layout::Cbor => cbor::decode(body),
        Layout::Native => Ok(Message {
            envelope: EnvelopeRef::default(),
            payload: Payload::Bytes(Cow::Borrowed(body)),
        }),
    }
}

/// A body that lacks a field which every envelope has.
fn missing(layout: Layout, field: &'static str) -> DecodeError {
    DecodeError {
        form: Form::Envelope(layout),
        field,
        position: None,
        reason: "it is missing".to_owned(),
    }
}
