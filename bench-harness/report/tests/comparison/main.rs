//! Comparisons of two made-up sides: what a reader gets, and that no name can change it.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod hostile;
mod json;
mod sides;
mod texts;
