//! Times of a message.

use super::{Explanation, Subject};

const fn time(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::Time, name, meaning)
}

pub(super) const LIST: &[Explanation] = &[
    time(
        "response",
        "Response time: from the instant at which the schedule called for a message to the instant \
         at which the subscriber had it. The headline latency. It counts from the schedule, so a \
         stall shows in every message that it held up, and whatever client or server held back is \
         in it. Only an open load has a schedule to count from, and only a cell that carried its \
         load shows the figure: otherwise it would tell how long a backlog grew.",
    )
    .taken(
        "opened minus intended. The intended instant is the schedule's (`measure/src/schedule.rs`) \
         and travels in the stamp; opened is read when the message's depth has been decoded \
         (`runner/src/trial/receiver.rs`). At depth `transport` that is first of all when the client \
         crate gives the message to us: arrived and opened are the same.",
    ),
    time(
        "service",
        "Service time: from the instant at which the pacer turned to a message to its opening. \
         Beside the response time it shows how much of that was the harness's own lateness. Under \
         closed load it is the time from send to arrival with the window full.",
    )
    .taken(
        "opened minus woken; woken is the intended instant plus the wake lag, and both travel in \
         the stamp (`runner/src/trial/receiver.rs`).",
    ),
    time(
        "wake-lag",
        "Wake lag: the harness's own lateness. How long after the intended instant the pacer turned \
         to the message, because its thread was not woken in time or was still at an earlier \
         message. It belongs to no bus; where it is large the trial is suspect.",
    )
    .taken("woken minus intended, read on the pacer's thread (`measure/src/pacer.rs`)."),
    time(
        "blocked",
        "Blocked time: how long a message waited, encoded, until the client crate took it. The \
         client or the server pushed back. It is part of the response time and a result, never the \
         harness's fault.",
    )
    .taken(
        "handed over minus encoded, read where the client takes the message \
         (`runner/src/trial/sender.rs`). An encoding that was not timed counts as blocked.",
    ),
    time(
        "ack",
        "Ack time: from the hand-over to the server's acknowledgement, on buses and settings that \
         acknowledge publishes.",
    )
    .taken("acknowledged minus handed over (`runner/src/trial/sender.rs`)."),
    time(
        "encode",
        "Time to build a message as deep as its depth says, metadata included, until the client \
         crate has it. At depth `transport` the message is prepared, and this is to copy it and to \
         patch the stamp in.",
    )
    .taken(
        "Around the building of the bytes on the publishing thread (`runner/src/trial/sender.rs`); \
         under closed load of one message in 16, so that reading clocks does not slow the rest.",
    ),
    time(
        "decode",
        "Time to open a message as deep as its depth says. At depth `transport` this is to read the \
         stamp and to compare the bytes with what was sent.",
    )
    .taken(
        "opened minus arrived, on the subscriber's task (`runner/src/trial/receiver.rs`); under \
         closed load, and at depth `transport`, of one message in 16.",
    ),
];
