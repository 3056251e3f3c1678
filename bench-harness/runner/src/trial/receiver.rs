//! The subscriber's side of a trial: reads the stamp, counts, records.

use std::sync::Arc;
use std::time::Duration;

use busbench_buses::{Attributes, BusError, Delivery, Sink, Subscriber};
use busbench_envelope::{Opener, Prepared, Stamp};
use busbench_measure::{Arrival, Clock, Histogram, Ledger, Series};
use tokio_util::sync::CancellationToken;

use super::Span;
use super::progress::Progress;
use super::read_out::{Late, read_out};

/// Takes the deliveries of one subscriber.
pub(super) struct Receiver {
    pub(super) records: Received,
    subscriber: usize,
    epoch: u8,
    span: Span,
    clock: Clock,
    /// What each publisher sends.
    expected: Arc<[Prepared]>,
    /// Opens messages, where their depth asks for it.
    opener: Option<Opener>,
    progress: Arc<Progress>,
    /// Of one message in so many the decoding is timed.
    decode_each: u32,
    /// Messages until the next one whose decoding is timed.
    until_timed: u32,
    /// One more than the highest sequence seen of each publisher; `touched` since the last batch.
    reached: Vec<u64>,
    touched: Vec<u16>,
    /// Distinct messages that arrived whole so far.
    delivered: u64,
}

/// What one subscriber saw.
pub(super) struct Received {
    pub(super) ledger: Ledger,
    pub(super) response: Histogram,
    pub(super) service: Histogram,
    /// Of opening a message; at depth `transport`, of reading the stamp and comparing the bytes.
    pub(super) decode: Histogram,
    pub(super) series: Series,
    /// First deliveries of the window's messages that were not late (see `Span::late_ns`).
    pub(super) in_time: u64,
    /// First deliveries that came within the window, whatever their intended instant.
    pub(super) arrived: u64,
    /// Messages that the client crate dropped.
    pub(super) dropped: u64,
    /// What came too late.
    pub(super) late: Late,
    /// The most that the client crate held, in bytes, where it can be known.
    pub(super) backlog_peak_bytes: Option<u64>,
}

impl Receiver {
    pub(super) fn new(
        subscriber: usize,
        epoch: u8,
        span: Span,
        clock: Clock,
        expected: Arc<[Prepared]>,
        progress: Arc<Progress>,
        decode_each: u32,
    ) -> Self {
        // A stamp's 14 bits bound the number of publishers.
        let publishers = u16::try_from(expected.len()).unwrap_or(u16::MAX);
        Self {
            records: Received {
                ledger: Ledger::new(publishers),
                response: Histogram::new(),
                service: Histogram::new(),
                decode: Histogram::new(),
                series: span.series(),
                in_time: 0,
                arrived: 0,
                dropped: 0,
                late: Late::default(),
                backlog_peak_bytes: None,
            },
            subscriber,
            epoch,
            span,
            clock,
            reached: vec![0; expected.len()],
            touched: Vec::with_capacity(expected.len()),
            delivered: 0,
            opener: expected.first().and_then(Opener::new),
            expected,
            progress,
            decode_each,
            until_timed: 0,
        }
    }

    /// Receives until `stop`, then disconnects and gives back what it saw. `read_delay` is the time
    /// that the application takes over each message.
    pub(super) async fn run<S: Subscriber>(
        mut self,
        mut subscriber: S,
        read_delay: Option<Duration>,
        stop: CancellationToken,
    ) -> (Received, Result<(), BusError>) {
        let mut outcome = loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break Ok(()),
                batch = subscriber.deliver(&mut self) => match batch {
                    Ok(messages) => {
                        self.publish_progress();
                        if let Some(delay) = read_delay {
                            take_time(delay, messages, &stop).await;
                        }
                    }
                    Err(error) => break Err(error),
                },
            }
        };
        if outcome.is_ok() && self.delivered < self.progress.expected() {
            (self.records.late, outcome) = read_out(&mut subscriber).await;
        }
        self.records.dropped = subscriber.dropped();
        self.records.backlog_peak_bytes = subscriber.backlog_peak_bytes();
        let closed = subscriber.close().await;
        (self.records, outcome.and(closed))
    }

    fn publish_progress(&mut self) {
        for publisher in self.touched.drain(..) {
            let publisher = usize::from(publisher);
            self.progress
                .reached(self.subscriber, publisher, self.reached[publisher]);
        }
        self.progress
            .delivered(self.subscriber, self.delivered, self.clock.now_ns());
    }
}

impl Sink for Receiver {
    fn arrived<A: Attributes>(&mut self, delivery: Delivery<'_, A>) {
        if self.opener.is_some() {
            self.open(&delivery);
        } else {
            self.look(&delivery);
        }
    }
}

