//! The server of a trial, or of those that share it.

use busbench_brokers::{
    BrokerError, CostReader, CounterSource, Server, ServerInfo, ServerKind, Servers, Settings,
    Tuning,
};
use busbench_buses::{Credentials, Endpoint};
use busbench_results::{ServerLimit, ServerRecord};
use tokio_util::sync::CancellationToken;

use crate::plan::PlannedCell;
use crate::trial::Left;

/// A running server, to be stopped after its last trial.
pub(super) struct Lease {
    server: Server,
    counter_source: CounterSource,
}

/// How a start went.
pub(super) enum Started {
    Ready(Box<Lease>),
    /// The run was interrupted meanwhile; nothing of the server is left.
    Interrupted,
}

/// Starts a server as `settings` ask. Where the engine refuses a server on some cores, one that may
/// run anywhere is better than none: which cores it has is looked at later.
pub(super) async fn start(
    servers: &Servers,
    kind: ServerKind,
    settings: &Settings,
    cancel: &CancellationToken,
) -> Result<Started, BrokerError> {
    let starting = async {
        match servers.start(kind, settings).await {
            Err(BrokerError::Engine { .. }) if settings.cpus.is_some() => {
                let anywhere = Settings {
                    cpus: None,
                    ..settings.clone()
                };
                servers.start(kind, &anywhere).await
            }
            started => started,
        }
    };
    tokio::select! {
        server = starting => server.map(|server| Started::Ready(Box::new(Lease {
            counter_source: server.counter_source().clone(),
            server,
        }))),
        () = cancel.cancelled() => Ok(Started::Interrupted),
    }
}

impl Lease {
    pub(super) fn endpoint(&self) -> Endpoint {
        let address = self.server.address();
        let credentials = address.login.clone();
        Endpoint {
            host: address.host.clone(),
            port: address.port,
            credentials: credentials.map(|(user, password)| Credentials { user, password }),
        }
    }

    pub(super) fn counter_source(&self) -> CounterSource {
        self.counter_source.clone()
    }

    /// The same server for another trial, after one that left nothing on it.
    pub(super) fn for_next_trial(mut self: Box<Self>, left: Left) -> Box<Self> {
        // From the server's own source, which knows whose it is.
        let source = self.server.counter_source();
        self.counter_source = source.for_next_trial(left.last_reading);
        self
    }

    pub(super) fn cost_reader(&self) -> CostReader {
        self.server.cost_reader()
    }

    /// Cores that the server may use, where that can be told.
    pub(super) fn cpus(&self) -> Option<Vec<u32>> {
        self.server.cpus()
    }

    /// What emulates the server, where anything does.
    pub(super) fn emulator(&self) -> Option<&str> {
        self.server.info().emulator.as_deref()
    }

    /// Key and contents of the server's record. Each tuning and limit has a record of its own.
    pub(super) fn record(&self, cell: &PlannedCell) -> (String, ServerRecord) {
        let info = self.server.info();
        (server_key(info.kind, cell), record_of(info))
    }

    /// Whether the kernel has killed it because it had used up the memory of its limit.
    pub(super) async fn ran_out_of_memory(&self) -> bool {
        self.server.ran_out_of_memory().await
    }

    /// The end of the server's output, where it has died.
    pub(super) async fn last_words_if_dead(&mut self) -> Option<String> {
        if self.server.is_alive().await {
            return None;
        }
        Some(self.server.log_tail().await)
    }

    pub(super) async fn stop(self: Box<Self>) -> Result<(), BrokerError> {
        self.server.stop().await
    }
}

/// What a result records of a server.
pub(crate) fn record_of(info: &ServerInfo) -> ServerRecord {
    let info = info.clone();
    ServerRecord {
        name: info.kind.name().to_owned(),
        version: info.version,
        provider: info.provider.to_string(),
        network_path: info.network_path,
        image: info.image,
        image_digest: info.image_digest,
        arch: info
            .architecture
            .map(|architecture| architecture.to_string()),
        emulated: info.emulator.is_some(),
        binary: info.binary,
        binary_sha256: info.binary_sha256,
        configuration: info.configuration,
        limit: info.limit.map(|limit| ServerLimit {
            memory_bytes: limit.memory_bytes(),
            cpus: limit.cpus(),
        }),
    }
}

/// Where the record of a kind of server stands in the run.
pub(super) fn server_key(kind: ServerKind, cell: &PlannedCell) -> String {
    let mut parts = vec![kind.name().to_owned()];
    if cell.tuning == Tuning::Tuned {
        parts.push(cell.tuning.name().to_owned());
    }
    parts.extend(cell.limit.short_name());
    parts.join("-")
}

/// Whether two servers are the same program, reached in the same way. Ports and folders differ from
/// trial to trial.
pub(crate) fn is_same(one: &ServerRecord, other: &ServerRecord) -> bool {
    let identity = |server: &ServerRecord| {
        (
            server.version.clone(),
            server.provider.clone(),
            server.network_path.clone(),
            server.image_digest.clone(),
            server.binary_sha256.clone(),
            server.emulated,
        )
    };
    identity(one) == identity(other)
}

/// A server in a few words.
pub(crate) fn describe(server: &ServerRecord) -> String {
    let program = server
        .image_digest
        .as_ref()
        .or(server.binary_sha256.as_ref());
    let program = program.map_or_else(String::new, |digest| format!(" ({digest})"));
    format!(
        "{} {} by {}{program}",
        server.name, server.version, server.provider
    )
}
