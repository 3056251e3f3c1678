use busbench_brokers::{ConnectionCounters, Counters, Pending};
use busbench_buses::{BusKind, Qos};
use proptest::prelude::*;

use super::{Harness, Published, Reconciled, Taken, reconcile};

const ALL: [(BusKind, Qos); 10] = [
    (BusKind::NatsCore, Qos::AtMostOnce),
    (BusKind::NatsJetstream, Qos::AtMostOnce),
    (BusKind::Mqtt3, Qos::AtMostOnce),
    (BusKind::Mqtt3, Qos::AtLeastOnce),
    (BusKind::Mqtt3, Qos::ExactlyOnce),
    (BusKind::Mqtt5, Qos::AtMostOnce),
    (BusKind::Mqtt5, Qos::AtLeastOnce),
    (BusKind::Mqtt5, Qos::ExactlyOnce),
    (BusKind::RedisPubsub, Qos::AtMostOnce),
    (BusKind::RedisStreams, Qos::AtMostOnce),
];

/// Two publishers of 60 and 40 messages, and two subscribers that have them all.
fn clean(bus: BusKind, qos: Qos) -> Harness {
    let publisher = |number: u32, messages| Published {
        name: format!("publisher-{number}"),
        handed_over: messages,
        acked: messages,
        cut_short: false,
        body_bytes: 100 + u64::from(number),
    };
    let subscriber = |number: u32| Taken {
        name: format!("subscriber-{number}"),
        delivered: 100,
        ..Taken::default()
    };
    Harness {
        bus,
        qos,
        acknowledged: true,
        may_skip: false,
        publishers: vec![publisher(0, 60), publisher(1, 40)],
        subscribers: vec![subscriber(0), subscriber(1)],
    }
}

/// What a server counts that agrees with the harness.
fn agreeing(harness: &Harness) -> (Counters, Pending) {
    let published: u64 = harness.publishers.iter().map(|one| one.acked).sum();
    let sent = harness.subscribers.iter();
    let sent = sent.map(|taken| taken.arrived() + taken.client_dropped);
    let own = harness.bus.own_messages();
    let gone: u64 = harness
        .subscribers
        .iter()
        .map(|taken| taken.gone(published))
        .sum();
    let cut_off = harness.cut_off();
    let pending = Pending {
        bytes: Some(0),
        subscribers: Some(harness.subscribers.len() as u64 - cut_off),
    };
    let counters = match harness.bus {
        BusKind::NatsCore | BusKind::NatsJetstream => {
            let publishers = harness.publishers.iter().map(|one| ConnectionCounters {
                name: one.name.clone(),
                messages_in: one.acked + own.publisher_in,
                ..ConnectionCounters::default()
            });
            let subscribers = harness.subscribers.iter().map(|taken| ConnectionCounters {
                name: taken.name.clone(),
                messages_out: taken.arrived() + taken.client_dropped + own.subscriber_out,
                cut_off: taken
                    .cut_off
                    .then(|| "Slow Consumer (Pending Bytes)".to_owned()),
                ..ConnectionCounters::default()
            });
            Counters {
                stored: (harness.bus == BusKind::NatsJetstream).then_some(published),
                cut_off: Some(cut_off),
                connections: publishers.chain(subscribers).collect(),
                ..Counters::default()
            }
        }
        BusKind::Mqtt3 | BusKind::Mqtt5 => Counters {
            messages_in: Some(match harness.qos {
                Qos::ExactlyOnce => 0,
                _ => published,
            }),
            messages_out: Some(sent.sum()),
            payload_bytes_in: Some(
                harness
                    .publishers
                    .iter()
                    .map(|one| one.acked * one.body_bytes)
                    .sum(),
            ),
            dropped: Some(gone),
            ..Counters::default()
        },
        _ => Counters {
            messages_in: Some(published),
            stored: Some(published),
            ..Counters::default()
        },
    };
    (counters, pending)
}

fn compared(harness: &Harness) -> Reconciled {
    let (counters, pending) = agreeing(harness);
    reconcile(harness, &counters, Some(pending))
}

#[test]
fn a_clean_trial_agrees_on_every_bus_with_nothing_to_explain() {
    for (bus, qos) in ALL {
        let reconciled = compared(&clean(bus, qos));
        assert_eq!(reconciled.unexplained, [""; 0], "{bus} {qos:?}");
        assert!(!reconciled.checks.is_empty(), "{bus} {qos:?}");
        for check in &reconciled.checks {
            assert!(check.agrees, "{bus} {qos:?}: {check:?}");
            assert_eq!(check.harness, check.server, "{bus} {qos:?}: {check:?}");
            assert_eq!(check.explanation, None, "{bus} {qos:?}: {check:?}");
        }
    }
}

