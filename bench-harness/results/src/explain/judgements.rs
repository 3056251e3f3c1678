//! Outcomes, limits and verdicts: three different questions.

use super::{Explanation, Subject};

const fn outcome(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::Outcome, name, meaning)
}

const fn limit(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::LimitedBy, name, meaning)
}

const fn verdict(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::Verdict, name, meaning)
}

pub(super) const LIST: &[Explanation] = &[
    outcome("delivered", "Everything that was offered came through."),
    outcome(
        "saturated",
        "Open load: less than 99 % of what was offered came in time, or the backlog grew over the \
         window. The rate is a result; the response time is not shown, as it would only tell how \
         long the backlog grew.",
    )
    .advice("Offer less for a latency, or take the delivered rate as what the bus can carry."),
    outcome(
        "lossy",
        "Messages were lost, a publish failed, or a subscriber was cut off. The cell shows its rate \
         beside its loss, and is not ranked.",
    )
    .advice("See `lost`, and the reasons of the cell."),
    outcome(
        "failed",
        "A trial could not be finished: the server did not start, died or restarted, or a client \
         broke.",
    )
    .advice("The reason holds the server's last words or the client's error."),
    outcome(
        "not-possible",
        "The protocol or the server cannot do it; the reason says why. Planned as such, never tried.",
    ),
    outcome("not-run", "No trial of the cell has finished.")
        .advice("`busbench run --resume` goes on with an interrupted run."),
    limit(
        "offered",
        "Nothing: open load, and what was offered was carried.",
    )
    .taken("`runner/src/trial/judge.rs`."),
    limit(
        "client",
        "The harness or its client crate was used up first. The rate is a lower bound of the server, \
         shown with ≥, and no argument against it.",
    )
    .taken("CPU time of the harness's busiest thread or cores over the window (`runner/src/trial/judge.rs`)."),
    limit(
        "server",
        "The server was used up first: this rate is its own. With a limit, it has used up its CPU time \
         or memory.",
    )
    .taken(
        "CPU time of the server's busiest thread, cores or quota over the window \
         (`runner/src/trial/judge.rs`).",
    ),
    limit(
        "machine",
        "All cores together were used up, by whomever. The rate is a lower bound of the server, shown \
         with ≥, and no argument against it.",
    )
    .advice("Give server and harness cores of their own (`pin = true`), or a larger machine.")
    .taken("`/proc/stat` over the window (`runner/src/trial/judge.rs`)."),
    limit(
        "unknown",
        "None of these can be shown: often the round trip, where the window is small.",
    ),
    verdict("valid", "The numbers can be trusted."),
    verdict(
        "suspect",
        "The numbers are to be taken with care: the reasons say why. They are part of the cell's \
         figures.",
    ),
    verdict(
        "invalid",
        "The numbers are worthless: the reasons say why. The trial is shown and never part of a \
         figure.",
    ),
];
