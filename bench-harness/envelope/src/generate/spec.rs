//! What a message carries, as a text of a scenario.

use std::fmt;
use std::num::{NonZeroU8, NonZeroU32};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a message carries: an event (`1xInt32`, `100xInt16`, `1xBinary:16384`), perhaps sent with
/// one or both of `EdgeX`'s switches (`100xInt16+cbor+optimized`), or raw bytes (`raw:1000`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PayloadSpec {
    /// An event.
    Event(EventSpec),
    /// So many random bytes, as in the benchmark of `EdgeX`'s own marshallers.
    Raw(NonZeroU32),
}

/// How many readings of which type an event has, and which of `EdgeX`'s switches are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventSpec {
    readings: NonZeroU8,
    value: ValueType,
    is_cbor: bool,
    is_optimized: bool,
}

/// Type of a reading's value, by `EdgeX`'s name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// `true`.
    Bool,
    /// 6 characters.
    Int16,
    /// 10 characters.
    Int32,
    /// 23 characters in Go's `e` notation.
    Float64,
    /// 16 letters.
    String,
    /// So many bytes; they make the event's encoding CBOR.
    Binary(NonZeroU32),
    /// A map of three members.
    Object,
}

impl PayloadSpec {
    /// Bytes that an event's binary readings, or a raw payload, may have together.
    pub const MAX_BINARY_BYTES: u64 = 32 << 20;

    /// The event; `None` where there is none.
    #[must_use]
    pub const fn event(&self) -> Option<&EventSpec> {
        match self {
            Self::Event(event) => Some(event),
            Self::Raw(_) => None,
        }
    }
}

impl EventSpec {
    /// Readings that an event may have; the most that `EdgeX`'s own performance tests send.
    pub const MAX_READINGS: u8 = 100;

    /// Readings of one event: 1 to [`Self::MAX_READINGS`].
    #[must_use]
    pub const fn readings(&self) -> NonZeroU8 {
        self.readings
    }

    /// Type of each reading.
    #[must_use]
    pub const fn value(&self) -> ValueType {
        self.value
    }

    /// Whether the event is encoded as CBOR whatever its readings are
    /// (`EDGEX_ENCODE_ALL_EVENTS_CBOR`).
    #[must_use]
    pub const fn is_cbor(&self) -> bool {
        self.is_cbor
    }

    /// Whether readings leave out what they repeat from their event
    /// (`EDGEX_OPTIMIZE_EVENT_PAYLOAD`).
    #[must_use]
    pub const fn is_optimized(&self) -> bool {
        self.is_optimized
    }
}

impl ValueType {
    const SIMPLE: [Self; 6] = [
        Self::Bool,
        Self::Int16,
        Self::Int32,
        Self::Float64,
        Self::String,
        Self::Object,
    ];

    /// `EdgeX`'s name of the type.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "Bool",
            Self::Int16 => "Int16",
            Self::Int32 => "Int32",
            Self::Float64 => "Float64",
            Self::String => "String",
            Self::Binary(_) => "Binary",
            Self::Object => "Object",
        }
    }
}

const CBOR: &str = "cbor";
const OPTIMIZED: &str = "optimized";

impl fmt::Display for PayloadSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = match self {
            Self::Event(event) => event,
            Self::Raw(bytes) => return formatter.pad(&format!("raw:{bytes}")),
        };
        let name = event.value.name();
        let mut text = match event.value {
            ValueType::Binary(bytes) => format!("{}x{name}:{bytes}", event.readings),
            _ => format!("{}x{name}", event.readings),
        };
        for (is_on, switch) in [(event.is_cbor, CBOR), (event.is_optimized, OPTIMIZED)] {
            if is_on {
                text.push('+');
                text.push_str(switch);
            }
        }
        formatter.pad(&text)
    }
}

/// A text that describes no payload.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the payload `{text}`: {reason}")]
pub struct InvalidPayloadSpec {
    text: String,
    reason: &'static str,
}

impl FromStr for PayloadSpec {
    type Err = InvalidPayloadSpec;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).map_err(|reason| InvalidPayloadSpec {
            text: text.to_owned(),
            reason,
        })
    }
}

impl FromStr for EventSpec {
    type Err = InvalidPayloadSpec;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse()? {
            PayloadSpec::Event(event) => Ok(event),
            PayloadSpec::Raw(_) => Err(InvalidPayloadSpec {
                text: text.to_owned(),
                reason: "raw bytes hold no event",
            }),
        }
    }
}

