//! Where a run's results go.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// A run's name, such as `20261123-154812-quick-3fa9`, and its folder: `out`, a folder of the
/// scenario's name in it where several scenarios run, or one of the run's name under
/// `results/runs`.
pub(super) fn choose(out: Option<&Path>, scenario: &str, among_several: bool) -> (String, PathBuf) {
    let now = SystemTime::now();
    let name = name(now, scenario, std::process::id());
    let folder = match out {
        Some(out) if among_several => out.join(scenario),
        Some(out) => out.to_owned(),
        None => Path::new("results/runs").join(&name),
    };
    (name, folder)
}

fn name(now: SystemTime, scenario: &str, process: u32) -> String {
    let time: String = humantime::format_rfc3339_seconds(now)
        .to_string()
        .chars()
        .filter_map(|character| match character {
            'T' => Some('-'),
            digit if digit.is_ascii_digit() => Some(digit),
            _ => None,
        })
        .collect();
    let scenario: String = scenario
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '-'
            }
        })
        .collect();
    // Tells runs apart that begin within one second.
    let nanos = now
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    format!("{time}-{scenario}-{:04x}", (nanos ^ process) & 0xffff)
}

/// Removes what [`busbench_results::RunFolder::create`] made, where nothing came into it.
pub(super) fn remove_if_empty(folder: &Path) {
    let trials = folder.join(busbench_results::TRIALS_FOLDER);
    // What is not empty stays: `remove_dir` refuses it.
    let emptied = fs::remove_dir(&trials).is_ok();
    let has_run = folder.join(busbench_results::RUN_FILE).exists();
    if emptied && has_run {
        let _ = fs::remove_file(folder.join(busbench_results::RUN_FILE));
    }
    let _ = fs::remove_dir(folder);
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::time::{Duration, UNIX_EPOCH};

    use super::{choose, name};

    #[test]
    fn a_run_is_named_after_its_start_and_its_scenario() {
        let start = UNIX_EPOCH + Duration::new(1_795_448_892, 0xab);
        assert_eq!(
            name(start, "my quick/one", 0),
            "20261123-154812-my-quick-one-00ab"
        );
    }

    #[test]
    fn several_scenarios_have_a_folder_each() {
        let out = Some(Path::new("/tmp/x"));
        assert_eq!(choose(out, "quick", false).1, PathBuf::from("/tmp/x"));
        assert_eq!(choose(out, "quick", true).1, PathBuf::from("/tmp/x/quick"));
        let (name, folder) = choose(None, "quick", false);
        assert_eq!(folder, Path::new("results/runs").join(name));
    }
}
