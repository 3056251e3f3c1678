//! The publisher's side of an injection: refuses while it stalls, and logs what was accepted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use busbench_envelope::Stamp;

use super::injection::{Injector, Stalled};
use super::log::{Accepted, PublisherLog, with_room};
use crate::PublishObserver;

/// What an injection does to one publisher. Its log is kept when it is dropped.
#[derive(Debug)]
pub(super) struct InjectedPublisher {
    injector: Arc<Injector>,
    /// The message that is offered now, and when it was offered first.
    offered: Option<(u32, Instant)>,
    /// How long the message's encoding took, at least and at most.
    encoding: (Duration, Duration),
    log: PublisherLog,
}

impl InjectedPublisher {
    pub(super) fn new(injector: Arc<Injector>) -> Self {
        let now = Instant::now();
        let any = Accepted {
            stamp: Stamp::default(),
            offered: now,
            encoding: (Duration::ZERO, Duration::ZERO),
            accepted: now,
            told: None,
        };
        let log = PublisherLog {
            accepted: with_room(injector.room, any),
            refused: 0,
        };
        Self {
            injector,
            offered: None,
            encoding: (Duration::ZERO, Duration::ZERO),
            log,
        }
    }

    pub(super) fn publish_waits(&self) -> bool {
        self.injector.injection.publish_waits
    }

    /// A message is offered: whether it may be accepted now.
    pub(super) fn takes(&mut self, stamp: &Stamp) -> bool {
        let now = Instant::now();
        let is_stalled = self.stalled_until(stamp).is_some();
        if let Some(end) = self.injector.stalled_until(Stalled::Caller, now) {
            std::thread::sleep(end - now);
        }
        self.log.refused += u64::from(is_stalled);
        !is_stalled
    }

    /// A message is offered: until when it may not be accepted.
    pub(super) fn stalled_until(&mut self, stamp: &Stamp) -> Option<Instant> {
        let now = Instant::now();
        if let Some(last) = self.log.accepted.last_mut() {
            last.told.get_or_insert(now);
        }
        if self.offered.is_none_or(|(last, _)| last != stamp.sequence) {
            self.offered = Some((stamp.sequence, now));
        }
        self.injector.offered(stamp, now);
        self.injector.stalled_until(Stalled::Acceptance, now)
    }

    /// The message was refused because a queue was full.
    pub(super) fn refused(&mut self) {
        self.log.refused += 1;
    }

    /// Builds a message and lets the publisher time that.
    pub(super) fn encode<O: PublishObserver, T>(
        &mut self,
        stamp: &Stamp,
        observer: &mut O,
        build: impl FnOnce() -> T,
    ) -> T {
        let mut within = Duration::ZERO;
        let begun = Instant::now();
        let message = observer.encode(stamp, || {
            let begun = Instant::now();
            let message = build();
            within = begun.elapsed();
            message
        });
        self.encoding = (within, begun.elapsed());
        message
    }

    /// The message was accepted; the publisher is told next.
    pub(super) fn accepted(&mut self, stamp: &Stamp) {
        let accepted = Instant::now();
        let offered = self.offered.take().map_or(accepted, |(_, first)| first);
        self.log.accepted.push(Accepted {
            stamp: *stamp,
            offered,
            encoding: self.encoding,
            accepted,
            told: None,
        });
    }

    /// The publisher has been told.
    pub(super) fn told(&mut self) {
        if let Some(last) = self.log.accepted.last_mut() {
            last.told.get_or_insert_with(Instant::now);
        }
    }
}

impl Drop for InjectedPublisher {
    fn drop(&mut self) {
        self.injector.keep_publisher(std::mem::take(&mut self.log));
    }
}
