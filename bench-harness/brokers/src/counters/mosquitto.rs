//! Mosquitto: `$SYS`, read as any client reads it.
//! (mosquitto(8), "Broker status")
//!
//! As Mosquitto 2.0.11 does it (measured): a value is told when it changes, in one go with the others,
//! each 2 seconds with `sys_interval 1`; it is retained for 60 seconds. So a reading waits for the
//! next telling, and a value that is absent has not changed for a minute: it is 0 only where the
//! server is younger than that. What the reader itself is sent counts as sent, and is taken off.

mod connections;

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{Before, CounterSource, Counters, CountersError, grown};
use crate::handshake::mqtt::{self, Packet};
use crate::handshake::{Bounded, HandshakeError};

pub(super) use connections::connections;

const SOURCE: &str = "$SYS";
const UPTIME: &str = "$SYS/broker/uptime";
const RECEIVED: &str = "$SYS/broker/publish/messages/received";
const SENT: &str = "$SYS/broker/publish/messages/sent";
const DROPPED: &str = "$SYS/broker/publish/messages/dropped";
const PAYLOAD_RECEIVED: &str = "$SYS/broker/publish/bytes/received";
const BYTES_RECEIVED: &str = "$SYS/broker/bytes/received";
const BYTES_SENT: &str = "$SYS/broker/bytes/sent";
const TOPICS: [&str; 7] = [
    UPTIME,
    RECEIVED,
    SENT,
    DROPPED,
    PAYLOAD_RECEIVED,
    BYTES_RECEIVED,
    BYTES_SENT,
];

/// Each reading publishes this one byte, so that the count of what was received changes and is told.
const NUDGE_TOPIC: &str = "busbench/counters";
const NUDGE: &[u8] = b"1";

/// Values are retained for 60 seconds; some seconds less, because they are told each 2 seconds.
const RETAINED: Duration = Duration::from_secs(55);
/// Uptime is told in whole seconds, and is up to 2 seconds old.
const UPTIME_PRECISION: Duration = Duration::from_secs(4);

/// What a server had counted before a trial's load.
#[derive(Debug, Clone)]
pub(super) enum Baseline {
    /// Nothing but our own handshake.
    Fresh { started: Instant, sent_to_us: u64 },
    /// What it told.
    Told(Reading),
}

/// What a server told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    at: Instant,
    uptime: Duration,
    received: Option<u64>,
    sent: Option<u64>,
    dropped: Option<u64>,
    payload_received: Option<u64>,
    bytes_received: Option<u64>,
    bytes_sent: Option<u64>,
    /// Messages to the reader itself that `sent` holds, and those that came later.
    own_in_sent: u64,
    own_after_sent: u64,
}

pub(super) async fn begin(source: &CounterSource) -> Result<Baseline, CountersError> {
    Ok(match &source.before {
        Before::Fresh(fresh) => Baseline::Fresh {
            started: fresh.started,
            sent_to_us: fresh.sent_to_us,
        },
        Before::Read(super::Baseline(super::Inner::Mosquitto(last))) => last.clone(),
        Before::Read(_) | Before::Unknown => Baseline::Told(read(source).await?),
    })
}

/// What was counted since `before`, and what the next trial on the same server begins with.
pub(super) async fn since(
    source: &CounterSource,
    before: &Baseline,
) -> Result<(Counters, Option<Baseline>), CountersError> {
    let after = read(source).await?;
    let counters = difference(before, &after);
    let last = counters.restarted.is_none().then(|| carried(before, after));
    Ok((counters, last.map(Baseline::Told)))
}

/// A reading in which values that were not told, because they have not changed, stand as they were
/// before.
fn carried(before: &Baseline, after: Reading) -> Reading {
    let began = match before {
        Baseline::Fresh { started, .. } => *started,
        Baseline::Told(before) => before.at,
    };
    if after.at.saturating_duration_since(began) >= RETAINED {
        return after;
    }
    let or_before = |now: Option<u64>, was: fn(&Reading) -> Option<u64>| {
        now.or_else(|| match before {
            Baseline::Fresh { .. } => Some(0),
            Baseline::Told(before) => was(before),
        })
    };
    Reading {
        received: or_before(after.received, |reading| reading.received),
        sent: or_before(after.sent, |reading| reading.sent),
        dropped: or_before(after.dropped, |reading| reading.dropped),
        payload_received: or_before(after.payload_received, |reading| reading.payload_received),
        bytes_received: or_before(after.bytes_received, |reading| reading.bytes_received),
        bytes_sent: or_before(after.bytes_sent, |reading| reading.bytes_sent),
        ..after
    }
}

