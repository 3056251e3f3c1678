//! The payload of most messages: a request to add an event.
//!
//! Source of the fields and their order: `go-mod-core-contracts` v4.0.3, `dtos/event.go`,
//! `dtos/reading.go` and `dtos/requests/event.go`.

mod cbor_decode;
mod cbor_encode;
mod json_decode;
mod json_encode;
mod optimized;
mod validate;

use std::borrow::Cow;

pub use validate::ValidationError;

use crate::{Any, DecodeError, EncodeError, Encoding};

/// What a device service publishes. Decoded, it borrows from the message where it can.
#[derive(Debug, Clone, PartialEq)]
pub struct AddEventRequest<'a> {
    /// `"v3"`.
    pub api_version: Cow<'a, str>,
    /// A UUID.
    pub request_id: Cow<'a, str>,
    /// The event itself.
    pub event: Event<'a>,
}

/// Readings of one device that were taken together.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    /// `"v3"`.
    pub api_version: Cow<'a, str>,
    /// A UUID.
    pub id: Cow<'a, str>,
    /// The device that was read.
    pub device_name: Cow<'a, str>,
    /// The device's profile.
    pub profile_name: Cow<'a, str>,
    /// The resource or command that was read.
    pub source_name: Cow<'a, str>,
    /// When it was read, in ns since 1970.
    pub origin: i64,
    /// At least one, in `EdgeX`; `null` on the wire where there is none.
    pub readings: Vec<Reading<'a>>,
    /// Written in this order (Go sorts them by key); absent on the wire when empty.
    pub tags: Tags<'a>,
}

/// Names and values that a service adds to an event or a reading.
pub type Tags<'a> = Vec<(Cow<'a, str>, Any<'a>)>;

/// One value of a device. An empty text and an origin of 0 are absent on the wire, but for
/// `value_type`.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading<'a> {
    /// A UUID.
    pub id: Cow<'a, str>,
    /// When it was read, in ns since 1970.
    pub origin: i64,
    /// The device that was read.
    pub device_name: Cow<'a, str>,
    /// The resource that was read.
    pub resource_name: Cow<'a, str>,
    /// The device's profile.
    pub profile_name: Cow<'a, str>,
    /// `Bool`, `Int32`, `Float64Array`, ...
    pub value_type: Cow<'a, str>,
    /// Unit of the value.
    pub units: Cow<'a, str>,
    /// Written in this order (Go sorts them by key); absent on the wire when empty.
    pub tags: Tags<'a>,
    /// What was read.
    pub value: Value<'a>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Every simple value is a string: floats in Go's `e` notation, arrays as `[0, 1, 2]`.
    Text(Cow<'a, str>),
    /// Bytes: base64 in JSON. Where there are 0 of them, only the media type is written, and a
    /// reader, as Go's, takes the reading for [`Value::Null`].
    Binary {
        /// The bytes.
        bytes: Cow<'a, [u8]>,
        /// What they are.
        media_type: Cow<'a, str>,
    },
    /// A value of no fixed shape. Go sorts the keys of its maps.
    Object(Any<'a>),
    /// The device had no value to give.
    Null,
}

impl<'a> AddEventRequest<'a> {
    /// Writes the request to the end of `out`.
    pub fn encode(&self, encoding: Encoding, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        match encoding {
            Encoding::Json => json_encode::request(self, out),
            Encoding::Cbor => cbor_encode::request(self, out),
        }
    }

    /// Reads a request. Keys that are not known are skipped.
    pub fn decode(encoding: Encoding, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        match encoding {
            Encoding::Json => json_decode::request(bytes),
            Encoding::Cbor => cbor_decode::request(bytes),
        }
    }
}
