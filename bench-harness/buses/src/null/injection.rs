//! What a null bus is told to do to messages.
//!
//! Every decision follows from the seed and from whose message it is, so that a trial can be
//! repeated; the instants of deliveries cannot, and stand in the [log](super::log).

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use busbench_envelope::Stamp;

use super::log::{BusLog, PublisherLog, SubscriberLog};

/// What to do to the messages. Shares are in thousandths; each subscription's copy of a message has
/// a fate of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Injection {
    /// Of all decisions.
    pub seed: u64,
    /// Time between acceptance and delivery: drawn evenly from these two; constant where they are
    /// the same. The runtime's timers make it up to 2 ms longer.
    pub delay: (Duration, Duration),
    /// Least time between two deliveries to one subscriber: a bus of limited capacity.
    pub spacing: Duration,
    /// The bus stops for a while.
    pub stall: Option<Stall>,
    /// A subscriber stops for good.
    pub stop: Option<Stop>,
    /// Copies that are never delivered.
    pub lost_per_thousand: u16,
    /// Copies that are delivered twice.
    pub duplicated_per_thousand: u16,
    /// Copies that are delivered later than they should be, by [`Self::held_back_by`].
    pub held_back_per_thousand: u16,
    /// How much later: messages that come meanwhile overtake.
    pub held_back_by: Duration,
    /// Copies that are delivered with a byte changed, or with the last one missing.
    pub corrupted_per_thousand: u16,
    /// Copies that are followed by a message that is not of this trial: one with another epoch, or
    /// with something else at the stamp's place.
    pub foreign_per_thousand: u16,
    /// Whether a publish may wait, so that a queue stands between the schedule and the publisher.
    pub publish_waits: bool,
}

/// The bus stops for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// When, on the trial's clock.
    pub at: Duration,
    /// For how long.
    pub lasts: Duration,
    /// What stops.
    pub what: Stalled,
}

/// What stops in a stall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stalled {
    /// Messages are accepted and not delivered.
    Delivery,
    /// Messages are not accepted: publishers are pushed back.
    Acceptance,
    /// The thread that offers a message is held: the harness itself is late from then on.
    Caller,
}

/// A subscriber stops for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// Which, from 0, in the order in which they subscribed.
    pub subscriber: u16,
    /// After so many deliveries.
    pub after: u64,
    /// Whether the bus ends its connection. Otherwise it hangs, and what is sent to it piles up.
    pub is_cut: bool,
}

/// An injection with what belongs to one trial: its clients share it through
/// [`Options::null_order`](crate::Options::null_order).
#[derive(Debug)]
pub struct Injector {
    pub(super) injection: Injection,
    /// Entries for which each client has memory before it begins.
    pub(super) room: usize,
    /// When the trial's clock was zero, as the stamp of the first message tells: to the time that a
    /// message takes from its waking to the bus.
    zero: OnceLock<Instant>,
    log: Mutex<BusLog>,
}

/// What becomes of one subscription's copy of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) is_lost: bool,
    pub(super) is_duplicated: bool,
    /// Where its bytes are damaged.
    pub(super) corrupted_at: Option<u64>,
    /// What kind of stranger follows it.
    pub(super) foreign: Option<u64>,
    /// From acceptance to delivery.
    pub(super) delay: Duration,
}

/// What a decision is about: decisions about one message are independent of each other.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
enum About {
    Loss = 1,
    Duplicate,
    HoldBack,
    Corruption,
    Foreign,
    Delay,
    Place,
}

impl Injector {
    /// An injection for one trial. `room`: messages that a client is expected to see.
    #[must_use]
    pub fn new(injection: Injection, room: usize) -> Arc<Self> {
        Arc::new(Self {
            injection,
            room,
            zero: OnceLock::new(),
            log: Mutex::default(),
        })
    }

    /// What the bus did so far, as far as its clients are closed.
    #[must_use]
    pub fn take_log(&self) -> BusLog {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        BusLog {
            zero: self.zero.get().copied(),
            ..std::mem::take(&mut *log)
        }
    }

    pub(super) fn keep_publisher(&self, log: PublisherLog) {
        let mut kept = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        kept.publishers.push(log);
    }

    pub(super) fn keep_subscriber(&self, log: SubscriberLog) {
        let mut kept = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        kept.subscribers.push(log);
        kept.subscribers.sort_by_key(|log| log.subscriber);
    }

    /// Notes that a message was offered `now`.
    pub(super) fn offered(&self, stamp: &Stamp, now: Instant) {
        self.zero.get_or_init(|| {
            let since_zero = Duration::from_nanos(stamp.intended_ns + stamp.wake_lag_ns);
            now.checked_sub(since_zero).unwrap_or(now)
        });
    }

