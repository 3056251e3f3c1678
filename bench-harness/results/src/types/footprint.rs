//! What a server, or a client library, takes before any message flows: sizes, start, memory, CPU.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CellState, Reason, Verdict};

/// One server by one provider, or one client program, with its sizes and its trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FootprintCell {
    /// Unique within the run; also the stem of its trial files.
    pub id: String,
    /// Whose footprint it is.
    pub subject: FootprintSubject,
    /// Whether it can be taken.
    pub state: CellState,
    /// Of servers: key into the run's `servers`, once one has started.
    pub server: Option<String>,
    /// The program: the server's, or the client's.
    pub program: Option<ProgramSize>,
    /// Of servers in containers: the image that they start from.
    pub image: Option<ImageSize>,
    /// Files of finished trials, relative to the run's folder, in order of trial number.
    pub trials: Vec<String>,
}

/// Whose footprint it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FootprintSubject {
    /// A server.
    Server {
        /// `nats`, `nats-jetstream`, `mosquitto`, `redis`.
        name: String,
        /// `container` or `process`.
        provider: String,
    },
    /// The smallest program that uses a client library, or the same without one.
    Client {
        /// `rust` or `go`.
        language: String,
        /// What the program does beside its bus: `bare` nothing at all, `rest` answers and calls over
        /// HTTP, which brings in much of what a client library needs as well.
        service: String,
        /// `none`, `nats`, `mqtt`, `redis`.
        client: String,
        /// Name of the library; absent without one.
        library: Option<String>,
        /// Version of the library; absent without one.
        library_version: Option<String>,
        /// Compiler and version that built it.
        toolchain: String,
        /// How it was built: options of the release profile or of the linker.
        profile: String,
    },
}

/// An executable file, as `stat` and `size` tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProgramSize {
    /// Architecture that it is for: `x86_64`, `aarch64`.
    pub arch: String,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Bytes of code and of constants (`text` of `size`).
    pub text_bytes: u64,
    /// Bytes of initialised data (`data` of `size`).
    pub data_bytes: u64,
    /// Bytes of zeroed data, not in the file (`bss` of `size`).
    pub bss_bytes: u64,
    /// Whether it has no symbol table.
    pub stripped: bool,
    /// Bytes of the shared libraries that it loads, the dynamic loader among them; 0 where it is linked
    /// statically, absent where they could not be told.
    pub libraries_bytes: Option<u64>,
}

/// An image, as the engine tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageSize {
    /// Name and tag.
    pub name: String,
    /// Image id.
    pub digest: String,
    /// Architecture that it is for: `x86_64`, `aarch64`.
    pub arch: String,
    /// Bytes of its layers' files (`Size` of `docker image inspect`).
    pub unpacked_bytes: u64,
    /// Bytes of its layers as gzip archives at the default level: what a registry sends. Absent where
    /// the engine did not give the layers.
    pub compressed_bytes: Option<u64>,
}

/// One trial of a footprint: started with nothing in memory, then with all of it, then left idle, then
/// with idle clients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FootprintTrial {
    /// `SCHEMA_VERSION` of the program that wrote it.
    pub schema_version: u32,
    /// The run's name.
    pub run: String,
    /// The cell's id.
    pub cell: String,
    /// Number of the trial within its cell, from 1.
    pub number: u32,
    /// Milliseconds since 1970-01-01 UTC.
    pub started_unix_ms: u64,
    /// Whether the numbers can be trusted.
    pub verdict: Verdict,
    /// Why it is not `valid`, and what is worth knowing: the worst first.
    pub reasons: Vec<Reason>,
    /// The start with the program's pages dropped from memory.
    pub cold_start: Option<Start>,
    /// The start after it, with the program's pages in memory.
    pub warm_start: Option<Start>,
    /// Of servers: without a client.
    pub idle: Option<Occupancy>,
    /// Of servers: with clients that are connected and subscribed, and nothing to receive.
    pub idle_clients: Option<Occupancy>,
}

/// From starting a program to its first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Start {
    /// From the request that it be started to the first handshake that a server answered, in ns; of a
    /// client program to its end, after a message of its own has come back.
    pub elapsed_ns: u64,
    /// Pages that had to be read from disk for its processes; absent where the kernel did not tell.
    pub major_faults: Option<u64>,
    /// Of client programs: peak of resident memory, in bytes.
    #[serde(default)]
    pub rss_peak_bytes: Option<u64>,
}

/// What a server that has nothing to do holds and uses, over all of its processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Occupancy {
    /// Connected clients.
    pub clients: u32,
    /// Resident memory at the end of the window, in bytes (`VmRSS`).
    pub rss_bytes: u64,
    /// The part of it that is no file's (`RssAnon`), in bytes; absent where the kernel did not tell.
    pub rss_anonymous_bytes: Option<u64>,
    /// Threads at the end of the window.
    pub threads: u32,
    /// Open file descriptors at the end of the window; absent where they could not be listed.
    pub open_files: Option<u32>,
    /// CPU time over the window, in ns.
    pub cpu_ns: u64,
    /// Length of the window, in ns.
    pub window_ns: u64,
}

impl FootprintSubject {
    /// The `client` of the program without one, which the others are compared with.
    pub const WITHOUT_CLIENT: &'static str = "none";
}

impl Occupancy {
    /// Share of one core that it used: 0.01 is one hundredth of a core.
    #[must_use]
    pub fn cpu_share(&self) -> f64 {
        self.cpu_ns as f64 / self.window_ns.max(1) as f64
    }
}
