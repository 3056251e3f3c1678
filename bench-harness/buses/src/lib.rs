//! Message buses: connect, publish, subscribe. One file for each bus, all with the same skeleton.
//!
//! A bus is driven through [`Publisher`] and [`Subscriber`], statically dispatched: the runner
//! matches on [`BusKind`] once for a trial.

mod error;
mod kind;
mod options;
mod traits;

pub use error::BusError;
pub use kind::{BusKind, Capabilities, UnknownBus};
pub use options::{
    Credentials, Endpoint, Options, PublishMode, Qos, Retention, Storage, SubscribeMode,
};
pub use traits::{Bus, Delivery, PublishObserver, Publisher, Sink, Subscriber, TryPublishError};
