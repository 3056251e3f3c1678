//! From what the bus did to what must be reported: worked out anew, the plain way, with nothing of
//! what counts and times an ordinary trial.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use busbench_buses::{Accepted, BusLog, Deed, Done};
use busbench_envelope::Stamp;
use busbench_measure::Clock;
use busbench_results::{Counts, PairCounts};

use crate::trial::{Span, TIMED_EACH};

/// How the bus's instants are told on the trial's clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timeline {
    pub(super) span: Span,
    /// Of one message in so many the harness times the encoding.
    encode_each: u32,
    /// When the trial's clock was zero.
    zero: Instant,
    /// How far `zero` may be off.
    pub(super) uncertainty: Duration,
}

impl Timeline {
    /// Reads both clocks until one reading of the bus's lies tightly between two of the trial's.
    pub(super) fn new(span: Span, encode_each: u32, clock: Clock) -> Self {
        let mut tightest = u64::MAX;
        let mut zero = Instant::now();
        for _ in 0..1000 {
            let before_ns = clock.now_ns();
            let instant = Instant::now();
            let between_ns = clock.now_ns() - before_ns;
            if between_ns < tightest {
                tightest = between_ns;
                let since_zero = Duration::from_nanos(before_ns + between_ns / 2);
                // Always representable: the trial began after the system did.
                zero = instant.checked_sub(since_zero).unwrap_or(instant);
            }
        }
        Self {
            span,
            encode_each,
            zero,
            uncertainty: Duration::from_nanos(tightest),
        }
    }

    /// An instant in ns of the trial's clock.
    pub(super) fn ns(&self, instant: Instant) -> i64 {
        ns(instant.saturating_duration_since(self.zero))
    }
}

/// What must be reported.
#[derive(Debug, Clone, Default)]
pub(super) struct Truth {
    /// Of the window; `attempted` is what the schedule says and is not known here, and of
    /// `in_time` see below.
    pub(super) counts: Counts,
    /// In order of subscriber, then publisher.
    pub(super) pairs: Vec<PairCounts>,
    /// Deliveries in time are at least and at most so many.
    pub(super) in_time: (u64, u64),
    pub(super) response: Samples,
    pub(super) service: Samples,
    pub(super) wake_lag: Samples,
    pub(super) blocked: Samples,
    pub(super) encode: Samples,
    pub(super) decode: Samples,
    /// From waking to the message's first offer to the bus.
    pub(super) offer: Samples,
    /// What was done over the whole trial.
    pub(super) did: Did,
    /// Entries of the log that do not fit each other.
    pub(super) unexplained: u64,
    /// When the harness began with each message, in ns.
    pub(super) woken: Vec<i64>,
    /// Begin and end of the stall that the case told, in ns.
    pub(super) stall: Option<(i64, i64)>,
    /// The instants of each publisher's schedule, in ns, as the stamps say, in order of sequence.
    pub(super) schedule: Vec<Vec<u64>>,
}

/// What the bus did to copies of messages over the whole trial, warm-up included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Did {
    pub(super) lost: u64,
    pub(super) corrupted: u64,
    pub(super) foreign: u64,
    /// Handed over once more.
    pub(super) repeated: u64,
    /// Handed over first after a later one.
    pub(super) overtaken: u64,
    pub(super) refused: u64,
    /// Shortest and longest time from acceptance to delivery, in ns.
    pub(super) delay_ns: Option<(i64, i64)>,
}

/// Samples of which each is known to lie between two values, in ns; each side sorted by
/// [`Samples::sorted`].
///
/// Where every sample lies between its two values, the sample of any rank lies between the two
/// values of that rank, so a reading that the machine held up widens its own bracket and spoils
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Samples {
    pub(super) low: Vec<i64>,
    pub(super) high: Vec<i64>,
}

impl Samples {
    pub(super) fn push(&mut self, between: RangeInclusive<i64>) {
        let (low, high) = between.into_inner();
        self.low.push(low);
        self.high.push(high);
    }