impl Receiver {
    /// A message at depth `transport`: the stamp is read at its known place, and the message is
    /// opened when it arrives.
    fn look<A>(&mut self, delivery: &Delivery<'_, A>) {
        let now_ns = self.clock.now_ns();
        let Some(stamp) = self.ours(delivery.stamp_text) else {
            return;
        };
        if !self.is_whole(&stamp, delivery.body) {
            return;
        }
        if self.span.holds(stamp.intended_ns) && stamp.sequence.is_multiple_of(self.decode_each) {
            let decode_ns = difference(self.clock.now_ns(), now_ns);
            self.records.decode.record(decode_ns);
        }
        self.count(&stamp, now_ns);
    }

    /// A message at any other depth: the stamp is what its envelope says, and it is opened when all
    /// of that is read. The bytes are compared after that, and count for nobody.
    fn open<A: Attributes>(&mut self, delivery: &Delivery<'_, A>) {
        let is_timed = self.until_timed == 0;
        self.until_timed = match self.until_timed {
            0 => self.decode_each.saturating_sub(1),
            left => left - 1,
        };
        let arrived_ns = if is_timed { self.clock.now_ns() } else { 0 };
        let Some(opener) = &mut self.opener else {
            return;
        };
        let read = opener.open(delivery.body, || delivery.attributes.envelope());
        let opened_ns = self.clock.now_ns();
        let stamp = match read {
            Ok(Some(stamp)) => stamp,
            Ok(None) => return self.records.ledger.foreign(),
            // What cannot be opened is corrupt where it is ours, as the stamp's place tells.
            Err(_) => {
                if let Some(stamp) = self.ours(delivery.stamp_text) {
                    let in_window = self.span.holds(stamp.intended_ns);
                    self.records.ledger.corrupt(stamp.publisher, in_window);
                }
                return;
            }
        };
        if !self.is_ours(&stamp) {
            return self.records.ledger.foreign();
        }
        if is_timed && self.span.holds(stamp.intended_ns) {
            let decode_ns = difference(opened_ns, arrived_ns);
            self.records.decode.record(decode_ns);
        }
        if self.is_whole(&stamp, delivery.body) {
            self.count(&stamp, opened_ns);
        }
    }

    /// The stamp in this text, where it is one of this trial; a foreign message is counted.
    fn ours(&mut self, text: &[u8]) -> Option<Stamp> {
        let stamp = Stamp::read(text).filter(|stamp| self.is_ours(stamp));
        if stamp.is_none() {
            self.records.ledger.foreign();
        }
        stamp
    }

    fn is_ours(&self, stamp: &Stamp) -> bool {
        stamp.epoch == self.epoch && usize::from(stamp.publisher) < self.expected.len()
    }

    /// Compares the bytes, and notes how far the publisher has come.
    fn is_whole(&mut self, stamp: &Stamp, body: &[u8]) -> bool {
        let publisher = usize::from(stamp.publisher);
        let next = u64::from(stamp.sequence) + 1;
        if next > self.reached[publisher] {
            if !self.touched.contains(&stamp.publisher) {
                self.touched.push(stamp.publisher);
            }
            self.reached[publisher] = next;
        }
        let is_whole = self.expected[publisher].matches(body);
        if !is_whole {
            let in_window = self.span.holds(stamp.intended_ns);
            self.records.ledger.corrupt(stamp.publisher, in_window);
        }
        is_whole
    }

    /// Counts and records a message that was opened at `opened_ns`.
    fn count(&mut self, stamp: &Stamp, opened_ns: u64) {
        let in_window = self.span.holds(stamp.intended_ns);
        let arrival = self
            .records
            .ledger
            .record(stamp.publisher, stamp.sequence, in_window);
        if !matches!(arrival, Arrival::First | Arrival::FirstLate) {
            return;
        }
        self.delivered += 1;
        let response_ns = difference(opened_ns, stamp.intended_ns);
        self.records.series.delivered(opened_ns, response_ns);
        self.records.arrived += u64::from(self.span.holds(opened_ns));
        if in_window {
            self.records.response.record(response_ns);
            self.records
                .service
                .record(difference(opened_ns, stamp.intended_ns + stamp.wake_lag_ns));
            self.records.in_time += u64::from(opened_ns < self.span.late_ns());
        }
    }
}

/// What an application does with `messages` that it was given together.
async fn take_time(delay: Duration, messages: usize, stop: &CancellationToken) {
    let time = delay.saturating_mul(u32::try_from(messages).unwrap_or(u32::MAX));
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = stop.cancelled() => {}
    }
}

/// `later - earlier` in ns, negative where the order is the other way round.
pub(super) fn difference(later_ns: u64, earlier_ns: u64) -> i64 {
    // A trial's clock starts at 0 and a stamp ends at 2^42 ns, so neither is near 2^63.
    later_ns.cast_signed() - earlier_ns.cast_signed()
}