fn difference(before: &Baseline, after: &Reading) -> Counters {
    let (began, uptime) = match before {
        Baseline::Fresh { started, .. } => (*started, Duration::ZERO),
        Baseline::Told(before) => (before.at, before.uptime),
    };
    let elapsed = after.at.saturating_duration_since(began);
    if after.uptime + UPTIME_PRECISION < uptime + elapsed {
        return Counters {
            source: SOURCE.to_owned(),
            restarted: Some(format!(
                "it has been up for {:?}, {elapsed:?} after it had been up for {uptime:?}",
                after.uptime
            )),
            ..Counters::default()
        };
    }
    // What was not told has not changed for a minute.
    let unchanged = (elapsed < RETAINED).then_some(0);
    let grown = |before: Option<Option<u64>>, after: Option<u64>| match (before, after) {
        (None, after) => after.or(unchanged),
        (Some(None), None) => unchanged,
        (Some(before), after) => grown(before, after),
    };
    let told = match before {
        Baseline::Fresh { .. } => None,
        Baseline::Told(before) => Some(before),
    };
    let own_before = match before {
        Baseline::Fresh { sent_to_us, .. } => *sent_to_us,
        Baseline::Told(before) => before.own_after_sent,
    };
    // Our own part is in each count, or the reading was not what we think it is.
    let without = |count: Option<u64>, own: u64| count?.checked_sub(own);
    Counters {
        source: SOURCE.to_owned(),
        messages_in: without(grown(told.map(|told| told.received), after.received), 1),
        messages_out: without(
            grown(told.map(|told| told.sent), after.sent),
            own_before + after.own_in_sent,
        ),
        payload_bytes_in: without(
            grown(
                told.map(|told| told.payload_received),
                after.payload_received,
            ),
            NUDGE.len() as u64,
        ),
        dropped: grown(told.map(|told| told.dropped), after.dropped),
        bytes_in: grown(told.map(|told| told.bytes_received), after.bytes_received),
        bytes_out: grown(told.map(|told| told.bytes_sent), after.bytes_sent),
        ..Counters::default()
    }
}

async fn read(source: &CounterSource) -> Result<Reading, CountersError> {
    exchange(source)
        .await
        .map_err(|error| CountersError::Unreadable {
            what: SOURCE.to_owned(),
            address: source.address.to_string(),
            reason: error.to_string(),
        })
}

async fn exchange(source: &CounterSource) -> Result<Reading, HandshakeError> {
    let address = &source.address;
    let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
    stream.set_nodelay(true)?;
    let mut stream = Bounded::new(stream);
    mqtt::log_in(&mut stream, address.login.as_ref()).await?;
    // In this order: what is told after the subscription counts the nudge.
    let opening = [mqtt::publish(NUDGE_TOPIC, NUDGE), mqtt::subscribe(&TOPICS)];
    stream.writer.write_all(&opening.concat()).await?;
    stream.writer.flush().await?;

    let mut reading = Reading::new();
    let mut own = 0;
    loop {
        match mqtt::packet(&mut stream).await? {
            Packet::Subscribed(codes) if codes.iter().any(|code| *code > 2) => {
                let reason = "it does not let this login read $SYS".to_owned();
                return Err(HandshakeError::Refused(reason));
            }
            Packet::Message {
                topic,
                payload,
                retained,
            } => {
                reading.told(&topic, &payload, own);
                own += 1;
                if topic == UPTIME && !retained {
                    // All values follow the uptime in one go, so the answer comes after them.
                    stream.writer.write_all(&mqtt::PINGREQ).await?;
                }
            }
            Packet::PingAnswered => break,
            _ => {}
        }
    }
    reading.at = Instant::now();
    // Whatever else it sends us until it has heard that we leave is our own, too.
    stream.writer.write_all(&mqtt::DISCONNECT).await?;
    while let Ok(packet) = mqtt::packet(&mut stream).await {
        own += u64::from(matches!(packet, Packet::Message { .. }));
    }
    reading.own_after_sent = own - reading.own_in_sent;
    Ok(reading)
}

impl Reading {
    fn new() -> Self {
        Self {
            at: Instant::now(),
            uptime: Duration::ZERO,
            received: None,
            sent: None,
            dropped: None,
            payload_received: None,
            bytes_received: None,
            bytes_sent: None,
            own_in_sent: 0,
            own_after_sent: 0,
        }
    }

