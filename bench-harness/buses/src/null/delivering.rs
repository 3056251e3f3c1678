//! The subscriber's side of an injection: delays, loses, doubles, damages, and logs what it did.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::future::pending;
use std::sync::Arc;
use std::time::Instant;

use busbench_envelope::{Prepared, Stamp};
use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::Receiver;

use super::Message;
use super::injection::{Injector, Stalled};
use super::log::{Deed, Done, SubscriberLog, with_room};
use crate::attributes::Metadata;
use crate::error::Site;
use crate::outgoing::StampText;
use crate::traits::MOST_AT_ONCE;
use crate::{BusError, Sink};

/// Stands at the stamp's place of a message of somebody who knows no stamps.
const NO_STAMP: [u8; Stamp::TEXT_BYTES] = *b"a message of somebody quite unknown ";

/// What an injection does to one subscriber. Its log is kept when it is dropped.
#[derive(Debug)]
pub(super) struct InjectedSubscriber {
    injector: Arc<Injector>,
    expected: Prepared,
    site: Site,
    waiting: BinaryHeap<Reverse<Waiting>>,
    /// Copies that have waited so far.
    arranged: u64,
    /// When the last copy was due, for the spacing.
    last_due: Option<Instant>,
    /// Copies that were handed over.
    handed: u64,
    log: SubscriberLog,
}

/// A copy of a message that waits for its instant.
#[derive(Debug)]
struct Waiting {
    due: Instant,
    /// Copies that are due together keep their order.
    number: u64,
    message: Message,
    deed: Deed,
    stamp: Stamp,
}

impl InjectedSubscriber {
    pub(super) fn new(
        injector: Arc<Injector>,
        subscriber: u16,
        expected: Prepared,
        site: Site,
    ) -> Self {
        let now = Instant::now();
        let any = Done {
            deed: Deed::Lost,
            publisher: 0,
            sequence: 0,
            intended_ns: 0,
            before: now,
            after: now,
        };
        let deeds = with_room(injector.room, any);
        Self {
            waiting: BinaryHeap::with_capacity(injector.room),
            injector,
            expected,
            site,
            arranged: 0,
            last_due: None,
            handed: 0,
            log: SubscriberLog { subscriber, deeds },
        }
    }

    /// As [`crate::Subscriber::deliver`].
    pub(super) async fn deliver<S: Sink>(
        &mut self,
        queue: &mut Receiver<Message>,
        sink: &mut S,
    ) -> Result<usize, BusError> {
        loop {
            if self.has_stopped() {
                let is_cut = self.injector.injection.stop.is_some_and(|stop| stop.is_cut);
                return if is_cut {
                    Err(self.site.closed())
                } else {
                    pending().await
                };
            }
            for _ in 0..MOST_AT_ONCE {
                let Ok(message) = queue.try_recv() else { break };
                self.arrange(message);
            }
            let handed = self.hand_over(sink);
            if handed > 0 {
                return Ok(handed);
            }
            let due = self.waiting.peek().map(|Reverse(first)| first.due);
            tokio::select! {
                message = queue.recv() => match message {
                    Some(message) => self.arrange(message),
                    None => return Err(self.site.closed()),
                },
                () = sleep_until(due) => {}
            }
        }
    }

    fn has_stopped(&self) -> bool {
        self.injector
            .injection
            .stop
            .is_some_and(|stop| stop.subscriber == self.log.subscriber && self.handed >= stop.after)
    }

