//! The `busbench` command.
fn main() {}
