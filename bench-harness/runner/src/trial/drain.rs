//! The end of a trial: waiting for what is still on its way.

use std::time::Duration;

use busbench_measure::Clock;
use tokio_util::sync::CancellationToken;

use super::Span;
use super::progress::Progress;

const LOOK_EACH: Duration = Duration::from_millis(5);

/// Waits until `expected` distinct messages have arrived at every subscriber, until nothing has
/// arrived for `quiet`, or until the drain's latest end.
pub(super) async fn wait(
    clock: Clock,
    span: Span,
    progress: &Progress,
    expected: u64,
    quiet: Duration,
    cancel: &CancellationToken,
) {
    let since = clock.now_ns();
    loop {
        let now_ns = clock.now_ns();
        let silent_ns = now_ns.saturating_sub(progress.last_arrival_ns().max(since));
        if progress.fewest_delivered() >= expected
            || u128::from(silent_ns) >= quiet.as_nanos()
            || now_ns >= span.drained_ns
            || cancel.is_cancelled()
        {
            return;
        }
        tokio::time::sleep(LOOK_EACH).await;
    }
}

/// Cancels `token` at an instant of the clock.
pub(super) async fn cancel_at(clock: Clock, instant_ns: u64, token: CancellationToken) {
    sleep_until(clock, instant_ns).await;
    token.cancel();
}

/// Sleeps until an instant of the clock, to a millisecond or so.
pub(super) async fn sleep_until(clock: Clock, instant_ns: u64) {
    tokio::time::sleep(Duration::from_nanos(
        instant_ns.saturating_sub(clock.now_ns()),
    ))
    .await;
}
