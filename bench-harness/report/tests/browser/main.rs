//! The page in a real browser: what a reader sees, at the widths, in the colours and on the paper
//! on which they see it. Without a Chromium a test fails in CI, and elsewhere says that it skipped.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod asks_for_nothing;
mod devtools;
mod keyboard;
mod layout;
mod paper;
mod readable;
mod reader;
mod structure;
mod tab;
mod table;
