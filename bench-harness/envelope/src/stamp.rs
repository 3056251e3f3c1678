//! The stamp that every measured message carries in its `correlationID`.
//!
//! A stamp is a `UUIDv8` (RFC 9562, section 5.8), so the traffic has the size and shape of real
//! `EdgeX` traffic, and every bus and layout carries it at the same place. Its 122 free bits hold,
//! from the most significant: 8 epoch, 14 publisher, 32 sequence, 42 intended instant, 26 wake lag.

use crate::wire::uuid_text;

/// What a message says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Which trial the message belongs to: tells our own messages from an earlier trial's.
    pub epoch: u8,
    /// Which publisher sent it: below [`Stamp::MAX_PUBLISHERS`].
    pub publisher: u16,
    /// Number of the message within its publisher, from 0.
    pub sequence: u32,
    /// The schedule's instant, in ns since the trial's zero: at most [`Stamp::MAX_INTENDED_NS`].
    pub intended_ns: u64,
    /// How late the pacer woke, in ns, in steps of 64 ns; saturates at [`Stamp::MAX_WAKE_LAG_NS`].
    pub wake_lag_ns: u64,
}

const WAKE_LAG_BITS: u32 = 26;
const WAKE_LAG_STEP_NS: u64 = 64;
/// RFC 9562 cuts the free bits into three pieces: 48, 12 and 62. The instant's upper 6 bits stand
/// at the end of the second piece, its lower 36 in the third.
const INTENDED_LOW_BITS: u32 = 36;
/// The sequence's upper 26 bits stand in the first piece, its lower 6 in the second.
const SEQUENCE_LOW_BITS: u32 = 6;
const VERSION: u64 = 0x8000;
const VERSION_MASK: u64 = 0xf000;
const VARIANT: u64 = 0b10 << 62;
const VARIANT_MASK: u64 = 0b11 << 62;

const fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

impl Stamp {
    /// Length of a stamp's text: a UUID in its canonical form.
    pub const TEXT_BYTES: usize = 36;
    /// The text that stands at a stamp's place before the first stamp is written: the nil UUID
    /// with version and variant set, which reads as [`Stamp::default`].
    pub const PLACEHOLDER: &str = "00000000-0000-8000-8000-000000000000";
    /// 14 bits.
    pub const MAX_PUBLISHERS: usize = 1 << 14;
    /// 42 bits of nanoseconds: 73 minutes.
    pub const MAX_INTENDED_NS: u64 = (1 << 42) - 1;
    /// 26 bits of 64 ns: 4.29 s.
    pub const MAX_WAKE_LAG_NS: u64 = ((1 << WAKE_LAG_BITS) - 1) * WAKE_LAG_STEP_NS;

    /// Writes the stamp as 36 characters of text.
    ///
    /// Planning keeps publisher and instant within their bits; a value beyond them is written as
    /// the largest that fits, so that it never spills into another field.
    #[inline]
    pub fn write(&self, text: &mut [u8; Self::TEXT_BYTES]) {
        let publisher = u64::from(self.publisher).min(Self::MAX_PUBLISHERS as u64 - 1);
        let sequence = u64::from(self.sequence);
        let intended = self.intended_ns.min(Self::MAX_INTENDED_NS);
        let wake_lag = (self.wake_lag_ns / WAKE_LAG_STEP_NS).min(mask(WAKE_LAG_BITS));

        let high = u64::from(self.epoch) << 56
            | publisher << 42
            | (sequence >> SEQUENCE_LOW_BITS) << 16
            | VERSION
            | (sequence & mask(SEQUENCE_LOW_BITS)) << 6
            | intended >> INTENDED_LOW_BITS;
        let low = VARIANT | (intended & mask(INTENDED_LOW_BITS)) << WAKE_LAG_BITS | wake_lag;
        uuid_text::write(high, low, text);
    }