    pub(super) fn len(&self) -> usize {
        self.low.len()
    }

    fn sorted(mut self) -> Self {
        self.low.sort_unstable();
        self.high.sort_unstable();
        self
    }

    /// Brackets whose upper ends are far off, although all but `disturbed` samples are at their
    /// lower ends: the upper end of a rank is then at most the lower end so many ranks higher.
    fn tightened(mut self, disturbed: usize) -> Self {
        for rank in 0..self.low.len() {
            if let Some(&bound) = self.low.get(rank + disturbed) {
                self.high[rank] = self.high[rank].min(bound);
            }
        }
        self
    }
}

/// One publisher's messages at one subscriber.
#[derive(Debug, Default)]
struct Book {
    seen: HashSet<u32>,
    highest: Option<u32>,
    counts: PairCounts,
}

impl Truth {
    /// Works out what must be reported of a trial with so many publishers and subscribers.
    pub(super) fn of(log: &BusLog, timeline: &Timeline, publishers: u16, subscribers: u16) -> Self {
        let mut truth = Self {
            schedule: vec![Vec::new(); publishers.into()],
            ..Self::default()
        };
        let mut published = vec![0_u64; publishers.into()];
        let mut sent = HashMap::new();
        for accepted in log.publishers.iter().flat_map(|log| &log.accepted) {
            let stamp = accepted.stamp;
            let repeated = sent.insert((stamp.publisher, stamp.sequence), *accepted);
            truth.unexplained += u64::from(repeated.is_some());
            truth.accept(accepted, timeline, &mut published);
        }
        truth.did.refused = log.publishers.iter().map(|log| log.refused).sum();
        for subscriber in 0..subscribers {
            let mut books: Vec<Book> = Vec::new();
            books.resize_with(publishers.into(), Book::default);
            let logs = log.subscribers.iter();
            for done in logs
                .filter(|log| log.subscriber == subscriber)
                .flat_map(|log| &log.deeds)
            {
                let known = sent.get(&(done.publisher, done.sequence));
                let book = books.get_mut(usize::from(done.publisher));
                match (known, book) {
                    (Some(accepted), Some(book))
                        if accepted.stamp.intended_ns == done.intended_ns =>
                    {
                        truth.deliver(done, accepted, book, timeline);
                    }
                    _ => truth.unexplained += 1,
                }
            }
            for (publisher, (book, published)) in (0..).zip(books.into_iter().zip(&published)) {
                truth.pairs.push(PairCounts {
                    publisher,
                    subscriber: subscriber.into(),
                    expected: *published,
                    lost: published.saturating_sub(book.counts.delivered),
                    ..book.counts
                });
            }
        }
        truth.sum_up(published.iter().sum(), u64::from(subscribers));
        truth
    }

    fn accept(&mut self, accepted: &Accepted, timeline: &Timeline, taken: &mut [u64]) {
        let stamp = accepted.stamp;
        let publisher = usize::from(stamp.publisher);
        if let Some(schedule) = self.schedule.get_mut(publisher) {
            schedule.push(stamp.intended_ns);
        }
        self.woken.push(woken(&stamp));
        if !timeline.span.holds(stamp.intended_ns) {
            return;
        }
        if let Some(taken) = taken.get_mut(publisher) {
            *taken += 1;
        }
        let woken = woken(&stamp);
        let since_woken = |instant| timeline.ns(instant) - woken;
        let told = accepted.told.unwrap_or(accepted.accepted);
        // Where an encoding is not timed, it counts as blocked.
        let mut encoding = (0, 0);
        if stamp.sequence.is_multiple_of(timeline.encode_each) {
            encoding = (ns(accepted.encoding.0), ns(accepted.encoding.1));
            self.encode.push(encoding.0..=encoding.1);
        }
        let at_least = since_woken(accepted.accepted) - encoding.1;
        self.blocked.push(at_least..=since_woken(told) - encoding.0);
        let offered = since_woken(accepted.offered);
        self.offer.push(offered..=offered);
        let wake_lag = stamp.wake_lag_ns.cast_signed();
        self.wake_lag.push(wake_lag..=wake_lag);
    }

