//! Whatever is written is read back as it was, in every layout and encoding.

use std::borrow::Cow;

use busbench_envelope::codec::{self, EventEncoder};
use busbench_envelope::{AddEventRequest, Any, Encoding, Envelope, Event, Layout, Payload};
use busbench_envelope::{Reading, Tags, Text, Value};
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};

/// Any Unicode, with many of the characters that JSON escapes.
fn text() -> impl Strategy<Value = Cow<'static, str>> {
    prop_oneof![
        any::<String>(),
        "[\\x00-\\x1f\"\\\\<>&/'\u{7f}\u{2028}\u{2029}é😀a-z]{0,12}",
    ]
    .prop_map(Cow::Owned)
}

fn value_of_no_fixed_shape() -> impl Strategy<Value = Any<'static>> {
    let leaf = prop_oneof![
        Just(Any::Null),
        any::<bool>().prop_map(Any::Bool),
        any::<u64>().prop_map(Any::Unsigned),
        (i64::MIN..0).prop_map(Any::Signed),
        // Whole floats are written as integers in JSON, and read as such.
        any::<f64>()
            .prop_filter("finite, not whole", |number| number.fract() != 0.0)
            .prop_map(Any::Float),
        text().prop_map(Any::Text),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Any::List),
            proptest::collection::vec((text(), inner), 0..4).prop_map(Any::Map),
        ]
    })
}

fn tags() -> impl Strategy<Value = Tags<'static>> {
    proptest::collection::vec((text(), value_of_no_fixed_shape()), 0..3).prop_map(Tags::from)
}

fn value() -> impl Strategy<Value = Value<'static>> {
    let bytes = proptest::collection::vec(any::<u8>(), 1..60);
    prop_oneof![
        text().prop_map(|text| Value::Text(text.into())),
        (bytes, text()).prop_map(|(bytes, media_type)| Value::Binary {
            bytes: Cow::Owned(bytes),
            media_type: media_type.into(),
        }),
        value_of_no_fixed_shape()
            .prop_filter("null is a null reading", |value| *value != Any::Null)
            .prop_map(|value| Value::Object(value.into())),
        Just(Value::Null),
    ]
}

fn reading() -> impl Strategy<Value = Reading<'static>> {
    let texts = (text(), text(), text(), text(), text(), text());
    (texts, any::<i64>(), tags(), value()).prop_map(|(texts, origin, tags, value)| {
        let (id, device_name, resource_name, profile_name, value_type, units) = texts;
        Reading {
            id: id.into(),
            origin,
            device_name: device_name.into(),
            resource_name: resource_name.into(),
            profile_name: profile_name.into(),
            value_type: value_type.into(),
            units: units.into(),
            tags,
            value,
        }
    })
}

fn request() -> impl Strategy<Value = AddEventRequest<'static>> {
    let texts = (text(), text(), text(), text(), text());
    let readings = proptest::collection::vec(reading(), 0..4);
    (texts, any::<i64>(), readings, tags()).prop_map(|(texts, origin, readings, tags)| {
        let (request_id, id, device_name, profile_name, source_name) = texts;
        AddEventRequest {
            api_version: "v3".into(),
            request_id: request_id.into(),
            event: Event {
                api_version: "v3".into(),
                id: id.into(),
                device_name: device_name.into(),
                profile_name: profile_name.into(),
                source_name: source_name.into(),
                origin,
                readings,
                tags,
            },
        }
    })
}

fn envelope() -> impl Strategy<Value = Envelope> {
    let query = proptest::collection::btree_map(text(), text(), 0..4);
    (text(), text(), text(), any::<i64>(), query).prop_map(
        |(correlation_id, request_id, content_type, error_code, query)| Envelope {
            api_version: "v3".to_owned(),
            correlation_id: correlation_id.into_owned(),
            request_id: request_id.into_owned(),
            error_code,
            content_type: content_type.into_owned(),
            query_params: query
                .into_iter()
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect(),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn an_event_is_read_as_it_was_written(request in request()) {
        for encoding in [Encoding::Json, Encoding::Cbor] {
            let mut bytes = Vec::new();
            request.encode(encoding, &mut bytes)?;
            let mut read = AddEventRequest::decode(encoding, &bytes)?;
            // What stands in a message is written into another of its encoding as it is.
            let mut copied = Vec::new();
            read.encode(encoding, &mut copied)?;
            prop_assert_eq!(&copied, &bytes);
            read.event.build_trees()?;
            prop_assert_eq!(&read, &request);
        }
    }

    #[test]
    fn bytes_are_read_as_they_were_written(
        envelope in envelope(),
        payload in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        for layout in [Layout::Json, Layout::JsonBase64, Layout::Cbor] {
            let mut body = Vec::new();
            let written = Payload::Bytes(Cow::Borrowed(&payload));
            codec::encode(layout, &envelope, &written, &mut body)?;
            let message = codec::decode(layout, &body)?;
            prop_assert_eq!(&*message.payload.into_encoded(layout)?, &*payload);
            prop_assert_eq!(message.envelope.into_owned(), envelope.clone());
        }
    }

    #[test]
    fn a_message_is_read_as_it_was_written(envelope in envelope(), request in request()) {
        let mut encoder = EventEncoder::default();
        for layout in Layout::ALL {
            let mut body = b"written before".to_vec();
            let start = body.len();
            let at = encoder.encode(layout, &envelope, &request, &mut body)?;
            prop_assert_eq!(at.is_none(), layout == Layout::Native);
            let message = codec::decode(layout, &body[start..])?;
            let payload = message.payload.into_encoded(layout)?;
            let encoding = EventEncoder::payload_encoding(layout, &request);
            let mut read = AddEventRequest::decode(encoding, &payload)?;
            read.event.build_trees()?;
            prop_assert_eq!(&read, &request);
        }
    }

    #[test]
    fn an_optimized_event_is_restored_but_for_its_readings_ids(mut request in request()) {
        let event = &mut request.event;
        for reading in &mut event.readings {
            reading.device_name.clone_from(&event.device_name);
            reading.profile_name.clone_from(&event.profile_name);
            if reading.origin == 0 {
                reading.origin = event.origin;
            }
            if reading.resource_name.is_empty() {
                reading.resource_name.clone_from(&event.source_name);
            }
            reading.id = Text::default();
        }
        let mut restored = event.clone();
        restored.optimize();
        restored.restore();
        prop_assert_eq!(&restored, &*event);
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        for layout in Layout::ALL {
            let read = codec::decode(layout, &bytes);
            prop_assert!(layout != Layout::Native || read.is_ok());
        }
        for encoding in [Encoding::Json, Encoding::Cbor] {
            prop_assert!(AddEventRequest::decode(encoding, &bytes).is_err());
        }
    }

    #[test]
    fn a_message_cut_short_is_refused(request in request(), cut in any::<proptest::sample::Index>()) {
        let envelope = Envelope::of_event("id", "application/json");
        let mut encoder = EventEncoder::default();
        for layout in [Layout::Json, Layout::JsonBase64, Layout::Cbor] {
            let mut body = Vec::new();
            encoder.encode(layout, &envelope, &request, &mut body)?;
            body.truncate(cut.index(body.len()));
            prop_assert!(codec::decode(layout, &body).is_err());
        }
    }
}
