//! Limits of clients: what is bounded is bounded, what is dropped is counted.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use busbench_buses::{
    Bus, BusKind, Mqtt3, Mqtt5, NatsCore, NatsJetstream, NullBus, Options, PublishMode, Publisher,
    Qos, RedisPubsub, RedisStreams, SubscribeMode, Subscriber,
};
use busbench_envelope::Layout;

use crate::server::Server;
use crate::traffic::{Collected, Collector, PATIENCE, PIPELINED, Path, collect, message};
use crate::traffic::{Observed, options, pair, publish, stamp};

/// async-nats's subscription capacity.
const NATS_CAPACITY: u32 = 65_536;

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_async_nats_drops_are_counted() {
    let Some(server) = Server::start(BusKind::NatsCore) else {
        return;
    };
    let options = options(server.endpoint(), PIPELINED);
    let (_bus, publisher, subscriber) = pair::<NatsCore>(options, Layout::Json).await;
    let too_many = NATS_CAPACITY + 5000;
    publish(publisher, 0, too_many, Path::Waiting).await;
    // The server has all; the subscriber's connection may still be reading.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let expected = vec![message("1xInt32", Layout::Json, 0).1];
    let (collected, dropped) = collect(subscriber, expected, NATS_CAPACITY as usize).await;
    assert_eq!(collected.len(), NATS_CAPACITY as usize);
    assert_eq!(dropped, 5000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_redis_subscriber_holds_a_bounded_backlog_that_returns_to_nothing() {
    let Some(server) = Server::start(BusKind::RedisPubsub) else {
        return;
    };
    let options = options(server.endpoint(), PIPELINED);
    let (topic, prepared) = message("1xBinary:100000", Layout::Cbor, 0);
    let (bus, _, mut subscriber) = pair::<RedisPubsub>(options, Layout::Cbor).await;
    let publisher = bus.publisher("publisher", &topic, prepared.clone());
    let publisher = publisher.await.expect("connected");
    // 25 MB: more than the client takes, less than the server holds before it cuts off.
    publish(publisher, 0, 250, Path::Waiting).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let held = subscriber.backlog_bytes();
    assert!((16 << 20..18 << 20).contains(&held), "{held} bytes");

    let collected = Collected::default();
    let mut collector = Collector {
        collected: collected.clone(),
        expected: vec![prepared],
    };
    while collected.all().len() < 250 {
        let delivered = tokio::time::timeout(PATIENCE, subscriber.deliver(&mut collector)).await;
        delivered.expect("in time").expect("a delivery");
    }
    assert!(collected.all().iter().all(|(_, is_whole)| *is_whole));
    assert_eq!(
        subscriber.backlog_bytes(),
        0,
        "the frames are counted to the byte"
    );
}

async fn effective_ack_window<B: Bus>(server: &Server, qos: Qos, wanted: u32) -> Option<usize> {
    let publish = PublishMode::Pipelined {
        ack_window: NonZeroU32::new(wanted).expect("not zero"),
    };
    let options = Options {
        qos,
        ..options(server.endpoint(), publish)
    };
    let (_bus, publisher, _subscriber) = pair::<B>(options, Layout::Json).await;
    publisher.effective_ack_window()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_effective_ack_window_is_what_the_server_allows() {
    let Some(server) = Server::start(BusKind::Mqtt5) else {
        return;
    };
    for (qos, wanted, of_mqtt3, of_mqtt5) in [
        (Qos::AtMostOnce, 64, None, None),
        (Qos::AtLeastOnce, 64, Some(64), Some(20)),
        (Qos::ExactlyOnce, 64, Some(20), Some(20)),
        (Qos::ExactlyOnce, 10, Some(10), Some(10)),
    ] {
        let got = effective_ack_window::<Mqtt3>(&server, qos, wanted).await;
        assert_eq!(got, of_mqtt3, "MQTT 3.1.1, {qos:?}, {wanted}");
        let got = effective_ack_window::<Mqtt5>(&server, qos, wanted).await;
        assert_eq!(got, of_mqtt5, "MQTT 5, {qos:?}, {wanted}");
    }
    let tuned = Server::start_with(BusKind::Mqtt5, &["max_inflight_messages 1000"]);
    let tuned = tuned.expect("installed, as above");
    let got = effective_ack_window::<Mqtt5>(&tuned, Qos::ExactlyOnce, 64).await;
    assert_eq!(got, Some(64));
}

/// Cuts each wait for a delivery off after a moment.
async fn check_cut_off<B: Bus>(kind: BusKind, qos: Qos) {
    const MESSAGES: u32 = 500;
    let Some(server) = Server::start(kind) else {
        return;
    };
    let options = Options {
        qos,
        ..options(server.endpoint(), PIPELINED)
    };
    let (_bus, mut publisher, mut subscriber) = pair::<B>(options, Layout::Json).await;
    let publishing = tokio::spawn(async move {
        let mut observed = Observed::default();
        for sequence in 0..MESSAGES {
            let stamp = stamp(0, sequence);
            let sent = publisher.publish(&stamp, &mut observed).await;
            sent.expect("published");
            publisher.flush(&mut observed).await.expect("flushed");
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        publisher.close(&mut observed).await.expect("closed");
    });
    let collected = Collected::default();
    let mut collector = Collector {
        collected: collected.clone(),
        expected: vec![message("1xInt32", Layout::Json, 0).1],
    };
    let start = Instant::now();
    let mut cut_off = 0;
    while collected.all().len() < MESSAGES as usize {
        assert!(
            start.elapsed() < PATIENCE,
            "{kind} {qos:?}: {} arrived",
            collected.all().len()
        );
        let wait = Duration::from_micros(50);
        match tokio::time::timeout(wait, subscriber.deliver(&mut collector)).await {
            Ok(delivered) => assert!(delivered.expect("a delivery") > 0),
            Err(_) => cut_off += 1,
        }
    }
    publishing.await.expect("published");
    assert!(cut_off > 0, "{kind} {qos:?}: no wait was cut off");
    let stamps: Vec<_> = collected
        .all()
        .into_iter()
        .filter_map(|(stamp, _)| stamp)
        .collect();
    assert!(
        stamps.into_iter().eq((0..MESSAGES).map(|n| stamp(0, n))),
        "{kind} {qos:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_cut_off_loses_nothing() {
    check_cut_off::<NatsCore>(BusKind::NatsCore, Qos::AtMostOnce).await;
    check_cut_off::<NatsJetstream>(BusKind::NatsJetstream, Qos::AtMostOnce).await;
    for qos in [Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce] {
        check_cut_off::<Mqtt3>(BusKind::Mqtt3, qos).await;
        check_cut_off::<Mqtt5>(BusKind::Mqtt5, qos).await;
    }
    check_cut_off::<RedisPubsub>(BusKind::RedisPubsub, Qos::AtMostOnce).await;
    check_cut_off::<RedisStreams>(BusKind::RedisStreams, Qos::AtMostOnce).await;
    check_cut_off::<NullBus>(BusKind::Null, Qos::AtMostOnce).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edgex_reading_of_redis_streams_loses_and_never_repeats() {
    let Some(server) = Server::start(BusKind::RedisStreams) else {
        return;
    };
    let options = Options {
        subscribe: SubscribeMode::Edgex,
        ..options(server.endpoint(), PIPELINED)
    };
    let (_bus, publisher, mut subscriber) = pair::<RedisStreams>(options, Layout::Native).await;
    publish(publisher, 0, 2000, Path::Waiting).await;
    let collected = Collected::default();
    let mut collector = Collector {
        collected: collected.clone(),
        expected: vec![message("1xInt32", Layout::Native, 0).1],
    };
    // The first read begins at the subscription; what came after it is skipped by the second.
    let delivered = tokio::time::timeout(PATIENCE, subscriber.deliver(&mut collector)).await;
    let delivered = delivered.expect("in time").expect("a delivery");
    assert!((1..2000).contains(&delivered));
    let nothing = subscriber.deliver(&mut collector);
    let nothing = tokio::time::timeout(Duration::from_millis(200), nothing).await;
    assert!(nothing.is_err(), "read what was there before the read");
    let stamps: Vec<_> = collected.all().iter().map(|(stamp, _)| *stamp).collect();
    assert!(stamps.is_sorted_by_key(|stamp| stamp.map(|stamp| stamp.sequence)));
    assert_eq!(stamps.len(), delivered);
}
