//! The bound of closed load.

use std::num::NonZeroU64;

/// How many messages may be sent and not yet delivered by the slowest subscriber: the same meaning
/// on every bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedWindow {
    messages: NonZeroU64,
}

impl ClosedWindow {
    /// A window of `messages`, or of as many as fit into `bytes` where those are fewer; at least 1,
    /// as nothing would ever be sent otherwise.
    #[must_use]
    pub fn bounded(messages: NonZeroU64, bytes: u64, message_bytes: NonZeroU64) -> Self {
        let fitting = NonZeroU64::new(bytes / message_bytes).unwrap_or(NonZeroU64::MIN);
        Self {
            messages: messages.min(fitting),
        }
    }

    /// The effective bound, in messages.
    #[must_use]
    pub fn messages(self) -> NonZeroU64 {
        self.messages
    }

    /// How many more messages may be sent now. `given_up` are those that the slowest subscriber is
    /// no longer waited for: lost messages would close the window for ever.
    #[inline]
    #[must_use]
    pub fn room(self, sent: u64, slowest_delivered: u64, given_up: u64) -> u64 {
        let in_flight = sent.saturating_sub(slowest_delivered.saturating_add(given_up));
        self.messages.get().saturating_sub(in_flight)
    }
}
