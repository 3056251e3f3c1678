//! The attributes of a message.

use std::borrow::Cow;

/// The attributes of a message envelope, without its payload.
///
/// Source: `go-mod-messaging` v4.0.3, `pkg/types/message_envelope.go`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// `"v3"` in `EdgeX` 3 and 4.
    pub api_version: String,
    /// Identifies the message through all services; carries the [`crate::Stamp`] here.
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

impl Envelope {
    /// The envelope of an event: no request id, no error, no query parameters.
    #[must_use]
    pub fn of_event(correlation_id: &str, content_type: &str) -> Self {
        Self {
            api_version: "v3".to_owned(),
            correlation_id: correlation_id.to_owned(),
            request_id: String::new(),
            error_code: 0,
            content_type: content_type.to_owned(),
            query_params: Vec::new(),
        }
    }
}

/// The attributes of a message that was decoded; it borrows from the message where it can.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvelopeRef<'a> {
    /// See [`Envelope::api_version`].
    pub api_version: Cow<'a, str>,
    /// See [`Envelope::correlation_id`].
    pub correlation_id: Cow<'a, str>,
    /// See [`Envelope::request_id`].
    pub request_id: Cow<'a, str>,
    /// See [`Envelope::error_code`].
    pub error_code: i64,
    /// See [`Envelope::content_type`].
    pub content_type: Cow<'a, str>,
    /// See [`Envelope::query_params`]; in the order of the wire.
    pub query_params: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl EnvelopeRef<'_> {
    /// Copies what is borrowed, the query parameters in key order.
    #[must_use]
    pub fn into_owned(self) -> Envelope {
        let mut query_params: Vec<_> = self
            .query_params
            .into_iter()
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        query_params.sort();
        Envelope {
            api_version: self.api_version.into_owned(),
            correlation_id: self.correlation_id.into_owned(),
            request_id: self.request_id.into_owned(),
            error_code: self.error_code,
            content_type: self.content_type.into_owned(),
            query_params,
        }
    }
}
