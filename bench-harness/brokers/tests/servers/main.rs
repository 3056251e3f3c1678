//! Real servers by every provider: they start, answer, say what they are, and leave nothing behind,
//! whatever way their run ends.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail the test that calls them"
)]

mod clients;
mod container;
mod container_holes;
mod counters;
mod external;
mod footprint;
mod limits;
mod process;
mod process_holes;
mod program;
mod support;