    fn deliver(&mut self, done: &Done, accepted: &Accepted, book: &mut Book, timeline: &Timeline) {
        let in_window = timeline.span.holds(done.intended_ns);
        let is_timed = in_window && done.sequence.is_multiple_of(TIMED_EACH);
        if is_timed && done.deed == Deed::Whole {
            // Of a delivery, it is known how long all of it took.
            self.decode.push(0..=ns(done.after - done.before));
        }
        match done.deed {
            Deed::Lost => self.did.lost += 1,
            Deed::Foreign => self.did.foreign += 1,
            Deed::Corrupt => {
                self.did.corrupted += 1;
                book.counts.corrupt += u64::from(in_window);
            }
            Deed::Whole if !book.seen.insert(done.sequence) => {
                self.did.repeated += 1;
                book.counts.duplicated += u64::from(in_window);
            }
            Deed::Whole => {
                let is_overtaken = book.highest.is_some_and(|highest| done.sequence < highest);
                book.highest = book.highest.max(Some(done.sequence));
                self.did.overtaken += u64::from(is_overtaken);
                self.note_delay(done, accepted, timeline);
                if in_window {
                    book.counts.delivered += 1;
                    book.counts.reordered += u64::from(is_overtaken);
                    self.time(done, &accepted.stamp, timeline);
                }
            }
        }
    }

    fn note_delay(&mut self, done: &Done, accepted: &Accepted, timeline: &Timeline) {
        // A message may be delivered before its publisher has noted that it was accepted.
        let delay = timeline.ns(done.before) - timeline.ns(accepted.offered);
        let (shortest, longest) = self.did.delay_ns.unwrap_or((delay, delay));
        self.did.delay_ns = Some((shortest.min(delay), longest.max(delay)));
    }

    fn time(&mut self, done: &Done, stamp: &Stamp, timeline: &Timeline) {
        let (before, after) = (timeline.ns(done.before), timeline.ns(done.after));
        let intended = stamp.intended_ns.cast_signed();
        self.response.push(before - intended..=after - intended);
        let woken = woken(stamp);
        self.service.push(before - woken..=after - woken);
        let late = timeline.span.late_ns().cast_signed();
        self.in_time.0 += u64::from(after < late);
        self.in_time.1 += u64::from(before < late);
    }

    fn sum_up(&mut self, published: u64, subscribers: u64) {
        let sum = |count: fn(&PairCounts) -> u64| self.pairs.iter().map(count).sum();
        self.counts = Counts {
            published,
            expected: published * subscribers,
            delivered: sum(|pair| pair.delivered),
            lost: sum(|pair| pair.lost),
            duplicated: sum(|pair| pair.duplicated),
            reordered: sum(|pair| pair.reordered),
            corrupt: sum(|pair| pair.corrupt),
            foreign: self.did.foreign,
            ..Counts::default()
        };
        for samples in [
            &mut self.response,
            &mut self.service,
            &mut self.wake_lag,
            &mut self.offer,
            &mut self.encode,
            &mut self.decode,
        ] {
            *samples = std::mem::take(samples).sorted();
        }
        // A publisher that offers from the pacer's thread reads its clock just after it was told by
        // a return, which the bus does not see: all but one in 100 within the tolerance.
        let disturbed = (self.blocked.len() / 100).max(1);
        self.blocked = std::mem::take(&mut self.blocked)
            .sorted()
            .tightened(disturbed);
    }
}

fn ns(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// When the harness began with a message, in ns of the trial's clock.
fn woken(stamp: &Stamp) -> i64 {
    (stamp.intended_ns + stamp.wake_lag_ns).cast_signed()
}
