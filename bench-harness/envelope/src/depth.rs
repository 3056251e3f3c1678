//! How deep a message is built and opened.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What of a message is encoded for every publish and decoded for every delivery. Several depths, so
/// that a difference between two layouts can be placed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// Nothing: the bytes are built once, and only the stamp is patched in and read out at its
    /// known place.
    #[default]
    Transport,
    /// The envelope; its payload is opaque bytes, which base64 inside JSON is decoded to.
    Envelope,
    /// The envelope, and the event in it, which the receiver validates too: what a device service
    /// and an application service do.
    Event,
    /// What `go-mod-messaging`'s own `BenchmarkMarshallers` does: a JSON envelope is encoded and
    /// decoded, but the base64 inside it stays a text; in layout `native` no header is written or
    /// read, so nothing is encoded at all.
    Upstream,
}

impl Depth {
    /// All depths, from the outside in.
    pub const ALL: [Self; 4] = [Self::Transport, Self::Envelope, Self::Event, Self::Upstream];

    /// The name that scenarios, results and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Envelope => "envelope",
            Self::Event => "event",
            Self::Upstream => "upstream",
        }
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A depth's name that nobody knows.
#[derive(Debug, thiserror::Error)]
#[error("unknown depth `{0}`: one of transport, envelope, event, upstream")]
pub struct UnknownDepth(String);

impl FromStr for Depth {
    type Err = UnknownDepth;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|depth| depth.name() == text)
            .ok_or_else(|| UnknownDepth(text.to_owned()))
    }
}
