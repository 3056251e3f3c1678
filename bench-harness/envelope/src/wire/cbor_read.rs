//! Reads CBOR (RFC 8949), borrowing texts and bytes of definite length.

use std::borrow::Cow;

use minicbor::Decoder;
use minicbor::data::Type;
use minicbor::decode::Error;

use crate::Any;

/// How deep values may be nested; fxamacker/cbor's default, so that no message overflows the stack.
const MAX_NESTING: usize = 32;

/// Reads a text.
pub(crate) fn text<'a>(decoder: &mut Decoder<'a>) -> Result<Cow<'a, str>, Error> {
    if decoder.datatype()? == Type::StringIndef {
        return decoder
            .str_iter()?
            .collect::<Result<String, _>>()
            .map(Cow::Owned);
    }
    decoder.str().map(Cow::Borrowed)
}

/// Reads a text, or a number taken as its text.
pub(crate) fn number_or_text<'a>(decoder: &mut Decoder<'a>) -> Result<Cow<'a, str>, Error> {
    let at = decoder.position();
    Ok(match any(decoder)? {
        Any::Text(text) => text,
        Any::Unsigned(number) => Cow::Owned(number.to_string()),
        Any::Signed(number) => Cow::Owned(number.to_string()),
        Any::Float(number) => Cow::Owned(number.to_string()),
        _ => return Err(Error::message("neither a text nor a number").at(at)),
    })
}

/// Reads bytes.
pub(crate) fn bytes<'a>(decoder: &mut Decoder<'a>) -> Result<Cow<'a, [u8]>, Error> {
    if decoder.datatype()? == Type::BytesIndef {
        let mut joined = Vec::new();
        for piece in decoder.bytes_iter()? {
            joined.extend_from_slice(piece?);
        }
        return Ok(Cow::Owned(joined));
    }
    decoder.bytes().map(Cow::Borrowed)
}

/// Reads a null, if it is one, and says whether it was.
pub(crate) fn is_null(decoder: &mut Decoder<'_>) -> Result<bool, Error> {
    let null = matches!(decoder.datatype()?, Type::Null | Type::Undefined);
    if null {
        decoder.skip()?;
    }
    Ok(null)
}

/// Reads a map, calling `member` with each key; it reads the value.
pub(crate) fn members<'a>(
    decoder: &mut Decoder<'a>,
    mut member: impl FnMut(Cow<'a, str>, &mut Decoder<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    let length = decoder.map()?;
    items(decoder, length, |decoder| {
        let key = text(decoder)?;
        member(key, decoder)
    })
}

/// Reads a list, calling `item` for each of its items.
pub(crate) fn list<'a>(
    decoder: &mut Decoder<'a>,
    item: impl FnMut(&mut Decoder<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    let length = decoder.array()?;
    items(decoder, length, item)
}

fn items<'a>(
    decoder: &mut Decoder<'a>,
    length: Option<u64>,
    mut item: impl FnMut(&mut Decoder<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    if let Some(length) = length {
        for _ in 0..length {
            item(decoder)?;
        }
        return Ok(());
    }
    while decoder.datatype()? != Type::Break {
        item(decoder)?;
    }
    decoder.skip()
}

/// Reads any value.
pub(crate) fn any<'a>(decoder: &mut Decoder<'a>) -> Result<Any<'a>, Error> {
    nested(decoder, 0)
}

fn nested<'a>(decoder: &mut Decoder<'a>, depth: usize) -> Result<Any<'a>, Error> {
    if depth > MAX_NESTING {
        return Err(Error::message("nested too deep").at(decoder.position()));
    }
    Ok(match decoder.datatype()? {
        Type::Null | Type::Undefined => {
            decoder.skip()?;
            Any::Null
        }
        Type::Bool => Any::Bool(decoder.bool()?),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => Any::Unsigned(decoder.u64()?),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => Any::Signed(decoder.i64()?),
        Type::F16 => Any::Float(f64::from(decoder.f16()?)),
        Type::F32 => Any::Float(f64::from(decoder.f32()?)),
        Type::F64 => Any::Float(decoder.f64()?),
        Type::String | Type::StringIndef => Any::Text(text(decoder)?),
        Type::Bytes | Type::BytesIndef => Any::Bytes(bytes(decoder)?),
        Type::Array | Type::ArrayIndef => {
            let mut values = Vec::new();
            list(decoder, |decoder| {
                values.push(nested(decoder, depth + 1)?);
                Ok(())
            })?;
            Any::List(values)
        }
        Type::Map | Type::MapIndef => {
            let mut entries = Vec::new();
            members(decoder, |key, decoder| {
                entries.push((key, nested(decoder, depth + 1)?));
                Ok(())
            })?;
            Any::Map(entries)
        }
        other => return Err(Error::type_mismatch(other).at(decoder.position())),
    })
}
