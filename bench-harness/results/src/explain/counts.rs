//! Counts of messages.

use super::{Explanation, Subject};

const fn count(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::Count, name, meaning)
}

pub(super) const LIST: &[Explanation] = &[
    count(
        "attempted",
        "Messages that the schedule called for within the window, whether or not the client took \
         them. A message belongs to the window that holds its intended instant.",
    )
    .taken("Counted by the sender, by intended instant (`runner/src/trial/sender.rs`)."),
    count(
        "published",
        "Messages of the window that the client took and, where publishes are acknowledged, the \
         server acknowledged.",
    )
    .taken("Counted at the hand-over or at the acknowledgement (`runner/src/trial/sender.rs`)."),
    count(
        "expected",
        "Published messages times the subscriptions that should get each of them.",
    ),
    count(
        "delivered",
        "Distinct messages of the window that arrived whole, over all subscriptions, by the end of \
         the drain.",
    )
    .taken(
        "The ledger counts each publisher x subscriber by the sequence in the stamp \
         (`measure/src/ledger.rs`).",
    ),
    count(
        "in-time",
        "Delivered messages of the window that came within it or a tenth of a second after it. The \
         delivered rate counts these: what comes later comes out of a backlog.",
    ),
    count(
        "lost",
        "Expected and not there when the drain ended. Lost is lost on the whole way, from the \
         hand-over to the subscriber: by a client crate, by the server, or cut off. A cell with any \
         loss has no headline: it shows its rate and its loss, and is not ranked.",
    )
    .taken("Expected minus delivered, for each publisher x subscriber (`measure/src/ledger.rs`).")
    .advice(
        "The reasons of the trial and its count checks say who lost them: `server-dropped`, \
         `client-dropped`, `subscriber-cut-off`. Lower the rate or the window, or give the \
         subscriber more time.",
    ),
    count(
        "duplicated",
        "Messages that arrived once more. At-least-once delivery may do that; at most once may not.",
    )
    .taken("The ledger remembers which sequences came (`measure/src/ledger/seen.rs`)."),
    count(
        "reordered",
        "Messages that arrived after a later one of the same publisher (RFC 4737).",
    )
    .taken("By the sequence in the stamp (`measure/src/ledger.rs`)."),
    count(
        "corrupt",
        "Messages that arrived with other bytes than were sent.",
    )
    .taken("The whole body is compared (`runner/src/trial/receiver.rs`)."),
    count(
        "foreign",
        "Messages of an earlier trial or of somebody else, over the whole trial. They are counted \
         and nothing else.",
    )
    .taken("By the epoch in the stamp, or its absence (`runner/src/trial/receiver.rs`)."),
    count(
        "client-dropped",
        "Messages that client crates dropped on the subscribing side because the application did not \
         read in time, or still held unread when the drain ended after a drop, warm-up included. \
         The server does not know of them.",
    )
    .taken("By the client crate's own counter (`buses/src/nats_client.rs`)."),
];
