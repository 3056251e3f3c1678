//! What the null bus is told to do beside carrying messages.

use std::sync::Arc;

use busbench_envelope::Stamp;

use super::injection::Injector;
use super::publishing::InjectedPublisher;
use super::work::{CalibratedWork, Worker};
use crate::PublishObserver;

/// What the null bus is told to do beside carrying messages.
#[derive(Debug, Clone)]
pub enum NullOrder {
    /// It does to the messages what the self-test looks for.
    Inject(Arc<Injector>),
    /// Its publishers work for each message: a change of known size, for a fire drill.
    Work(CalibratedWork),
}

/// An order as one publisher carries it out.
#[derive(Debug)]
pub(super) enum Ordered {
    Nothing,
    Work(Worker),
    Injection(InjectedPublisher),
}

impl Ordered {
    pub(super) fn new(order: Option<&NullOrder>) -> Self {
        match order {
            None => Self::Nothing,
            Some(NullOrder::Work(work)) => Self::Work(Worker::of(*work)),
            Some(NullOrder::Inject(injector)) => {
                Self::Injection(InjectedPublisher::new(injector.clone()))
            }
        }
    }

    pub(super) fn injection(&self) -> Option<&InjectedPublisher> {
        match self {
            Self::Injection(injection) => Some(injection),
            Self::Nothing | Self::Work(_) => None,
        }
    }

    pub(super) fn injection_mut(&mut self) -> Option<&mut InjectedPublisher> {
        match self {
            Self::Injection(injection) => Some(injection),
            Self::Nothing | Self::Work(_) => None,
        }
    }

    /// Builds a message that will be sent, and lets the publisher time that. Work is done before:
    /// it is no part of the encoding.
    pub(super) fn encode<O: PublishObserver, T>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
        build: impl FnOnce() -> T,
    ) -> T {
        match self {
            Self::Nothing => observer.encode(stamp, build),
            Self::Work(worker) => {
                worker.perform();
                observer.encode(stamp, build)
            }
            Self::Injection(injection) => injection.encode(stamp, observer, build),
        }
    }
}
