//! The harness's counts beside the server's, over the whole trial, warm-up included.
//!
//! A difference is recorded with what explains it: a publish whose acknowledgement did not come, a
//! connection that the server closed. One that nothing explains makes the trial suspect.
//!
//! What each server counts differs. NATS counts for each connection, and nothing that it dropped.
//! Mosquitto counts what it received, sent and dropped in all, but no publishes of QoS 2, only their
//! bytes (2.0.11, measured). Redis counts the commands that it was given, and nothing that it sent.

mod connections;

use busbench_brokers::{Counters, Pending};
use busbench_buses::{BusKind, Qos};
use busbench_results::{CountCheck, ServerCounters};

/// What the harness counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Harness {
    pub(super) bus: BusKind,
    pub(super) qos: Qos,
    /// Whether publishes are acknowledged.
    pub(super) acknowledged: bool,
    /// Whether the server may discard what it keeps before it was read, or readers skip it.
    pub(super) may_skip: bool,
    pub(super) publishers: Vec<Published>,
    pub(super) subscribers: Vec<Taken>,
}

/// What one publisher counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Published {
    /// The client's name.
    pub(super) name: String,
    pub(super) handed_over: u64,
    pub(super) acked: u64,
    /// Whether it was stopped with messages that may still have been in its client.
    pub(super) cut_short: bool,
    /// Bytes of one message's payload.
    pub(super) body_bytes: u64,
}

/// What one subscriber counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Taken {
    /// The client's name.
    pub(super) name: String,
    /// Distinct messages that arrived whole.
    pub(super) delivered: u64,
    /// Those that arrived once more, with other bytes, or from somebody else.
    pub(super) others: u64,
    /// What came too late, and was read only to be counted.
    pub(super) late: u64,
    /// What the client crate dropped.
    pub(super) client_dropped: u64,
    /// Whether the connection ended before its time.
    pub(super) cut_off: bool,
    /// Whether messages were still coming when all time was over.
    pub(super) unfinished: bool,
    /// Whether it is a bare socket, which sends nothing of its own.
    pub(super) is_bare: bool,
}

/// How the two agree.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Reconciled {
    pub(super) counters: ServerCounters,
    pub(super) checks: Vec<CountCheck>,
    /// Differences that nothing explains.
    pub(super) unexplained: Vec<String>,
}

/// Compares a harness's counts with its server's.
pub(super) fn reconcile(
    harness: &Harness,
    counters: &Counters,
    pending: Option<Pending>,
) -> Reconciled {
    let mut reconciled = Reconciled {
        counters: ServerCounters {
            source: counters.source.clone(),
            messages_in: counters.messages_in,
            messages_out: counters.messages_out,
            dropped: counters.dropped,
            stored: counters.stored,
            cut_off: counters.cut_off,
            bytes_in: counters.bytes_in,
            bytes_out: counters.bytes_out,
            pending_bytes: pending.and_then(|pending| pending.bytes),
        },
        ..Reconciled::default()
    };
    if counters.restarted.is_some() {
        return reconciled;
    }
    match harness.bus {
        BusKind::NatsCore | BusKind::NatsJetstream => {
            connections::reconcile(harness, counters, &mut reconciled);
        }
        BusKind::Mqtt3 | BusKind::Mqtt5 => mosquitto(harness, counters, &mut reconciled),
        BusKind::RedisPubsub | BusKind::RedisStreams => {
            redis(harness, counters, pending, &mut reconciled);
        }
        BusKind::Null | BusKind::TcpRelay => {}
    }
    reconciled
}

fn mosquitto(harness: &Harness, counters: &Counters, reconciled: &mut Reconciled) {
    let reached = if harness.qos == Qos::ExactlyOnce {
        reconciled.counters.messages_in = None;
        if let Some(server) = counters.payload_bytes_in {
            harness.check_payload_bytes(server, reconciled);
        }
        harness.published()
    } else {
        let what = "published, and received by the server";
        harness.check_published(what, counters.messages_in, reconciled)
    };
    let subscribers = &harness.subscribers;
    let (cut_off, unfinished) = (harness.cut_off(), harness.is_unfinished());
    let open = if cut_off > 0 {
        Some(format!(
            "{cut_off} subscribers were cut off, with what was on its way to them"
        ))
    } else {
        unfinished.then(|| "messages were still coming when the drain was over".to_owned())
    };
    if let Some(server) = counters.messages_out {
        let arrived: u64 = subscribers.iter().map(Taken::arrived).sum();
        let explanation = open.clone().filter(|_| server > arrived);
        reconciled.check(
            "arrived at subscribers, late ones too, and sent by the server",
            arrived,
            server,
            explanation,
        );
    }
    let gone = subscribers.iter().map(|taken| taken.gone(reached)).sum();
    match counters.dropped {
        Some(server) => {
            let explanation = open.filter(|_| gone > server);
            let what = "lost for good, and dropped by the server";
            reconciled.check(what, gone, server, explanation);
        }
        None if gone > 0 => reconciled.unexplained.push(format!(
            "{gone} lost for good, and the server does not tell what it dropped"
        )),
        None => {}
    }
}

