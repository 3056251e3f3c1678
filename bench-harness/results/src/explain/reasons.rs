//! The closed list of reasons. What each does to its trial follows from
//! [`ReasonKind::severity`](crate::ReasonKind::severity).

use super::{Explanation, Subject};

const fn reason(name: &'static str, meaning: &'static str, advice: &'static str) -> Explanation {
    Explanation::new(Subject::Reason, name, meaning).advice(advice)
}

pub(super) const LIST: &[Explanation] = &[
    reason(
        "server-not-started",
        "No server came up, so there was no trial.",
        "The detail says why. `busbench doctor` shows which servers this machine can run.",
    ),
    reason(
        "server-died",
        "The server ended in the middle of the trial. What it said last is in the detail.",
        "Look for memory (the kernel's log, the container's limit) and for the server's own error.",
    )
    .taken("The server's process or container is looked at after the trial (`runner/src/run.rs`)."),
    reason(
        "server-restarted",
        "The server that answered at the end is another than the one that answered at the start, so \
         its counters began anew and messages may be gone.",
        "Find out who restarts it: a supervisor, a health check, a second user of an external server.",
    )
    .taken("By what a server says of its own instance, before the load and after the drain."),
    reason(
        "client-failed",
        "A client did not connect, or a publisher broke.",
        "The detail holds the client's error. Check logins, limits of connections, and open files.",
    ),
    reason(
        "corrupt",
        "Messages arrived with other bytes than were sent.",
        "Nothing between publisher and subscriber may change a message: look for a proxy, a server \
         plug-in or a fault of the client crate.",
    )
    .taken("The whole body is compared (`runner/src/trial/receiver.rs`)."),
    reason(
        "nothing-delivered",
        "Not one message of the window arrived.",
        "Check topics and permissions of an external server, and whether the window is long enough.",
    ),
    reason(
        "clock-jumped",
        "The clock that times everything did not go evenly: it differs from the unadjusted clock by \
         more than any slewing makes it, or the machine was suspended.",
        "Let time synchronisation settle, do not suspend the machine, and look at its clock source \
         (`busbench doctor`).",
    )
    .taken(
        "CLOCK_MONOTONIC beside CLOCK_MONOTONIC_RAW and CLOCK_BOOTTIME over the trial: more than 1 ms \
         plus 1000 ppm apart, or suspended for more than 1 ms (`measure/src/clock/witness.rs`, \
         `runner/src/trial/judge.rs`).",
    ),
    reason(
        "wake-lag",
        "The harness itself was late: the wake lag's p99 is above 100 us and above a tenth of the \
         response time's p99, so part of that is not the bus's.",
        "End other work on the machine, offer less, or give the harness cores of its own \
         (`pin = true`). A stalled server does not cause this: its push-back is blocked time.",
    )
    .taken("The pacer's histogram of wake lag (`measure/src/pacer.rs`, `runner/src/trial/judge.rs`)."),
    reason(
        "few-samples",
        "Fewer than 1000 messages of an open load arrived: there is no p99.",
        "Make the window longer or the rate higher.",
    ),
    reason(
        "counts-unexplained",
        "Harness and server count differently, and nothing that is known explains it.",
        "The count checks of the trial hold both numbers. Look for a second user of the server, or \
         report it as a fault of busbench.",
    ),
    reason(
        "counters-unreadable",
        "The server's own counters could not be read, so loss cannot be laid to anybody.",
        "Open the monitoring port, allow `INFO` or `$SYS` to the login that busbench uses; the detail \
         says what failed. An external NATS server needs the address of its monitoring port.",
    ),
    reason(
        "cost-unreadable",
        "CPU time and memory of a side could not be read, so what limited the cell is not known \
         either.",
        "Usual for an external server. Elsewhere `/proc` and control groups must be readable: Linux \
         only.",
    ),
    reason(
        "cpu-steal",
        "A hypervisor gave more than 2 % of the machine's CPU time to somebody else during the \
         window.",
        "Use a dedicated machine, or a time at which the neighbours are quiet; run more trials.",
    )
    .taken("`/proc/stat` at both ends of the window (`runner/src/trial/cost.rs`)."),
    reason(
        "emulated",
        "Harness, server or both run under an emulator, so their times are the emulator's. The detail says \
         which side, and by which sign that shows.",
        "Never compare it with hardware: run on the architecture itself.",
    )
    .taken(
        "`/proc/thread-self/exe`, `/proc/PID/exe`, `kernel.arch`, `/proc/cpuinfo` and the servers' \
         programs (`brokers/src/emulation.rs`).",
    ),
    reason(
        "unsteady",
        "The throughput drifted over the window: by more than a fifth of its mean, more clearly than \
         chance would have it.",
        "Make the warm-up longer. What goes on drifting has a cause: a growing store, a machine that \
         grows warm, a full disk.",
    ),
    reason(
        "window-reopened",
        "A closed window out of which nothing came for a second most likely held lost messages, and \
         was opened again: more than a window may have been in flight then.",
        "Look at the loss first: with none in flight lost the window would have gone on by itself.",
    )
    .taken("`runner/src/trial/progress.rs`."),
    reason(
        "not-pinned",
        "Server and harness were to have cores of their own (`pin = true`), and have not.",
        "The detail says why: one core only, an external server, no permission.",
    ),
    reason(
        "server-out-of-memory",
        "The kernel killed the server, because it needed more memory than its limit allows. With a \
         limit that is a result, and what was measured until then stands: the cell is `failed`, and \
         not ranked.",
        "Give it more (`matrix.limit`), keep less (`client.retention`), or lower what the server holds \
         back for slow subscribers; docs/servers.md, \"Limits\", says what each server does.",
    )
    .taken(
        "`oom_kill` of the server's control group, or what the container engine says \
         (`brokers/src/limit.rs`, `brokers/src/container/running.rs`).",
    ),
    reason(
        "subscriber-cut-off",
        "The server closed the connection of a subscriber that did not keep up.",
        "That is the server's limit at work, and a result. `tuning = \"tuned\"` moves such limits; a \
         smaller window or a lower rate stays below them.",
    ),
    reason(
        "publish-failed",
        "The server refused publishes, or did not acknowledge them.",
        "The detail holds the first refusal.",
    ),
    reason(
        "backlog-grew",
        "More was waiting at the end of the window than at its start: the bus did not carry what was \
         offered.",
        "Offer less for a latency.",
    ),
    reason(
        "client-dropped",
        "The client crate dropped messages that the application did not read in time. The server \
         does not know of them.",
        "Read faster, or enlarge the client's queue (`client.queue`).",
    )
    .taken("By the client crate's own counter (`buses/src/nats_client.rs`)."),
    reason(
        "client-backlog",
        "The client crate's own queue grew, because the application did not read in time: memory \
         takes the place of loss.",
        "Read faster. A queue without a bound ends at the machine's memory.",
    ),
    reason(
        "server-dropped",
        "The server says that it dropped messages.",
        "Its limits for slow subscribers are in docs/method.md, \"Silent limits\".",
    ),
    reason(
        "foreign",
        "Messages of an earlier trial, or of somebody else, arrived.",
        "Give busbench a server of its own; an external one may still hold what was kept.",
    )
    .taken("By the epoch in the stamp (`runner/src/trial/receiver.rs`)."),
    reason(
        "wire-not-counted",
        "What one message costs on the wire could not be counted after the load, so its figures are \
         empty. Nothing else of the trial rests on them.",
        "The detail says why: most likely the server was still busy with the load, or gone.",
    )
    .taken("By two clients behind a relay that counts (`buses/src/wire.rs`)."),
    reason(
        "not-cold",
        "A start that was to find nothing of the program in memory found all of it, or nobody can tell, so \
         the trial has no cold start. Everything else of it stands.",
        "Stop other servers of the same program on the machine: while one runs, its pages stay in memory. \
         A container's program can be looked at by root alone.",
    )
    .taken(
        "Major faults of the server's processes after its first answer: none means that no page was read \
         from disk (`runner/src/footprint/server.rs`).",
    ),
];
