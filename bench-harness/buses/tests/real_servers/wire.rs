//! What a message costs on the wire of each bus, counted.
//!
//! The tables are of an event with one reading. Their columns: what the publisher sends, which is
//! payload, envelope, topic and protocol; what it is answered; what the subscriber is sent, and what
//! it answers or asks.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use busbench_buses::{
    Bus, BusKind, Mqtt3, Mqtt5, NatsCore, NatsJetstream, NullBus, Options, PublishMode, Qos,
    RedisPubsub, RedisStreams, SubscribeMode, WireBytes, WireError, WireSubject, count_wire,
};
use busbench_envelope::{Depth, Layout, topic};

use crate::server::{Server, endpoint, free_port};
use crate::traffic::{FILTER, PIPELINED, message, options};

/// Where depth is not the matter.
const DEPTH: Depth = Depth::Transport;

async fn count<B: Bus>(
    bus: BusKind,
    options: &Options,
    payload: &str,
    layout: Layout,
    depth: Depth,
) -> Result<WireBytes, WireError> {
    let (topic, message) = message(payload, layout, 3);
    let message = message.at_depth(depth);
    let subject = WireSubject {
        bus,
        tag: "test",
        filter: FILTER,
        topic: &topic,
        message: &message,
        epoch: 7,
        publisher: 3,
    };
    count_wire::<B>(options, &subject).await
}

/// A line for each layout that the bus can carry. What a server says in words of its own is not the
/// same in all versions of it: of JetStream it is left out.
async fn table<B: Bus>(bus: BusKind, options: &Options, depth: Depth) -> String {
    let mut table = String::new();
    for layout in Layout::ALL {
        if bus.cannot_carry(layout).is_some() {
            continue;
        }
        let counted = count::<B>(bus, options, "1xInt32", layout, depth).await;
        let counted = counted.unwrap_or_else(|error| panic!("{bus} {layout} {depth}: {error}"));
        let WireBytes {
            payload,
            envelope,
            topic,
            protocol,
            publish_ack,
            delivery,
            delivery_ack,
        } = counted;
        assert_eq!(counted.publish(), payload + envelope + topic + protocol);
        let publish = counted.publish();
        let layout = layout.to_string();
        write!(
            table,
            "{layout:<11} {publish} = {payload} + {envelope} + {topic} + {protocol}"
        )
        .expect("a string");
        if bus == BusKind::NatsJetstream {
            assert!(publish_ack > 0 && delivery > publish && delivery_ack > 0);
        } else {
            write!(table, " | {publish_ack} | {delivery} | {delivery_ack}").expect("a string");
        }
        table.push('\n');
    }
    table
}

/// The table in both modes of publishing and at every depth, which must be the same: what is built
/// anew for each publish has the bytes of what was built once.
async fn always<B: Bus>(bus: BusKind, server: &Server, change: impl Fn(&mut Options)) -> String {
    let mut tables = BTreeSet::new();
    for publish in [PublishMode::Edgex, PIPELINED] {
        let mut options = options(server.endpoint(), publish);
        change(&mut options);
        for depth in Depth::ALL {
            tables.insert(table::<B>(bus, &options, depth).await);
        }
    }
    let one = tables.pop_first().expect("some were made");
    assert_eq!(tables.len(), 0, "{one} or {tables:?}");
    one
}

