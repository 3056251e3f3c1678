//! Clients that are connected and subscribed, and have nothing to receive.

use busbench_brokers::{ServerAddress, ServerKind};
use busbench_buses::{
    Bus, BusError, Credentials, EDGEX_MAX_ACK_PENDING, Endpoint, Mqtt5, NatsCore, NatsJetstream,
    Options, PublishMode, Qos, RedisPubsub, Retention, Storage, SubscribeMode, Subscriber,
};
use busbench_envelope::{Layout, PayloadSpec, Prepared};
use tokio::task::JoinSet;

use crate::trial::Nowhere;

/// The message that nobody sends: it gives each client its topic.
const PAYLOAD: &str = "1xInt32";
/// The messages that a client crate may hold; none comes.
const CLIENT_QUEUE: usize = 64;

/// Idle clients, gone when this is dropped.
#[derive(Debug)]
pub(super) struct IdleClients {
    /// Each reads its connection, so that keep-alives are answered; it ends where that breaks.
    readers: JoinSet<()>,
}

impl IdleClients {
    /// Connects `count` clients to a server, with the client crate of the bus that the server is there
    /// for. Each subscribes to a topic of its own.
    pub(super) async fn connect(
        kind: ServerKind,
        address: &ServerAddress,
        count: u16,
    ) -> Result<Self, BusError> {
        let options = options(address);
        match kind {
            ServerKind::Nats => Self::of_bus::<NatsCore>(options, count).await,
            ServerKind::NatsJetstream => Self::of_bus::<NatsJetstream>(options, count).await,
            ServerKind::Mosquitto => Self::of_bus::<Mqtt5>(options, count).await,
            ServerKind::Redis => Self::of_bus::<RedisPubsub>(options, count).await,
        }
    }

    async fn of_bus<B: Bus>(options: Options, count: u16) -> Result<Self, BusError> {
        // What it has set up on the server stays when its own connection goes.
        let bus = B::open(options).await?;
        let mut readers = JoinSet::new();
        for (number, (topic, message)) in (0..count).filter_map(message).enumerate() {
            let id = format!("busbench-idle-{number}");
            let topics = [topic.clone()];
            let mut subscriber = bus.subscriber(&id, &topic, &topics, &message).await?;
            readers.spawn(async move { while subscriber.deliver(&mut Nowhere).await.is_ok() {} });
        }
        Ok(Self { readers })
    }

    /// How many are still there.
    pub(super) fn connected(&mut self) -> usize {
        while self.readers.try_join_next().is_some() {}
        self.readers.len()
    }
}

/// Topic and shape of a client's messages.
fn message(number: u16) -> Option<(String, Prepared)> {
    let payload: PayloadSpec = PAYLOAD.parse().ok()?;
    Prepared::of_spec(&payload, 0, number, Layout::Json).ok()
}

fn options(address: &ServerAddress) -> Options {
    let login = address.login.clone();
    Options {
        endpoint: Endpoint {
            host: address.host.clone(),
            port: address.port,
            credentials: login.map(|(user, password)| Credentials { user, password }),
        },
        publish: PublishMode::Edgex,
        subscribe: SubscribeMode::Lossless,
        qos: Qos::AtMostOnce,
        storage: Storage::File,
        retention: Retention { messages: None },
        body_bytes: 1024,
        client_queue: CLIENT_QUEUE,
        max_ack_pending: EDGEX_MAX_ACK_PENDING,
        null_order: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::message;

    #[test]
    fn every_client_has_a_topic_of_its_own() {
        let topics: BTreeSet<String> = (0..900)
            .filter_map(message)
            .map(|(topic, _)| topic)
            .collect();
        assert_eq!(topics.len(), 900);
    }
}
