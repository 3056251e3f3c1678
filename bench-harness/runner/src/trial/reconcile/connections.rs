//! NATS: connection by connection, by the names that clients give themselves.

use busbench_brokers::{ConnectionCounters, Counters};
use busbench_buses::BusKind;

use super::{Harness, Reconciled, Taken};

pub(super) fn reconcile(harness: &Harness, counters: &Counters, reconciled: &mut Reconciled) {
    let own = harness.bus.own_messages();
    let find = |name: &str| {
        let mut found = counters.connections.iter();
        found.find(|connection| connection.name == name)
    };
    let names = harness.publishers.iter().map(|publisher| &publisher.name);
    let publishers: Option<Vec<&ConnectionCounters>> = names.map(|name| find(name)).collect();
    let messages_in = publishers.map(|connections| {
        let count = |connection: &&ConnectionCounters| {
            // A publisher that broke has not sent its last request.
            connection.messages_in.saturating_sub(own.publisher_in)
        };
        connections.iter().map(count).sum()
    });
    reconciled.counters.messages_in = messages_in;
    let what = "published, and received on publishers' connections";
    let mut reached = harness.check_published(what, messages_in, reconciled);
    if harness.bus == BusKind::NatsJetstream {
        let what = "published, and stored by the stream";
        reached = harness.check_published(what, counters.stored, reconciled);
    }

    let mut sums = Sums::default();
    let mut messages_out = Some(0);
    for taken in &harness.subscribers {
        let Some(connection) = find(&taken.name) else {
            let name = &taken.name;
            let text = format!("the server does not list the connection {name}");
            reconciled.unexplained.push(text);
            messages_out = None;
            continue;
        };
        let own = if taken.is_bare { 0 } else { own.subscriber_out };
        let sent = connection.messages_out.saturating_sub(own);
        messages_out = messages_out.map(|out: u64| out + sent);
        sums.add(
            Comparison::of_routing(harness, taken, connection, reached, sent),
            reconciled,
        );
        sums.add(Comparison::of_arrival(taken, connection, sent), reconciled);
    }
    reconciled.counters.messages_out = messages_out;
    sums.keep(reconciled);

    if let Some(server) = counters.cut_off {
        let what = "subscribers cut off, and slow consumers of the server";
        reconciled.check(what, harness.cut_off(), server, None);
    }
}

/// One subscriber's counts.
struct Comparison<'a> {
    name: &'a str,
    kind: usize,
    harness: u64,
    server: u64,
    explanation: Option<String>,
}

const KINDS: [&str; 2] = [
    "reached the server, and sent by it to each subscriber",
    "arrived at subscribers, late and dropped by clients too, and sent to them",
];

impl<'a> Comparison<'a> {
    /// Whether the server sent the subscriber all that it had.
    fn of_routing(
        harness: &Harness,
        taken: &'a Taken,
        connection: &ConnectionCounters,
        reached: u64,
        sent: u64,
    ) -> Self {
        // What came once more, or from somebody else, was sent, too.
        let expected = reached + taken.others;
        let missing = expected.saturating_sub(sent);
        let explanation = (missing > 0)
            .then(|| match &connection.cut_off {
                Some(why) => Some(format!("cut off ({why}) when {missing} were still to come")),
                None if harness.may_skip || taken.unfinished => Some(format!(
                    "{missing} were still in the stream, or discarded by it"
                )),
                None => None,
            })
            .flatten();
        Self {
            name: &taken.name,
            kind: 0,
            harness: expected,
            server: sent,
            explanation,
        }
    }

    /// Whether all that the server sent has come.
    fn of_arrival(taken: &'a Taken, connection: &ConnectionCounters, sent: u64) -> Self {
        let arrived = taken.arrived() + taken.client_dropped;
        let missing = sent.saturating_sub(arrived);
        let explanation = (missing > 0)
            .then(|| match &connection.cut_off {
                Some(why) => Some(format!(
                    "cut off ({why}) with {missing} in the server's queue; {} were in the \
                     socket's buffers",
                    taken.late
                )),
                None if taken.unfinished => Some(format!("{missing} were still on their way")),
                None => None,
            })
            .flatten();
        Self {
            name: &taken.name,
            kind: 1,
            harness: arrived,
            server: sent,
            explanation,
        }
    }
}

/// Sums over the subscribers whose counts are equal; there may be thousands.
#[derive(Default)]
struct Sums([Option<u64>; KINDS.len()]);

impl Sums {
    fn add(&mut self, comparison: Comparison<'_>, reconciled: &mut Reconciled) {
        let Comparison {
            name,
            kind,
            harness,
            server,
            explanation,
        } = comparison;
        if harness == server {
            let sum = &mut self.0[kind];
            *sum = Some(sum.unwrap_or(0) + harness);
        } else {
            let what = format!("{} ({name})", KINDS[kind]);
            reconciled.check(&what, harness, server, explanation);
        }
    }

    fn keep(self, reconciled: &mut Reconciled) {
        for (what, sum) in KINDS.into_iter().zip(self.0) {
            if let Some(sum) = sum {
                reconciled.check(what, sum, sum, None);
            }
        }
    }
}
