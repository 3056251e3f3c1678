//! The two halves of a guarantee.

use super::{Explanation, Subject};

const fn ack(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::PublishAck, name, meaning).taken(FROM)
}

const fn delivery(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::Delivery, name, meaning).taken(FROM)
}

const FROM: &str = "Worked out from the cell's effective configuration, never from a bus's name.";

pub(super) const LIST: &[Explanation] = &[
    ack(
        "none",
        "Nothing is acknowledged, or nobody waits for it: a publish that returned may be lost on its \
         way to the server.",
    ),
    ack(
        "in-memory",
        "An acknowledged message is in the server's memory. A crash of its process loses it.",
    ),
    ack(
        "periodic-sync",
        "An acknowledged message is written, and synced to the disk later, at most after the period \
         that stands beside it (such as `periodic-sync 2m`). A power cut loses what came since the \
         last sync. A crash of the process alone does not, as the operating system still has it: \
         ending a server with SIGKILL tests no more than that.",
    ),
    ack(
        "synced",
        "An acknowledged message is on the disk: a power cut does not lose it.",
    ),
    delivery(
        "at-most-once",
        "A message that was taken reaches a connected subscriber once or never.",
    ),
    delivery(
        "at-least-once",
        "A message that was taken reaches a connected subscriber once or more: a loss is a fault, a \
         duplicate is not.",
    ),
    delivery(
        "exactly-once",
        "A message that was taken reaches a connected subscriber once.",
    ),
];
