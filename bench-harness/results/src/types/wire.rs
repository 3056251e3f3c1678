//! What one message costs on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes that one message costs on the wire between one publisher, the server and one subscriber:
/// what TCP carries, without the headers of TCP and IP. Counted beside the load on the trial's own
/// server, a message at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct WireBytes {
    /// Of what the publisher sends, the encoded payload, as it is before the envelope.
    pub payload_bytes: u64,
    /// What the layout adds around the payload: the envelope's own text and base64's growth in the
    /// body, or in layout `native` the attributes as the protocol writes them.
    pub envelope_bytes: u64,
    /// The topic, as subject, channel or stream, as the bus writes it.
    pub topic_bytes: u64,
    /// All else that the publisher sends: verbs, lengths, framing, a reply's subject.
    pub protocol_bytes: u64,
    /// What the server answers to the publisher.
    pub publish_ack_bytes: u64,
    /// What the server sends to the subscriber; on Redis streams with the frame of a reply, which
    /// several messages share where more are waiting.
    pub delivery_bytes: u64,
    /// What the subscriber sends: acknowledgements, and on Redis streams a request for each message
    /// (one for several where more are waiting).
    pub delivery_ack_bytes: u64,
}

impl WireBytes {
    /// All that the publisher sends.
    #[must_use]
    pub const fn publish_bytes(&self) -> u64 {
        self.payload_bytes + self.envelope_bytes + self.topic_bytes + self.protocol_bytes
    }
}
