//! What an envelope carries.

use std::borrow::Cow;

use crate::error::Form;
use crate::{DecodeError, EnvelopeRef, Layout};

/// A payload, as an envelope holds it.
///
/// Where the wire does not tell bytes from text (a JSON string in layout `json`), decoding gives
/// [`Payload::Text`]: the content type does not tell either, only the receiver's code.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload<'a> {
    /// No payload: null on the wire.
    None,
    /// A value that is encoded already, in the encoding of the payload's content type; layouts
    /// `json` and `cbor` inline it.
    Encoded(Cow<'a, [u8]>),
    /// Bytes, of which `EdgeX` knows nothing; in JSON a base64 string.
    Bytes(Cow<'a, [u8]>),
    /// A text, such as an error's.
    Text(Cow<'a, str>),
}

/// A message that was decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Message<'a> {
    /// Its attributes.
    pub envelope: EnvelopeRef<'a>,
    /// What it carries.
    pub payload: Payload<'a>,
}

impl<'a> Payload<'a> {
    /// The payload's own bytes, as far as the wire tells: a text's are its UTF-8.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::None => &[],
            Self::Encoded(bytes) | Self::Bytes(bytes) => bytes,
            Self::Text(text) => text.as_bytes(),
        }
    }

    /// The bytes of an encoded value, which a text holds as base64: for a receiver that knows that
    /// it was sent one. `layout` is for the error.
    pub fn into_encoded(self, layout: Layout) -> Result<Cow<'a, [u8]>, DecodeError> {
        match self {
            Self::None => Ok(Cow::Borrowed(&[])),
            Self::Encoded(bytes) | Self::Bytes(bytes) => Ok(bytes),
            Self::Text(text) => base64_simd::STANDARD
                .decode_to_vec(text.as_bytes())
                .map(Cow::Owned)
                .map_err(|_| DecodeError {
                    form: Form::Envelope(layout),
                    field: "payload",
                    position: None,
                    reason: "a text that is not base64 where an encoded value belongs".to_owned(),
                }),
        }
    }
}
