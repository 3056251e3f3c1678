//! The targets: each takes any bytes, and says which property does not hold.
//!
//! None may panic, take long, or hold more heap than [`crate::bounds`] say; and what is read is
//! written and read back as the same.

mod attributes;
mod envelope;
mod event;
mod texts;

use busbench_envelope::DecodeError;

pub use attributes::{mqtt5, nats, redis};
pub use envelope::{cbor, json, json_base64};
pub use event::{event_cbor, event_json};
pub use texts::{payload_spec, stamp, topic};

pub(crate) use attributes::SEPARATOR;

/// What a target checks.
pub type Check = fn(&[u8]) -> Result<(), String>;

/// Every target, by the name of its program.
pub const ALL: [(&str, Check); 11] = [
    ("json", json),
    ("json_base64", json_base64),
    ("cbor", cbor),
    ("nats", nats),
    ("mqtt5", mqtt5),
    ("redis", redis),
    ("event_json", event_json),
    ("event_cbor", event_cbor),
    ("stamp", stamp),
    ("topic", topic),
    ("payload_spec", payload_spec),
];

/// A refusal is right, but not one with a place beyond the input.
fn refused(error: &DecodeError, data: &[u8]) -> Result<(), String> {
    if error.position.is_some_and(|position| position > data.len()) {
        return Err(format!("{error}: beyond the input's {} bytes", data.len()));
    }
    Ok(())
}

/// Says that what was read, written and read again is not the same.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, first: &T, again: &T) -> Result<(), String> {
    if first == again {
        return Ok(());
    }
    Err(format!(
        "{what} was read as {first:?}, and again as {again:?}"
    ))
}