/// Compares a clean trial after a change to the server's counts: the differences that nothing
/// explains.
fn unexplained(bus: BusKind, qos: Qos, change: impl FnOnce(&mut Counters)) -> Vec<String> {
    let harness = clean(bus, qos);
    let (mut counters, pending) = agreeing(&harness);
    change(&mut counters);
    reconcile(&harness, &counters, Some(pending)).unexplained
}

#[test]
fn one_message_more_or_less_on_the_servers_side_is_unexplained() {
    let check = |bus, qos, change: fn(&mut Counters), expected: &str| {
        assert_eq!(unexplained(bus, qos, change), [expected], "{bus} {qos:?}");
    };
    let none = Qos::AtMostOnce;
    check(
        BusKind::NatsCore,
        none,
        |server| server.connections[1].messages_in -= 1,
        "published, and received on publishers' connections: 100 here, 99 there",
    );
    check(
        BusKind::NatsCore,
        none,
        |server| server.cut_off = Some(1),
        "subscribers cut off, and slow consumers of the server: 0 here, 1 there",
    );
    check(
        BusKind::NatsJetstream,
        none,
        |server| server.stored = Some(101),
        "published, and stored by the stream: 100 here, 101 there",
    );
    check(
        BusKind::Mqtt5,
        none,
        |server| server.messages_out = Some(201),
        "arrived at subscribers, late ones too, and sent by the server: 200 here, 201 there",
    );
    check(
        BusKind::Mqtt5,
        Qos::AtLeastOnce,
        |server| server.dropped = Some(1),
        "lost for good, and dropped by the server: 0 here, 1 there",
    );
    check(
        BusKind::Mqtt3,
        Qos::ExactlyOnce,
        |server| server.payload_bytes_in = Some(10_039),
        "payload bytes published, and received by the server: 10040 here, 10039 there",
    );
    check(
        BusKind::RedisPubsub,
        none,
        |server| server.messages_in = Some(99),
        "published, and PUBLISH and XADD commands of the server: 100 here, 99 there",
    );
    check(
        BusKind::RedisStreams,
        none,
        |server| server.stored = Some(99),
        "published, and entries that the server added: 100 here, 99 there",
    );
}

#[test]
fn a_message_that_one_connection_was_not_sent_is_named_with_it() {
    let found = unexplained(BusKind::NatsCore, Qos::AtMostOnce, |server| {
        server.connections[3].messages_out -= 1;
    });
    assert_eq!(
        found,
        [
            "reached the server, and sent by it to each subscriber (subscriber-1): 100 here, 99 there",
            "arrived at subscribers, late and dropped by clients too, and sent to them \
             (subscriber-1): 100 here, 99 there",
        ]
    );
    let found = unexplained(BusKind::NatsCore, Qos::AtMostOnce, |server| {
        server.connections.remove(2);
    });
    let expected = "the server does not list the connection subscriber-0";
    assert_eq!(found, [expected]);
}

#[test]
fn loss_that_nobody_counted_is_unexplained() {
    for (bus, qos) in ALL {
        let mut harness = clean(bus, qos);
        let (counters, pending) = agreeing(&harness);
        harness.subscribers[0].delivered -= 1;
        let reconciled = reconcile(&harness, &counters, Some(pending));
        assert_ne!(reconciled.unexplained, [""; 0], "{bus} {qos:?}");
    }
}

#[test]
fn a_server_that_forgot_what_it_dropped_does_not_pass_for_one_that_dropped_nothing() {
    let mut harness = clean(BusKind::Mqtt3, Qos::AtMostOnce);
    harness.subscribers[0].delivered -= 7;
    let (mut counters, pending) = agreeing(&harness);
    counters.dropped = None;
    let reconciled = reconcile(&harness, &counters, Some(pending));
    assert_eq!(
        reconciled.unexplained,
        ["7 lost for good, and the server does not tell what it dropped"]
    );
    assert_eq!(reconciled.counters.dropped, None);
}

#[test]
fn publishes_without_an_answer_may_or_may_not_have_arrived() {
    for server in 97..=100 {
        let mut harness = clean(BusKind::RedisStreams, Qos::AtMostOnce);
        harness.publishers[0].acked -= 3;
        for taken in &mut harness.subscribers {
            taken.delivered = server;
        }
        let (mut counters, pending) = agreeing(&harness);
        (counters.messages_in, counters.stored) = (Some(server), Some(server));
        let reconciled = reconcile(&harness, &counters, Some(pending));
        assert_eq!(reconciled.unexplained, [""; 0], "{server}");
        let explained = reconciled.checks[0].explanation.is_some();
        assert_eq!(explained, server != 97, "{server}");
    }
}

