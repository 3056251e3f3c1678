//! What a server itself counts, read before a trial's load and after its drain.
//!
//! A reading is bounded in time, never begins within a window, and says why where it cannot be had:
//! what could not be read is absent, never zero.

mod http;
mod mosquitto;
mod nats;
mod redis;

use std::time::{Duration, Instant};

use crate::handshake::Greeting;
use crate::{ServerAddress, ServerKind};

/// Readings take milliseconds; a server that is this slow is not to hold a run up.
const PATIENCE: Duration = Duration::from_secs(2);
/// With `sys_interval 1` Mosquitto 2.0.11 refreshes its counters each 2 seconds (measured).
const MOSQUITTO_PATIENCE: Duration = Duration::from_secs(4);

/// Where a server's own counters are read. Cheap to clone.
#[derive(Debug, Clone)]
pub struct CounterSource {
    pub(crate) kind: ServerKind,
    pub(crate) address: ServerAddress,
    /// Host and port of NATS's monitoring, where it is known.
    pub(crate) monitor: Option<(String, u16)>,
    /// What is known before the trial.
    pub(crate) before: Before,
}

/// What is known of a server's counters before a trial.
#[derive(Debug, Clone)]
pub(crate) enum Before {
    /// Nothing: it is asked.
    Unknown,
    /// Nobody but our own handshake has talked to it.
    Fresh(Fresh),
    /// What the trial before was told at its end. Nothing but that reading's own leaving came since.
    Read(Baseline),
}

/// A server that nobody else has talked to yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fresh {
    pub(crate) started: Instant,
    /// Messages that it sent to our own handshake.
    pub(crate) sent_to_us: u64,
}

impl Fresh {
    /// Of a server that has answered `greeting` and nothing else.
    pub(crate) fn new(started: Instant, greeting: &Greeting) -> Self {
        Self {
            started,
            // Mosquitto tells its version in a message.
            sent_to_us: u64::from(greeting.version.is_some()),
        }
    }
}

/// A server's counters before a trial's load.
#[derive(Debug, Clone)]
pub struct Baseline(Inner);

#[derive(Debug, Clone)]
enum Inner {
    Nats(nats::Totals),
    Mosquitto(mosquitto::Baseline),
    Redis(redis::Totals),
}

/// What a server counted between two readings. `None` where it does not count it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counters {
    /// Where it was read, such as `/varz, /connz`.
    pub source: String,
    /// What tells that the server was started anew between the readings, where it was. Nothing
    /// else is told then.
    pub restarted: Option<String>,
    /// Messages that clients sent to it. `None` for NATS, whose sum holds requests and
    /// acknowledgements too; see `connections`.
    pub messages_in: Option<u64>,
    /// Messages that it sent to clients. `None` for NATS, as above.
    pub messages_out: Option<u64>,
    /// Bytes of the payloads that clients sent to it.
    pub payload_bytes_in: Option<u64>,
    /// Messages that it says it dropped.
    pub dropped: Option<u64>,
    /// Messages that it stored.
    pub stored: Option<u64>,
    /// Connections that it closed because they did not keep up.
    pub cut_off: Option<u64>,
    /// Bytes that it received: NATS counts messages without the protocol around them, the others
    /// all that comes over a socket.
    pub bytes_in: Option<u64>,
    /// Bytes that it sent, counted alike.
    pub bytes_out: Option<u64>,
    /// Each connection that has a name, those that ended included; of NATS.
    pub connections: Vec<ConnectionCounters>,
}

/// What a server counted on one connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectionCounters {
    /// The name that the client gave itself.
    pub name: String,
    /// Messages that came over it.
    pub messages_in: u64,
    /// Messages that were queued for it.
    pub messages_out: u64,
    /// Why the server closed it, where it did not keep up.
    pub cut_off: Option<String>,
}

/// What waits in a server for subscribers at this instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pending {
    /// Bytes that wait.
    pub bytes: Option<u64>,
    /// Connections that subscribe (Redis).
    pub subscribers: Option<u64>,
}

/// Why a server's counters could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CountersError {
    /// A NATS server of somebody else, and nobody said where its monitoring is.
    #[error("no monitoring address of NATS: set {variable}")]
    NoMonitor {
        /// The environment variable that would give it.
        variable: &'static str,
    },
    /// It did not answer as it should.
    #[error("cannot read {what} of {address}: {reason}")]
    Unreadable {
        /// What was read, such as `/varz`.
        what: String,
        /// `host:port`.
        address: String,
        /// What happened.
        reason: String,
    },
    /// It did not answer in time.
    #[error("{address} did not tell its counters within {waited:?}{hint}")]
    TimedOut {
        /// `host:port`.
        address: String,
        /// How long it was waited for.
        waited: Duration,
        /// What may be the matter; empty where nobody knows.
        hint: &'static str,
    },
}

