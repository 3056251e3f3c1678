//! What a cell was measured under: the key columns of an export, and the values that need words.

use super::{Explanation, Subject};

const fn condition(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::Condition, name, meaning)
}

const fn floor(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::Floor, name, meaning)
}

pub(super) const LIST: &[Explanation] = &[
    condition("run", "One scenario on one host: start time, scenario and a random suffix."),
    condition("host", "Name of the machine on which harness and, mostly, servers ran."),
    condition("arch", "Architecture of the host: `x86_64`, `aarch64`."),
    condition(
        "emulated",
        "Whether harness or server ran under an emulator; such times are never ranked against hardware.",
    ),
    condition("scenario", "Name of the scenario: a TOML file that asks one question."),
    condition("bus", "Server and protocol, such as `mqtt5`; the README lists them."),
    condition("server-version", "The version that the server itself tells at its handshake."),
    condition(
        "provider",
        "Who started the servers: `container`, `process`, or nobody (`external`). One for a run.",
    ),
    condition(
        "network-path",
        "The way between client and server: `loopback`, `host-network`, `published-port` or \
         `network`. A published port costs a fast server much of its rate, so figures over different \
         paths are not compared.",
    )
    .advice("`busbench doctor` measures what each path costs on this machine."),
    condition(
        "tuning",
        "`default`: the servers' own limits for slow subscribers, as EdgeX runs them. `tuned`: these \
         limits out of the way, alike over the buses. What was set is in the server's recorded \
         configuration.",
    )
    .also(&["default", "tuned"]),
    condition(
        "envelope",
        "How metadata and payload share a message: `native` (headers), `json`, `json-base64`, `cbor`.",
    ),
    condition(
        "depth",
        "How deep each message is built and opened. `transport`: the bytes are prepared, only the \
         stamp is patched in and read out. `envelope`: the envelope is encoded and decoded for each \
         message, its payload is opaque bytes. `event`: the event too, and the receiver validates \
         it. `upstream`: what EdgeX's own benchmark of its marshallers does; in layout `native` \
         that is nothing, and base64 stays a text.",
    )
    .also(&["transport", "event", "upstream"]),
    condition(
        "client",
        "Whose client: `library` is the crate that a Rust service would use.",
    )
    .also(&["library"]),
    condition("workload", "What is done: `pubsub`.").also(&["pubsub"]),
    condition(
        "load",
        "`open`: messages leave on a schedule, whatever the bus does; for latency. `closed`: as fast \
         as a window allows; for throughput.",
    )
    .also(&["open", "closed"]),
    condition(
        "publish",
        "What a publish waits for. `edgex`: what EdgeX's Go client waits for, one message in flight \
         for each device. `pipelined`: as many unacknowledged as `ack-window` allows. The two are \
         never in one ranking.",
    )
    .also(&["edgex", "pipelined"]),
    condition(
        "subscribe",
        "How a subscriber reads. `edgex`: as EdgeX does, on Redis Streams from the newest entry on. \
         `lossless`: so that nothing is passed over.",
    )
    .also(&["lossless"]),
    condition(
        "ack-window",
        "Publishes that each publisher may have unacknowledged, where the bus acknowledges. The \
         effective one is recorded: servers may allow fewer than were asked for.",
    ),
    condition(
        "window",
        "Closed load: the bound of sent minus delivered by the slowest subscriber, in messages and in \
         bytes, with the same meaning on every bus. (In \"messages of the window\", the measured span \
         of time between warm-up and drain.)",
    )
    .taken("`measure/src/window.rs`, `runner/src/trial/progress.rs`."),
    condition("qos", "MQTT's quality of service: 0, 1 or 2."),
    condition("storage", "Where a bus that stores keeps messages: `file` or `memory`."),
    condition("sync", "How often a server that stores syncs to the disk."),
    condition("retention", "Messages that a bus that stores keeps, or `unlimited`."),
    condition(
        "payload",
        "What an event holds, such as `1xInt32`: number and type of its readings.",
    ),
    condition("publishers", "Publishing connections."),
    condition("subscribers", "Subscribing connections; each gets every message."),
    condition("offered-per-second", "Open load: messages per second over all publishers."),
    condition(
        "arrivals",
        "Open load: how messages are spaced, `even`, or by a seeded Poisson process (`poisson`).",
    )
    .also(&["even", "poisson"])
    .taken("`measure/src/schedule.rs`."),
    condition(
        "servers",
        "How long one server serves. `trial`: a fresh one for each trial. `round`: one for all trials \
         of a bus and tuning within a round, so that a trial may meet what earlier ones did to its \
         heap. The two are not compared. An external server is whoever's it is, for as long as that \
         lasts; the key then sets the order of trials alone.",
    )
    .also(&["trial", "round"])
    .taken("`runner/src/order.rs`, `runner/src/run/server.rs`."),
    condition(
        "limit",
        "Memory and CPU that the server may use, as on a small machine: `memory=256MiB,cpus=0.5` is a \
         quarter of a GiB, its part of the page cache included and no swap, and half of a core's time. \
         The limit is the server's alone, the harness has the rest of the machine. `none`: all that \
         the machine has. Cells of different limits are never compared.",
    )
    .also(&["none"])
    .taken("`brokers/src/limit.rs`; what the kernel says of it is in the server's record."),
    floor(
        "null",
        "The null bus: a queue within the harness, and no server. It shows what the harness itself \
         can do; no server can look better on this machine.",
    )
    .taken("`buses/src/null.rs`."),
    floor(
        "tcp-relay",
        "A relay that only copies bytes from socket to socket, on threads of the harness and behind \
         the same hand-over as the servers. It shows what sockets and scheduling alone cost on this \
         machine: a quiet floor within one process says nothing of that.",
    )
    .taken("`buses/src/tcp_relay.rs`."),
];
