//! Two parts of a report at once, which do not need each other.

use std::{panic, thread};

/// What each makes. Panics where one of them does.
pub(crate) fn both<A: Send, B>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        let one = one
            .join()
            .unwrap_or_else(|cause| panic::resume_unwind(cause));
        (one, other)
    })
}

#[cfg(test)]
mod tests {
    use super::both;

    #[test]
    fn each_has_its_place() {
        assert_eq!(both(|| 1, || "other"), (1, "other"));
    }
}
