//! Values of no fixed shape, as they were built or as they stand in a message.

use std::borrow::Cow;

use crate::error::Form;
use crate::wire::cbor_read::{self, CborReader};
use crate::wire::source::Source;
use crate::wire::{cbor_write, json_write};
use crate::{Any, DecodeError, EncodeError, Encoding};

/// An object reading's value.
///
/// A decoder checks such a value and leaves it as it stands in the message: a tree of it would take
/// many times its bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Object<'a> {
    /// Built by a service.
    Tree(Box<Any<'a>>),
    /// Out of a message that was decoded.
    Raw(Raw<'a>),
}

/// An encoded value that a decoder has checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a> {
    encoding: Encoding,
    bytes: &'a [u8],
}

/// Names and values that a service adds to an event or a reading; absent on the wire when empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tags<'a>(Option<Object<'a>>);

impl<'a> Raw<'a> {
    pub(crate) fn new(encoding: Encoding, bytes: &'a [u8]) -> Self {
        Self { encoding, bytes }
    }

    /// How the value is encoded.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The value's bytes, as they stand in the message.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Builds the value's tree.
    fn to_any(self, field: &'static str) -> Result<Any<'a>, DecodeError> {
        let form = Form::Event(self.encoding);
        match self.encoding {
            Encoding::Json => serde_json::from_slice(self.bytes)
                .map_err(|error| DecodeError::json(form, field, self.bytes, &error)),
            Encoding::Cbor => {
                let mut reader = CborReader::new(self.bytes);
                reader.progress().field = field;
                cbor_read::any(&mut reader)
                    .map_err(|refused| reader.progress().error(form, refused))
            }
        }
    }
}

impl<'a> Object<'a> {
    /// The value's tree. Built of a message's bytes, it takes up to some 50 times their memory.
    ///
    /// Refused are what an [`Any`] cannot say: in CBOR a key that is no text and a simple value
    /// other than true, false and null; in JSON a number too large for a float and half of a
    /// surrogate pair. Positions in the error count from the value's start.
    pub fn to_any(&self) -> Result<Any<'a>, DecodeError> {
        self.to_any_of("objectValue")
    }

    fn to_any_of(&self, field: &'static str) -> Result<Any<'a>, DecodeError> {
        match self {
            Self::Tree(tree) => Ok((**tree).clone()),
            Self::Raw(raw) => raw.to_any(field),
        }
    }

    /// Writes the value to the end of `out`. One that stands in a message of the same encoding is
    /// copied; of the other, its tree is built first.
    pub(crate) fn encode(&self, encoding: Encoding, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match self {
            Self::Tree(tree) => encode(tree, encoding, out),
            Self::Raw(raw) if raw.encoding == encoding => {
                out.extend_from_slice(raw.bytes);
                Ok(())
            }
            Self::Raw(raw) => encode(&raw.to_any("objectValue")?, encoding, out),
        }
    }
}

fn encode(value: &Any<'_>, encoding: Encoding, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match encoding {
        Encoding::Json => json_write::any(value, out)?,
        Encoding::Cbor => cbor_write::any(value, out),
    }
    Ok(())
}

impl<'a> From<Any<'a>> for Object<'a> {
    fn from(value: Any<'a>) -> Self {
        Self::Tree(Box::new(value))
    }
}

impl<'a> Tags<'a> {
    pub(crate) fn raw(raw: Raw<'a>) -> Self {
        Self(Some(Object::Raw(raw)))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The tags in the order of the message, with the memory and errors of [`Object::to_any`].
    pub fn to_list(&self) -> Result<Vec<(Cow<'a, str>, Any<'a>)>, DecodeError> {
        let tree = self.0.as_ref().map(|tags| tags.to_any_of("tags"));
        Ok(match tree.transpose()? {
            Some(Any::Map(members)) => members,
            _ => Vec::new(),
        })
    }

    pub(crate) fn encode(&self, encoding: Encoding, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.0
            .as_ref()
            .map_or(Ok(()), |tags| tags.encode(encoding, out))
    }
}

/// Written in this order; Go sorts them by key.
impl<'a> From<Vec<(Cow<'a, str>, Any<'a>)>> for Tags<'a> {
    fn from(tags: Vec<(Cow<'a, str>, Any<'a>)>) -> Self {
        if tags.is_empty() {
            return Self::default();
        }
        Self(Some(Any::Map(tags).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Object, Raw, Tags};
    use crate::{Any, Encoding};

    fn raw(encoding: Encoding, bytes: &[u8]) -> Object<'_> {
        Object::Raw(Raw::new(encoding, bytes))
    }

    #[test]
    fn a_value_is_written_in_either_encoding() {
        let json = br#"{"a": [1, -2, 1.5, true, null], "b": "\u003c"}"#;
        let cbor = [
            &b"\xa2\x61a\x85\x01\x21"[..],
            b"\xfb\x3f\xf8\0\0\0\0\0\0",
            b"\xf5\xf6\x61b\x61<",
        ]
        .concat();
        let written = |value: &Object<'_>, encoding| {
            let mut out = Vec::new();
            value.encode(encoding, &mut out).expect("a value");
            out
        };
        let of_json = raw(Encoding::Json, json);
        assert_eq!(written(&of_json, Encoding::Json), json);
        assert_eq!(written(&of_json, Encoding::Cbor), cbor);
        let of_cbor = raw(Encoding::Cbor, &cbor);
        assert_eq!(written(&of_cbor, Encoding::Cbor), cbor);
        let compact = br#"{"a":[1,-2,1.5,true,null],"b":"\u003c"}"#;
        assert_eq!(written(&of_cbor, Encoding::Json), compact);
        let tree = Object::from(of_json.to_any().expect("a tree"));
        assert_eq!(written(&tree, Encoding::Json), compact);
    }

    #[test]
    fn what_a_tree_cannot_say_is_refused_with_its_field_and_place() {
        let table: [(Encoding, &[u8]); 5] = [
            (Encoding::Cbor, b"\xa1\x01\x01"),
            (Encoding::Cbor, b"\x82\x01\xe0"),
            (Encoding::Json, b"[1e999]"),
            (Encoding::Json, b"[\n\"\\ud83d\"]"),
            (Encoding::Json, b"{\"a\":1,\n\"b\":[\n1e999]}"),
        ];
        let errors: Vec<String> = table
            .into_iter()
            .map(|(encoding, bytes)| {
                let value = raw(encoding, bytes);
                value.to_any().expect_err("refused").to_string()
            })
            .collect();
        insta::assert_snapshot!(errors.join("\n"), @r"
        cannot read objectValue of the CBOR event at byte 1: no text
        cannot read objectValue of the CBOR event at byte 2: a simple value that has no counterpart
        cannot read objectValue of the JSON event at byte 5: number out of range
        cannot read objectValue of the JSON event at byte 9: unexpected end of hex escape
        cannot read objectValue of the JSON event at byte 18: number out of range
        ");
        let tags = Tags::raw(Raw::new(Encoding::Json, b"{\"a\":1e999}"));
        insta::assert_snapshot!(tags.to_list().expect_err("refused"), @"cannot read tags of the JSON event at byte 9: number out of range");
    }

    #[test]
    fn a_tag_of_cbor_is_left_out() {
        let value = raw(Encoding::Cbor, b"\xc1\x1a\x51\x4b\x67\xb0");
        assert_eq!(
            value.to_any().expect("a tree"),
            Any::Unsigned(1_363_896_240)
        );
    }
}
