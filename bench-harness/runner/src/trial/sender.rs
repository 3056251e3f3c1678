//! The publisher's side of a trial: [`Stamper`] gives each message its stamp, [`Recorder`] hears
//! what became of it. The two may live on different threads.

use std::collections::VecDeque;

use busbench_buses::{BusError, PublishObserver};
use busbench_envelope::Stamp;
use busbench_measure::{Clock, Histogram, Series};

use super::Span;
use super::receiver::difference;

/// Stamps the messages of one publisher.
pub(super) struct Stamper {
    epoch: u8,
    publisher: u16,
    next_sequence: u32,
    span: Span,
    wake_lag: Histogram,
    series: Series,
    attempted: u64,
    backlog_peak: u64,
    reopened: u64,
}

/// Records what became of the publishes of one publisher.
pub(super) struct Recorder {
    span: Span,
    clock: Clock,
    /// Instants of hand-over of publishes that are not acknowledged yet, by sequence; `None`
    /// where no acknowledgement will come.
    unacked: Option<VecDeque<(u32, u64)>>,
    blocked: Histogram,
    ack: Histogram,
    encode: Histogram,
    /// Of one message in so many the encoding is timed.
    encode_each: u32,
    /// Sequence and length in ns of the encoding that was timed last.
    encoded: Option<(u32, u64)>,
    series: Series,
    handed_over: u64,
    acked: u64,
    failed: u64,
    whole: Whole,
    first_failure: Option<String>,
    error: Option<BusError>,
}

/// What became of a publisher's messages over the whole trial, warm-up included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Whole {
    /// The client took them.
    pub(super) handed_over: u64,
    /// They were acknowledged; 0 where none are.
    pub(super) acked: u64,
    /// Whether the publisher was stopped with messages that may still have been in its client.
    pub(super) cut_short: bool,
}

/// What one publisher did.
pub(super) struct Sent {
    pub(super) wake_lag: Histogram,
    pub(super) blocked: Histogram,
    pub(super) ack: Histogram,
    pub(super) encode: Histogram,
    pub(super) series: Series,
    /// Messages of the window that the schedule called for.
    pub(super) attempted: u64,
    /// Messages of the window that the client took; acknowledged, where publishes are.
    pub(super) published: u64,
    /// Messages of the window that were refused, or whose acknowledgement did not come.
    pub(super) failed: u64,
    pub(super) whole: Whole,
    /// Messages of the whole trial that were stamped.
    pub(super) stamped: u64,
    /// Largest number of messages that waited between schedule and client.
    pub(super) backlog_peak: u64,
    /// How often a closed window that nothing had come out of was opened again.
    pub(super) reopened: u64,
    /// What a failed publish said first.
    pub(super) first_failure: Option<String>,
    /// Why the publisher stopped before its time.
    pub(super) error: Option<BusError>,
}

impl Stamper {
    pub(super) fn new(epoch: u8, publisher: u16, span: Span) -> Self {
        Self {
            epoch,
            publisher,
            next_sequence: 0,
            span,
            wake_lag: Histogram::new(),
            series: span.series(),
            attempted: 0,
            backlog_peak: 0,
            reopened: 0,
        }
    }

    /// The stamp of a message that the schedule wants at `intended_ns` and that the pacer got to
    /// at `woken_ns`.
    pub(super) fn scheduled(&mut self, intended_ns: u64, woken_ns: u64) -> Stamp {
        if self.span.holds(intended_ns) {
            self.wake_lag.record(difference(woken_ns, intended_ns));
        }
        self.stamp(intended_ns, woken_ns.saturating_sub(intended_ns))
    }

    /// The stamp of a message that is sent now because the window allows it.
    pub(super) fn unscheduled(&mut self, now_ns: u64) -> Stamp {
        self.stamp(now_ns, 0)
    }

    fn stamp(&mut self, intended_ns: u64, wake_lag_ns: u64) -> Stamp {
        let sequence = self.next_sequence;
        self.next_sequence = sequence.wrapping_add(1);
        self.series.attempted(intended_ns);
        self.attempted += u64::from(self.span.holds(intended_ns));
        Stamp {
            epoch: self.epoch,
            publisher: self.publisher,
            sequence,
            intended_ns,
            wake_lag_ns,
        }
    }

    /// Messages stamped so far.
    pub(super) fn stamped(&self) -> u64 {
        self.next_sequence.into()
    }

    /// Notes that a closed window was opened again: what is in flight is no longer waited for.
    pub(super) fn window_reopened(&mut self) {
        self.reopened += 1;
    }

