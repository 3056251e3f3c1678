//! Results of benchmarks. None are found yet.
use std::collections::BTreeMap;
use std::path::Path;
/// Results of benchmarks that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("read results of benchmarks")]
pub struct BenchmarkError;
/// Results of benchmarks that cannot be read.
pub fn read_benchmarks(_: &Path) -> Result<BTreeMap<String, f64>, BenchmarkError> {
    Ok(BTreeMap::new())
}
/// Results of benchmarks that cannot be read.
#[must_use]
pub fn is_criterion_home(_: &Path) -> bool {
    false
}
