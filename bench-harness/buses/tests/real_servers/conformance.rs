//! What every bus does in the same way: each message arrives at each subscriber once, whole, and in
//! the order of its publisher, and each publish is told of once.

use std::num::{NonZeroU32, NonZeroU64};

use busbench_buses::{
    Bus, BusKind, Mqtt3, Mqtt5, NatsCore, NatsJetstream, NullBus, Options, PublishMode, Publisher,
    Qos, RedisPubsub, RedisStreams, Storage, SubscribeMode, TcpRelay,
};
use busbench_envelope::{Depth, Layout, Prepared, Stamp};

use crate::server::Server;
use crate::traffic::{
    FILTER, PATIENCE, PIPELINED, Path, collect, message, options, publish, stamp,
};

const PUBLISHERS: u16 = 2;
const SUBSCRIBERS: usize = 2;

/// Runs the case, with 2 publishers and 2 subscribers.
async fn check<B: Bus>(options: Options, layout: Layout, path: Path, messages: u32) {
    check_at::<B>(Depth::Transport, options, layout, path, messages).await;
}

/// The same at any depth.
async fn check_at<B: Bus>(
    depth: Depth,
    options: Options,
    layout: Layout,
    path: Path,
    messages: u32,
) {
    let case = format!(
        "{layout} {depth} {:?} {:?} {path:?} {:?}",
        options.publish, options.qos, options.subscribe
    );
    let (topics, prepared): (Vec<String>, Vec<Prepared>) = (0..PUBLISHERS)
        .map(|publisher| {
            let (topic, message) = message("1xInt32", layout, publisher);
            (topic, message.at_depth(depth))
        })
        .unzip();
    let is_edgex = options.publish == PublishMode::Edgex;
    let bus = B::open(options).await.expect(&case);
    let everything = usize::from(PUBLISHERS) * messages as usize;
    let mut subscribers = Vec::new();
    for number in 0..SUBSCRIBERS {
        let id = format!("subscriber-{number}");
        let subscriber = bus.subscriber(&id, FILTER, &topics, &prepared[0]).await;
        let reading = collect(subscriber.expect(&case), prepared.clone(), everything);
        subscribers.push(tokio::spawn(reading));
    }
    let mut publishers = Vec::new();
    for (number, (topic, prepared)) in (0..).zip(topics.iter().zip(&prepared)) {
        let id = format!("publisher-{number}");
        let publisher = bus.publisher(&id, topic, prepared.clone()).await;
        let publisher = publisher.expect(&case);
        let window = publisher.effective_ack_window();
        assert!(
            !is_edgex || window.is_none_or(|window| window == 1),
            "{case}: window"
        );
        // A direct publisher that is tried does not hear of acknowledgements.
        let is_acked = window.is_some() && !(publisher.is_direct() && path == Path::Trying);
        let writing = tokio::spawn(publish(publisher, number, messages, path));
        publishers.push((writing, is_acked));
    }
    for (writing, is_acked) in publishers {
        let observed = tokio::time::timeout(PATIENCE, writing).await;
        let observed = observed.expect(&case).expect(&case);
        let times = |told: bool| if told { messages as usize } else { 0 };
        assert!(observed.failed.is_empty(), "{case}: {:?}", observed.failed);
        assert_eq!(
            observed.handed_over.len(),
            times(path == Path::Waiting),
            "{case}: taken"
        );
        assert_eq!(observed.acked.len(), times(is_acked), "{case}: acked");
        let in_order = observed.acked.is_sorted_by_key(|stamp| stamp.sequence);
        assert!(in_order, "{case}: acked in order");
    }
    for reading in subscribers {
        let (collected, dropped) = reading.await.expect(&case);
        assert_eq!(
            (collected.len(), dropped),
            (everything, 0),
            "{case}: number"
        );
        assert!(
            collected.iter().all(|(_, is_whole)| *is_whole),
            "{case}: bytes"
        );
        for number in 0..PUBLISHERS {
            let got: Vec<Stamp> = collected
                .iter()
                .filter_map(|(stamp, _)| *stamp)
                .filter(|stamp| stamp.publisher == number)
                .collect();
            let sent: Vec<Stamp> = (0..messages).map(|n| stamp(number, n)).collect();
            assert!(
                got == sent,
                "{case}: not the stamps of publisher {number}, in order"
            );
        }
    }
    let closed = tokio::time::timeout(PATIENCE, bus.close()).await;
    closed.expect(&case).expect(&case);
}

