//! From what was seen to what is compared with the server's counts, and what follows from it, for the
//! trial and for the next one on its server.

use busbench_brokers::Baseline;
use busbench_buses::SubscribeMode;

use super::clients::{publisher_name, stalled_name, subscriber_name};
use super::reconcile::{Harness, Published, Reconciled, Taken, reconcile};
use super::record::Place;
use super::{Measured, Task};
use crate::error::chain;

/// A client's queue that grew beyond this has grown because nobody read: it is twice the default
/// window of a closed load, and half of what a Redis client may hold.
const CLIENT_BACKLOG_FROM_BYTES: u64 = 8 << 20;

/// What the next trial on the same server needs to know of the one before it.
#[derive(Debug)]
pub(crate) struct Left {
    /// The counters' last reading, where it can be gone on from.
    pub(crate) last_reading: Option<Baseline>,
}

impl Measured {
    /// What is left for the next trial; `None` where something of this one may still be on its
    /// server.
    pub(crate) fn left(&self) -> Option<Left> {
        let last_reading = self.counted.last.clone();
        self.is_cleaned_up.then_some(Left { last_reading })
    }

    /// The harness's counts beside the server's; `None` where those are not known.
    pub(super) fn reconciled(&self, task: &Task<'_>) -> Option<Reconciled> {
        let counters = self.counted.counters.as_ref()?.as_ref().ok()?;
        let harness = self.harness(task);
        Some(reconcile(&harness, counters, self.counted.pending))
    }

    fn harness(&self, task: &Task<'_>) -> Harness {
        let publishers = (0..).zip(&self.sent).map(|(number, sent)| Published {
            name: publisher_name(&task.tag, number),
            handed_over: sent.whole.handed_over,
            acked: sent.whole.acked,
            cut_short: sent.whole.cut_short,
            body_bytes: self
                .body_bytes
                .get(usize::from(number))
                .copied()
                .unwrap_or(0),
        });
        let errors = self.receiver_errors.iter();
        let subscribers = (0..).zip(&self.received).zip(errors);
        let subscribers = subscribers.map(|((number, received), error)| {
            let (whole, _) = received.ledger.sums();
            let foreign = received.ledger.foreign_count();
            Taken {
                name: subscriber_name(&task.tag, number),
                delivered: whole.delivered,
                others: whole.duplicated + whole.corrupt + foreign,
                late: received.late.messages,
                client_dropped: received.dropped,
                cut_off: error.is_some(),
                unfinished: received.late.unfinished,
                is_bare: false,
            }
        });
        let stalled = (0..).zip(&self.stalled).map(|(number, read_out)| Taken {
            name: stalled_name(&task.tag, number),
            late: read_out.messages,
            cut_off: read_out.closed,
            unfinished: read_out.unfinished,
            is_bare: true,
            ..Taken::default()
        });
        let keeps = task.cell.bus.capabilities().stored;
        let discards = task.client.retention.is_some();
        let skips = task.client.subscribe == SubscribeMode::Edgex;
        Harness {
            bus: task.cell.bus,
            qos: task.cell.qos,
            acknowledged: task.cell.is_acknowledged(),
            may_skip: keeps && (discards || skips),
            publishers: publishers.collect(),
            subscribers: subscribers.chain(stalled).collect(),
        }
    }

    /// What tells that a subscriber was cut off, where one was.
    pub(super) fn cut_off(&self) -> Option<String> {
        let error = self.receiver_errors.iter().flatten().next();
        let closed = self.stalled.iter().filter(|read_out| read_out.closed);
        match (error, closed.count()) {
            (Some(error), _) => Some(chain(error)),
            (None, 0) => None,
            (None, closed) => Some(format!(
                "{closed} of {} that were not read",
                self.stalled.len()
            )),
        }
    }

    /// What tells that another server answers now, where one does.
    pub(super) fn restarted(&self) -> Option<String> {
        let counters = self.counted.counters.as_ref()?.as_ref().ok()?;
        counters.restarted.clone()
    }

    /// Why the server's counters could not be read. Those of a server that died are not missed.
    pub(super) fn unreadable(&self, place: &Place) -> Option<String> {
        let why = self.counted.counters.as_ref()?.as_ref().err()?;
        place.server_died.is_none().then(|| why.clone())
    }

    /// How far a client's queue grew, where it did.
    pub(super) fn client_backlog(&self) -> Option<String> {
        let peaks = self.received.iter();
        let peak = peaks
            .filter_map(|received| received.backlog_peak_bytes)
            .max()?;
        (peak >= CLIENT_BACKLOG_FROM_BYTES).then(|| format!("to {peak} bytes"))
    }
}
