//! `tuning = "tuned"`: what a server holds back for a slow subscriber before it drops messages or
//! closes the connection, raised to the same bounds for all servers.

use std::fmt::Write;

use super::NatsLimits;

/// Bytes that wait for one subscriber.
const BYTES: u64 = 1 << 30;
/// Messages that wait for one subscriber, where a server counts them.
const MESSAGES: u32 = 1_000_000;
/// How long a subscriber may stay behind, where a server has such a limit.
const SECONDS: u32 = 60;
/// Deliveries to one subscriber that it has not acknowledged: the most that MQTT's packet ids
/// allow.
pub(crate) const UNACKNOWLEDGED: u16 = 65_535;

/// `max_payload` may raise the bound further: a server refuses to start with less.
pub(super) fn nats(limits: NatsLimits) -> String {
    let bytes = limits.pending_bytes.unwrap_or_default().max(BYTES);
    format!("max_pending: {bytes}\nwrite_deadline: \"{SECONDS}s\"\n")
}

/// The inflight limit is also what MQTT 5 clients are told as Receive Maximum, so it bounds the ack
/// window of publishers, too.
pub(super) fn mosquitto() -> String {
    format!(
        "max_queued_messages {MESSAGES}\n\
         max_queued_bytes {BYTES}\n\
         max_inflight_messages {UNACKNOWLEDGED}\n"
    )
}

/// The hard and the soft limit; class `normal` is that of stream readers, which are without a limit
/// by default.
pub(super) fn redis() -> String {
    ["normal", "pubsub"]
        .iter()
        .fold(String::new(), |mut text, class| {
            let _ = writeln!(
                text,
                "client-output-buffer-limit {class} {BYTES} {BYTES} {SECONDS}"
            );
            text
        })
}