fn redis(
    harness: &Harness,
    counters: &Counters,
    pending: Option<Pending>,
    reconciled: &mut Reconciled,
) {
    let what = "published, and PUBLISH and XADD commands of the server";
    let mut reached = harness.check_published(what, counters.messages_in, reconciled);
    if harness.bus == BusKind::RedisStreams {
        let what = "published, and entries that the server added";
        reached = harness.check_published(what, counters.stored, reconciled);
    } else {
        reconciled.counters.stored = None;
        let connected = harness.subscribers.len() as u64;
        let still = pending.and_then(|pending| pending.subscribers);
        let missing = still.and_then(|still| connected.checked_sub(still));
        if let Some(server) = counters.cut_off.or(missing) {
            reconciled.counters.cut_off = Some(server);
            let ours = harness.cut_off();
            // The server was asked when the drain ended, and what was on its way was read after.
            let later = (ours > server).then(|| "cut off after the drain had ended".to_owned());
            let what = "subscribers cut off, and connections that the server closed";
            reconciled.check(what, ours, server, later);
        }
    }
    let kept = harness.subscribers.iter();
    let kept = kept.filter(|taken| !taken.cut_off && !taken.unfinished);
    let gone: u64 = kept.map(|taken| taken.gone(reached)).sum();
    if gone > 0 && !harness.may_skip {
        reconciled.unexplained.push(format!(
            "{gone} lost for good by subscribers whose connections the server kept"
        ));
    }
}

impl Harness {
    /// Messages that the server should have.
    fn published(&self) -> u64 {
        let count = |publisher: &Published| {
            if self.acknowledged {
                publisher.acked
            } else {
                publisher.handed_over
            }
        };
        self.publishers.iter().map(count).sum()
    }

    fn handed_over(&self) -> u64 {
        self.publishers
            .iter()
            .map(|publisher| publisher.handed_over)
            .sum()
    }

    fn cut_off(&self) -> u64 {
        self.subscribers
            .iter()
            .filter(|taken| taken.cut_off)
            .count() as u64
    }

    fn is_unfinished(&self) -> bool {
        self.subscribers.iter().any(|taken| taken.unfinished)
    }

    /// Compares what was published. Returns how many messages reached the server: its own count
    /// where that can be right, else ours.
    fn check_published(&self, what: &str, server: Option<u64>, reconciled: &mut Reconciled) -> u64 {
        let published = self.published();
        let Some(server) = server else {
            reconciled
                .unexplained
                .push(format!("{published} {what}: the server does not tell"));
            return published;
        };
        let explanation = self.why_published(published, server);
        let reached = if explanation.is_some() {
            server
        } else {
            published
        };
        reconciled.check(what, published, server, explanation);
        reached
    }

    /// Why the server counts `server` publishes instead of `published`.
    fn why_published(&self, published: u64, server: u64) -> Option<String> {
        let handed_over = self.handed_over();
        if server != published && (published..=handed_over).contains(&server) {
            let unanswered = handed_over - published;
            return Some(format!(
                "{unanswered} publishes were not acknowledged, and some of them have arrived"
            ));
        }
        let cut_short = self.publishers.iter().any(|publisher| publisher.cut_short);
        (cut_short && server < published).then(|| {
            "a publisher was stopped at the end of the drain with messages in its client".to_owned()
        })
    }

    fn check_payload_bytes(&self, server: u64, reconciled: &mut Reconciled) {
        let bytes = |count: fn(&Published) -> u64| {
            let publishers = self.publishers.iter();
            publishers
                .map(|publisher| count(publisher) * publisher.body_bytes)
                .sum::<u64>()
        };
        let (acked, handed_over) = (
            bytes(|publisher| publisher.acked),
            bytes(|publisher| publisher.handed_over),
        );
        let explanation = (server != acked && (acked..=handed_over).contains(&server))
            .then(|| "publishes that were not acknowledged have arrived".to_owned());
        let what = "payload bytes published, and received by the server";
        reconciled.check(what, acked, server, explanation);
    }
}

impl Taken {
    /// All that came, whenever and whatever.
    const fn arrived(&self) -> u64 {
        self.delivered + self.others + self.late
    }

    /// Of `reached` messages, those that never came.
    const fn gone(&self, reached: u64) -> u64 {
        reached.saturating_sub(self.delivered + self.late + self.client_dropped)
    }
}

impl Reconciled {
    /// Keeps a comparison. The explanation of counts that are equal is none.
    fn check(&mut self, what: &str, harness: u64, server: u64, explanation: Option<String>) {
        let explanation = explanation.filter(|_| harness != server);
        let agrees = harness == server || explanation.is_some();
        if !agrees {
            let text = format!("{what}: {harness} here, {server} there");
            self.unexplained.push(text);
        }
        self.checks.push(CountCheck {
            what: what.to_owned(),
            harness,
            server,
            explanation,
            agrees,
        });
    }
}

#[cfg(test)]
mod tests;