impl CounterSource {
    /// The source for the next trial on the same server, with what [`Self::end`] gave the one
    /// before. A server of somebody else may have served others meanwhile, so it is asked anew.
    #[must_use]
    pub fn for_next_trial(&self, last: Option<Baseline>) -> Self {
        let before = match (&self.before, last) {
            (Before::Unknown, _) | (_, None) => Before::Unknown,
            (Before::Fresh(_) | Before::Read(_), Some(last)) => Before::Read(last),
        };
        Self {
            before,
            ..self.clone()
        }
    }

    /// Reads the counters before a trial's load. A Mosquitto that is fresh, or was read when the
    /// trial before it ended, is not asked: waiting for its next refresh would take 2 seconds, and
    /// all that it has counted since is our own doing.
    pub async fn begin(&self) -> Result<Baseline, CountersError> {
        let reading = async {
            Ok(Baseline(match self.kind {
                ServerKind::Nats | ServerKind::NatsJetstream => {
                    Inner::Nats(nats::totals(self.monitor()?).await?)
                }
                ServerKind::Mosquitto => Inner::Mosquitto(mosquitto::begin(self).await?),
                ServerKind::Redis => Inner::Redis(redis::totals(&self.address).await?),
            }))
        };
        self.in_time(reading).await
    }

    /// Reads them again after its drain; clients may have gone. The difference, and the reading for
    /// [`Self::for_next_trial`] where it is better kept than taken anew.
    pub async fn end(
        &self,
        begun: &Baseline,
    ) -> Result<(Counters, Option<Baseline>), CountersError> {
        let reading = async {
            match &begun.0 {
                Inner::Nats(before) => {
                    let jetstream = self.kind == ServerKind::NatsJetstream;
                    let counters = nats::since(self.monitor()?, before, jetstream).await?;
                    Ok((counters, None))
                }
                Inner::Mosquitto(before) => {
                    let (counters, last) = mosquitto::since(self, before).await?;
                    Ok((counters, last.map(|last| Baseline(Inner::Mosquitto(last)))))
                }
                Inner::Redis(before) => Ok((redis::since(&self.address, before).await?, None)),
            }
        };
        self.in_time(reading).await
    }

    /// What waits for subscribers now; Mosquitto does not tell. Takes milliseconds.
    pub async fn pending(&self) -> Result<Pending, CountersError> {
        let reading = async {
            match self.kind {
                ServerKind::Nats | ServerKind::NatsJetstream => {
                    nats::pending(self.monitor()?).await
                }
                ServerKind::Mosquitto => Ok(Pending::default()),
                ServerKind::Redis => redis::pending(&self.address).await,
            }
        };
        self.in_time(reading).await
    }

    /// Clients that are connected now, as the server counts them; the one that asks is left out.
    /// Mosquitto tells it as it was up to 2 seconds ago, and not where it has not changed for a minute.
    pub async fn connections(&self) -> Result<u64, CountersError> {
        let reading = async {
            match self.kind {
                ServerKind::Nats | ServerKind::NatsJetstream => {
                    nats::connections_now(self.monitor()?).await
                }
                ServerKind::Mosquitto => mosquitto::connections(self).await,
                ServerKind::Redis => redis::connections(&self.address).await,
            }
        };
        self.in_time(reading).await
    }

    fn monitor(&self) -> Result<&(String, u16), CountersError> {
        self.monitor.as_ref().ok_or(CountersError::NoMonitor {
            variable: MONITOR_VARIABLE,
        })
    }

    async fn in_time<T>(
        &self,
        reading: impl Future<Output = Result<T, CountersError>>,
    ) -> Result<T, CountersError> {
        let (waited, hint) = match self.kind {
            ServerKind::Mosquitto => (MOSQUITTO_PATIENCE, "; is its `sys_interval` 1?"),
            _ => (PATIENCE, ""),
        };
        tokio::time::timeout(waited, reading)
            .await
            .unwrap_or_else(|_| {
                Err(CountersError::TimedOut {
                    address: self.address.to_string(),
                    waited,
                    hint,
                })
            })
    }
}

/// Names the address of the monitoring of a NATS server that runs already.
pub(crate) const MONITOR_VARIABLE: &str = "BUSBENCH_NATS_MONITOR_URL";

/// How much a counter grew; `None` where either reading lacks it, or it went back.
fn grown(before: Option<u64>, after: Option<u64>) -> Option<u64> {
    after?.checked_sub(before?)
}