    /// Decides what becomes of a message.
    fn arrange(&mut self, message: Message) {
        let now = Instant::now();
        let text = message.stamp_text(&self.expected);
        // A publisher of this bus stamped it, so it reads; a wrong reading would not pair with that
        // publisher's log.
        let stamp = Stamp::read(text).unwrap_or_default();
        let (publisher, sequence) = (stamp.publisher, stamp.sequence);
        let fate = self.injector.fate(publisher, sequence, self.log.subscriber);
        if fate.is_lost {
            self.note(Deed::Lost, &stamp, now, now);
            return;
        }
        let mut due = now + fate.delay;
        if let Some(last) = self.last_due {
            due = due.max(last + self.injector.injection.spacing);
        }
        if let Some(end) = self.injector.stalled_until(Stalled::Delivery, due) {
            due = end;
        }
        if !self.injector.injection.spacing.is_zero() {
            self.last_due = Some(due);
        }
        if fate.is_duplicated {
            self.wait(due, message.clone(), Deed::Whole, stamp);
        }
        if let Some(kind) = fate.foreign {
            let stranger = self.stranger(&message, &stamp, kind);
            self.wait(due, stranger, Deed::Foreign, stamp);
        }
        match fate.corrupted_at {
            Some(place) => {
                let damaged = self.damaged(&message, place);
                self.wait(due, damaged, Deed::Corrupt, stamp);
            }
            None => self.wait(due, message, Deed::Whole, stamp),
        }
    }

    fn wait(&mut self, due: Instant, message: Message, deed: Deed, stamp: Stamp) {
        self.waiting.push(Reverse(Waiting {
            due,
            number: self.arranged,
            message,
            deed,
            stamp,
        }));
        self.arranged += 1;
    }

    /// Hands over what is due.
    fn hand_over<S: Sink>(&mut self, sink: &mut S) -> usize {
        let now = Instant::now();
        for handed in 0..MOST_AT_ONCE {
            let is_due = self
                .waiting
                .peek()
                .is_some_and(|Reverse(first)| first.due <= now);
            if !is_due || self.has_stopped() {
                return handed;
            }
            let Some(Reverse(first)) = self.waiting.pop() else {
                return handed;
            };
            let delivery = first.message.delivery(&self.expected);
            let before = Instant::now();
            sink.arrived(delivery);
            let after = Instant::now();
            self.note(first.deed, &first.stamp, before, after);
            self.handed += 1;
        }
        MOST_AT_ONCE
    }

    fn note(&mut self, deed: Deed, stamp: &Stamp, before: Instant, after: Instant) {
        self.log.deeds.push(Done {
            deed,
            publisher: stamp.publisher,
            sequence: stamp.sequence,
            intended_ns: stamp.intended_ns,
            before,
            after,
        });
    }

    /// The message with the last byte missing, or with another byte somewhere outside the stamp.
    fn damaged(&self, message: &Message, place: u64) -> Message {
        let mut body = BytesMut::from(&message.body[..]);
        let length = body.len().max(1);
        let place = usize::try_from(place % length as u64).unwrap_or_default();
        let is_stamp = self
            .expected
            .stamp_at
            .is_some_and(|start| (start..start + Stamp::TEXT_BYTES).contains(&place));
        match body.get_mut(place) {
            Some(byte) if !is_stamp => *byte ^= 1,
            _ => body.truncate(length - 1),
        }
        message.with_body(body.freeze())
    }

    /// The message as an earlier trial would have sent it, or with no stamp at all.
    fn stranger(&self, message: &Message, stamp: &Stamp, kind: u64) -> Message {
        let text = if kind.is_multiple_of(2) {
            let epoch = stamp.epoch.wrapping_add(1);
            StampText::new(&Stamp { epoch, ..*stamp })
        } else {
            StampText::of(NO_STAMP)
        };
        let mut body = BytesMut::from(&message.body[..]);
        let place = self.expected.stamp_at;
        if let Some(place) = place.and_then(|start| body.get_mut(start..start + Stamp::TEXT_BYTES))
        {
            place.copy_from_slice(text.as_bytes());
        }
        Message {
            metadata: message.metadata.as_ref().map(|_| Metadata::Stamp(text)),
            body: body.freeze(),
        }
    }
}

impl Drop for InjectedSubscriber {
    fn drop(&mut self) {
        self.injector.keep_subscriber(std::mem::take(&mut self.log));
    }
}

impl Message {
    fn with_body(&self, body: Bytes) -> Self {
        Self {
            metadata: self.metadata.clone(),
            body,
        }
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

/// Sleeps until an instant; for ever where there is none.
async fn sleep_until(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant.into()).await,
        None => pending().await,
    }
}
