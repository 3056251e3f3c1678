//! Writes CBOR (RFC 8949) as fxamacker/cbor does with its default options: shortest integers,
//! 64-bit floats, definite lengths, no tags.

use std::convert::Infallible;

use minicbor::Encoder;
use minicbor::encode::Error;

use crate::Any;

/// Fails for no reason but a writer's, and a `Vec` takes everything.
pub(crate) type Written = Result<(), Error<Infallible>>;

/// Writes to the end of a buffer.
pub(crate) type Writer<'a> = Encoder<&'a mut Vec<u8>>;

/// Writes any value; a map's keys in the order in which they are given.
pub(crate) fn any(value: &Any<'_>, writer: &mut Writer<'_>) -> Written {
    match value {
        Any::Null => writer.null()?,
        Any::Bool(value) => writer.bool(*value)?,
        Any::Unsigned(number) => writer.u64(*number)?,
        Any::Signed(number) => writer.i64(*number)?,
        Any::Float(number) => writer.f64(*number)?,
        Any::Text(text) => writer.str(text)?,
        Any::Bytes(bytes) => writer.bytes(bytes)?,
        Any::List(values) => {
            writer.array(values.len() as u64)?;
            for value in values {
                any(value, writer)?;
            }
            return Ok(());
        }
        Any::Map(members) => return map(members, writer),
    };
    Ok(())
}

/// Writes a map's members in the order in which they are given.
pub(crate) fn map<K: AsRef<str>>(members: &[(K, Any<'_>)], writer: &mut Writer<'_>) -> Written {
    writer.map(members.len() as u64)?;
    for (key, value) in members {
        writer.str(key.as_ref())?;
        any(value, writer)?;
    }
    Ok(())
}
