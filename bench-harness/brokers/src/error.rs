//! What can go wrong with a server.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::refused_option;
use crate::limit::{Limit, LimitRefused};
use crate::{Architecture, Foreign, Provider, ServerKind};

/// A failed action on a server. Every one is about the environment, not about the scenario: a
/// program ends with its exit code for that.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// Neither containers nor processes can be had.
    #[error(
        "cannot start the servers as containers ({containers}), nor as processes ({processes}); \
         run ./scripts/setup"
    )]
    NoProvider {
        /// Why no containers.
        containers: Box<BrokerError>,
        /// Why no processes.
        processes: Box<BrokerError>,
    },
    /// No container engine answers.
    #[error("no container engine answers: {reason}; is Docker running, and may this user use it?")]
    NoEngine {
        /// What the engine's client says.
        reason: String,
    },
    /// An image is neither here nor to be had.
    #[error(
        "no image for {server}: {image} is not here and cannot be pulled ({reason}); \
         ./scripts/images builds one from distribution packages, {variable} names another"
    )]
    NoImage {
        /// Which server.
        server: ServerKind,
        /// The image that was looked for.
        image: String,
        /// Why it could not be pulled.
        reason: String,
        /// The environment variable that overrides it.
        variable: String,
    },
    /// A server program is not installed.
    #[error(
        "{binary} is on none of the folders of PATH, nor in {beside}; \
         `apt-get install {binary}` installs it, {variable} names one elsewhere"
    )]
    NoBinary {
        /// File name of the program, which is the Debian package too.
        binary: &'static str,
        /// The folders that were searched beside PATH.
        beside: String,
        /// The environment variable that overrides it.
        variable: String,
    },
    /// An environment variable names something that is no program.
    #[error("cannot use {path} as the binary that {variable} names")]
    BadBinary {
        /// The variable.
        variable: String,
        /// Its value.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A server's program or image is there, and cannot be run here.
    #[error("cannot run {started} for {server}: {why}; {variable} names another")]
    Foreign {
        /// Which server.
        server: ServerKind,
        /// The binary or image.
        started: String,
        /// Why not, and what mends it.
        why: Foreign,
        /// The environment variable that names it, or would name another.
        variable: String,
    },
    /// An environment variable has a value that means nothing.
    #[error("{variable} is `{value}`: {expected}")]
    BadVariable {
        /// The variable.
        variable: String,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// The provider `external` has no address for a server.
    #[error("no address of {server}: set {variable}, or name a file with BUSBENCH_SERVERS")]
    NoUrl {
        /// Which server.
        server: ServerKind,
        /// The environment variable that would give it.
        variable: String,
    },
    /// An address of a server is none. The address itself is left out: a login may be in it.
    #[error("the address of {server} in {place} is no URL such as {example}: {reason}")]
    BadUrl {
        /// Which server.
        server: ServerKind,
        /// The variable or file that says it.
        place: String,
        /// A good one.
        example: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The file of servers cannot be used.
    #[error("cannot read the servers of {path}{}: {reason}", line.map_or_else(String::new, |line| format!(", line {line}")))]
    ServersFile {
        /// The file.
        path: PathBuf,
        /// Where in it, counted from 1.
        line: Option<usize>,
        /// What is wrong; never text of the file, which may hold passwords.
        reason: String,
    },
    /// An external server does not answer as its protocol says.
    #[error("{server} at {url} does not answer: {reason}")]
    Unreachable {
        /// Which server.
        server: ServerKind,
        /// Its address without the login.
        url: String,
        /// What happened.
        reason: String,
    },
    /// A file or folder of a server cannot be had.
    #[error("cannot {action} {path}")]
    File {
        /// What was tried, as a verb: "create the folder".
        action: &'static str,
        /// What it was tried on.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A server's program cannot be run.
    #[error("cannot run {binary} for {server}")]
    Spawn {
        /// Which server.
        server: ServerKind,
        /// Its binary.
        binary: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A server ended instead of becoming ready.
    #[error("{server} ({started}) ended at its start with {status}; its output ends with:\n{log}")]
    Ended {
        /// Which server.
        server: ServerKind,
        /// The binary or image.
        started: String,
        /// How it ended.
        status: String,
        /// The last lines of its output.
        log: String,
    },
    /// A server was killed before it became ready, because its limit of memory is too low for it.
    #[error(
        "{server} ({started}) was killed for lack of memory before it answered: its limit is {}, so \
         give it more{}", limit.words(), output(log)
    )]
    OutOfMemory {
        /// Which server.
        server: ServerKind,
        /// The binary or image.
        started: String,
        /// What it was held to.
        limit: Limit,
        /// The last lines of its output.
        log: String,
    },
    /// Servers cannot be held to a limit here.
    #[error("cannot hold servers to the limit {limit}")]
    CannotLimit {
        /// The limit.
        limit: Limit,
        /// Why not.
        #[source]
        source: LimitRefused,
    },
    /// A server's version does not have an option that it was given.
    #[error(
        "{server} ({started}) does not know the option `{option}` that busbench sets: \
         take another version of it, or leave `tuning` at \"default\""
    )]
    OptionRefused {
        /// Which server.
        server: ServerKind,
        /// The binary or image.
        started: String,
        /// The option, as the server shows it.
        option: String,
    },
    /// A server did not become ready in time.
    #[error(
        "{server} ({started}) did not answer at {address} within {waited:?}: {reason}; \
         its output ends with:\n{log}"
    )]
    NotReady {
        /// Which server.
        server: ServerKind,
        /// The binary or image.
        started: String,
        /// `host:port`.
        address: String,
        /// How long it was waited for.
        waited: Duration,
        /// What the last handshake came to.
        reason: String,
        /// The last lines of its output.
        log: String,
    },
    /// Every port that the system gave was taken before the server could have it.
    #[error("{server} found its port taken {attempts} times, last {port}")]
    PortTaken {
        /// Which server.
        server: ServerKind,
        /// How many ports were tried.
        attempts: u32,
        /// The last of them.
        port: u16,
    },
    /// The container engine refused something.
    #[error("cannot {action}: {reason}")]
    Engine {
        /// What was tried, as a verb phrase: "create the container busbench-1-nats".
        action: String,
        /// What the engine says.
        reason: String,
    },
    /// A server was asked for that was not named when the provider was chosen.
    #[error("{server} was not among the servers that the provider was chosen for")]
    NotChosen {
        /// Which server.
        server: ServerKind,
    },
    /// The thread or runtime that starts servers is gone.
    #[error("the keeper of the servers ended before it could {action}")]
    KeeperGone {
        /// What it was asked for, as a verb phrase.
        action: &'static str,
    },
}

