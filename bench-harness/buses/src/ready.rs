//! Takes all that is ready.

use std::future::poll_fn;
use std::task::Poll;

use futures_util::{Stream, StreamExt};

use crate::traits::MOST_AT_ONCE;

/// Waits for an item, gives it and all that are at hand to `take`, and returns how many there were;
/// `None` where the stream has ended. Cancel safe: an item is taken as soon as it is read.
pub(crate) async fn take_ready<S: Stream + Unpin>(
    stream: &mut S,
    mut take: impl FnMut(S::Item),
) -> Option<usize> {
    // All in one poll: the waker is registered once, when nothing is left.
    poll_fn(|context| {
        let mut taken = 0;
        while taken < MOST_AT_ONCE {
            match stream.poll_next_unpin(context) {
                Poll::Ready(Some(item)) => take(item),
                Poll::Ready(None) if taken == 0 => return Poll::Ready(None),
                Poll::Pending if taken == 0 => return Poll::Pending,
                _ => break,
            }
            taken += 1;
        }
        Poll::Ready(Some(taken))
    })
    .await
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt, stream};

    use super::take_ready;
    use crate::traits::MOST_AT_ONCE;

    #[test]
    fn what_is_ready_is_taken_in_order_up_to_the_limit() {
        let mut taken = Vec::new();
        let mut numbers = stream::iter(0..300).chain(stream::pending());
        let mut take = || take_ready(&mut numbers, |number| taken.push(number)).now_or_never();
        assert_eq!(take(), Some(Some(MOST_AT_ONCE)));
        assert_eq!(take(), Some(Some(300 - MOST_AT_ONCE)));
        assert_eq!(take(), None, "nothing is ready, and it has not ended");
        assert!(taken.into_iter().eq(0..300));
    }

    #[test]
    fn an_end_shows_after_what_came_before_it() {
        let mut numbers = stream::iter(0..3);
        let mut take = || take_ready(&mut numbers, |_| {}).now_or_never();
        assert_eq!(take(), Some(Some(3)));
        assert_eq!(take(), Some(None));
    }
}
