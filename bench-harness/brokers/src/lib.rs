//! Servers: start one as a container or as a process, or use one that runs already; stop it and
//! leave nothing behind.
//!
//! [`Servers::choose`] picks one provider for a whole run, [`Servers::start`] gives a fresh
//! [`Server`] that has answered a handshake of its own protocol, [`Server::stop`] removes it.
//! Everything that is started carries a [`RunLabel`] and its owner before it runs, so that
//! [`Servers::sweep`] and [`clean()`] find what a cancelled start or a killed program left.
//! [`survey()`] tells what can be had, and starts nothing.

mod affinity;
mod architecture;
#[cfg(target_os = "linux")]
mod cgroup;
mod clean;
mod config;
mod container;
mod cost;
mod counters;
mod emulation;
mod environment;
mod error;
mod external;
mod footprint;
mod foreign;
mod handshake;
mod keeper;
mod kind;
mod limit;
mod ports;
mod process;
mod run;
mod server;
mod servers;
mod survey;

pub use affinity::{set_thread_cpus, thread_cpus, threads};
pub use architecture::{Architecture, Executable};
pub use clean::{CleanReport, Removed, RemovedKind, clean};
pub use container::ImageSize;
pub use cost::{CostReader, CpuSource, Level, Snapshot, Usage};
pub use counters::{Baseline, ConnectionCounters, CounterSource, Counters, CountersError, Pending};
pub use emulation::{kernel_architecture, own_emulator};
pub use environment::Environment;
pub use error::BrokerError;
pub use footprint::{
    Held, LoadedFiles, Program, ProgramError, ProgramRun, ProgramRunError, Watched,
    drop_file_from_memory, hold_at_end, major_faults, run_to_end,
};
pub use foreign::Foreign;
pub use kind::{Provider, ProviderChoice, ServerKind};
pub use limit::{Limit, LimitError, LimitRefused, Throttling};
pub use run::RunLabel;
pub use server::{Server, ServerAddress, ServerInfo, Settings, Tuning};
pub use servers::Servers;
pub use survey::{
    BinarySurvey, EngineSurvey, ExternalSurvey, Found, ImageOrigin, ImageSurvey, ProgramSurvey,
    Survey, survey,
};