/// `PUB subject length\r\n...\r\n`; in `native` `HPUB subject header-length length\r\n...\r\n`.
/// Delivered with the subscription's number besides.
#[tokio::test(flavor = "multi_thread")]
async fn nats_core_adds_a_line() {
    let Some(server) = Server::start(BusKind::NatsCore) else {
        return;
    };
    let table = always::<NatsCore>(BusKind::NatsCore, &server, |_| {}).await;
    insta::assert_snapshot!(table, @r"
    native      738 = 494 + 143 + 84 + 17 | 0 | 740 | 0
    json        756 = 494 + 166 + 84 + 12 | 0 | 758 | 0
    json-base64 924 = 494 + 334 + 84 + 12 | 0 | 926 | 0
    cbor        649 = 412 + 141 + 84 + 12 | 0 | 651 | 0
    ");
}

/// A publish has the subject of its reply besides, 52 bytes and a space.
#[tokio::test(flavor = "multi_thread")]
async fn nats_jetstream_adds_the_subject_of_a_reply() {
    let Some(server) = Server::start(BusKind::NatsJetstream) else {
        return;
    };
    let table = always::<NatsJetstream>(BusKind::NatsJetstream, &server, |_| {}).await;
    insta::assert_snapshot!(table, @r"
    native      791 = 494 + 143 + 84 + 70
    json        809 = 494 + 166 + 84 + 65
    json-base64 977 = 494 + 334 + 84 + 65
    cbor        702 = 412 + 141 + 84 + 65
    ");
}

/// A packet's header of 3 bytes (from 128 bytes on), 2 for the topic's length; from QoS 1 on 2 for
/// the packet's id, and an answer of 4. QoS 2 has a second packet of 4 that is answered with another.
#[tokio::test(flavor = "multi_thread")]
async fn mqtt3_adds_five_bytes_and_more_with_each_quality() {
    let Some(server) = Server::start(BusKind::Mqtt3) else {
        return;
    };
    let table_of =
        async |qos| always::<Mqtt3>(BusKind::Mqtt3, &server, |options| options.qos = qos).await;
    insta::assert_snapshot!(table_of(Qos::AtMostOnce).await, @r"
    json        749 = 494 + 166 + 84 + 5 | 0 | 749 | 0
    json-base64 917 = 494 + 334 + 84 + 5 | 0 | 917 | 0
    cbor        642 = 412 + 141 + 84 + 5 | 0 | 642 | 0
    ");
    insta::assert_snapshot!(table_of(Qos::AtLeastOnce).await, @r"
    json        751 = 494 + 166 + 84 + 7 | 4 | 751 | 4
    json-base64 919 = 494 + 334 + 84 + 7 | 4 | 919 | 4
    cbor        644 = 412 + 141 + 84 + 7 | 4 | 644 | 4
    ");
    insta::assert_snapshot!(table_of(Qos::ExactlyOnce).await, @r"
    json        755 = 494 + 166 + 84 + 11 | 8 | 755 | 8
    json-base64 923 = 494 + 334 + 84 + 11 | 8 | 923 | 8
    cbor        648 = 412 + 141 + 84 + 11 | 8 | 648 | 8
    ");
}

/// One byte more than MQTT 3.1.1: the length of the properties, of which only `native` has any.
#[tokio::test(flavor = "multi_thread")]
async fn mqtt5_adds_a_byte_for_its_properties() {
    let Some(server) = Server::start(BusKind::Mqtt5) else {
        return;
    };
    let table_of =
        async |qos| always::<Mqtt5>(BusKind::Mqtt5, &server, |options| options.qos = qos).await;
    insta::assert_snapshot!(table_of(Qos::AtMostOnce).await, @r"
    native      688 = 494 + 104 + 84 + 6 | 0 | 688 | 0
    json        750 = 494 + 166 + 84 + 6 | 0 | 750 | 0
    json-base64 918 = 494 + 334 + 84 + 6 | 0 | 918 | 0
    cbor        643 = 412 + 141 + 84 + 6 | 0 | 643 | 0
    ");
    insta::assert_snapshot!(table_of(Qos::AtLeastOnce).await, @r"
    native      690 = 494 + 104 + 84 + 8 | 4 | 690 | 4
    json        752 = 494 + 166 + 84 + 8 | 4 | 752 | 4
    json-base64 920 = 494 + 334 + 84 + 8 | 4 | 920 | 4
    cbor        645 = 412 + 141 + 84 + 8 | 4 | 645 | 4
    ");
    insta::assert_snapshot!(table_of(Qos::ExactlyOnce).await, @r"
    native      694 = 494 + 104 + 84 + 12 | 8 | 694 | 8
    json        756 = 494 + 166 + 84 + 12 | 8 | 756 | 8
    json-base64 924 = 494 + 334 + 84 + 12 | 8 | 924 | 8
    cbor        649 = 412 + 141 + 84 + 12 | 8 | 649 | 8
    ");
}

/// `PUBLISH` and two arguments as bulk strings; delivered with pattern and channel.
#[tokio::test(flavor = "multi_thread")]
async fn redis_pubsub_adds_lengths() {
    let Some(server) = Server::start(BusKind::RedisPubsub) else {
        return;
    };
    let table = always::<RedisPubsub>(BusKind::RedisPubsub, &server, |_| {}).await;
    insta::assert_snapshot!(table, @r"
    json        776 = 494 + 166 + 84 + 32 | 4 | 798 | 0
    json-base64 944 = 494 + 334 + 84 + 32 | 4 | 966 | 0
    cbor        669 = 412 + 141 + 84 + 32 | 4 | 691 | 0
    ");
}

/// `XADD stream * ... payload body`, answered with the entry's id; the subscriber asks for each
/// entry. Where it asks for what comes after the end, the last id is missing in its question.
#[tokio::test(flavor = "multi_thread")]
async fn redis_streams_ask_for_each_message() {
    let Some(server) = Server::start(BusKind::RedisStreams) else {
        return;
    };
    let table_of = async |subscribe| {
        let change = |options: &mut Options| options.subscribe = subscribe;
        always::<RedisStreams>(BusKind::RedisStreams, &server, change).await
    };
    insta::assert_snapshot!(table_of(SubscribeMode::Lossless).await, @r"
    native      804 = 494 + 172 + 88 + 50 | 22 | 825 | 183
    json        797 = 494 + 166 + 88 + 49 | 22 | 818 | 183
    json-base64 965 = 494 + 334 + 88 + 49 | 22 | 986 | 183
    cbor        690 = 412 + 141 + 88 + 49 | 22 | 711 | 183
    ");
    insta::assert_snapshot!(table_of(SubscribeMode::Edgex).await, @r"
    native      804 = 494 + 172 + 88 + 50 | 22 | 825 | 168
    json        797 = 494 + 166 + 88 + 49 | 22 | 818 | 168
    json-base64 965 = 494 + 334 + 88 + 49 | 22 | 986 | 168
    cbor        690 = 412 + 141 + 88 + 49 | 22 | 711 | 168
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_binary_is_counted_to_the_byte() {
    if let Some(server) = Server::start(BusKind::Mqtt3) {
        let options = options(server.endpoint(), PIPELINED);
        let counted = count::<Mqtt3>(
            BusKind::Mqtt3,
            &options,
            "1xBinary:100000",
            Layout::Cbor,
            Depth::Event,
        );
        let counted = counted.await.expect("counted");
        let (topic, message) = message("1xBinary:100000", Layout::Cbor, 3);
        // The header has one byte more for a length above 16 383.
        assert_eq!(counted.protocol, 6);
        assert_eq!(
            counted.publish(),
            (message.body.len() + topic.len() + 6) as u64
        );
        assert_eq!(counted.delivery, counted.publish());
    }
}

/// An event as `EDGEX_OPTIMIZE_EVENT_PAYLOAD` has it, one in CBOR, and bytes that are no event.
#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_payload_is_split() {
    let Some(server) = Server::start(BusKind::NatsCore) else {
        return;
    };
    let options = options(server.endpoint(), PIPELINED);
    let mut table = String::new();
    for payload in ["10xInt16+optimized", "10xInt16+cbor", "raw:1000"] {
        for layout in Layout::ALL {
            let counted = count::<NatsCore>(BusKind::NatsCore, &options, payload, layout, DEPTH);
            let WireBytes {
                payload: bytes,
                envelope,
                topic,
                protocol,
                ..
            } = counted
                .await
                .unwrap_or_else(|error| panic!("{payload} {layout}: {error}"));
            writeln!(
                table,
                "{payload} {layout}: {bytes} + {envelope} + {topic} + {protocol}"
            )
            .expect("a string");
        }
    }
    insta::assert_snapshot!(table, @r"
    10xInt16+optimized native: 1144 + 143 + 67 + 18
    10xInt16+optimized json: 1144 + 166 + 67 + 13
    10xInt16+optimized json-base64: 1144 + 552 + 67 + 13
    10xInt16+optimized cbor: 852 + 141 + 67 + 12
    10xInt16+cbor native: 1778 + 143 + 67 + 18
    10xInt16+cbor json: 1778 + 762 + 67 + 13
    10xInt16+cbor json-base64: 1778 + 762 + 67 + 13
    10xInt16+cbor cbor: 1778 + 141 + 67 + 13
    raw:1000 native: 1000 + 143 + 74 + 18
    raw:1000 json: 1000 + 504 + 74 + 13
    raw:1000 json-base64: 1000 + 504 + 74 + 13
    raw:1000 cbor: 1000 + 144 + 74 + 13
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_waits_with_small_messages_is_counted_alike() {
    let Some(server) = Server::start_with(BusKind::Mqtt3, &["set_tcp_nodelay false"]) else {
        return;
    };
    let prompt = Server::start(BusKind::Mqtt3).expect("the same program");
    for qos in [Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce] {
        let table_of = async |server: &Server| {
            let options = Options {
                qos,
                ..options(server.endpoint(), PIPELINED)
            };
            table::<Mqtt3>(BusKind::Mqtt3, &options, Depth::Transport).await
        };
        assert_eq!(table_of(&server).await, table_of(&prompt).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_leaves_nothing_on_the_server() {
    if let Some(server) = Server::start(BusKind::RedisStreams) {
        let options = options(server.endpoint(), PIPELINED);
        let bus = BusKind::RedisStreams;
        let counted = count::<RedisStreams>(bus, &options, "1xInt32", Layout::Json, DEPTH).await;
        counted.expect("counted");
        let client = redis::Client::open(format!("redis://{}", server.endpoint()));
        let client = client.expect("a URL");
        let connection = client.get_multiplexed_async_connection().await;
        let mut connection = connection.expect("connected");
        let mut exists = redis::cmd("EXISTS");
        exists.arg(topic::redis_stream(&message("1xInt32", Layout::Json, 3).0));
        let found: u64 = exists.query_async(&mut connection).await.expect("answered");
        assert_eq!(found, 0);
    }
    if let Some(server) = Server::start(BusKind::NatsJetstream) {
        let options = options(server.endpoint(), PIPELINED);
        let bus = BusKind::NatsJetstream;
        let counted = count::<NatsJetstream>(bus, &options, "1xInt32", Layout::Json, DEPTH).await;
        counted.expect("counted");
        let client = async_nats::connect(server.endpoint().to_string()).await;
        let context = async_nats::jetstream::new(client.expect("connected"));
        assert!(context.get_stream("busbench").await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_server_nothing_is_counted() {
    let options = options(endpoint(free_port()), PIPELINED);
    let null = count::<NullBus>(BusKind::Null, &options, "1xInt32", Layout::Json, DEPTH).await;
    assert!(matches!(null, Err(WireError::NoServer(BusKind::Null))));
    let nats = count::<NatsCore>(BusKind::NatsCore, &options, "1xInt32", Layout::Json, DEPTH).await;
    assert!(matches!(nats, Err(WireError::Bus(_))));
    let redis = count::<RedisPubsub>(
        BusKind::RedisPubsub,
        &options,
        "1xInt32",
        Layout::Json,
        DEPTH,
    );
    assert!(matches!(redis.await, Err(WireError::Bus(_))));
    let mqtt = count::<Mqtt3>(BusKind::Mqtt3, &options, "1xInt32", Layout::Json, DEPTH).await;
    assert!(matches!(mqtt, Err(WireError::Bus(_))));
}
