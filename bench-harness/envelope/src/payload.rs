//! What an envelope carries.

use std::borrow::Cow;

use crate::error::Form;
use crate::wire::json_read::base64_fault;
use crate::{DecodeError, EnvelopeRef, Layout};

/// A payload, as an envelope holds it.
///
/// Where the wire does not tell bytes from text (a JSON string), decoding gives [`Payload::Text`]:
/// the content type does not tell either, only the receiver's code, which calls
/// [`Payload::into_encoded`] or [`Payload::into_text`].
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
    /// Where the payload begins in the body, in bytes; a text, behind its quote or length.
    pub payload_at: usize,
}

impl<'a> Message<'a> {
    /// The attributes, and the payload as [`Payload::read_into`] gives it; here the position in an
    /// error is that in the body.
    pub fn read_into<'s>(
        self,
        layout: Layout,
        scratch: &'s mut Vec<u8>,
    ) -> Result<(EnvelopeRef<'a>, &'s [u8]), DecodeError>
    where
        'a: 's,
    {
        let payload_at = self.payload_at;
        let payload = self.payload.read_into(layout, scratch);
        let payload = payload.map_err(|mut error| {
            error.position = error.position.map(|position| payload_at + position);
            error
        })?;
        Ok((self.envelope, payload))
    }
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
    /// it was sent one. `layout` is for the error, whose position counts from the text's start.
    pub fn into_encoded(self, layout: Layout) -> Result<Cow<'a, [u8]>, DecodeError> {
        match self {
            Self::None => Ok(Cow::Borrowed(&[])),
            Self::Encoded(bytes) | Self::Bytes(bytes) => Ok(bytes),
            Self::Text(text) => {
                let mut bytes = Vec::new();
                base64(&text, layout, &mut bytes)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// As [`Self::into_encoded`], but base64 is decoded into `scratch`, whose content is lost: a
    /// receiver that keeps it allocates nothing for a message.
    pub fn read_into<'s>(
        self,
        layout: Layout,
        scratch: &'s mut Vec<u8>,
    ) -> Result<&'s [u8], DecodeError>
    where
        'a: 's,
    {
        match self {
            Self::None => Ok(&[]),
            Self::Encoded(Cow::Borrowed(bytes)) | Self::Bytes(Cow::Borrowed(bytes)) => Ok(bytes),
            Self::Encoded(Cow::Owned(bytes)) | Self::Bytes(Cow::Owned(bytes)) => {
                *scratch = bytes;
                Ok(scratch)
            }
            Self::Text(text) => {
                scratch.clear();
                base64(&text, layout, scratch)?;
                Ok(scratch)
            }
        }
    }

    /// A text, such as an error's: for a receiver that knows that it was sent one. Layout
    /// `json-base64` holds it in base64 (`EdgeX` 3) or as it is (`EdgeX` 4), so what is no base64 of
    /// a text is taken as it is. Bytes that are no UTF-8 are replaced, as Go does.
    #[must_use]
    pub fn into_text(self, layout: Layout) -> Cow<'a, str> {
        match self {
            Self::None => Cow::Borrowed(""),
            Self::Encoded(bytes) | Self::Bytes(bytes) => match bytes {
                Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
                Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
            },
            Self::Text(text) => {
                if layout == Layout::JsonBase64
                    && let Ok(bytes) = base64_simd::STANDARD.decode_to_vec(text.as_bytes())
                    && let Ok(decoded) = String::from_utf8(bytes)
                {
                    return Cow::Owned(decoded);
                }
                text
            }
        }
    }
}

fn base64(text: &str, layout: Layout, out: &mut Vec<u8>) -> Result<(), DecodeError> {
    base64_simd::STANDARD
        .decode_append(text.as_bytes(), out)
        .map_err(|_| DecodeError {
            form: Form::Envelope(layout),
            field: "payload",
            position: Some(base64_fault(text.as_bytes())),
            reason: Cow::Borrowed("a text that is not base64 where an encoded value belongs"),
        })
}

#[cfg(test)]
mod tests {
    use crate::{Layout, codec};

    #[test]
    fn a_payload_that_is_not_base64_is_refused_with_its_place_in_the_body() {
        let errors: Vec<String> = ["!", "AAAA?", "AAA", "AA=A", "AAB=", "AAAA\n"]
            .into_iter()
            .map(|text| {
                let text = text.escape_debug();
                let body =
                    format!(r#"{{"apiVersion":"v3","correlationID":"c", "payload": "{text}"}}"#);
                let message = codec::decode(Layout::JsonBase64, body.as_bytes()).expect("JSON");
                let mut scratch = Vec::new();
                let read = message.read_into(Layout::JsonBase64, &mut scratch);
                read.expect_err("refused").to_string()
            })
            .collect();
        insta::assert_snapshot!(errors.join("\n"), @r"
        cannot read payload of the json-base64 envelope at byte 52: a text that is not base64 where an encoded value belongs
        cannot read payload of the json-base64 envelope at byte 56: a text that is not base64 where an encoded value belongs
        cannot read payload of the json-base64 envelope at byte 55: a text that is not base64 where an encoded value belongs
        cannot read payload of the json-base64 envelope at byte 55: a text that is not base64 where an encoded value belongs
        cannot read payload of the json-base64 envelope at byte 54: a text that is not base64 where an encoded value belongs
        cannot read payload of the json-base64 envelope at byte 56: a text that is not base64 where an encoded value belongs
        ");
    }
}
