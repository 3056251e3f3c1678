//! Builds values of no fixed shape from CBOR.

use std::borrow::Cow;

use super::{CborReader, major};
use crate::Any;
use crate::wire::source::{Read, Refused, Source};

/// Reads any value that was checked; a tag is left out, and its value taken.
pub(crate) fn any<'a>(reader: &mut CborReader<'a>) -> Read<Any<'a>> {
    if reader.null()? {
        return Ok(Any::Null);
    }
    let start = reader.progress.at;
    Ok(match reader.byte()? >> 5 {
        major::BYTES => Any::Bytes(reader.bytes()?),
        major::TEXT => Any::Text(reader.text()?.into()),
        major::LIST => {
            let mut list = reader.list()?;
            let mut values = Vec::new();
            while reader.item(&mut list)? {
                values.push(any(reader)?);
            }
            Any::List(values)
        }
        major::MAP => {
            let mut map = reader.map()?;
            let mut members = Vec::new();
            while let Some(key) = reader.key(&mut map)? {
                members.push((Cow::from(key), any(reader)?));
            }
            Any::Map(members)
        }
        major::TAG => {
            reader.head()?;
            return any(reader);
        }
        _ => {
            let value = reader.scalar()?;
            value.ok_or_else(|| {
                reader.progress.at = start;
                Refused("a simple value that has no counterpart")
            })?
        }
    })
}

impl CborReader<'_> {
    /// Reads a number, true or false; `None` where it is another simple value.
    fn scalar(&mut self) -> Read<Option<Any<'static>>> {
        let first = self.byte()?;
        let head = self.head()?;
        let argument = head.argument.unwrap_or_default();
        let [.., upper, lower] = argument.to_be_bytes();
        let value = match (head.major, first & 31) {
            (major::UNSIGNED, _) => Any::Unsigned(argument),
            // The argument of a negative number n is -1 - n.
            (major::NEGATIVE, _) => match i64::try_from(argument) {
                Ok(number) => Any::Signed(!number),
                Err(_) => Any::Float(-1.0 - argument as f64),
            },
            (_, 20) => Any::Bool(false),
            (_, 21) => Any::Bool(true),
            (_, 25) => Any::Float(half(u16::from_be_bytes([upper, lower]))),
            // Its head was four bytes long.
            (_, 26) => u32::try_from(argument)
                .map(|bits| Any::Float(f32::from_bits(bits).into()))
                .map_err(|_| Refused("no CBOR value"))?,
            (_, 27) => Any::Float(f64::from_bits(argument)),
            _ => return Ok(None),
        };
        Ok(Some(value))
    }

    /// Reads a number as a text; `None` where it is another simple value.
    pub(super) fn number(&mut self) -> Read<Option<String>> {
        Ok(match self.scalar()? {
            Some(Any::Unsigned(number)) => Some(number.to_string()),
            Some(Any::Signed(number)) => Some(number.to_string()),
            // A plain number of the largest floats has 309 digits.
            Some(Any::Float(number)) if (1e-6..1e21).contains(&number.abs()) || number == 0.0 => {
                Some(number.to_string())
            }
            Some(Any::Float(number)) => Some(format!("{number:e}")),
            _ => None,
        })
    }
}

/// A half-precision float (RFC 8949, appendix D): Go reads them, so we do.
fn half(bits: u16) -> f64 {
    let exponent = i32::from(bits >> 10 & 31);
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 {
        -magnitude
    } else {
        magnitude
    }
}

#[cfg(test)]
mod tests {
    use super::half;

    /// The examples of RFC 8949, appendix A.
    #[test]
    fn half_floats_are_read_as_the_standard_says() {
        let table = [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0x3e00, 1.5),
            (0x7bff, 65_504.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x0400, 0.000_061_035_156_25),
            (0xc400, -4.0),
            (0x7c00, f64::INFINITY),
            (0xfc00, f64::NEG_INFINITY),
        ];
        for (bits, value) in table {
            assert_eq!(half(bits).to_bits(), value.to_bits(), "{bits:#06x}");
        }
        assert!(half(0x7e00).is_nan());
        assert!(half(0x8000).is_sign_negative());
    }
}
