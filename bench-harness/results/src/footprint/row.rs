//! One footprint as one flat row. Field names and their order are the columns of `busbench export`.

use serde::Serialize;

use crate::Verdict;

/// One server by one provider, or one client program, of one run. The names are API: columns may be
/// added, and none changes its meaning. `None` where a figure does not apply or cannot be shown. Figures
/// of time and memory are geometric means over trials, with their 95 % intervals; shares, counts and
/// differences are medians.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct FootprintRow {
    /// Name of the run.
    pub run: String,
    /// Name of the host.
    pub host: String,
    /// Architecture of the host.
    pub host_arch: String,
    /// Whether it ran under an emulator: sizes are the same there, times and memory are not.
    pub emulated: bool,
    /// Name of the scenario.
    pub scenario: String,
    /// Id of the footprint, unique within its run.
    pub footprint: String,
    /// Architecture of program and image.
    pub arch: String,
    /// Of servers: `nats`, `nats-jetstream`, `mosquitto`, `redis`.
    pub server: Option<String>,
    /// Of servers: as the server says it.
    pub server_version: Option<String>,
    /// Of servers: `container` or `process`.
    pub provider: Option<String>,
    /// Of servers in containers: name of the image.
    pub image: Option<String>,
    /// Of client programs: `rust` or `go`.
    pub language: Option<String>,
    /// Of client programs: what it does beside its bus, `bare` or `rest`.
    pub service: Option<String>,
    /// Of client programs: `none`, `nats`, `mqtt`, `redis`.
    pub client: Option<String>,
    /// Of client programs: name of the library.
    pub library: Option<String>,
    /// Of client programs: version of the library.
    pub library_version: Option<String>,
    /// Of client programs: the compiler.
    pub toolchain: Option<String>,
    /// Of client programs: how it was built.
    pub profile: Option<String>,
    /// Trials that the figures rest on.
    pub trials: u32,
    /// Whether they can be trusted.
    pub verdict: Option<Verdict>,
    /// Why not, why it could not be taken, and what is worth knowing.
    pub reasons: String,
    /// Bytes of the image's layers as gzip archives.
    pub image_compressed_bytes: Option<u64>,
    /// Bytes of the image's layers.
    pub image_unpacked_bytes: Option<u64>,
    /// Bytes of the program's file.
    pub program_bytes: Option<u64>,
    /// Bytes of its code and constants.
    pub program_text_bytes: Option<u64>,
    /// Bytes of its initialised data.
    pub program_data_bytes: Option<u64>,
    /// Bytes of its zeroed data, not in the file.
    pub program_bss_bytes: Option<u64>,
    /// Bytes of the shared libraries that it loads.
    pub libraries_bytes: Option<u64>,
    /// Of client programs: bytes of the file more than without a client.
    pub added_bytes: Option<i64>,
    /// Start to first answer, with the program's pages dropped from memory.
    pub start_cold_ns: Option<f64>,
    /// Lower end of its interval.
    pub start_cold_low_ns: Option<f64>,
    /// Upper end of its interval.
    pub start_cold_high_ns: Option<f64>,
    /// Start to first answer, with the program's pages in memory.
    pub start_warm_ns: Option<f64>,
    /// Lower end of its interval.
    pub start_warm_low_ns: Option<f64>,
    /// Upper end of its interval.
    pub start_warm_high_ns: Option<f64>,
    /// Of client programs: peak of resident memory.
    pub program_rss_peak_bytes: Option<f64>,
    /// Resident memory without a client.
    pub idle_rss_bytes: Option<f64>,
    /// Lower end of its interval.
    pub idle_rss_low_bytes: Option<f64>,
    /// Upper end of its interval.
    pub idle_rss_high_bytes: Option<f64>,
    /// The part of it that is no file's.
    pub idle_rss_anonymous_bytes: Option<f64>,
    /// CPU time without a client, as a share of one core.
    pub idle_cpu_share: Option<f64>,
    /// Threads without a client.
    pub idle_threads: Option<f64>,
    /// Open file descriptors without a client.
    pub idle_open_files: Option<f64>,
    /// Idle clients.
    pub clients: Option<u32>,
    /// Resident memory with them.
    pub clients_rss_bytes: Option<f64>,
    /// Lower end of its interval.
    pub clients_rss_low_bytes: Option<f64>,
    /// Upper end of its interval.
    pub clients_rss_high_bytes: Option<f64>,
    /// Resident memory that each of them added.
    pub client_rss_bytes: Option<f64>,
    /// CPU time with them, as a share of one core.
    pub clients_cpu_share: Option<f64>,
    /// Threads with them.
    pub clients_threads: Option<f64>,
    /// Open file descriptors with them.
    pub clients_open_files: Option<f64>,
}
