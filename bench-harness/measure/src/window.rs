//! The bound of closed load.

use std::num::NonZeroU64;

/// How many messages may be sent and not yet delivered by the slowest subscriber: the same meaning
/// on every bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedWindow {
    messages: NonZeroU64,
}

impl ClosedWindow {
    /// A window of `messages`.
    #[must_use]
    pub fn of(messages: NonZeroU64) -> Self {
        Self { messages }
    }

    /// A window of `messages`, or of as many as fit into `bytes` where those are fewer; at least 1,
    /// as nothing would ever be sent otherwise.
    #[must_use]
    pub fn bounded(messages: NonZeroU64, bytes: u64, message_bytes: NonZeroU64) -> Self {
        let fitting = NonZeroU64::new(bytes / message_bytes).unwrap_or(NonZeroU64::MIN);
        Self::of(messages.min(fitting))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bounded(messages: u64, bytes: u64, message_bytes: u64) -> ClosedWindow {
        let at_least_1 = |value| NonZeroU64::new(value).unwrap();
        ClosedWindow::bounded(at_least_1(messages), bytes, at_least_1(message_bytes))
    }

    #[test]
    fn the_tighter_of_both_bounds_holds() {
        let check = |messages, bytes, message_bytes, effective| {
            let window = bounded(messages, bytes, message_bytes);
            assert_eq!(window.messages().get(), effective, "{messages}, {bytes} B");
        };
        check(1000, 8_000_000, 660, 1000);
        check(1000, 66_000, 660, 100);
        check(1000, 65_999, 660, 99);
        check(1000, 10, 660, 1);
        check(1, u64::MAX, 1, 1);
    }

    #[test]
    fn room_is_what_the_slowest_subscriber_leaves() {
        let window = bounded(100, u64::MAX, 1);
        assert_eq!(window.room(0, 0, 0), 100);
        assert_eq!(window.room(150, 60, 0), 10);
        assert_eq!(window.room(160, 60, 0), 0);
        assert_eq!(window.room(500, 60, 0), 0);
    }

    #[test]
    fn messages_given_up_open_the_window_again() {
        let window = bounded(100, u64::MAX, 1);
        assert_eq!(window.room(160, 60, 100), 100);
        // They came after all.
        assert_eq!(window.room(160, 160, 100), 100);
    }
}
