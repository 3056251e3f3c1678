//! How to read a report, by the sections of `docs/method.md` that say it in full.

/// One section of `docs/method.md`, in a few sentences.
pub(crate) struct Topic {
    /// The section's anchor.
    pub(crate) anchor: &'static str,
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
}

/// In the order of that file.
pub(crate) const TOPICS: [Topic; 18] = [
    Topic {
        anchor: "open-load",
        title: "Open load",
        text: "Messages are due on a schedule, evenly spaced or as a Poisson process, whatever the bus \
               does. Response time counts from the instant at which the schedule called for a message \
               to the instant at which a subscriber had it: what a client or server held back is part \
               of it. For latency.",
    },
    Topic {
        anchor: "closed-load",
        title: "Closed load",
        text: "Messages are sent as fast as a bounded number in flight allows. The rate is that of \
               distinct messages that arrived whole and in time, by the window's length, over all \
               subscribers. There is no schedule to count from, so there is no response time. For \
               throughput.",
    },
    Topic {
        anchor: "counts",
        title: "Counts",
        text: "A stamp in each message tells what was delivered, lost, duplicated, reordered, corrupt \
               or foreign, for each publisher and subscriber. Lost: published, expected by a \
               subscriber, and not there by the end of a drain after the window. A cell with losses \
               shows its rate and its loss, and is not ranked. Where the server's own counters are \
               read, each count check sets the two side by side.",
    },
    Topic {
        anchor: "guarantees",
        title: "Guarantees",
        text: "What the server has done with a message when a publish is acknowledged, and how often \
               it reaches a subscriber: worked out from the cell's effective configuration. Buses that \
               promise less do less, so each ranking is within one guarantee.",
    },
    Topic {
        anchor: "floors",
        title: "Floors",
        text: "The null bus is a queue in the harness, the TCP relay copies bytes from socket to \
               socket. Both show what this machine and the harness can do at all; neither is a server \
               or ranked with one.",
    },
    Topic {
        anchor: "percentiles",
        title: "Percentiles",
        text: "From the histogram of all samples of all trials, never averaged. Shown where at least \
               10 samples lie above: p99 needs 1,000, p99.9 needs 10,000. A dash stands for one that \
               is not.",
    },
    Topic {
        anchor: "rate-against-latency",
        title: "Rate against latency",
        text: "Cells that differ in nothing but the offered rate, as a line. The knee is the highest \
               rate that was carried before the first that was not, or before the first whose p99 is \
               more than ten times the lowest at the rates below it; it lies on a measured rate, so \
               the true one is between it and the next.",
    },
    Topic {
        anchor: "outcome-limit-and-verdict",
        title: "Outcome, limit and verdict",
        text: "What happened, what was used up, and whether the numbers can be trusted: three \
               questions. An overloaded server is an outcome. A cell limited by the client or the \
               machine is a lower bound of its server, marked with ≥. A verdict is valid, suspect or \
               invalid, for reasons of a closed list; invalid trials are shown and never part of a \
               figure.",
    },
    Topic {
        anchor: "cost",
        title: "Cost",
        text: "CPU time, memory, context switches, disk and network bytes of server and harness, as far \
               as this machine tells them. CPU time is divided by deliveries.",
    },
    Topic {
        anchor: "bytes-on-the-wire",
        title: "Bytes on the wire",
        text: "What TCP carries for one message, counted to the byte between two clients and the \
               trial's server, after the load. What the publisher sends is payload, envelope, topic \
               and protocol; beside it stand answers and deliveries, of a message that travels alone.",
    },
    Topic {
        anchor: "over-time",
        title: "Over time",
        text: "Deliveries in each second of the measured window, one line for each trial.",
    },
    Topic {
        anchor: "statistics",
        title: "Statistics",
        text: "Trials of all cells are interleaved in a seeded random order. The rate of a cell is the \
               geometric mean of its trials; the 95 % interval is Student's t on their logarithms. \
               Fewer than 3 trials show none.",
    },
    Topic {
        anchor: "differences",
        title: "Differences",
        text: "Each ranked cell is set against the best of its group, trial by trial. A difference is \
               claimed where its interval, corrected for everything that the run compares, lies beyond \
               the smallest effect of interest. \"No measurable difference\" is an answer.",
    },
    Topic {
        anchor: "claims",
        title: "Claims",
        text: "Each claim of the proposal has a rule that says which comparisons, or which cells, judge \
               it: in valid cells with at least 5 trials only. One comparison against a claim is enough \
               for \"not supported\"; of a claim that something is better, at least half of them have to show it. \
               A cell that client or machine limited gives no verdict between servers.",
    },
    Topic {
        anchor: "answers",
        title: "Answers",
        text: "Each question takes its cells by what they measured. Within one run, one guarantee and the \
               same conditions, the best cell and all without a measurable difference from it are \
               favoured. Only valid cells of at least 5 trials take part that lost nothing and that \
               neither client nor machine limited; all others are named with the reason.",
    },
    Topic {
        anchor: "envelopes",
        title: "Envelopes",
        text: "The native layout against each other one, on one bus under one configuration, trial by \
               trial; all gains of the chapter share one correction. Where a message's time goes is \
               told by means under open load: encode and decode are timed for each message, transport \
               is the rest of the service time.",
    },
    Topic {
        anchor: "several-runs",
        title: "Several runs",
        text: "Differences are judged within a run only, as trials of two runs were not interleaved. \
               Cells that several runs measured stand side by side, with the fields named by which the \
               runs differ. What was emulated is marked and says nothing of hardware.",
    },
    Topic {
        anchor: "footprint",
        title: "Footprint",
        text: "Sizes are read once from images and programs. In each trial a server starts cold, with its \
               program's pages dropped from memory, and warm, and is then left idle, without clients and \
               with them. Under an emulator sizes are as on hardware, times and memory are not.",
    },
];

#[cfg(test)]
mod tests {
    use super::TOPICS;

    const METHOD: &str = include_str!("../../../docs/method.md");

    /// A heading's anchor, as GitHub makes it of words, spaces and commas.
    fn anchor(heading: &str) -> String {
        heading
            .to_lowercase()
            .chars()
            .filter(|character| character.is_alphanumeric() || *character == ' ')
            .map(|character| if character == ' ' { '-' } else { character })
            .collect()
    }

    #[test]
    fn every_topic_is_a_section_of_the_method_in_its_order() {
        let sections: Vec<String> = METHOD
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .map(anchor)
            .collect();
        let places: Vec<Option<usize>> = TOPICS
            .iter()
            .map(|topic| sections.iter().position(|section| section == topic.anchor))
            .collect();
        assert!(
            places.iter().all(Option::is_some),
            "{places:?} {sections:?}"
        );
        assert!(places.is_sorted(), "{places:?}");
        for topic in &TOPICS {
            assert_eq!(anchor(topic.title), topic.anchor);
        }
    }
}