    /// The end of the stall of `what`, where `instant` lies within one.
    pub(super) fn stalled_until(&self, what: Stalled, instant: Instant) -> Option<Instant> {
        let stall = self.injection.stall.filter(|stall| stall.what == what)?;
        let begins = *self.zero.get()? + stall.at;
        let ends = begins + stall.lasts;
        (begins <= instant && instant < ends).then_some(ends)
    }

    pub(super) fn fate(&self, publisher: u16, sequence: u32, subscriber: u16) -> Fate {
        let copy = u64::from(publisher) << 48 | u64::from(subscriber) << 32 | u64::from(sequence);
        let told = &self.injection;
        let drawn = |about: About| mixed(mixed(told.seed ^ (about as u64) << 56) ^ copy);
        let is = |about, per_thousand: u16| drawn(about) % 1000 < u64::from(per_thousand);
        let (shortest, longest) = told.delay;
        let spread_ns = u64::try_from(longest.saturating_sub(shortest).as_nanos());
        let spread_ns = spread_ns.unwrap_or(u64::MAX).saturating_add(1);
        let mut delay = shortest + Duration::from_nanos(drawn(About::Delay) % spread_ns);
        if is(About::HoldBack, told.held_back_per_thousand) {
            delay += told.held_back_by;
        }
        let place = drawn(About::Place);
        Fate {
            is_lost: is(About::Loss, told.lost_per_thousand),
            is_duplicated: is(About::Duplicate, told.duplicated_per_thousand),
            corrupted_at: is(About::Corruption, told.corrupted_per_thousand).then_some(place),
            foreign: is(About::Foreign, told.foreign_per_thousand).then_some(place),
            delay,
        }
    }
}

/// The output function of `SplitMix64` (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", OOPSLA 2014).
const fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use busbench_envelope::Stamp;

    use super::{Injection, Injector, Stall, Stalled};

    #[test]
    fn a_share_is_kept_and_no_decision_follows_from_another() {
        let injection = Injection {
            seed: 3,
            lost_per_thousand: 10,
            duplicated_per_thousand: 20,
            ..Injection::default()
        };
        let injector = Injector::new(injection, 0);
        let (mut lost, mut duplicated, mut both) = (0, 0, 0);
        for sequence in 0..50_000 {
            for subscriber in 0..2 {
                let fate = injector.fate(1, sequence, subscriber);
                assert_eq!(fate, injector.fate(1, sequence, subscriber), "repeatable");
                lost += u32::from(fate.is_lost);
                duplicated += u32::from(fate.is_duplicated);
                both += u32::from(fate.is_lost && fate.is_duplicated);
            }
        }
        // Five standard deviations of 100 000 draws.
        assert!((843..=1157).contains(&lost), "{lost}");
        assert!((1779..=2221).contains(&duplicated), "{duplicated}");
        assert!(both <= 42, "{both}");
    }

    #[test]
    fn delays_are_drawn_evenly_from_their_range() {
        let (shortest, longest) = (Duration::from_millis(2), Duration::from_millis(4));
        let injection = Injection {
            delay: (shortest, longest),
            ..Injection::default()
        };
        let injector = Injector::new(injection, 0);
        let delays: Vec<_> = (0..10_000).map(|n| injector.fate(0, n, 0).delay).collect();
        assert!(
            delays
                .iter()
                .all(|delay| (shortest..=longest).contains(delay))
        );
        let mean = delays.iter().sum::<Duration>() / 10_000;
        assert!(
            mean.abs_diff(Duration::from_millis(3)) < Duration::from_micros(30),
            "{mean:?}"
        );
    }

    #[test]
    fn a_stall_lies_where_the_trials_clock_says() {
        let stall = Stall {
            at: Duration::from_millis(700),
            lasts: Duration::from_millis(300),
            what: Stalled::Delivery,
        };
        let injection = Injection {
            stall: Some(stall),
            ..Injection::default()
        };
        let injector = Injector::new(injection, 0);
        let now = Instant::now();
        let after = |ms| now + Duration::from_millis(ms);
        assert_eq!(injector.stalled_until(Stalled::Delivery, now), None);
        let stamp = Stamp {
            intended_ns: 99_000_000,
            wake_lag_ns: 1_000_000,
            ..Stamp::default()
        };
        // The clock is at 100 ms, so the stall begins in 600 ms.
        injector.offered(&stamp, now);
        for (ms, stalled) in [(599, false), (600, true), (899, true), (900, false)] {
            let until = injector.stalled_until(Stalled::Delivery, after(ms));
            assert_eq!(until, stalled.then(|| after(900)), "{ms} ms");
        }
        assert_eq!(
            injector.stalled_until(Stalled::Acceptance, after(700)),
            None
        );
    }
}
