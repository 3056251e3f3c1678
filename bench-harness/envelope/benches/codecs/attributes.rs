//! Attributes between services, in each carrier's form.
//!
//! NATS has its header block. What stands between the crate and an MQTT 5 or Redis server is their
//! clients' work and not measured: names and values are copied one by one, each behind its length,
//! and given to the reader as a client gives them, one by one and borrowed.

use busbench_envelope::native::{mqtt5, nats, redis};
use busbench_envelope::{Envelope, EnvelopeRef};

use crate::message::Failure;

/// Who carries the attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Nats,
    Mqtt5,
    Redis,
}

/// Writes an envelope's attributes to the end of `out`.
pub(crate) fn write(carrier: Carrier, envelope: &Envelope, out: &mut Vec<u8>) {
    match carrier {
        Carrier::Nats => nats::write_block(envelope, out),
        Carrier::Mqtt5 => {
            write_text(&envelope.content_type, out);
            write_text(&envelope.correlation_id, out);
            mqtt5::visit(envelope, |name, value| {
                write_text(name, out);
                write_text(value, out);
            });
        }
        Carrier::Redis => redis::visit(envelope, |name, value| {
            write_text(name, out);
            write_text(value, out);
        }),
    }
}

/// Reads what [`write`] wrote, and gives the payload as the carrier does.
pub(crate) fn read<'a>(
    carrier: Carrier,
    headers: &'a [u8],
    body: &'a [u8],
) -> Result<(EnvelopeRef<'a>, &'a [u8]), Failure> {
    let mut texts = Texts(headers);
    match carrier {
        Carrier::Nats => Ok((nats::read_block(headers)?, body)),
        Carrier::Mqtt5 => {
            let content_type = texts.next();
            let correlation_id = texts.next().map(str::as_bytes);
            let envelope = mqtt5::read(content_type, correlation_id, texts.pairs())?;
            Ok((envelope, body))
        }
        Carrier::Redis => {
            let attributes = texts.pairs().map(|(name, value)| (name, value.as_bytes()));
            Ok(redis::read_pairs(
                attributes.chain([(redis::PAYLOAD, body)]),
            )?)
        }
    }
}

/// No attribute of these messages is near the 64 KiB that MQTT allows.
fn write_text(text: &str, out: &mut Vec<u8>) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Texts behind their lengths.
#[derive(Clone)]
struct Texts<'a>(&'a [u8]);

impl<'a> Texts<'a> {
    fn pairs(self) -> impl Iterator<Item = (&'a str, &'a str)> + Clone {
        let mut texts = self;
        std::iter::from_fn(move || Some((texts.next()?, texts.next()?)))
    }
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.0.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }
}
