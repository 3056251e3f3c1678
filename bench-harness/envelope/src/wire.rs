//! Primitives of the encodings, byte for byte as Go's libraries write them.

pub(crate) mod cbor_read;
pub(crate) mod cbor_write;
pub(crate) mod json_read;
pub(crate) mod json_write;
pub(crate) mod source;
pub(crate) mod uuid_text;
