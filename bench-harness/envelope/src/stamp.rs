//! The stamp that every measured message carries in its `correlationID`.
//!
//! A stamp is a `UUIDv8` (RFC 9562, section 5.8), so the traffic has the size and shape of real
//! `EdgeX` traffic, and every bus and layout carries it at the same place. Its 122 free bits hold,
//! from the most significant: 8 epoch, 14 publisher, 32 sequence, 42 intended instant, 26 wake lag.

/// What a message says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Which trial the message belongs to: tells our own messages from an earlier trial's.
    pub epoch: u8,
    /// Which publisher sent it: below [`Stamp::MAX_PUBLISHERS`].
    pub publisher: u16,
    /// Number of the message within its publisher, from 0.
    pub sequence: u32,
    /// The schedule's instant, in ns since the trial's zero: below [`Stamp::MAX_INTENDED_NS`].
    pub intended_ns: u64,
    /// How late the pacer woke, in ns, in steps of 64 ns; saturates at [`Stamp::MAX_WAKE_LAG_NS`].
    pub wake_lag_ns: u64,
}

impl Stamp {
    /// Length of a stamp's text: a UUID in its canonical form.
    pub const TEXT_BYTES: usize = 36;
    /// 14 bits.
    pub const MAX_PUBLISHERS: usize = 1 << 14;
    /// 42 bits of nanoseconds: 73 minutes.
    pub const MAX_INTENDED_NS: u64 = (1 << 42) - 1;
    /// 26 bits of 64 ns: 4.29 s.
    pub const MAX_WAKE_LAG_NS: u64 = ((1 << 26) - 1) * 64;

    /// Writes the stamp as 36 characters of text.
    pub fn write(&self, text: &mut [u8; Self::TEXT_BYTES]) {
        let _ = text;
        todo!("helper: envelope")
    }

    /// Reads a stamp; `None` where the text is no `UUIDv8`.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let _ = text;
        todo!("helper: envelope")
    }
}
