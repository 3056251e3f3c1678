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
    use crate::{AddEventRequest, Encoding, Value};

    /// The values of an event of one device's readings.
    fn values(encoding: Encoding, bytes: &[u8]) -> Vec<String> {
        let request = AddEventRequest::decode(encoding, bytes).expect("an event");
        let readings = request.event.readings.into_iter();
        readings
            .map(|reading| match reading.value {
                Value::Text(text) => text.to_string(),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_number_as_value_is_its_own_text() {
        let json = br#"{"event":{"readings":[{"value":42},{"value":1000000},{"value":-1.50e+7}]}}"#;
        assert_eq!(values(Encoding::Json, json), ["42", "1000000", "-1.50e+7"]);
        let cbor = b"\xa1\x65event\xa1\x68readings\x84\xa1\x65value\x18\x2a\
            \xa1\x65value\x1a\x00\x0f\x42\x40\xa1\x65value\xf9\x3e\x00\
            \xa1\x65value\xfb\x7e\x37\xe4\x3c\x88\x00\x75\x9c";
        assert_eq!(
            values(Encoding::Cbor, cbor),
            ["42", "1000000", "1.5", "1e300"]
        );
    }

    #[test]
    fn the_last_of_several_counts_and_a_null_is_empty() {
        let json = br#"{"event":{"origin":null,"id":null,"tags":null,"readings":null,
            "deviceName":"a","deviceName":"b\ud83d\ude00\ud83d\n"}}"#;
        let request = AddEventRequest::decode(Encoding::Json, json).expect("an event");
        assert_eq!(request.event.device_name, "b\u{1f600}\u{fffd}\n");
        assert_eq!((&*request.event.id, request.event.origin), ("", 0));
        assert!(request.event.readings.is_empty() && request.event.tags.is_empty());
    }

    #[test]
    fn the_type_says_which_of_several_values_counts() {
        let json = br#"{"event":{"readings":[
            {"valueType":"Int8","value":"1","objectValue":2,"binaryValue":"AA=="},
            {"valueType":"Object","value":"","objectValue":2,"binaryValue":"AA=="},
            {"valueType":"Binary","value":"","objectValue":2,"binaryValue":"AA==","mediaType":"m"},
            {"valueType":"Int8","value":null,"objectValue":null,"binaryValue":null}]}}"#;
        insta::assert_snapshot!(values(Encoding::Json, json).join("\n"), @r#"
        1
        Object(Raw(Raw { encoding: Json, bytes: [50] }))
        Binary { bytes: [0], media_type: "m" }
        Null
        "#);
    }

    /// The least of `EdgeX`'s readings in an event of several (CBOR, optimized, a resource name of
    /// one letter, `true`) takes 43 bytes, and its event may take four times its bytes in memory.
    #[test]
    fn a_reading_is_no_larger_than_four_times_the_least_on_the_wire() {
        let least = b"\xa3\x6cresourceNamear\x69valueTypedBool\x65valuedtrue".len();
        assert!(size_of::<Reading<'_>>() <= 4 * least);
    }
}
