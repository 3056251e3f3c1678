//! EdgeX events and envelope codecs: bytes in, bytes out. No IO, no async, no clock.

mod layout;
mod prepared;
mod stamp;

pub use layout::{Layout, UnknownLayout};
pub use prepared::Prepared;
pub use stamp::Stamp;

/// The attributes of a message envelope, without its payload.
///
/// Source: `go-mod-messaging` v4.0.3, `pkg/types/message_envelope.go`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// `"v3"` in `EdgeX` 3 and 4.
    pub api_version: String,
    /// Identifies the message through all services; carries the [`Stamp`] here.
    pub correlation_id: String,
    /// Empty for events.
    pub request_id: String,
    /// 0, or 1 with an error text as payload.
    pub error_code: i64,
    /// Media type of the payload.
    pub content_type: String,
    /// Query parameters, in key order; absent on the wire when empty.
    pub query_params: Vec<(String, String)>,
}
