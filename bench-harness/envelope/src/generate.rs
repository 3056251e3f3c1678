//! Seeded events, as `EdgeX`'s virtual device and its performance tests send them.
//!
//! Values have a fixed width, so that every seed and every publisher gives messages of the same
//! size; names do too, the publisher's number standing inside them. An event of one reading has the
//! names of device-virtual (`Random-Integer-Device`, as device and as profile); one of several
//! readings those of the performance tests (`perf-device-1`, `perf-profile`, `r_000`).

mod spec;

use std::borrow::Cow;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub use spec::{InvalidPayloadSpec, PayloadSpec, ValueType};

use crate::wire::uuid_text;
use crate::{AddEventRequest, Any, Event, Reading, Value};

/// The device service that the events come from; a level of their topics.
pub(crate) const SERVICE: &str = "device-virtual";

const API_VERSION: Cow<'static, str> = Cow::Borrowed("v3");
const MEDIA_TYPE: Cow<'static, str> = Cow::Borrowed("application/octet-stream");
/// 2024-05-31; nanoseconds since 1970 keep their 19 digits until 2286.
const FIRST_ORIGIN_NS: i64 = 1_717_171_717_000_000_000;
const ORIGIN_RANGE_NS: u64 = 1_000_000_000_000;
const STRING_CHARACTERS: usize = 16;
const LOCATION_CHARACTERS: usize = 8;
/// `-d.dddddddddddddddde+ddd` without the sign: 17 digits, as most random floats of this range need.
const FLOAT_CHARACTERS: usize = 23;

/// Makes the event of one publisher. The same arguments always give the same event.
#[must_use]
pub fn generate(spec: &PayloadSpec, seed: u64, publisher: u16) -> AddEventRequest<'static> {
    let mut random = Random::new(seed, publisher);
    let names = Names::new(spec, publisher);
    let request_id = random.uuid();
    let id = random.uuid();
    let origin = FIRST_ORIGIN_NS + random.below(ORIGIN_RANGE_NS).cast_signed();
    let readings = (0..spec.readings().get())
        .map(|index| Reading {
            id: random.uuid(),
            // Each of a command's values has its own instant.
            origin: origin + i64::from(index),
            device_name: names.device.clone(),
            resource_name: names.resource(index),
            profile_name: names.profile.clone(),
            value_type: Cow::Borrowed(spec.value().name()),
            units: Cow::default(),
            tags: Vec::new(),
            value: random.value(spec.value()),
        })
        .collect();
    AddEventRequest {
        api_version: API_VERSION,
        request_id,
        event: Event {
            api_version: API_VERSION,
            id,
            device_name: names.device,
            profile_name: names.profile,
            source_name: names.source,
            origin,
            readings,
            tags: Vec::new(),
        },
    }
}

struct Names {
    device: Cow<'static, str>,
    profile: Cow<'static, str>,
    source: Cow<'static, str>,
    /// Several readings: each has a resource of its own.
    numbered: bool,
}

impl Names {
    fn new(spec: &PayloadSpec, publisher: u16) -> Self {
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
            ValueType::String => return Value::Text(self.letters(STRING_CHARACTERS)),
            ValueType::Object => return Value::Object(self.object()),
            ValueType::Binary(size) => {
                let mut bytes = vec![0; size.get() as usize];
                self.0.fill_bytes(&mut bytes);
                return Value::Binary {
                    bytes: Cow::Owned(bytes),
                    media_type: MEDIA_TYPE,
                };
            }
        };
        Value::Text(Cow::Owned(text))
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
