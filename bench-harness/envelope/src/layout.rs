//! The layouts in which a message envelope can travel.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How an EdgeX message envelope is laid out on the wire.
///
/// Source: `go-mod-messaging` v4.0.3, `pkg/types/message_envelope.go` and
/// `internal/pkg/nats/marshaller.go`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// `EdgeX` 4: JSON with the payload inlined.
    Json,
    /// `EdgeX` 3, and 4 with `EDGEX_MSG_BASE64_PAYLOAD`: JSON with the payload as a base64 string.
    JsonBase64,
    /// `EdgeX` 4.0.2 with `EDGEX_MSG_CBOR_ENCODE`: the whole envelope is CBOR.
    Cbor,
    /// The envelope's fields in the protocol's own headers, the payload alone as the body.
    Native,
}

impl Layout {
    /// All layouts, in the order in which plans and reports list them.
    pub const ALL: [Self; 4] = [Self::Native, Self::Json, Self::JsonBase64, Self::Cbor];

    /// The name that scenarios, results and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::JsonBase64 => "json-base64",
            Self::Cbor => "cbor",
            Self::Native => "native",
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A layout's name that nobody knows.
#[derive(Debug, thiserror::Error)]
#[error("unknown envelope layout `{0}`: one of native, json, json-base64, cbor")]
pub struct UnknownLayout(String);

impl FromStr for Layout {
    type Err = UnknownLayout;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|layout| layout.name() == text)
            .ok_or_else(|| UnknownLayout(text.to_owned()))
    }
}
