//! Reports as the tests read them.

use std::collections::BTreeMap;

use busbench_report::render;
use busbench_results::Run;

/// Texts of a report by the names of their files.
pub(crate) type Files = BTreeMap<String, String>;

/// All files of one report of these runs.
pub(crate) fn files(runs: &[Run]) -> Files {
    render(runs)
        .unwrap()
        .into_iter()
        .map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
        .collect()
}