    /// Takes a value that came after `own` messages to the reader.
    fn told(&mut self, topic: &str, payload: &[u8], own: u64) {
        // Uptime is `272 seconds`, everything else a number.
        let text = String::from_utf8_lossy(payload);
        let number = text.split(' ').next().and_then(|word| word.parse().ok());
        match topic {
            UPTIME => self.uptime = Duration::from_secs(number.unwrap_or(0)),
            RECEIVED => self.received = number,
            SENT => {
                self.sent = number;
                self.own_in_sent = own;
            }
            DROPPED => self.dropped = number,
            PAYLOAD_RECEIVED => self.payload_received = number,
            BYTES_RECEIVED => self.bytes_received = number,
            BYTES_SENT => self.bytes_sent = number,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(at: Instant, uptime_seconds: u64) -> Reading {
        Reading {
            at,
            uptime: Duration::from_secs(uptime_seconds),
            received: Some(301),
            sent: Some(409),
            dropped: None,
            payload_received: Some(3001),
            bytes_received: Some(9000),
            bytes_sent: Some(8000),
            own_in_sent: 8,
            own_after_sent: 4,
        }
    }

    fn fresh(started: Instant) -> Baseline {
        Baseline::Fresh {
            started,
            sent_to_us: 1,
        }
    }

    #[test]
    fn what_the_reader_itself_was_sent_is_taken_off() {
        let start = Instant::now();
        let later = start + Duration::from_secs(10);
        let counters = difference(&fresh(start), &reading(later, 9));
        assert_eq!(counters.messages_in, Some(300));
        assert_eq!(counters.messages_out, Some(400));
        assert_eq!(counters.payload_bytes_in, Some(3000));
        assert_eq!(counters.dropped, Some(0), "never told by a young server");

        let before = Baseline::Told(Reading {
            received: Some(101),
            sent: Some(105),
            payload_received: Some(2001),
            ..reading(start, 100)
        });
        let counters = difference(&before, &reading(later, 110));
        assert_eq!(counters.messages_in, Some(199));
        assert_eq!(counters.messages_out, Some(409 - 105 - 4 - 8));
        assert_eq!(counters.payload_bytes_in, Some(999));
        assert_eq!(counters.dropped, Some(0), "unchanged for a minute");
    }

    #[test]
    fn a_value_that_may_have_been_forgotten_is_not_taken_for_zero() {
        let start = Instant::now();
        let minutes = start + Duration::from_secs(180);
        let counters = difference(&fresh(start), &reading(minutes, 179));
        assert_eq!(counters.dropped, None);
        let told = Baseline::Told(reading(start, 1000));
        let after = Reading {
            dropped: Some(7),
            ..reading(start + Duration::from_secs(10), 1010)
        };
        assert_eq!(
            difference(&told, &after).dropped,
            None,
            "7 since nobody knows when"
        );
    }

    #[test]
    fn what_a_young_server_never_told_is_known_to_the_next_trial() {
        let start = Instant::now();
        let soon = start + Duration::from_secs(10);
        let first = carried(&fresh(start), reading(soon, 10));
        assert_eq!(first.dropped, Some(0), "never told, so never changed");
        let then = |seconds| Reading {
            dropped: Some(7),
            ..reading(soon + Duration::from_secs(seconds), 10 + seconds)
        };
        let before = Baseline::Told(first.clone());
        assert_eq!(difference(&before, &then(10)).dropped, Some(7));
        let untold = Reading {
            dropped: None,
            ..then(20)
        };
        let second = carried(&Baseline::Told(then(10)), untold.clone());
        assert_eq!(second.dropped, Some(7), "unchanged since it was told");
        let late = carried(
            &Baseline::Told(then(0)),
            Reading {
                at: soon + RETAINED,
                ..untold
            },
        );
        assert_eq!(late.dropped, None, "it may have been forgotten meanwhile");
    }

    #[test]
    fn a_server_that_was_started_anew_is_found_out_by_its_uptime() {
        let start = Instant::now();
        let later = start + Duration::from_secs(20);
        let check = |before: &Baseline, uptime, restarted: bool| {
            let counters = difference(before, &reading(later, uptime));
            assert_eq!(counters.restarted.is_some(), restarted, "{uptime} s");
            assert_eq!(counters.bytes_out.is_none(), restarted, "{uptime} s");
        };
        check(&fresh(start), 18, false);
        check(&fresh(start), 10, true);
        check(&Baseline::Told(reading(start, 500)), 519, false);
        check(&Baseline::Told(reading(start, 500)), 3, true);
    }
}
