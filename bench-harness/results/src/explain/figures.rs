//! What is worked out for a cell.

use super::{Explanation, Subject};

const fn figure(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::Figure, name, meaning)
}

pub(super) const LIST: &[Explanation] = &[
    figure(
        "delivered-rate",
        "Deliveries of the window that came in time, by its length: the headline of a closed load. \
         Over trials it is the geometric mean, with a 95 % t interval on the logarithms from 3 \
         trials on. A rate of publishing alone is never shown. Marked with ≥ where the client or the \
         machine was used up first: then the server can do at least this.",
    )
    .also(&["delivered-per-second"])
    .taken(
        "From the ledger's counts (`results/src/types/trial.rs`, `results/src/statistics.rs`).",
    ),
    figure(
        "achieved",
        "Open load: the delivered rate by what was offered to all subscriptions together. Less than \
         99 % is saturated.",
    ),
    figure(
        "percentile",
        "p50, p90, p99, p99.9: so many per cent of the messages took at most this time. From the \
         merged histogram of all pooled trials; percentiles themselves are never averaged. Shown \
         where at least 10 samples lie above it: p99 needs 1000 samples, p99.9 needs 10 000.",
    )
    .also(&["p50", "p90", "p99", "p99-9", "max"])
    .taken("HDR histograms of 3 significant digits (`measure/src/histogram.rs`)."),
    figure(
        "interval",
        "95 % confidence interval by Student's t on the logarithms of the trials' figures; none for \
         fewer than 3 trials. That of a percentile is as wide, as a factor, as the trials' own \
         percentiles make it.",
    )
    .taken("`results/src/statistics.rs`."),
    figure(
        "difference",
        "How a cell lies to the best of its group, from the logarithms of the ratios of trials that \
         ran in one round. A difference is one whose interval, corrected for all that one run asks, \
         lies beyond the smallest effect of interest. \"No measurable difference\" is a proper \
         answer, and no proof that there is none: beside it stands the smallest change that would \
         have been caught.",
    )
    .also(&["no-measurable-difference", "against-the-best", "differences"]),
    figure(
        "gain",
        "A figure of the native layout by that of another layout of the same bus under the same \
         configuration, with its interval, from the ratios of trials that ran in one round. 1.40 × of a \
         rate is faster, 0.700 × of a time or a cost is less. All gains of a run share one correction; \
         one that lies within the smallest effect of interest is no measurable difference.",
    )
    .also(&["gains", "gap"])
    .taken("`results/src/comparison/layouts.rs`."),
    figure(
        "breakdown",
        "Where a message's time goes under open load: mean encode time, mean decode time, and \
         transport, which is the rest of the mean service time. Means add up, medians do not.",
    )
    .also(&["time-of-a-message"])
    .taken("`report/src/envelopes/times.rs`."),
    figure(
        "cpu",
        "CPU time, user and system, of all threads of the server or of the harness within the \
         window, by deliveries.",
    )
    .also(&["server-cpu", "client-cpu", "cpu-per-message"])
    .taken(
        "From `/proc` or the control group at both ends of the window, never within it by the \
         measuring threads (`brokers/src/cost.rs`, `runner/src/trial/cost.rs`).",
    ),
    figure(
        "memory",
        "Largest resident memory: of the server since its start, or since the trial's where trials \
         share it, with what earlier ones left in its heap; of the harness since the start of the \
         trial. Empty for a shared server whose peak the kernel does not let us set back. Servers are \
         compared by it only where each trial had a fresh one, and a difference of less than 10 % is \
         none.",
    )
    .also(&["server-rss", "client-rss", "rss"])
    .taken("`VmHWM` of `/proc`, summed over processes: the peak that cgroup v1 keeps has the page cache in it.")
    .advice("A scenario may call another difference the smallest of interest than 10 %: `[smallest_effects]`."),
    figure(
        "context-switches",
        "How often threads gave their core away: voluntarily, as they waited for something, or not, \
         as another was to have it. Of the threads that ran at the end of the window, by deliveries.",
    )
    .also(&["server-context-switches", "client-context-switches"]),
    figure(
        "cpu-limit-used",
        "How much the server used of the CPU time that its limit allows. Near 100 % the limit is what \
         held it back. Empty without such a limit.",
    )
    .also(&["server-cpu-limit-used"])
    .taken("CPU time of the server over the window, by the window times the CPUs of its limit."),
    figure(
        "throttled",
        "In how many periods a limit of CPU time stopped the server, and for how long: the kernel gives \
         it a quota for each tenth of a second, and whoever has used it up waits for the next period. \
         Kernels from 6.18 on stop single threads where they stopped all, and count a part only: \
         `cpu-limit-used` is what to go by.",
    )
    .taken("`cpu.stat` of the server's control group at both ends of the window (`brokers/src/cgroup.rs`)."),
    figure(
        "disk-bytes",
        "Bytes that were fetched from a disk, and that entered the page cache on their way to one. A \
         file system in memory has none.",
    )
    .also(&["server-disk-written", "server-disk-read", "disk-written"]),
    figure(
        "network-bytes",
        "Bytes that the server received and sent, by its own counters over the whole trial, by all \
         its deliveries, those of the warm-up and the drain included. NATS counts messages without \
         the protocol around them, the others all that comes over a socket.",
    )
    .also(&["server-network", "network-in", "network-out"]),
    figure(
        "wire",
        "Bytes that TCP carries for one message, without the headers of TCP and IP. The headline is \
         what the publisher sends: payload (the encoded event), envelope (what the layout adds to \
         it, base64's growth and native headers among them), topic, and protocol (verbs, lengths, \
         framing). Beside it stand the server's answer, what it sends to a subscriber, and what that \
         one answers or asks. Of a message that travels alone: numbers in decimal have one or two \
         digits, and on Redis streams each message is asked for, where under load one request \
         and its reply fetch several.",
    )
    .also(&[
        "wire-payload",
        "wire-envelope",
        "wire-topic",
        "wire-protocol",
        "wire-publish-ack",
        "wire-delivery",
        "wire-delivery-ack",
    ])
    .taken(
        "Counted after the load on the trial's own server, by a relay between it and two more \
         clients (`buses/src/wire.rs`); split by what the message is made of \
         (`buses/src/wire/split.rs`).",
    ),
    figure(
        "trials",
        "Trials that a cell's figures rest on: finished, and not invalid.",
    ),
    figure(
        "steal",
        "Share of all cores that the hypervisor gave to somebody else during the window.",
    )
    .taken("`/proc/stat`, read at both ends of the window (`runner/src/trial/cost.rs`)."),
    figure(
        "steadiness",
        "How a window went on from its start to its end: the fitted change of its throughput as a \
         share of the mean, and the fitted growth of its backlog, each with the probability that \
         chance makes so clear a trend. See `unsteady` and `backlog-grew`.",
    )
    .taken("Bins of the window (`results/src/steadiness.rs`)."),
    figure(
        "clock-drift",
        "How much longer a trial was by the clock that times everything (`CLOCK_MONOTONIC`) than by \
         one that nobody adjusts (`CLOCK_MONOTONIC_RAW`), and how long the machine was suspended.",
    )
    .taken("Three clocks, read at the start and the end of a trial (`measure/src/clock/witness.rs`)."),
    figure(
        "count-check",
        "One count of the harness beside the server's own: whether the two agree, or what explains \
         their difference. What nothing explains makes the trial suspect.",
    )
    .also(&["count-checks"]),
    figure(
        "verdict",
        "Whether a trial's numbers can be trusted: `valid`, `suspect` or `invalid`. That of a cell is \
         the worst of the trials that its figures rest on, and at best `suspect` where another trial \
         is invalid.",
    )
    .taken("`runner/src/trial/judge.rs`."),
    figure(
        "outcome",
        "What happened: `delivered`, `saturated`, `lossy` or `failed`. A result, and no verdict. That \
         of a cell is the worst of all its trials.",
    )
    .taken("`runner/src/trial/judge.rs`."),
    figure(
        "limited-by",
        "What kept the rate from being higher: `offered`, `client`, `server`, `machine` or `unknown`, \
         by the CPU that each side used of what it could have had.",
    )
    .taken("`runner/src/trial/judge.rs`."),
    figure(
        "reasons",
        "Why a cell's trials are not simply valid, and what is worth knowing of them: a closed list, \
         each entry explained under its own name.",
    ),
    figure(
        "guarantee",
        "What the bus promises in this cell's configuration: publish ack / delivery, such as \
         `in-memory / at-least-once`. Ranking is within one guarantee.",
    ),
];