#[test]
fn a_slow_consumer_that_was_cut_off_is_explained_to_the_message() {
    let mut harness = clean(BusKind::NatsCore, Qos::AtMostOnce);
    harness.subscribers[1] = Taken {
        name: "stalled-0".to_owned(),
        late: 25,
        cut_off: true,
        is_bare: true,
        ..Taken::default()
    };
    let (mut counters, pending) = agreeing(&harness);
    // 70 went into its queue, 25 of them into the socket; a bare socket sends nothing of its own.
    counters.connections[3].messages_out = 70;
    let reconciled = reconcile(&harness, &counters, Some(pending));
    assert_eq!(reconciled.unexplained, [""; 0]);
    let check = |what: &str, harness, server, explanation: &str| {
        let what = format!("{what} (stalled-0)");
        let found = reconciled.checks.iter().find(|check| check.what == what);
        let found = found.unwrap_or_else(|| panic!("{what}: {:?}", reconciled.checks));
        assert_eq!((found.harness, found.server), (harness, server));
        assert_eq!(found.explanation.as_deref(), Some(explanation));
        assert!(found.agrees);
    };
    check(
        "reached the server, and sent by it to each subscriber",
        100,
        70,
        "cut off (Slow Consumer (Pending Bytes)) when 30 were still to come",
    );
    check(
        "arrived at subscribers, late and dropped by clients too, and sent to them",
        25,
        70,
        "cut off (Slow Consumer (Pending Bytes)) with 45 in the server's queue; 25 were in the \
         socket's buffers",
    );
    assert_eq!(reconciled.counters.messages_out, Some(170));
}

#[test]
fn a_subscriber_that_redis_cut_off_is_missed_among_its_connections() {
    let mut harness = clean(BusKind::RedisPubsub, Qos::AtMostOnce);
    harness.subscribers[0].delivered = 40;
    harness.subscribers[0].cut_off = true;
    let reconciled = compared(&harness);
    assert_eq!(reconciled.unexplained, [""; 0]);
    assert_eq!(reconciled.counters.cut_off, Some(1));
    harness.subscribers[0].cut_off = false;
    let reconciled = compared(&harness);
    assert_eq!(
        reconciled.unexplained,
        ["60 lost for good by subscribers whose connections the server kept"]
    );
}

#[test]
fn nothing_is_compared_with_a_server_that_was_started_anew() {
    let harness = clean(BusKind::NatsCore, Qos::AtMostOnce);
    let counters = Counters {
        restarted: Some("another id".to_owned()),
        ..Counters::default()
    };
    let reconciled = reconcile(&harness, &counters, None);
    assert_eq!(
        (reconciled.checks.len(), reconciled.unexplained.len()),
        (0, 0)
    );
}

fn taken(reached: u64) -> impl Strategy<Value = (u64, u64, u64, u64)> {
    // Delivered, late, dropped by the client, more than once.
    (0..=reached, 0..=reached, 0..=reached, 0..50_u64).prop_map(
        move |(first, second, third, others)| {
            let mut cuts = [first, second, third];
            cuts.sort_unstable();
            (cuts[0], cuts[1] - cuts[0], cuts[2] - cuts[1], others)
        },
    )
}

proptest! {
    #[test]
    fn counts_that_agree_are_never_unexplained(
        which in 0..ALL.len(),
        published in prop::collection::vec(0..1000_u64, 1..4),
        seed in prop::collection::vec(taken(100), 1..4),
    ) {
        let (bus, qos) = ALL[which];
        let mut harness = clean(bus, qos);
        harness.publishers = (0..).zip(&published).map(|(number, &messages): (u64, _)| Published {
            name: format!("publisher-{number}"),
            handed_over: messages,
            acked: messages,
            cut_short: false,
            body_bytes: 100 + number,
        }).collect();
        let reached: u64 = published.iter().sum();
        // Only Mosquitto counts what it drops; elsewhere all that was published is accounted for.
        let counts_drops = matches!(bus, BusKind::Mqtt3 | BusKind::Mqtt5);
        harness.subscribers = (0..).zip(&seed).map(|(number, &counts): (u64, _)| {
            let (delivered, late, dropped, others) = counts;
            let [delivered, late, dropped] =
                [delivered, late, dropped].map(|part| part * reached / 100);
            let dropped = if counts_drops { 0 } else { dropped };
            let rest = reached - delivered - late - dropped;
            Taken {
                name: format!("subscriber-{number}"),
                delivered: if counts_drops { delivered } else { delivered + rest },
                others,
                late,
                client_dropped: dropped,
                ..Taken::default()
            }
        }).collect();
        let reconciled = compared(&harness);
        prop_assert!(reconciled.unexplained.is_empty(), "{:?}", reconciled);
        prop_assert!(reconciled.checks.iter().all(|check| check.agrees && check.explanation.is_none()));
    }
}
