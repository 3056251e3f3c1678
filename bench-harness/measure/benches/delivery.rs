//! What it costs to measure one delivery.
fn main() {}
