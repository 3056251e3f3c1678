//! The subscriber's side of a trial: reads the stamp, counts, records.

use std::sync::Arc;
use std::time::Duration;

use busbench_buses::{BusError, Delivery, Sink, Subscriber};
use busbench_envelope::{Prepared, Stamp};
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
    progress: Arc<Progress>,
    /// Of one message in so many the decoding is timed.
    decode_each: u32,
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
    /// Of reading the stamp and comparing the bytes.
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
            expected,
            progress,
            decode_each,
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
    fn arrived(&mut self, delivery: Delivery<'_>) {
        let now_ns = self.clock.now_ns();
        let Some(stamp) = Stamp::read(delivery.stamp_text) else {
            self.records.ledger.foreign();
            return;
        };
        let publisher = usize::from(stamp.publisher);
        let Some(expected) = self
            .expected
            .get(publisher)
            .filter(|_| stamp.epoch == self.epoch)
        else {
            self.records.ledger.foreign();
            return;
        };
        let in_window = self.span.holds(stamp.intended_ns);
        let next = u64::from(stamp.sequence) + 1;
        if next > self.reached[publisher] {
            if !self.touched.contains(&stamp.publisher) {
                self.touched.push(stamp.publisher);
            }
            self.reached[publisher] = next;
        }
        if !expected.matches(delivery.body) {
            self.records.ledger.corrupt(stamp.publisher, in_window);
            return;
        }
        if in_window && stamp.sequence.is_multiple_of(self.decode_each) {
            let opened_ns = self.clock.now_ns();
            self.records.decode.record(difference(opened_ns, now_ns));
        }
        let arrival = self
            .records
            .ledger
            .record(stamp.publisher, stamp.sequence, in_window);
        if !matches!(arrival, Arrival::First | Arrival::FirstLate) {
            return;
        }
        self.delivered += 1;
        let response_ns = difference(now_ns, stamp.intended_ns);
        self.records.series.delivered(now_ns, response_ns);
        self.records.arrived += u64::from(self.span.holds(now_ns));
        if in_window {
            self.records.response.record(response_ns);
            self.records
                .service
                .record(difference(now_ns, stamp.intended_ns + stamp.wake_lag_ns));
            self.records.in_time += u64::from(now_ns < self.span.late_ns());
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
