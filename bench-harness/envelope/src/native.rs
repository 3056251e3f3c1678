//! Layout `native`: the envelope's attributes in the protocol's own headers, the payload alone as
//! the body.
//!
//! `EdgeX` does this on NATS ([`nats`]). On MQTT 5 ([`mqtt5`]) and Redis streams ([`redis`]) it is
//! what `EdgeX` could do with the same attributes: no `EdgeX` client speaks MQTT 5, and the one that
//! spoke to Redis streams (version 1) sent the whole envelope as JSON in one field.
//!
//! On all three a query parameter is one text, `key:value`, which a receiver splits at its first
//! `:`; a key that holds a `:` cannot be carried.

pub mod mqtt5;
pub mod nats;
pub mod redis;

use std::borrow::Cow;

use crate::error::Form;
use crate::{DecodeError, Envelope, EnvelopeRef, Layout};

/// Which protocol carries the attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A NATS header block.
    Nats,
    /// MQTT 5 properties.
    Mqtt5,
    /// Fields of a Redis stream entry.
    RedisStreams,
    /// No protocol: the message never leaves the process.
    InProcess,
}

impl Carrier {
    /// Bytes that the attributes take on the wire, as the protocol writes them.
    #[must_use]
    pub fn attribute_bytes(self, envelope: &Envelope) -> usize {
        match self {
            Self::Nats => nats::block_bytes(envelope),
            Self::Mqtt5 => mqtt5::properties(envelope).wire_bytes(),
            Self::RedisStreams => redis::wire_bytes(&redis::fields(envelope)),
            Self::InProcess => 0,
        }
    }
}

/// Gives the text of each query parameter, as `EdgeX` writes them on NATS. All share one buffer.
fn each_query_text(envelope: &Envelope, mut visit: impl FnMut(&str)) {
    let mut text = String::new();
    for (key, value) in &envelope.query_params {
        text.clear();
        text.extend([key, ":", value]);
        visit(&text);
    }
}

/// Reads one query parameter. Before the first, room is made for exactly those among the `following`
/// names that have the same, so that many of them take no more memory than they must.
fn push_query_param<'a, 'n>(
    envelope: &mut EnvelopeRef<'a>,
    field: &'static str,
    position: Option<usize>,
    text: &'a str,
    following: impl Iterator<Item = &'n str>,
) -> Result<(), DecodeError> {
    let (key, value) = text
        .split_once(':')
        .ok_or_else(|| refused(field, position, "a parameter without `:`"))?;
    if envelope.query_params.is_empty() {
        let count = following.filter(|following| *following == field).count();
        envelope.query_params.reserve_exact(1 + count);
    }
    let param = (Cow::Borrowed(key), Cow::Borrowed(value));
    envelope.query_params.push(param);
    Ok(())
}

/// Reads the text of an error code.
fn error_code(
    field: &'static str,
    position: Option<usize>,
    text: &str,
) -> Result<i64, DecodeError> {
    text.parse()
        .map_err(|_| refused(field, position, "not a whole number"))
}

/// Reads bytes that must be a text. The protocol gives each value alone, so the position is that in
/// the value.
fn utf8<'a>(field: &'static str, bytes: &'a [u8]) -> Result<&'a str, DecodeError> {
    std::str::from_utf8(bytes)
        .map_err(|error| refused(field, Some(error.valid_up_to()), "not UTF-8"))
}

fn refused(field: &'static str, position: Option<usize>, reason: &'static str) -> DecodeError {
    DecodeError {
        form: Form::Envelope(Layout::Native),
        field,
        position,
        reason: Cow::Borrowed(reason),
    }
}
