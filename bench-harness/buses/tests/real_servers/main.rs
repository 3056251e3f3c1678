//! Every bus against its real server, started as a process on a free loopback port.
//!
//! A server that is not installed fails the test under CI (`CI` is set); elsewhere the test says
//! that it skipped, and how many have.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and speaks by printing, in its helpers too"
)]

mod conformance;
mod failures;
mod limits;
mod native;
mod server;
mod traffic;
mod wire;
