//! One publisher with what it records, and its end.

use busbench_buses::Publisher;
use tokio_util::sync::CancellationToken;

use super::sender::{Recorder, Sent, Stamper};

/// One publisher with the two halves of its record.
pub(super) struct Lane<P> {
    pub(super) publisher: P,
    pub(super) stamper: Stamper,
    pub(super) recorder: Recorder,
}

/// Closes a lane's publisher and gives back what it did.
pub(super) async fn close<P: Publisher>(lane: Lane<P>, stop: &CancellationToken) -> Sent {
    let Lane {
        publisher,
        stamper,
        mut recorder,
    } = lane;
    close_publisher(publisher, &mut recorder, stop).await;
    stamper.joined(recorder)
}

/// Waits until a publisher's messages are on the wire and acknowledged; no longer than `stop`.
pub(super) async fn close_publisher<P: Publisher>(
    publisher: P,
    recorder: &mut Recorder,
    stop: &CancellationToken,
) {
    let closed = tokio::select! {
        closed = publisher.close(recorder) => Some(closed),
        () = stop.cancelled() => None,
    };
    match closed {
        Some(Ok(())) => {}
        Some(Err(error)) => recorder.stopped_by(error),
        None => recorder.cut_short(),
    }
}
