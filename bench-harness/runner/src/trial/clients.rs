//! The clients of a trial: in which order they connect, and what they call themselves.

use busbench_buses::{Bus, BusError, BusKind, Options, RELAY_THREAD, StalledSubscriber};
use busbench_envelope::Prepared;

use super::{CONNECT_WITHIN, Task, TrialError};
use crate::isolation::move_threads;

/// What EdgeX's application services subscribe to.
pub(super) const FILTER: &str = "edgex/events/#";

/// Everybody who takes part.
pub(super) struct Clients<B: Bus> {
    pub(super) bus: B,
    pub(super) subscribers: Vec<B::Subscriber>,
    /// Those that are not read.
    pub(super) stalled: Vec<StalledSubscriber>,
    pub(super) publishers: Vec<B::Publisher>,
}

/// Subscribers first: a bus that keeps nothing drops what is published before they are there.
pub(super) async fn connect<B: Bus>(
    task: &Task<'_>,
    options: Options,
    messages: &[(String, Prepared)],
) -> Result<Clients<B>, TrialError> {
    let bus = in_time(B::open(options.clone())).await?;
    if let Some(isolation) = task
        .isolation
        .filter(|_| task.cell.bus == BusKind::TcpRelay)
    {
        // It stands where a server stands.
        move_threads(RELAY_THREAD, &isolation.server_cpus).map_err(TrialError::Relay)?;
    }
    let topics: Vec<String> = messages.iter().map(|(topic, _)| topic.clone()).collect();
    let mut subscribers = Vec::new();
    for number in 0..task.cell.subscribers.get() {
        let id = subscriber_name(&task.tag, number);
        // The stamp stands at the same place in every publisher's message.
        if let Some((_, expected)) = messages.first() {
            subscribers.push(in_time(bus.subscriber(&id, FILTER, &topics, expected)).await?);
        }
    }
    let mut stalled = Vec::new();
    for number in 0..task.client.stalled_subscribers {
        let id = stalled_name(&task.tag, number);
        let connected = StalledSubscriber::connect(task.cell.bus, &options, &id, FILTER);
        stalled.push(in_time(connected).await?);
    }
    let mut publishers = Vec::new();
    for (number, (topic, message)) in (0..).zip(messages) {
        let id = publisher_name(&task.tag, number);
        publishers.push(in_time(bus.publisher(&id, topic, message.clone())).await?);
    }
    Ok(Clients {
        bus,
        subscribers,
        stalled,
        publishers,
    })
}

/// The name that a publisher's client gives itself.
pub(super) fn publisher_name(tag: &str, number: u16) -> String {
    format!("busbench-{tag}-publisher-{number}")
}

/// The name that a subscriber's client gives itself.
pub(super) fn subscriber_name(tag: &str, number: u16) -> String {
    format!("busbench-{tag}-subscriber-{number}")
}

/// The name that a subscriber that is not read gives itself.
pub(super) fn stalled_name(tag: &str, number: u16) -> String {
    format!("busbench-{tag}-stalled-{number}")
}

/// Bounds one client's connecting or subscribing.
async fn in_time<T>(client: impl Future<Output = Result<T, BusError>>) -> Result<T, TrialError> {
    let client = tokio::time::timeout(CONNECT_WITHIN, client).await;
    Ok(client.map_err(|_| TrialError::Connect)??)
}
