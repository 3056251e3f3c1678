//! The `busbench` command, as its users meet it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "what a test sets up may panic"
)]

mod bad_input;
mod commands;
mod compare;
mod counters;
mod doctor;
mod environment;
mod explain;
mod footprint_run;
mod footprints;
mod gate;
mod interrupt;
mod isolation;
mod limits;
mod null_work;
mod publish;
mod release;
mod results;
mod running;
mod self_test;
mod servers;
mod shared_servers;
mod slow_subscriber;
mod stall;
mod support;
mod trend;
mod wire;
mod workflows;
