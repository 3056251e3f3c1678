//! Seeded events, as `EdgeX`'s virtual device and its performance tests send them.
//!
//! Values have a fixed width, so that every seed and every publisher gives messages of the same
//! size; names do too, the publisher's number standing inside them. An event of one reading has the
//! names of device-virtual (`Random-Integer-Device`, as device and as profile); one of several
//! readings those of the performance tests (`perf-device-1`, `perf-profile`, `r_000`).

mod spec;

use std::borrow::Cow;
use std::num::NonZeroU32;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub use spec::{EventSpec, InvalidPayloadSpec, PayloadSpec, ValueType};

use crate::wire::uuid_text;
use crate::{AddEventRequest, Any, Event, Reading, Tags, Text, Value};

/// The device service that the events come from; a level of their topics.
pub(crate) const SERVICE: &str = "device-virtual";

const API_VERSION: &str = "v3";
const MEDIA_TYPE: &str = "application/octet-stream";
/// 2024-05-31; nanoseconds since 1970 keep their 19 digits until 2286.
const FIRST_ORIGIN_NS: i64 = 1_717_171_717_000_000_000;
const ORIGIN_RANGE_NS: u64 = 1_000_000_000_000;
const STRING_CHARACTERS: usize = 16;
const LOCATION_CHARACTERS: usize = 8;
/// `-d.dddddddddddddddde+ddd` without the sign: 17 digits, as most random floats of this range need.
const FLOAT_CHARACTERS: usize = 23;

/// Makes the event of one publisher. The same arguments always give the same event.
#[must_use]
pub fn generate(spec: &EventSpec, seed: u64, publisher: u16) -> AddEventRequest<'static> {
    let mut random = Random::new(seed, publisher);
    let names = Names::new(spec, publisher);
    let request_id = random.uuid();
    let id = random.uuid();
    let origin = FIRST_ORIGIN_NS + random.below(ORIGIN_RANGE_NS).cast_signed();
    let readings = (0..spec.readings().get())
        .map(|index| Reading {
            id: random.uuid().into(),
            // Each of a command's values has its own instant.
            origin: origin + i64::from(index),
            device_name: names.device.clone().into(),
            resource_name: names.resource(index).into(),
            profile_name: names.profile.clone().into(),
            value_type: spec.value().name().into(),
            units: Text::default(),
            tags: Tags::default(),
            value: random.value(spec.value()),
        })
        .collect();
    AddEventRequest {
        api_version: API_VERSION.into(),
        request_id: request_id.into(),
        event: Event {
            api_version: API_VERSION.into(),
            id: id.into(),
            device_name: names.device.into(),
            profile_name: names.profile.into(),
            source_name: names.source.into(),
            origin,
            readings,
            tags: Tags::default(),
        },
    }
}

/// Makes the raw bytes of one publisher. The same arguments always give the same bytes.
pub(crate) fn raw(bytes: NonZeroU32, seed: u64, publisher: u16) -> Vec<u8> {
    let mut raw = vec![0; bytes.get() as usize];
    Random::new(seed, publisher).0.fill_bytes(&mut raw);
    raw
}

struct Names {
    device: Cow<'static, str>,
    profile: Cow<'static, str>,
    source: Cow<'static, str>,
    /// Several readings: each has a resource of its own.
    numbered: bool,
}

impl Names {
    fn new(spec: &EventSpec, publisher: u16) -> Self {
        if spec.readings().get() > 1 {
            return Self {
                // As long as `perf-device-1`.
                device: Cow::Owned(format!("perf-dev{publisher:05}")),
                profile: Cow::Borrowed("perf-profile"),
                source: Cow::Borrowed("r_all"),
                numbered: true,
            };
        }
        let kind = match spec.value() {
            ValueType::Bool => "Boolean",
            ValueType::Int16 | ValueType::Int32 => "Integer",
            ValueType::Float64 => "Float",
            ValueType::String => "String",
            ValueType::Binary(_) => "Binary",
            ValueType::Object => "Object",
        };
        Self {
            // As long as `Random-Integer-Device`.
            device: Cow::Owned(format!("Random-{kind}-D{publisher:05}")),
            profile: Cow::Owned(format!("Random-{kind}-Device")),
            source: Cow::Borrowed(spec.value().name()),
            numbered: false,
        }
    }

