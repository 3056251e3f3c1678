//! What was still on its way when the drain had ended.
//!
//! It counts as lost: it came too late. It is read and counted nevertheless, so that the harness's
//! counts can be compared with the server's to the message.

use std::time::Duration;

use busbench_buses::{Attributes, BusError, Delivery, Sink, Subscriber};

/// Nothing more is on its way when nothing has come for this long.
pub(super) const QUIET: Duration = Duration::from_millis(200);
/// A full client queue takes a fraction of this to be read.
pub(super) const LIMIT: Duration = Duration::from_secs(2);

/// What was on its way to one subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Late {
    pub(super) messages: u64,
    /// Whether messages were still coming when the time was over.
    pub(super) unfinished: bool,
}

/// Reads until nothing comes any more. An error is the server's, which has cut the subscriber off.
pub(super) async fn read_out<S: Subscriber>(subscriber: &mut S) -> (Late, Result<(), BusError>) {
    let mut late = Late::default();
    let reading = async {
        while let Ok(batch) = tokio::time::timeout(QUIET, subscriber.deliver(&mut Nowhere)).await {
            late.messages += batch? as u64;
        }
        Ok(())
    };
    let reading = tokio::time::timeout(LIMIT, reading).await;
    late.unfinished = reading.is_err();
    (late, reading.unwrap_or(Ok(())))
}

/// Looks at nothing that comes; how much it was is told by who delivers.
pub(crate) struct Nowhere;

impl Sink for Nowhere {
    fn arrived<A: Attributes>(&mut self, _delivery: Delivery<'_, A>) {}
}