    /// Reads a stamp; `None` where the text is no `UUIDv8` in lower case.
    #[inline]
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let (high, low) = uuid_text::read(text.try_into().ok()?)?;
        if high & VERSION_MASK != VERSION || low & VARIANT_MASK != VARIANT {
            return None;
        }
        let sequence = (high >> 16 & mask(26)) << SEQUENCE_LOW_BITS | high >> 6 & mask(6);
        let intended_low = low >> WAKE_LAG_BITS & mask(INTENDED_LOW_BITS);
        Some(Self {
            epoch: u8::try_from(high >> 56).ok()?,
            publisher: u16::try_from(high >> 42 & mask(14)).ok()?,
            sequence: u32::try_from(sequence).ok()?,
            intended_ns: (high & mask(6)) << INTENDED_LOW_BITS | intended_low,
            wake_lag_ns: (low & mask(WAKE_LAG_BITS)) * WAKE_LAG_STEP_NS,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, proptest};
    use proptest::{prop_assert, prop_assert_eq};

    use super::Stamp;

    fn text_of(stamp: &Stamp) -> String {
        let mut text = [0; Stamp::TEXT_BYTES];
        stamp.write(&mut text);
        String::from_utf8(text.to_vec()).expect("hex is ASCII")
    }

    #[test]
    fn each_field_stands_at_its_documented_bits() {
        let stamp = Stamp {
            epoch: 0xab,
            publisher: 0x3fff,
            sequence: 0,
            intended_ns: 0,
            wake_lag_ns: 0,
        };
        assert_eq!(text_of(&stamp), "abfffc00-0000-8000-8000-000000000000");
        let stamp = Stamp {
            sequence: u32::MAX,
            ..Stamp::default()
        };
        assert_eq!(text_of(&stamp), "000003ff-ffff-8fc0-8000-000000000000");
        let stamp = Stamp {
            intended_ns: Stamp::MAX_INTENDED_NS,
            ..Stamp::default()
        };
        assert_eq!(text_of(&stamp), "00000000-0000-803f-bfff-fffffc000000");
        let stamp = Stamp {
            wake_lag_ns: Stamp::MAX_WAKE_LAG_NS,
            ..Stamp::default()
        };
        assert_eq!(text_of(&stamp), "00000000-0000-8000-8000-000003ffffff");
    }

    #[test]
    fn the_placeholder_is_the_default_stamp() {
        assert_eq!(text_of(&Stamp::default()), Stamp::PLACEHOLDER);
        assert_eq!(
            Stamp::read(Stamp::PLACEHOLDER.as_bytes()),
            Some(Stamp::default())
        );
    }

    #[test]
    fn a_wake_lag_beyond_its_bits_saturates() {
        for wake_lag_ns in [Stamp::MAX_WAKE_LAG_NS + 1, 5_000_000_000, u64::MAX] {
            let text = text_of(&Stamp {
                wake_lag_ns,
                ..Stamp::default()
            });
            let read = Stamp::read(text.as_bytes()).expect("a stamp");
            assert_eq!(read.wake_lag_ns, Stamp::MAX_WAKE_LAG_NS);
            assert_eq!(read.intended_ns, 0);
        }
    }

    #[test]
    fn a_value_beyond_its_bits_spills_into_no_other_field() {
        let text = text_of(&Stamp {
            publisher: u16::MAX,
            intended_ns: u64::MAX,
            ..Stamp::default()
        });
        let read = Stamp::read(text.as_bytes()).expect("a stamp");
        assert_eq!(usize::from(read.publisher), Stamp::MAX_PUBLISHERS - 1);
        assert_eq!(read.intended_ns, Stamp::MAX_INTENDED_NS);
        assert_eq!((read.epoch, read.sequence, read.wake_lag_ns), (0, 0, 0));
    }

    #[test]
    fn text_that_is_no_stamp_is_refused() {
        let refused = [
            "",
            "00000000-0000-8000-8000-00000000000",
            "00000000-0000-8000-8000-0000000000000",
            "00000000-0000-4000-8000-000000000000",
            "00000000-0000-8000-c000-000000000000",
            "00000000-0000-8000-0000-000000000000",
            "0000000g-0000-8000-8000-000000000000",
            "00000000-0000-8000-8000-00000000000A",
            "0000000000000-8000-8000-000000000000",
            "00000000-0000-8000+8000-000000000000",
            "00000000-0000-8000-8000-0000000000é",
        ];
        for text in refused {
            assert_eq!(Stamp::read(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_stamp_comes_back_as_it_was_written(
            epoch: u8,
            publisher in 0..16384_u16,
            sequence: u32,
            intended_ns in 0..=Stamp::MAX_INTENDED_NS,
            wake_lag_ns in 0..=Stamp::MAX_WAKE_LAG_NS,
        ) {
            let stamp = Stamp { epoch, publisher, sequence, intended_ns, wake_lag_ns };
            let text = text_of(&stamp);
            let whole_steps = wake_lag_ns / 64 * 64;
            prop_assert_eq!(
                Stamp::read(text.as_bytes()),
                Some(Stamp { wake_lag_ns: whole_steps, ..stamp })
            );
        }

        #[test]
        fn one_altered_byte_never_reads_as_the_same_stamp(sequence: u32, at in 0..36_usize, byte in any::<u8>()) {
            let stamp = Stamp { sequence, ..Stamp::default() };
            let mut text = [0; Stamp::TEXT_BYTES];
            stamp.write(&mut text);
            if text[at] != byte {
                text[at] = byte;
                prop_assert!(Stamp::read(&text) != Some(stamp));
            }
        }
    }
}