    fn resource(&self, index: u8) -> Cow<'static, str> {
        if self.numbered {
            Cow::Owned(format!("r_{index:03}"))
        } else {
            self.source.clone()
        }
    }
}

struct Random(ChaCha8Rng);

impl Random {
    fn new(seed: u64, publisher: u16) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(u64::from(publisher));
        Self(random)
    }

    /// A number below `limit`. The slight bias of a remainder does not matter to a payload.
    fn below(&mut self, limit: u64) -> u64 {
        self.0.next_u64() % limit
    }

    /// A random UUID (RFC 9562, version 4).
    fn uuid(&mut self) -> Cow<'static, str> {
        let high = self.0.next_u64() & !0xf000 | 0x4000;
        let low = self.0.next_u64() >> 2 | 0b10 << 62;
        let mut text = [0; 36];
        uuid_text::write(high, low, &mut text);
        Cow::Owned(text.into_iter().map(char::from).collect())
    }

    fn letters(&mut self, count: usize) -> Cow<'static, str> {
        let letter = |number: u64| char::from(b'a' + (number % 26) as u8);
        Cow::Owned((0..count).map(|_| letter(self.below(26))).collect())
    }

    fn value(&mut self, value: ValueType) -> Value<'static> {
        let text = match value {
            // `false` is longer by one.
            ValueType::Bool => "true".to_owned(),
            ValueType::Int16 => format!("-{}", 10_000 + self.below(22_769)),
            ValueType::Int32 => format!("{}", 1_000_000_000 + self.below(1_147_483_648)),
            ValueType::Float64 => self.float(),
            ValueType::String => return Value::Text(self.letters(STRING_CHARACTERS).into()),
            ValueType::Object => return Value::Object(self.object().into()),
            ValueType::Binary(size) => {
                let mut bytes = vec![0; size.get() as usize];
                self.0.fill_bytes(&mut bytes);
                return Value::Binary {
                    bytes: Cow::Owned(bytes),
                    media_type: MEDIA_TYPE.into(),
                };
            }
        };
        Value::Text(text.into())
    }

    /// Go's `e` notation of a float of device-virtual's size: it draws from the whole range of the
    /// type, so nearly all are near the largest.
    fn float(&mut self) -> String {
        loop {
            let fraction = self.0.next_u64() as f64 / u64::MAX as f64;
            let text = format!("{:e}", 1e307 + 1.6e308 * fraction).replace('e', "e+");
            if text.len() == FLOAT_CHARACTERS {
                return text;
            }
        }
    }

    fn object(&mut self) -> Any<'static> {
        let battery = Any::Unsigned(10 + self.below(90));
        let location = Any::Text(self.letters(LOCATION_CHARACTERS));
        let temperature = Any::Float(10.5 + self.below(80) as f64);
        Any::Map(vec![
            (Cow::Borrowed("battery"), battery),
            (Cow::Borrowed("location"), location),
            (Cow::Borrowed("temperature"), temperature),
        ])
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::{SERVICE, generate};
    use crate::{Encoding, EventSpec, topic};

    fn event(spec: &str) -> EventSpec {
        spec.parse().expect(spec)
    }

    fn encoded(spec: &str, seed: u64, publisher: u16) -> Vec<u8> {
        let request = generate(&event(spec), seed, publisher);
        let mut out = Vec::new();
        request
            .encode(Encoding::of_event(&request), &mut out)
            .expect("an event");
        out
    }

    #[test]
    fn an_event_of_one_reading_looks_like_device_virtuals() {
        let event = String::from_utf8(encoded("1xInt32", 1, 42)).expect("JSON");
        insta::assert_snapshot!(event, @r#"{"apiVersion":"v3","requestId":"4bf7eab8-bd56-4a07-a6c1-a7bc9449cf38","event":{"apiVersion":"v3","id":"86aa6517-d074-4034-a70b-28ce24de5d2e","deviceName":"Random-Integer-D00042","profileName":"Random-Integer-Device","sourceName":"Int32","origin":1717171796089176179,"readings":[{"id":"2f8a142e-6f1c-4805-a17b-32fc4dc8963f","origin":1717171796089176179,"deviceName":"Random-Integer-D00042","resourceName":"Int32","profileName":"Random-Integer-Device","valueType":"Int32","value":"1107014653"}]}}"#);
    }

    /// A result names its seed: the same seed must give the same traffic in every version.
    #[test]
    fn a_seed_gives_the_same_events_for_ever() {
        let fingerprints: Vec<String> = [
            "1xBool",
            "5xInt16",
            "1xInt32",
            "10xFloat64",
            "3xString",
            "1xBinary:1000",
            "100xObject",
        ]
        .into_iter()
        .map(|spec| {
            let digest = Sha256::digest(encoded(spec, 20_240_531, 3));
            let [first, ..] = digest.as_chunks::<8>().0 else {
                return format!("{spec} has no digest");
            };
            format!("{spec} {:016x}", u64::from_be_bytes(*first))
        })
        .collect();
        insta::assert_snapshot!(fingerprints.join("\n"), @r"
        1xBool 0ab6c3f31cb166ba
        5xInt16 23ec057c97d67135
        1xInt32 f4ca9021222964d1
        10xFloat64 29e25d1b65dbc9bf
        3xString a47abf1c56cadd52
        1xBinary:1000 03b13fff21416823
        100xObject ccd1f0c17a9090ab
        ");
    }

    #[test]
    fn the_size_depends_on_neither_seed_nor_publisher() {
        for spec in [
            "1xBool",
            "5xInt16",
            "1xInt32",
            "10xFloat64",
            "3xString",
            "2xBinary:9",
            "2xObject",
        ] {
            let size = encoded(spec, 0, 0).len();
            for (seed, publisher) in [(1, 0), (u64::MAX, 1), (7, 16_383), (7, u16::MAX)] {
                assert_eq!(encoded(spec, seed, publisher).len(), size, "{spec}");
            }
        }
    }

    #[test]
    fn publishers_have_topics_and_values_of_their_own() {
        let spec = event("1xInt32");
        let (one, other) = (generate(&spec, 1, 0), generate(&spec, 1, 1));
        assert_ne!(one.event.readings[0].value, other.event.readings[0].value);
        assert_eq!(
            topic::of_event(&one, SERVICE),
            "edgex/events/device/device-virtual/Random-Integer-Device/Random-Integer-D00000/Int32"
        );
        assert_eq!(
            topic::of_event(&other, SERVICE),
            "edgex/events/device/device-virtual/Random-Integer-Device/Random-Integer-D00001/Int32"
        );
    }

    #[test]
    fn every_value_is_one_of_its_type() {
        for seed in 0..200 {
            let value = |spec: &str| -> String {
                let request = generate(&event(spec), seed, 0);
                match &request.event.readings[0].value {
                    crate::Value::Text(text) => text.to_string(),
                    other => format!("{other:?}"),
                }
            };
            assert!(value("1xInt16").parse::<i16>().is_ok(), "seed {seed}");
            assert!(value("1xInt32").parse::<i32>().is_ok(), "seed {seed}");
            let float: f64 = value("1xFloat64").parse().expect("a float");
            assert!(float.is_finite() && float >= 1e307, "seed {seed}");
        }
    }
}
