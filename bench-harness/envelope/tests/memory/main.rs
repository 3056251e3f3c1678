//! What encoding and decoding allocate: nothing for a message where it can be so, and never much
//! more than the message itself, whatever its bytes are.

mod hostile;

use std::borrow::Cow;
use std::hint::black_box;

use allocation_counter::measure;
use busbench_envelope::codec::{self, EventEncoder};
use busbench_envelope::native::{mqtt5, nats, redis};
use busbench_envelope::{
    AddEventRequest, Encoding, Envelope, EnvelopeRef, InvalidPayloadSpec, Layout, Payload, generate,
};

const CORRELATION_ID: &str = "4bf7eab8-bd56-4a07-a6c1-a7bc9449cf38";

fn request(spec: &str) -> Result<AddEventRequest<'static>, InvalidPayloadSpec> {
    Ok(generate(&spec.parse()?, 1, 0))
}

fn envelope(content_type: &str) -> Envelope {
    Envelope::of_event(CORRELATION_ID, content_type)
}

fn allocations(work: impl FnMut()) -> u64 {
    measure(work).count_total
}

#[test]
fn an_event_is_encoded_without_allocating() {
    for spec in [
        "1xBool",
        "100xInt16",
        "3xFloat64",
        "2xObject",
        "1xBinary:1000",
    ] {
        let request = request(spec).expect(spec);
        for layout in Layout::ALL {
            let envelope =
                envelope(EventEncoder::payload_encoding(layout, &request).content_type());
            let mut encoder = EventEncoder::default();
            let mut out = Vec::new();
            let mut encode = || {
                out.clear();
                let written = encoder.encode(layout, &envelope, &request, &mut out);
                written.expect("an event");
            };
            encode();
            assert_eq!(allocations(encode), 0, "{layout} {spec}");
        }
    }
}

#[test]
fn bytes_are_encoded_and_decoded_without_allocating() {
    let payload = [0xa5; 1000];
    for layout in Layout::ALL {
        let envelope = envelope("application/octet-stream");
        let mut body = Vec::new();
        let mut scratch = Vec::new();
        let mut there_and_back = || {
            body.clear();
            let bytes = Payload::Bytes(Cow::Borrowed(&payload));
            codec::encode(layout, &envelope, &bytes, &mut body).expect("a message");
            let message = codec::decode(layout, &body).expect("a message");
            let (read, bytes) = message.read_into(layout, &mut scratch).expect("bytes");
            assert_eq!(bytes, payload);
            if layout != Layout::Native {
                assert_eq!(read.correlation_id, CORRELATION_ID);
            }
        };
        there_and_back();
        assert_eq!(allocations(there_and_back), 0, "{layout}");
    }
}

#[test]
fn attributes_are_written_and_read_without_allocating() {
    let envelope = envelope("application/json");
    let is_read = |read: &EnvelopeRef<'_>| {
        assert_eq!(read.correlation_id, CORRELATION_ID);
        assert_eq!(read.content_type, "application/json");
    };
    let mut block = Vec::with_capacity(nats::block_bytes(&envelope));
    let on_nats = allocations(|| {
        block.clear();
        nats::write_block(&envelope, &mut block);
        is_read(&nats::read_block(&block).expect("a block"));
    });
    let properties = mqtt5::properties(&envelope);
    let on_mqtt5 = allocations(|| {
        mqtt5::visit(&envelope, |name, value| _ = black_box((name, value)));
        let users = properties.user_properties.iter();
        let read = mqtt5::read(
            Some(&properties.content_type),
            Some(&properties.correlation_data),
            users.map(|(name, value)| (*name, &**value)),
        );
        is_read(&read.expect("properties"));
    });
    let fields = redis::fields(&envelope);
    let on_redis = allocations(|| {
        redis::visit(&envelope, |name, value| _ = black_box((name, value)));
        let attributes = fields.iter().map(|(name, value)| (*name, value.as_bytes()));
        let entry = attributes.chain([(redis::PAYLOAD, &b"{}"[..])]);
        is_read(&redis::read_pairs(entry).expect("an entry").0);
    });
    assert_eq!([on_nats, on_mqtt5, on_redis], [0; 3]);
}

#[test]
fn an_event_is_decoded_with_one_allocation_for_its_readings() {
    for spec in ["1xBool", "2xInt16", "100xInt16", "50xFloat64", "9xObject"] {
        let request = request(spec).expect(spec);
        for encoding in [Encoding::Json, Encoding::Cbor] {
            let mut bytes = Vec::new();
            request.encode(encoding, &mut bytes).expect("an event");
            let count = allocations(|| {
                let read = AddEventRequest::decode(encoding, &bytes).expect("an event");
                read.validate().expect("a valid event");
            });
            assert_eq!(count, 1, "{encoding:?} {spec}");
        }
    }
}
