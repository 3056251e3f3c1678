//! A recorded histogram as only those of its buckets that hold anything. `hdrhistogram` fills an array
//! of 200 KB for each that it reads; a report of 10 000 cells reads some 300 000, of which most have a
//! few hundred buckets.
//!
//! The format is `HdrHistogram`'s V2, deflated: a cookie and a length around a zlib stream, in which a
//! header is followed by counts as zigzag LEB128, a negative one for a run of empty buckets
//! (<https://github.com/HdrHistogram/HdrHistogram/blob/master/src/main/java/org/HdrHistogram/AbstractHistogram.java>).

use std::io::Read;

use flate2::bufread::ZlibDecoder;

const COMPRESSED_COOKIE: u32 = 0x1c84_9314;
const COOKIE: u32 = 0x1c84_9313;

/// Bytes in front of the counts: cookie, length, offset, digits, lowest, highest, ratio.
const HEADER_BYTES: usize = 40;

/// More digits than this no histogram has.
const MOST_DIGITS: u32 = 5;

/// Counts by bucket.
#[derive(Debug, Clone)]
pub(super) struct Sparse {
    scale: Scale,
    /// Index of each bucket that is not empty, and its count, in rising order.
    buckets: Vec<(u32, u64)>,
    total: u64,
}

/// How indices are values: powers of two of evenly spaced buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scale {
    /// Bits of a value that the smallest bucket does not tell apart.
    unit_bits: u32,
    /// Bits of the number of buckets of each power of two.
    half_bits: u32,
}

impl Sparse {
    /// Reads what [`V2DeflateSerializer`](hdrhistogram::serialization::V2DeflateSerializer) wrote; the
    /// error says what is wrong.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut outside = bytes;
        if number(&mut outside).map(u32::from_be_bytes) != Some(COMPRESSED_COOKIE) {
            return Err("the first bytes are of no known format".to_owned());
        }
        let length = number(&mut outside).map(u32::from_be_bytes);
        let stream = length
            .and_then(|length| outside.get(..usize::try_from(length).ok()?))
            .ok_or("cut off")?;
        let mut decoder = ZlibDecoder::new(stream);
        let mut header = [0; HEADER_BYTES];
        decoder
            .read_exact(&mut header)
            .map_err(|error| error.to_string())?;
        let (scale, length) = Scale::of_header(&header)?;
        let mut counts = Vec::new();
        decoder
            .take(length)
            .read_to_end(&mut counts)
            .map_err(|error| error.to_string())?;
        if counts.len() as u64 != length {
            return Err("cut off".to_owned());
        }
        Self::of_counts(scale, &counts)
    }

    fn of_counts(scale: Scale, mut counts: &[u8]) -> Result<Self, String> {
        let mut histogram = Self {
            scale,
            buckets: Vec::new(),
            total: 0,
        };
        let mut index: u32 = 0;
        while !counts.is_empty() {
            let encoded = varint(&mut counts).ok_or("cut off")?;
            // Zigzag: even numbers are counts, odd ones runs of empty buckets.
            let number = encoded >> 1;
            let step = if encoded & 1 == 1 {
                number.checked_add(1).ok_or("a run without end")?
            } else {
                if number > 0 {
                    histogram.buckets.push((index, number));
                    histogram.total = histogram.total.saturating_add(number);
                }
                1
            };
            index = u32::try_from(step)
                .ok()
                .and_then(|step| index.checked_add(step))
                .filter(|index| *index <= scale.most_buckets())
                .ok_or("more counts than buckets")?;
        }
        Ok(histogram)
    }

    /// Number of samples.
    pub(super) fn len(&self) -> u64 {
        self.total
    }

    /// Adds another's samples, whatever its scale.
    pub(super) fn add(&mut self, other: &Self) {
        let scale = self.scale;
        let mut buckets = Vec::with_capacity(self.buckets.len() + other.buckets.len());
        let mut own = self.buckets.iter().copied().peekable();
        for &(index, count) in &other.buckets {
            let index = if other.scale == scale {
                index
            } else {
                scale.index_of(other.scale.lowest(index))
            };
            buckets.extend(std::iter::from_fn(|| own.next_if(|own| own.0 <= index)));
            match buckets.last_mut() {
                Some((last, known)) if *last == index => *known = known.saturating_add(count),
                _ => buckets.push((index, count)),
            }
        }
        buckets.extend(own);
        self.buckets = buckets;
        self.total = self.total.saturating_add(other.total);
    }

    /// The highest value of the bucket that holds the sample of this rank; 0 without samples.
    pub(super) fn value_at_quantile(&self, quantile: f64) -> u64 {
        let rank = (quantile.min(1.0) * self.total as f64).ceil().max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive whole number; the cast saturates"
        )]
        let rank = rank as u64;
        let mut counted = 0;
        for &(index, count) in &self.buckets {
            counted = count.saturating_add(counted);
            if counted >= rank {
                return self.scale.highest(index);
            }
        }
        0
    }

    /// The mean of the middles of the buckets; 0 without samples.
    pub(super) fn mean(&self) -> f64 {
        self.buckets.iter().fold(0.0, |mean, &(index, count)| {
            mean + self.scale.middle(index) as f64 * count as f64 / self.total as f64
        })
    }

    /// The highest value of the last bucket; 0 without samples.
    pub(super) fn max(&self) -> u64 {
        let last = self.buckets.last();
        last.map_or(0, |(index, _)| self.scale.highest(*index))
    }
}