/// The end of an output, where there is any.
fn output(log: &str) -> String {
    match log.trim() {
        "" => String::new(),
        log => format!("; its output ends with:\n{log}"),
    }
}

impl BrokerError {
    pub(crate) fn out_of_memory(
        server: ServerKind,
        started: &str,
        limit: Limit,
        log: String,
    ) -> Self {
        Self::OutOfMemory {
            server,
            started: started.to_owned(),
            limit,
            log,
        }
    }

    /// The error of a server that ended instead of becoming ready, by what its output says.
    /// `architecture` is what its program is for, where that is known.
    pub(crate) fn ended(
        server: ServerKind,
        started: &str,
        provider: Provider,
        architecture: Option<&Architecture>,
        status: String,
        log: String,
    ) -> Self {
        let started = started.to_owned();
        if let Some(why) = Foreign::in_output(&log, architecture) {
            return Self::foreign(server, started, why, provider);
        }
        match refused_option(&log) {
            Some(option) => Self::OptionRefused {
                server,
                started,
                option: option.to_owned(),
            },
            None => Self::Ended {
                server,
                started,
                status,
                log,
            },
        }
    }

    /// The error of a program or image that cannot be run here.
    pub(crate) fn foreign(
        server: ServerKind,
        started: String,
        why: Foreign,
        provider: Provider,
    ) -> Self {
        let what = match provider {
            Provider::Container => "IMAGE",
            Provider::Process | Provider::External => "BIN",
        };
        Self::Foreign {
            server,
            started,
            why,
            variable: format!("BUSBENCH_{what}_{}", server.program().variable()),
        }
    }
}
