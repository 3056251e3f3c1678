//! What a server itself counted, and how it agrees with what the harness counted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a server counted between the start of a trial's load and the end of its drain. `None` where
/// this kind of server does not count it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ServerCounters {
    /// Where it was read, such as `/varz, /connz, /jsz`.
    pub source: String,
    /// Messages that publishers sent to it; clients' own requests and the harness's readings are not
    /// among them.
    pub messages_in: Option<u64>,
    /// Messages that it sent to subscribers, counted alike.
    pub messages_out: Option<u64>,
    /// Messages that it says it dropped.
    pub dropped: Option<u64>,
    /// Messages that it stored.
    pub stored: Option<u64>,
    /// Connections that it closed because they did not keep up.
    pub cut_off: Option<u64>,
    /// Bytes that it received: NATS counts messages without the protocol around them, the others all
    /// that comes over a socket.
    pub bytes_in: Option<u64>,
    /// Bytes that it sent, counted alike.
    pub bytes_out: Option<u64>,
    /// Bytes that waited in it for subscribers at the end.
    pub pending_bytes: Option<u64>,
}

/// One comparison of the harness's count with the server's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CountCheck {
    /// What is compared, such as `published and received by the server`.
    pub what: String,
    /// The harness's count, over the whole trial.
    pub harness: u64,
    /// The server's count.
    pub server: u64,
    /// What explains a difference; `None` where there is none, or nothing explains it.
    pub explanation: Option<String>,
    /// Whether the two agree, or their difference is explained.
    pub agrees: bool,
}
