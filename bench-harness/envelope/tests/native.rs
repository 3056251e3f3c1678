//! The native layouts give back what they carry, whatever it is.

use busbench_envelope::native::{mqtt5, nats, redis};
use busbench_envelope::{Envelope, Layout, Payload};
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\\x00-\\x1f :\"é😀\u{2028}a-z]{0,12}"]
}

/// A key cannot hold the `:` that ends it.
fn key() -> impl Strategy<Value = String> {
    text().prop_map(|key| key.replace(':', "_"))
}

fn envelope() -> impl Strategy<Value = Envelope> {
    let texts = (text(), text(), text(), text());
    let query = proptest::collection::btree_map(key(), text(), 0..4);
    (texts, any::<i64>(), query).prop_map(|(texts, error_code, query)| {
        let (api_version, correlation_id, request_id, content_type) = texts;
        Envelope {
            api_version,
            correlation_id,
            request_id,
            error_code,
            content_type,
            query_params: query.into_iter().collect(),
        }
    })
}

/// What NATS leaves of a text: line breaks are spaces, and surrounding space is cut.
fn on_one_line(text: &str) -> String {
    text.replace(['\r', '\n'], " ").trim().to_owned()
}

/// What NATS leaves of an envelope. Space around a parameter's `:` stays.
fn on_nats(envelope: &Envelope) -> Envelope {
    let mut query_params: Vec<_> = envelope
        .query_params
        .iter()
        .map(|(key, value)| {
            let text = on_one_line(&format!("{key}:{value}"));
            let (key, value) = text.split_once(':').unwrap_or_default();
            (key.to_owned(), value.to_owned())
        })
        .collect();
    query_params.sort();
    Envelope {
        api_version: on_one_line(&envelope.api_version),
        correlation_id: on_one_line(&envelope.correlation_id),
        request_id: on_one_line(&envelope.request_id),
        error_code: envelope.error_code,
        content_type: on_one_line(&envelope.content_type),
        query_params,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nats_headers_give_back_all_but_line_breaks_and_surrounding_space(envelope in envelope()) {
        let mut block = b"before".to_vec();
        nats::write_block(&envelope, &mut block);
        let block = &block[6..];
        prop_assert_eq!(block.len(), nats::block_bytes(&envelope));
        let fields = nats::fields(&envelope);
        prop_assert_eq!(block, nats::block(&fields));
        let expected = on_nats(&envelope);
        prop_assert_eq!(nats::read_block(block)?.into_owned(), expected.clone());
        let pairs = fields.iter().map(|(name, value)| (*name, &**value));
        prop_assert_eq!(nats::read_pairs(pairs)?.into_owned(), expected);
    }

    #[test]
    fn mqtt_5_properties_give_back_an_envelope(envelope in envelope()) {
        let properties = mqtt5::properties(&envelope);
        let users = properties.user_properties.iter();
        let read = mqtt5::read(
            Some(&properties.content_type),
            Some(&properties.correlation_data),
            users.map(|(name, value)| (*name, &**value)),
        )?;
        prop_assert_eq!(read.into_owned(), envelope);
    }

    #[test]
    fn a_redis_entry_gives_back_envelope_and_payload(
        envelope in envelope(),
        payload in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let fields = redis::fields(&envelope);
        let attributes = fields.iter().map(|(name, value)| (*name, value.as_bytes()));
        let entry = attributes.chain([(redis::PAYLOAD, &*payload)]);
        let (read, read_payload) = redis::read_pairs(entry)?;
        prop_assert_eq!(read_payload, &*payload);
        prop_assert_eq!(read.into_owned(), envelope);
    }

    #[test]
    fn a_payload_is_read_into_a_buffer_that_is_kept(
        payload in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut scratch = b"an earlier message's".to_vec();
        let text = base64_simd::STANDARD.encode_to_string(&payload);
        for written in [
            Payload::Text(text.into()),
            Payload::Bytes((&*payload).into()),
            Payload::Encoded(payload.clone().into()),
        ] {
            let expected = written.clone().into_encoded(Layout::JsonBase64)?;
            prop_assert_eq!(&*expected, &*payload);
            prop_assert_eq!(written.read_into(Layout::JsonBase64, &mut scratch)?, &*payload);
        }
    }
}

#[test]
fn a_text_is_read_in_base64_or_plain() {
    let text = |text: &'static str| Payload::Text(text.into()).into_text(Layout::JsonBase64);
    assert_eq!(text("bm90IGZvdW5k"), "not found");
    assert_eq!(text("not found!"), "not found!");
    let plain = Payload::Text("bm90IGZvdW5k".into()).into_text(Layout::Json);
    assert_eq!(plain, "bm90IGZvdW5k");
}