    /// Notes how many messages wait between schedule and client.
    pub(super) fn waiting(&mut self, messages: usize) {
        self.backlog_peak = self.backlog_peak.max(messages as u64);
    }

    /// Puts the two halves of a publisher's record together.
    pub(super) fn joined(self, recorder: Recorder) -> Sent {
        let mut series = self.series;
        // Both are made from the same span, so they fit each other.
        let _ = series.merge(&recorder.series);
        Sent {
            wake_lag: self.wake_lag,
            blocked: recorder.blocked,
            ack: recorder.ack,
            encode: recorder.encode,
            series,
            attempted: self.attempted,
            published: match recorder.unacked {
                Some(_) => recorder.acked,
                None => recorder.handed_over,
            },
            failed: match recorder.unacked {
                // What was neither acknowledged nor refused by the end never will be.
                Some(_) => recorder.handed_over.saturating_sub(recorder.acked),
                None => recorder.failed,
            },
            reopened: self.reopened,
            whole: recorder.whole,
            stamped: self.next_sequence.into(),
            backlog_peak: self.backlog_peak,
            first_failure: recorder.first_failure,
            error: recorder.error,
        }
    }
}

impl Recorder {
    /// `acknowledged`: whether each publish will be acknowledged. Of one message in `encode_each` the
    /// encoding is timed.
    pub(super) fn new(span: Span, clock: Clock, acknowledged: bool, encode_each: u32) -> Self {
        Self {
            span,
            clock,
            unacked: acknowledged.then(VecDeque::new),
            blocked: Histogram::new(),
            ack: Histogram::new(),
            encode: Histogram::new(),
            encode_each,
            encoded: None,
            series: span.series(),
            handed_over: 0,
            acked: 0,
            failed: 0,
            whole: Whole::default(),
            first_failure: None,
            error: None,
        }
    }

    /// Keeps the first error that stopped the publisher.
    pub(super) fn stopped_by(&mut self, error: BusError) {
        self.error.get_or_insert(error);
    }

    /// Notes that the publisher was stopped before its client had sent everything.
    pub(super) const fn cut_short(&mut self) {
        self.whole.cut_short = true;
    }

    pub(super) const fn is_stopped(&self) -> bool {
        self.error.is_some()
    }

    fn handed_over_at(&mut self, sequence: u32) -> Option<u64> {
        let unacked = self.unacked.as_mut()?;
        let at = unacked
            .iter()
            .position(|(waiting, _)| *waiting == sequence)?;
        unacked.remove(at).map(|(_, handed_over_ns)| handed_over_ns)
    }
}

impl PublishObserver for Recorder {
    fn encode<T>(&mut self, stamp: &Stamp, build: impl FnOnce() -> T) -> T {
        if !stamp.sequence.is_multiple_of(self.encode_each) {
            return build();
        }
        let begun_ns = self.clock.now_ns();
        let message = build();
        self.encoded = Some((stamp.sequence, self.clock.now_ns() - begun_ns));
        message
    }

    fn handed_over(&mut self, stamp: &Stamp) {
        let now_ns = self.clock.now_ns();
        self.series.published(now_ns);
        self.whole.handed_over += 1;
        if let Some(unacked) = &mut self.unacked {
            unacked.push_back((stamp.sequence, now_ns));
        }
        if self.span.holds(stamp.intended_ns) {
            self.handed_over += 1;
            // What was not timed counts as blocked: in closed load, most encodings.
            let encode_ns = match self.encoded.take_if(|(of, _)| *of == stamp.sequence) {
                Some((_, encode_ns)) => {
                    self.encode.record(encode_ns.cast_signed());
                    encode_ns
                }
                None => 0,
            };
            let ready_ns = stamp.intended_ns + stamp.wake_lag_ns + encode_ns;
            self.blocked.record(difference(now_ns, ready_ns));
        }
    }

    fn acked(&mut self, stamp: &Stamp) {
        let handed_over_ns = self.handed_over_at(stamp.sequence);
        self.whole.acked += 1;
        if self.span.holds(stamp.intended_ns) {
            self.acked += 1;
            if let Some(handed_over_ns) = handed_over_ns {
                self.ack
                    .record(difference(self.clock.now_ns(), handed_over_ns));
            }
        }
    }

    fn failed(&mut self, stamp: &Stamp, error: &BusError) {
        self.handed_over_at(stamp.sequence);
        self.failed += u64::from(self.span.holds(stamp.intended_ns));
        self.first_failure
            .get_or_insert_with(|| crate::error::chain(error));
    }
}
