//! Message buses: connect, publish, subscribe. One file for each bus, all with the same skeleton.
//!
//! A bus is driven through [`Publisher`] and [`Subscriber`], statically dispatched: the runner
//! matches on [`BusKind`] once for a trial.

mod attributes;
mod error;
mod kind;
mod mqtt3;
mod mqtt5;
mod mqtt_client;
mod nats_client;
mod nats_core;
mod nats_jetstream;
mod null;
mod options;
mod outgoing;
mod ready;
mod redis_client;
mod redis_pubsub;
mod redis_streams;
mod settings;
mod stalled;
mod tcp_relay;
mod traits;
mod wire;

pub use attributes::{Attributes, NoAttributes};
pub use error::BusError;
pub use kind::{BusKind, Capabilities, OwnMessages, UnknownBus};
pub use mqtt3::Mqtt3;
pub use mqtt5::Mqtt5;
pub use nats_core::NatsCore;
pub use nats_jetstream::NatsJetstream;
pub use null::{
    Accepted, BusLog, CalibratedWork, Deed, Done, Injection, Injector, NullBus, NullOrder,
    NullWork, NullWorkError, PublisherLog, Stall, Stalled, Stop, SubscriberLog,
};
pub use options::{
    Credentials, EDGEX_MAX_ACK_PENDING, Endpoint, Options, PublishMode, Qos, Retention, Storage,
    SubscribeMode,
};
pub use redis_pubsub::RedisPubsub;
pub use redis_streams::RedisStreams;
pub use settings::ClientSetting;
pub use stalled::{ReadOut, StalledSubscriber};
pub use tcp_relay::{RELAY_THREAD, TcpRelay};
pub use traits::{Bus, Delivery, PublishObserver, Publisher, Sink, Subscriber, TryPublishError};
pub use wire::{WireBytes, WireError, WireSubject, count_wire};
