//! Footprints: what servers and client programs take before any message flows.
//!
//! A run of them is a run as others are: cells, trials in seeded interleaved order, each on disk before
//! the next begins. A trial starts its server twice and sends no message.

mod begin;
mod client;
mod idle;
mod measured;
mod prepare;
mod programs;
mod run;
mod server;
mod subjects;

pub use run::{FootprintRequest, run_footprint};
