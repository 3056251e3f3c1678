//! How to read the numbers.

use maud::{Markup, html};

/// Words of a report, each with its meaning.
pub(crate) const WORDS: [(&str, &str); 9] = [
    (
        "Response time",
        "From the instant at which the schedule called for a message to the instant at which a \
         subscriber had it. What a client or server held back is part of it.",
    ),
    (
        "Open load",
        "Messages are sent on a schedule, evenly spaced. For latency.",
    ),
    (
        "Closed load",
        "Messages are sent as fast as a bounded number in flight allows. For throughput. There is \
         no schedule to count from, so there is no response time.",
    ),
    (
        "Delivered rate",
        "Distinct messages that arrived whole, by the window's length, over all subscribers. A \
         message belongs to the window that holds the instant at which it was due.",
    ),
    (
        "Lost",
        "Published, expected by a subscriber, and not there by the end of a drain after the \
         window. A cell with losses is not ranked against one without.",
    ),
    (
        "Percentile",
        "From the histogram of all samples of all trials. It is shown where at least 10 samples \
         lie above it: p99 needs 1,000, p99.9 needs 10,000. A dash stands for one that is not.",
    ),
    (
        "95 % interval",
        "Student's t on the logarithms of the trials' rates. Fewer than 3 trials show none.",
    ),
    (
        "Limited by",
        "What was used up: the offered rate itself, the client, the server, or the machine that \
         both share. A cell limited by client or machine is a lower bound of its server.",
    ),
    (
        "Verdict",
        "Whether a trial's numbers can be trusted: valid, suspect or invalid. Invalid trials are \
         shown and never part of a figure.",
    ),
];

/// The words as a section.
pub(super) fn notes() -> Markup {
    html! {
        section {
            h2 { "How to read this" }
            dl.facts {
                @for (word, meaning) in WORDS { dt { (word) } dd { (meaning) } }
            }
        }
    }
}
