//! What the envelope's decoders must keep to whatever they are given, and inputs to begin with.
//!
//! The fuzz targets (`fuzz_targets/`) and the replay in the crate's tests (`../tests/corpus.rs`) call
//! the same functions: see [`target::ALL`].

pub mod bounds;
pub mod seeds;
pub mod target;

/// Ends a fuzz target where a property does not hold, so that libFuzzer keeps the input.
///
/// # Panics
///
/// On what a target found.
pub fn must_hold(outcome: Result<(), String>) {
    let broken = outcome.err();
    assert!(broken.is_none(), "{}", broken.unwrap_or_default());
}