impl TryFrom<String> for PayloadSpec {
    type Error = InvalidPayloadSpec;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PayloadSpec> for String {
    fn from(spec: PayloadSpec) -> Self {
        spec.to_string()
    }
}

fn parse(text: &str) -> Result<PayloadSpec, &'static str> {
    if let Some(bytes) = text.strip_prefix("raw:") {
        let bytes = bytes.parse::<NonZeroU32>().ok();
        return bytes
            .filter(|bytes| u64::from(bytes.get()) <= PayloadSpec::MAX_BINARY_BYTES)
            .map(PayloadSpec::Raw)
            .ok_or("the size of raw bytes is a whole number, from 1 to 33554432");
    }
    let mut parts = text.split('+');
    let (readings, value) = parts
        .next()
        .and_then(|event| event.split_once('x'))
        .ok_or("expected readings `x` type, such as `1xInt32`, or `raw:` and bytes")?;
    let readings = readings
        .parse::<NonZeroU8>()
        .ok()
        .filter(|readings| readings.get() <= EventSpec::MAX_READINGS)
        .ok_or("the number of readings is 1 to 100")?;
    let value = value_type(value)?;
    if let ValueType::Binary(bytes) = value
        && u64::from(readings.get()) * u64::from(bytes.get()) > PayloadSpec::MAX_BINARY_BYTES
    {
        return Err("an event's binary values have at most 33554432 bytes together");
    }
    let (mut is_cbor, mut is_optimized) = (false, false);
    for switch in parts {
        let switch = match switch {
            CBOR => &mut is_cbor,
            OPTIMIZED => &mut is_optimized,
            _ => return Err("what follows a `+` is cbor or optimized"),
        };
        if std::mem::replace(switch, true) {
            return Err("a switch stands there twice");
        }
    }
    Ok(PayloadSpec::Event(EventSpec {
        readings,
        value,
        is_cbor,
        is_optimized,
    }))
}

fn value_type(text: &str) -> Result<ValueType, &'static str> {
    match text.split_once(':') {
        Some(("Binary", bytes)) => {
            let bytes = bytes
                .parse()
                .map_err(|_| "the size of a binary value is a whole number of bytes, from 1")?;
            Ok(ValueType::Binary(bytes))
        }
        Some(_) => Err("only Binary has a size"),
        None if text == "Binary" => Err("Binary needs a size in bytes, such as `1xBinary:16384`"),
        None => ValueType::SIMPLE
            .into_iter()
            .find(|simple| simple.name() == text)
            .ok_or("the type is one of Bool, Int16, Int32, Float64, String, Object, Binary:BYTES"),
    }
}

#[cfg(test)]
mod tests {
    use super::PayloadSpec;

    #[test]
    fn a_spec_is_written_as_it_is_read() {
        for text in [
            "1xBool",
            "5xInt16",
            "1xInt32",
            "100xInt16",
            "10xFloat64",
            "3xString",
            "1xBinary:16384",
            "2xObject",
            "100xInt16+cbor",
            "1xInt32+optimized",
            "10xInt16+cbor+optimized",
            "raw:1000",
        ] {
            let spec: PayloadSpec = text.parse().expect(text);
            assert_eq!(spec.to_string(), text);
            let json = serde_json::to_string(&spec).expect("a string");
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(
                serde_json::from_str::<PayloadSpec>(&json).expect("a spec"),
                spec
            );
        }
    }

    #[test]
    fn what_describes_no_event_is_refused_with_a_reason() {
        let errors: Vec<String> = [
            "",
            "Int32",
            "0xInt32",
            "101xInt16",
            "-1xInt16",
            "1xInt64",
            "1xInt32:4",
            "1xBinary",
            "1xBinary:0",
            "1xBinary:big",
            "2xBinary:33554432",
            "raw:0",
            "raw:33554433",
            "1xInt32+json",
            "1xInt32+cbor+cbor",
        ]
        .into_iter()
        .map(|text| text.parse::<PayloadSpec>().expect_err(text).to_string())
        .collect();
        insta::assert_snapshot!(errors.join("\n"), @r"
        cannot read the payload ``: expected readings `x` type, such as `1xInt32`, or `raw:` and bytes
        cannot read the payload `Int32`: expected readings `x` type, such as `1xInt32`, or `raw:` and bytes
        cannot read the payload `0xInt32`: the number of readings is 1 to 100
        cannot read the payload `101xInt16`: the number of readings is 1 to 100
        cannot read the payload `-1xInt16`: the number of readings is 1 to 100
        cannot read the payload `1xInt64`: the type is one of Bool, Int16, Int32, Float64, String, Object, Binary:BYTES
        cannot read the payload `1xInt32:4`: only Binary has a size
        cannot read the payload `1xBinary`: Binary needs a size in bytes, such as `1xBinary:16384`
        cannot read the payload `1xBinary:0`: the size of a binary value is a whole number of bytes, from 1
        cannot read the payload `1xBinary:big`: the size of a binary value is a whole number of bytes, from 1
        cannot read the payload `2xBinary:33554432`: an event's binary values have at most 33554432 bytes together
        cannot read the payload `raw:0`: the size of raw bytes is a whole number, from 1 to 33554432
        cannot read the payload `raw:33554433`: the size of raw bytes is a whole number, from 1 to 33554432
        cannot read the payload `1xInt32+json`: what follows a `+` is cbor or optimized
        cannot read the payload `1xInt32+cbor+cbor`: a switch stands there twice
        ");
    }
}
