//! What a null bus did to each message, in its own words and by its own clock.

use std::time::{Duration, Instant};

use busbench_envelope::Stamp;

/// What the bus did. Instants are those of the standard library's monotonic clock, not of the
/// trial's.
#[derive(Debug, Clone, Default)]
pub struct BusLog {
    /// When the bus takes the trial's clock to have been zero: its stall is told on that clock.
    pub zero: Option<Instant>,
    /// One for each publisher that was closed.
    pub publishers: Vec<PublisherLog>,
    /// One for each subscriber that was closed, in their order.
    pub subscribers: Vec<SubscriberLog>,
}

/// What one publisher's side of the bus did.
#[derive(Debug, Clone, Default)]
pub struct PublisherLog {
    /// Messages that were accepted, in order.
    pub accepted: Vec<Accepted>,
    /// How often a message was refused; it was offered again.
    pub refused: u64,
}

/// A message that the bus accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// As the publisher gave it.
    pub stamp: Stamp,
    /// When it was offered first.
    pub offered: Instant,
    /// Its encoding took at least and at most so long: read within what the publisher times, and
    /// around it.
    pub encoding: (Duration, Duration),
    /// When the bus had taken it, read just before the publisher was told.
    pub accepted: Instant,
    /// When the publisher surely had been told: read just after, or where it is told by a return,
    /// when it came with its next message. `None` where it never came again.
    pub told: Option<Instant>,
}

/// What one subscriber's side of the bus did.
#[derive(Debug, Clone, Default)]
pub struct SubscriberLog {
    /// Number of the subscriber, from 0.
    pub subscriber: u16,
    /// What was done to each copy, in the order in which it was done.
    pub deeds: Vec<Done>,
}

/// Something that was done to a copy of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// What.
    pub deed: Deed,
    /// Whose message it was.
    pub publisher: u16,
    /// Which of that publisher's.
    pub sequence: u32,
    /// When it was to be sent, in ns of the trial's clock, as its stamp says.
    pub intended_ns: u64,
    /// Read just before it was handed to the subscriber.
    pub before: Instant,
    /// Read just after.
    pub after: Instant,
}

/// What was done to a copy of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Handed over as it was sent.
    Whole,
    /// Handed over with other bytes.
    Corrupt,
    /// Something that is not of this trial was handed over beside it.
    Foreign,
    /// Thrown away.
    Lost,
}

/// An empty list with memory for `room` entries that has been written to: a page that is touched for
/// the first time takes the kernel microseconds, which would stand in what is being timed.
pub(super) fn with_room<T: Clone>(room: usize, any: T) -> Vec<T> {
    let mut entries = vec![any; room];
    entries.clear();
    entries
}