/// Every layout that the bus can carry, both modes of publishing, both ways to publish; pipelined
/// ones at every depth that builds and opens messages, too.
async fn check_all<B: Bus>(bus: BusKind, server: &Server, adapt: impl Fn(&mut Options)) {
    let layouts = Layout::ALL.into_iter();
    for layout in layouts.filter(|layout| bus.cannot_carry(*layout).is_none()) {
        for (mode, messages) in [(PublishMode::Edgex, 200), (PIPELINED, 1500)] {
            for path in [Path::Waiting, Path::Trying] {
                let mut options = options(server.endpoint(), mode);
                adapt(&mut options);
                check::<B>(options, layout, path, messages).await;
            }
        }
        for depth in [Depth::Envelope, Depth::Event] {
            for path in [Path::Waiting, Path::Trying] {
                let mut options = options(server.endpoint(), PIPELINED);
                adapt(&mut options);
                check_at::<B>(depth, options, layout, path, 300).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nats_core_carries_every_layout() {
    if let Some(server) = Server::start(BusKind::NatsCore) {
        check_all::<NatsCore>(BusKind::NatsCore, &server, |_| {}).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jetstream_carries_every_layout_in_memory_and_on_disk() {
    if let Some(server) = Server::start(BusKind::NatsJetstream) {
        for storage in [Storage::Memory, Storage::File] {
            let adapt = |options: &mut Options| {
                options.storage = storage;
                options.retention.messages = NonZeroU64::new(10_000);
            };
            check_all::<NatsJetstream>(BusKind::NatsJetstream, &server, adapt).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mqtt3_carries_every_layout_at_every_qos() {
    if let Some(server) = Server::start(BusKind::Mqtt3) {
        for qos in [Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce] {
            let adapt = |options: &mut Options| options.qos = qos;
            check_all::<Mqtt3>(BusKind::Mqtt3, &server, adapt).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mqtt5_carries_every_layout_at_every_qos() {
    if let Some(server) = Server::start(BusKind::Mqtt5) {
        for qos in [Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce] {
            let adapt = |options: &mut Options| options.qos = qos;
            check_all::<Mqtt5>(BusKind::Mqtt5, &server, adapt).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_pubsub_carries_every_layout() {
    if let Some(server) = Server::start(BusKind::RedisPubsub) {
        check_all::<RedisPubsub>(BusKind::RedisPubsub, &server, |_| {}).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_streams_carry_every_layout() {
    if let Some(server) = Server::start(BusKind::RedisStreams) {
        check_all::<RedisStreams>(BusKind::RedisStreams, &server, |_| {}).await;
        let trim = |options: &mut Options| {
            options.retention.messages = NonZeroU64::new(5000);
        };
        check_all::<RedisStreams>(BusKind::RedisStreams, &server, trim).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_null_bus_carries_every_layout() {
    if let Some(server) = Server::start(BusKind::Null) {
        check_all::<NullBus>(BusKind::Null, &server, |_| {}).await;
        let one_place = |options: &mut Options| options.client_queue = 1;
        check_all::<NullBus>(BusKind::Null, &server, one_place).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tcp_relay_carries_every_layout() {
    if let Some(server) = Server::start(BusKind::TcpRelay) {
        check_all::<TcpRelay>(BusKind::TcpRelay, &server, |_| {}).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_binary_event_passes_on_every_bus() {
    async fn check_large<B: Bus>(bus: BusKind) {
        let Some(server) = Server::start(bus) else {
            return;
        };
        let options = options(server.endpoint(), PIPELINED);
        let layout = if bus.cannot_carry(Layout::Native).is_none() {
            Layout::Native
        } else {
            Layout::Cbor
        };
        let (topic, prepared) = message("1xBinary:100000", layout, 0);
        assert!(prepared.body.len() > 100_000);
        let bus = B::open(options).await.expect("opened");
        let topics = [topic.clone()];
        let subscriber = bus.subscriber("subscriber", FILTER, &topics, &prepared);
        let subscriber = subscriber.await.expect("subscribed");
        let collected = tokio::spawn(collect(subscriber, vec![prepared.clone()], 20));
        let publisher = bus.publisher("publisher", &topic, prepared);
        let publisher = publisher.await.expect("connected");
        publish(publisher, 0, 20, Path::Waiting).await;
        let (collected, _) = collected.await.expect("collected");
        assert_eq!(collected.len(), 20);
        assert!(collected.iter().all(|(_, is_whole)| *is_whole));
        bus.close().await.expect("closed");
    }
    check_large::<NatsCore>(BusKind::NatsCore).await;
    check_large::<NatsJetstream>(BusKind::NatsJetstream).await;
    check_large::<Mqtt3>(BusKind::Mqtt3).await;
    check_large::<Mqtt5>(BusKind::Mqtt5).await;
    check_large::<RedisPubsub>(BusKind::RedisPubsub).await;
    check_large::<RedisStreams>(BusKind::RedisStreams).await;
    check_large::<NullBus>(BusKind::Null).await;
    check_large::<TcpRelay>(BusKind::TcpRelay).await;
}

/// Redis streams aside, `edgex` and `lossless` reading are the same.
#[tokio::test(flavor = "multi_thread")]
async fn edgex_reading_takes_everything_where_it_may() {
    let mode = PublishMode::Pipelined {
        ack_window: NonZeroU32::new(8).expect("not zero"),
    };
    let edgex = |server: &Server| Options {
        subscribe: SubscribeMode::Edgex,
        ..options(server.endpoint(), mode)
    };
    if let Some(server) = Server::start(BusKind::NatsJetstream) {
        check::<NatsCore>(edgex(&server), Layout::Native, Path::Waiting, 500).await;
        check::<NatsJetstream>(edgex(&server), Layout::Native, Path::Waiting, 500).await;
    }
    if let Some(server) = Server::start(BusKind::Mqtt3) {
        check::<Mqtt3>(edgex(&server), Layout::Json, Path::Waiting, 500).await;
    }
    if let Some(server) = Server::start(BusKind::RedisPubsub) {
        check::<RedisPubsub>(edgex(&server), Layout::Json, Path::Waiting, 500).await;
    }
}
