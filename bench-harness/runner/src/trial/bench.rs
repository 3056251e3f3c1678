//! Deliveries to a subscriber's receiver, as a bus gives them, for the benchmark alone
//! (`benches/delivery.rs`).

use std::sync::Arc;
use std::time::Duration;

use busbench_buses::{Delivery, NoAttributes, Sink};
use busbench_envelope::{EncodeError, Layout, PayloadSpec, Prepared, Stamp};
use busbench_measure::Clock;

use super::progress::Progress;
use super::receiver::Receiver;
use super::{Span, TIMED_EACH};
use crate::scenario::Phases;

const EPOCH: u8 = 1;

/// A receiver in the middle of its window, and messages to give it.
pub struct Deliveries {
    receiver: Receiver,
    clock: Clock,
    message: Prepared,
    batch: Vec<Vec<u8>>,
    next_sequence: u32,
}

impl Deliveries {
    /// Messages of one publisher, to be given in batches of `batch`.
    pub fn new(payload: &PayloadSpec, layout: Layout, batch: usize) -> Result<Self, EncodeError> {
        let (_, message) = Prepared::of_spec(payload, 1, 0, layout)?;
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let span = Span::new(&Phases {
            warmup: Duration::ZERO,
            window: minutes(60),
            drain: minutes(1),
            drain_limit: minutes(1),
            sample_each: minutes(60),
        });
        let clock = Clock::start();
        // The window has begun when the first message arrives.
        while !span.holds(clock.now_ns()) {
            std::hint::spin_loop();
        }
        let expected = Arc::from([message.clone()]);
        let progress = Arc::new(Progress::new(1, 1));
        Ok(Self {
            receiver: Receiver::new(0, EPOCH, span, clock, expected, progress, TIMED_EACH),
            clock,
            batch: vec![message.body.clone(); batch],
            message,
            next_sequence: 0,
        })
    }

    /// Bytes of one message.
    #[must_use]
    pub fn message_bytes(&self) -> usize {
        self.message.body.len()
    }

    /// Stamps the next batch.
    pub fn prepare(&mut self) {
        for body in &mut self.batch {
            let stamp = Stamp {
                epoch: EPOCH,
                publisher: 0,
                sequence: self.next_sequence,
                intended_ns: self.clock.now_ns(),
                wake_lag_ns: 640,
            };
            self.message.stamp(body, &stamp);
            self.next_sequence += 1;
        }
    }

    /// Gives the batch to the receiver.
    pub fn deliver(&mut self) {
        for body in &self.batch {
            self.receiver.arrived(Delivery {
                stamp_text: self.message.stamp_text(body),
                body,
                attributes: NoAttributes,
            });
        }
    }

    /// Messages that the receiver took as delivered.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.receiver.records.ledger.sums().1.delivered
    }
}
