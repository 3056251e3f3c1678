//! What makes a cell the same in another run.

use super::across::Across;
use crate::{Load, Row};

/// What makes a cell the same in another run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity<'a> {
    names: [&'a str; 10],
    load: Load,
    options: [Option<&'a str>; 5],
    bounds: [Option<u64>; 4],
    numbers: [u64; 3],
}

impl<'a> Identity<'a> {
    pub(super) fn of(row: &'a Row) -> Self {
        Self {
            names: [
                &row.bus,
                &row.tuning,
                &row.envelope,
                &row.depth,
                &row.client,
                &row.workload,
                &row.publish,
                &row.subscribe,
                &row.payload,
                &row.limit,
            ],
            load: row.load,
            options: [
                row.storage.as_deref(),
                row.sync.as_deref(),
                row.retention.as_deref(),
                row.arrivals.as_deref(),
                row.servers.as_deref(),
            ],
            bounds: [
                row.ack_window.map(u64::from),
                row.window,
                row.qos.map(u64::from),
                // Equal rates have equal bits: they are read from scenarios.
                row.offered_per_second.map(f64::to_bits),
            ],
            numbers: [
                row.payload_bytes,
                row.publishers.into(),
                row.subscribers.into(),
            ],
        }
    }

    /// What is left to tell cells apart where one thing may differ.
    pub(super) fn across(row: &'a Row, across: Option<Across>) -> Self {
        let mut identity = Self::of(row);
        let [bus, tuning, envelope, depth, .., limit] = &mut identity.names;
        match across {
            Some(Across::Bus) => {
                *bus = "";
                // Only some buses have these; the guarantee is worked out from them.
                identity.options[..3].fill(None);
                let [ack_window, _, qos, _] = &mut identity.bounds;
                (*ack_window, *qos) = (None, None);
            }
            Some(Across::Tuning) => *tuning = "",
            Some(Across::Limit) => *limit = "",
            Some(Across::Layout) => {
                *envelope = "";
                identity.numbers[0] = 0;
                identity.bounds[1] = None;
            }
            Some(Across::Depth) => *depth = "",
            None
            | Some(
                Across::Versions
                | Across::Provider
                | Across::Kernel
                | Across::Governor
                | Across::Isolation,
            ) => {}
        }
        identity
    }
}
