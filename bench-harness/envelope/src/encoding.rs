//! The two encodings of a payload.

use crate::AddEventRequest;

/// How a payload is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// JSON, as Go's `encoding/json` writes it.
    Json,
    /// CBOR, as fxamacker/cbor writes it.
    Cbor,
}

impl Encoding {
    /// The media type that an envelope gives for it.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Cbor => "application/cbor",
        }
    }

    /// The encoding of a media type; `None` where it is neither.
    #[must_use]
    pub fn of_content_type(content_type: &str) -> Option<Self> {
        [Self::Json, Self::Cbor]
            .into_iter()
            .find(|encoding| encoding.content_type() == content_type)
    }

    /// The encoding in which `EdgeX` sends an event: CBOR where any reading is of type
    /// `Binary` (null or not), else JSON.
    ///
    /// Source: `go-mod-core-contracts` v4.0.3, `dtos/requests/event.go`.
    #[must_use]
    pub fn of_event(request: &AddEventRequest<'_>) -> Self {
        if request
            .event
            .readings
            .iter()
            .any(|reading| reading.value_type == "Binary")
        {
            Self::Cbor
        } else {
            Self::Json
        }
    }
}
