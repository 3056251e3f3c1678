//! What a server takes before any message flows, and what a client library adds to a program.

use super::{Explanation, Subject};

const fn figure(name: &'static str, meaning: &'static str) -> Explanation {
    Explanation::new(Subject::Footprint, name, meaning)
}

pub(super) const LIST: &[Explanation] = &[
    figure(
        "footprint",
        "Id of one footprint within its run: a server by one provider, or a client program.",
    )
    .also(&["footprints"]),
    figure(
        "host-arch",
        "Architecture of the machine as the program saw it; the servers' and programs' own stands in \
         `arch`.",
    ),
    figure("server", "Of a footprint: which server."),
    figure("image", "Of a footprint: name and tag of the image that the server starts from."),
    figure("language", "Of a client program: in which language it is written, `rust` or `go`."),
    figure(
        "service",
        "Of a client program: what it does beside its bus. `bare` does nothing at all; `rest` answers and \
         calls over HTTP, as every EdgeX service does, so that much of what a client library needs is in \
         the program already.",
    ),
    figure("library", "Of a client program: the client library that it uses."),
    figure("library-version", "Of a client program: the version of its client library."),
    figure("toolchain", "Of a client program: compiler and version that built it."),
    figure("profile", "Of a client program: how it was built."),
    figure(
        "image-compressed",
        "Bytes of an image's layers as gzip archives at level 6: about what a registry sends to a machine \
         that has none of them. The same under an emulator.",
    )
    .also(&["image-compressed-bytes"])
    .taken("The engine's archive of the image, layer by layer (`brokers/src/container/size.rs`)."),
    figure(
        "image-unpacked",
        "Bytes of an image's layers as `docker image inspect` tells them: what it takes on the disk. The \
         same under an emulator.",
    )
    .also(&["image-unpacked-bytes"])
    .taken("`Size` of the engine's image inspect (`brokers/src/container/size.rs`)."),
    figure(
        "program-bytes",
        "Bytes of a program's file, a server's or a client program's; code and constants (text), \
         initialised data (data) and zeroed data (bss) as `size` tells them. The same under an emulator.",
    )
    .also(&["program-text-bytes", "program-data-bytes", "program-bss-bytes"])
    .taken("The ELF file (`brokers/src/footprint/program.rs`)."),
    figure(
        "libraries-bytes",
        "Bytes of the shared libraries that a program loads, the dynamic loader among them. A system has \
         them once for all programs, an image once for its own.",
    ),
    figure(
        "added-bytes",
        "By how many bytes a client program is larger than the one of the same language and service that \
         uses no client library.",
    ),
    figure(
        "start-cold",
        "From the request that a server be started to its first answer to a handshake, when no page of its \
         program and of the libraries that only it uses was in memory. Of a client program: to its end, \
         after one message of its own has come back.",
    )
    .also(&["start-cold-ns", "start-cold-low-ns", "start-cold-high-ns"])
    .taken(
        "From before the process or container is ordered to the answer that a thread of its own gets \
         (`brokers/src/footprint/first_answer.rs`); major faults are the evidence that it was cold.",
    ),
    figure(
        "start-warm",
        "The same when its pages were in memory, right after another start.",
    )
    .also(&["start-warm-ns", "start-warm-low-ns", "start-warm-high-ns"])
    .taken(
        "As start-cold, right after it, with nothing dropped from memory \
         (`runner/src/footprint/server.rs`).",
    ),
    figure(
        "program-rss-peak",
        "Most resident memory that a client program had.",
    )
    .also(&["program-rss-peak-bytes"]),
    figure(
        "idle-memory",
        "Resident memory (`VmRSS`) of all processes of a server that nobody is connected to. Pages of \
         files, such as its own program, are in it; the part that is no file's is `idle_rss_anonymous_bytes`.",
    )
    .also(&[
        "idle-rss-bytes",
        "idle-rss-low-bytes",
        "idle-rss-high-bytes",
        "idle-rss-anonymous-bytes",
    ])
    .taken("`/proc`, at the end of a window with nobody connected (`brokers/src/footprint/held.rs`)."),
    figure(
        "idle-cpu",
        "CPU time that a server uses with nobody connected, as a share of one core.",
    )
    .also(&["idle-cpu-share"])
    .taken("CPU time between both ends of the window (`brokers/src/cost.rs`)."),
    figure(
        "idle-threads",
        "Threads of a server with nobody connected.",
    ),
    figure(
        "idle-open-files",
        "Open file descriptors of a server with nobody connected, sockets among them.",
    ),
    figure(
        "clients",
        "Clients that are connected and subscribed, each to a topic of its own, and get nothing.",
    )
    .taken("The server's own count must be the same (`runner/src/footprint/server.rs`)."),
    figure(
        "clients-memory",
        "Resident memory of a server with idle clients; what each of them added is `client_rss_bytes`.",
    )
    .also(&[
        "clients-rss-bytes",
        "clients-rss-low-bytes",
        "clients-rss-high-bytes",
        "client-rss-bytes",
    ]),
    figure(
        "clients-cpu",
        "CPU time that a server uses with idle clients, as a share of one core.",
    )
    .also(&["clients-cpu-share"]),
    figure(
        "clients-threads",
        "Threads of a server with idle clients.",
    ),
    figure(
        "clients-open-files",
        "Open file descriptors of a server with idle clients.",
    ),
];