impl Scale {
    /// The scale, and how many bytes of counts follow.
    fn of_header(header: &[u8; HEADER_BYTES]) -> Result<(Self, u64), String> {
        let mut rest = &header[..];
        let fields: Option<[u32; 4]> = (|| {
            let mut next = || number(&mut rest).map(u32::from_be_bytes);
            Some([next()?, next()?, next()?, next()?])
        })();
        let low = number(&mut rest).map(u64::from_be_bytes);
        let _high = number::<8>(&mut rest);
        let ratio = number(&mut rest).map(f64::from_be_bytes);
        let (Some([COOKIE, length, 0, digits]), Some(low), Some(1.0)) = (fields, low, ratio) else {
            return Err("the header is of no known format".to_owned());
        };
        let unit_bits = low.checked_ilog2().ok_or("the lowest value is 0")?;
        if digits > MOST_DIGITS {
            return Err(format!("{digits} significant digits"));
        }
        // Single units are told apart up to twice ten to the number of digits.
        let count_bits = (2 * 10_u32.pow(digits)).next_power_of_two().ilog2();
        if unit_bits + count_bits > 63 {
            return Err("the lowest value is too large for its digits".to_owned());
        }
        let scale = Self {
            unit_bits,
            half_bits: count_bits - 1,
        };
        Ok((scale, length.into()))
    }

    /// So many buckets reach the largest number.
    fn most_buckets(self) -> u32 {
        (64 - self.unit_bits - self.half_bits + 1) << self.half_bits
    }

    /// The bucket's power of two, and its place in that.
    fn place(self, index: u32) -> (u32, u64) {
        let half = 1_u32 << self.half_bits;
        match index >> self.half_bits {
            0 => (0, u64::from(index)),
            above => (above - 1, u64::from((index & (half - 1)) + half)),
        }
    }

    fn lowest(self, index: u32) -> u64 {
        let (power, place) = self.place(index);
        place
            .checked_shl(power + self.unit_bits)
            .unwrap_or(u64::MAX)
    }

    fn width(self, index: u32) -> u64 {
        let (power, _) = self.place(index);
        1_u64.checked_shl(power + self.unit_bits).unwrap_or(0)
    }

    fn highest(self, index: u32) -> u64 {
        let next = self.lowest(index).saturating_add(self.width(index));
        if next == u64::MAX { next } else { next - 1 }
    }

    fn middle(self, index: u32) -> u64 {
        self.lowest(index).saturating_add(self.width(index) / 2)
    }

    fn index_of(self, value: u64) -> u32 {
        let count_bits = self.half_bits + 1;
        let mask = ((1_u64 << count_bits) - 1) << self.unit_bits;
        let power = 64 - (value | mask).leading_zeros() - self.unit_bits - count_bits;
        let place = value >> (power + self.unit_bits);
        // Less than the number of buckets of two powers.
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        (power << self.half_bits) + place
    }
}

/// Takes the next bytes.
fn number<const BYTES: usize>(bytes: &mut &[u8]) -> Option<[u8; BYTES]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// Takes the next number: seven bits a byte, the lowest first, and all eight of a ninth byte.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for place in 0..9 {
        let [byte] = number(bytes)?;
        if place == 8 {
            return Some(value | u64::from(byte) << 56);
        }
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    use super::Sparse;

    fn written(histogram: &Histogram<u64>) -> Vec<u8> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(histogram, &mut bytes)
            .unwrap();
        bytes
    }

    fn dense(values: &[(u64, u64)], low: u64, digits: u8) -> Histogram<u64> {
        let mut histogram = Histogram::new_with_bounds(low, 60_000_000_000, digits).unwrap();
        for &(value, count) in values {
            histogram.record_n(value, count).unwrap();
        }
        histogram
    }

    #[test]
    fn what_is_cut_off_or_changed_is_refused_or_read_to_its_end() {
        let bytes = written(&dense(&[(5, 1), (70_000, 300), (9_000_000, 2)], 1, 3));
        assert_eq!(Sparse::read(&bytes).unwrap().len(), 303);
        for length in 0..bytes.len() {
            assert!(Sparse::read(&bytes[..length]).is_err(), "{length}");
        }
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 0x41;
            // No panic, and no endless loop, is all that is asked for.
            let _ = Sparse::read(&changed);
        }
    }

    proptest! {
        #[test]
        fn figures_are_those_of_the_histogram(
            one in prop::collection::vec((0_u64..50_000_000_000, 1_u64..1_000_000), 0..60),
            other in prop::collection::vec((0_u64..3_000_000, 1_u64..9), 0..60),
            lows in (1_u64..2_000, 1_u64..2_000),
            digits in (0_u8..=5, 0_u8..=5),
            same in proptest::bool::ANY,
            quantiles in prop::collection::vec(1e-9_f64..=1.0, 1..10),
        ) {
            let (low, digit) = if same { (lows.0, digits.0) } else { (lows.1, digits.1) };
            let mut histogram = dense(&one, lows.0, digits.0);
            let added = dense(&other, low, digit);
            let mut sparse = Sparse::read(&written(&histogram)).unwrap();
            histogram.auto(true);
            histogram.add(&added).unwrap();
            sparse.add(&Sparse::read(&written(&added)).unwrap());
            prop_assert_eq!(sparse.len(), histogram.len());
            prop_assert_eq!(sparse.max(), histogram.max());
            prop_assert_eq!(sparse.mean().to_bits(), histogram.mean().to_bits());
            for quantile in quantiles {
                prop_assert_eq!(
                    sparse.value_at_quantile(quantile),
                    histogram.value_at_quantile(quantile)
                );
            }
        }
    }
}
