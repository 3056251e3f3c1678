//! Layout `native` on the wire, read by clients that know nothing of ours.

use async_nats::HeaderMap;
use busbench_buses::{Bus, BusKind, Mqtt5, NatsCore, NatsJetstream, RedisStreams};
use busbench_envelope::{Depth, Layout, Prepared, Stamp, native, topic};
use futures_util::StreamExt;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, MqttOptions};

use crate::server::Server;
use crate::traffic::{FILTER, PIPELINED, Path, message, options, publish, stamp};

fn text_of(stamp: &Stamp) -> String {
    let mut text = [0; Stamp::TEXT_BYTES];
    stamp.write(&mut text);
    String::from_utf8(text.to_vec()).expect("hex is ASCII")
}

/// Whether a message is prepared or built anew, it is the same on the wire.
const DEPTHS: [Depth; 2] = [Depth::Transport, Depth::Event];

/// Publishes one message; returns it.
async fn publish_one<B: Bus>(server: &Server, depth: Depth) -> Prepared {
    let (topic, prepared) = message("1xInt32", Layout::Native, 0);
    let prepared = prepared.at_depth(depth);
    let bus = B::open(options(server.endpoint(), PIPELINED)).await;
    let bus = bus.expect("opened");
    let publisher = bus.publisher("publisher", &topic, prepared.clone()).await;
    publish(publisher.expect("connected"), 0, 1, Path::Waiting).await;
    prepared
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = headers
        .iter()
        .flat_map(|(name, values)| {
            let values = values.iter();
            values.map(move |value| (name.to_string(), value.as_str().to_owned()))
        })
        .collect();
    pairs.sort();
    pairs
}

/// The fields with the stamp in the place of the placeholder.
fn with_stamp(fields: Vec<(&'static str, String)>) -> Vec<(String, String)> {
    let text = text_of(&stamp(0, 0));
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.replace(Stamp::PLACEHOLDER, &text)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nats_headers_are_those_of_edgex() {
    async fn check_headers<B: Bus>(kind: BusKind, depth: Depth) {
        let Some(server) = Server::start(kind) else {
            return;
        };
        let client = async_nats::connect(server.endpoint().to_string()).await;
        let client = client.expect("connected");
        let mut messages = client.subscribe("edgex.>").await.expect("subscribed");
        client.flush().await.expect("flushed");
        let prepared = publish_one::<B>(&server, depth).await;
        let got = messages.next().await.expect("a message");
        let (expected_topic, _) = message("1xInt32", Layout::Native, 0);
        assert_eq!(topic::nats_topic(&got.subject), expected_topic);
        assert_eq!(got.payload, prepared.body);
        let headers = got.headers.expect("headers");
        assert_eq!(
            pairs(&headers),
            with_stamp(native::nats::fields(&prepared.envelope))
        );
    }
    for depth in DEPTHS {
        check_headers::<NatsCore>(BusKind::NatsCore, depth).await;
        check_headers::<NatsJetstream>(BusKind::NatsJetstream, depth).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mqtt5_properties_hold_the_envelope() {
    let Some(server) = Server::start(BusKind::Mqtt5) else {
        return;
    };
    let endpoint = server.endpoint();
    let options = MqttOptions::new("raw", &endpoint.host, endpoint.port);
    let (client, mut event_loop) = AsyncClient::new(options, 10);
    client
        .subscribe(FILTER, QoS::AtMostOnce)
        .await
        .expect("queued");
    loop {
        let event = event_loop.poll().await.expect("connected");
        if matches!(event, Event::Incoming(Packet::SubAck(_))) {
            break;
        }
    }
    for depth in DEPTHS {
        let prepared = publish_one::<Mqtt5>(&server, depth).await;
        let got = loop {
            let event = event_loop.poll().await.expect("connected");
            if let Event::Incoming(Packet::Publish(got)) = event {
                break got;
            }
        };
        assert_eq!(got.payload, prepared.body);
        let properties = got.properties.expect("properties");
        let expected = native::mqtt5::properties(&prepared.envelope);
        assert_eq!(properties.content_type, Some(expected.content_type));
        assert_eq!(
            properties.user_properties,
            with_stamp(expected.user_properties)
        );
        let correlation = properties.correlation_data.expect("correlation data");
        assert_eq!(correlation, text_of(&stamp(0, 0)).as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_stream_fields_hold_the_envelope() {
    let Some(server) = Server::start(BusKind::RedisStreams) else {
        return;
    };
    let mut prepared = Vec::new();
    for depth in DEPTHS {
        prepared.push(publish_one::<RedisStreams>(&server, depth).await);
    }
    let (event_topic, _) = message("1xInt32", Layout::Native, 0);
    let client = redis::Client::open(format!("redis://{}", server.endpoint()));
    let client = client.expect("a URL");
    let connection = client.get_multiplexed_async_connection().await;
    let mut connection = connection.expect("connected");
    let mut range = redis::cmd("XRANGE");
    range
        .arg(topic::redis_stream(&event_topic))
        .arg("-")
        .arg("+");
    let entries: Vec<(String, Vec<Vec<u8>>)> =
        range.query_async(&mut connection).await.expect("entries");
    assert_eq!(entries.len(), prepared.len());
    for ((_, fields), prepared) in entries.into_iter().zip(prepared) {
        let mut expected: Vec<Vec<u8>> = with_stamp(native::redis::fields(&prepared.envelope))
            .into_iter()
            .flat_map(|(name, value)| [name.into_bytes(), value.into_bytes()])
            .collect();
        expected.extend([b"payload".to_vec(), prepared.body]);
        assert_eq!(fields, expected);
    }
}
