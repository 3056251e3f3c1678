//! The payload of most messages: a request to add an event.
//!
//! Source of the fields and their order: `go-mod-core-contracts` v4.0.3, `dtos/event.go`,
//! `dtos/reading.go` and `dtos/requests/event.go`.

mod cbor_encode;
mod decode;
mod json_encode;
mod optimized;
mod validate;

use std::borrow::Cow;

pub use validate::ValidationError;

use crate::{DecodeError, EncodeError, Encoding, Object, Tags, Text};

/// What a device service publishes. Decoded, it borrows from the message where it can.
#[derive(Debug, Clone, PartialEq)]
pub struct AddEventRequest<'a> {
    /// `"v3"`.
    pub api_version: Text<'a>,
    /// A UUID.
    pub request_id: Text<'a>,
    /// The event itself.
    pub event: Event<'a>,
}

/// Readings of one device that were taken together.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    /// `"v3"`.
    pub api_version: Text<'a>,
    /// A UUID.
    pub id: Text<'a>,
    /// The device that was read.
    pub device_name: Text<'a>,
    /// The device's profile.
    pub profile_name: Text<'a>,
    /// The resource or command that was read.
    pub source_name: Text<'a>,
    /// When it was read, in ns since 1970.
    pub origin: i64,
    /// At least one, in `EdgeX`; `null` on the wire where there is none.
    pub readings: Vec<Reading<'a>>,
    /// Absent on the wire when empty.
    pub tags: Tags<'a>,
}

/// One value of a device. An empty text and an origin of 0 are absent on the wire, but for
/// `value_type`.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading<'a> {
    /// A UUID.
    pub id: Text<'a>,
    /// When it was read, in ns since 1970.
    pub origin: i64,
    /// The device that was read.
    pub device_name: Text<'a>,
    /// The resource that was read.
    pub resource_name: Text<'a>,
    /// The device's profile.
    pub profile_name: Text<'a>,
    /// `Bool`, `Int32`, `Float64Array`, ...
    pub value_type: Text<'a>,
    /// Unit of the value.
    pub units: Text<'a>,
    /// Absent on the wire when empty.
    pub tags: Tags<'a>,
    /// What was read.
    pub value: Value<'a>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Every simple value is a string: floats in Go's `e` notation, arrays as `[0, 1, 2]`.
    Text(Text<'a>),
    /// Bytes: base64 in JSON. Where there are 0 of them, only the media type is written, and a
    /// reader, as Go's, takes the reading for [`Value::Null`].
    Binary {
        /// The bytes.
        bytes: Cow<'a, [u8]>,
        /// What they are.
        media_type: Text<'a>,
    },
    /// A value of no fixed shape. Go sorts the keys of its maps.
    Object(Object<'a>),
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

    /// Reads a request. Keys that are not known are checked and left out, and so is all but the last
    /// of members with the same key; what is missing or null is empty, as in Go, and
    /// [`Self::validate`] refuses it.
    ///
    /// The result, its vector of readings included, takes at most four times the memory of `bytes`
    /// and 2 kB; an event that would need more is refused (it has readings of less than some 40 B).
    pub fn decode(encoding: Encoding, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        match encoding {
            Encoding::Json => decode::json(bytes),
            Encoding::Cbor => decode::cbor(bytes),
        }
    }
}

impl Event<'_> {
    /// Builds the trees of all values of no fixed shape ([`Object::to_any`]): two events compare
    /// equal then whatever encoding they came in.
    pub fn build_trees(&mut self) -> Result<(), DecodeError> {
        self.tags = self.tags.to_list()?.into();
        for reading in &mut self.readings {
            reading.tags = reading.tags.to_list()?.into();
            if let Value::Object(value) = &mut reading.value {
                *value = value.to_any()?.into();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Reading;

    /// The least of `EdgeX`'s readings in an event of several (CBOR, optimized, a resource name of
    /// one letter, `true`) takes 43 bytes, and its event may take four times its bytes in memory.
    #[test]
    fn a_reading_is_no_larger_than_four_times_the_least_on_the_wire() {
        let least = b"\xa3\x6cresourceNamear\x69valueTypedBool\x65valuedtrue".len();
        assert!(size_of::<Reading<'_>>() <= 4 * least);
    }
}
