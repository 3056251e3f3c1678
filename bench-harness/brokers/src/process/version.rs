//! Asks a server's program which version it is.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::kind::Program;
use crate::{BrokerError, Environment};

use super::binary;

/// A program tells its version in milliseconds; one that is none of ours may do anything.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two looks whether it has ended.
const LOOK: Duration = Duration::from_millis(5);

/// Where the program is, and its version; `None` where it tells none. Blocks for the time of a short
/// process.
pub(crate) fn of(
    environment: &Environment,
    program: Program,
) -> Result<(PathBuf, Option<String>), BrokerError> {
    let path = binary::runnable(environment, program)?;
    let version = ask(&path, argument(program)).and_then(|said| parse(&said).map(str::to_owned));
    Ok((path, version))
}

/// Mosquitto 2.0 tells its version with its help only.
pub(super) const fn argument(program: Program) -> &'static str {
    match program {
        Program::Nats | Program::Redis => "--version",
        Program::Mosquitto => "-h",
    }
}

/// What the program says; `None` where it cannot be run or does not end in time.
fn ask(path: &Path, argument: &str) -> Option<String> {
    let mut child = Command::new(path)
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let begun = Instant::now();
    // A few lines fit into the pipes, so that the program need not be read while it runs.
    while matches!(child.try_wait(), Ok(None)) {
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(LOOK);
    }
    let Output { stdout, stderr, .. } = child.wait_with_output().ok()?;
    Some(String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

/// The first word of the first line that is a version: digits and dots, `v` or `v=` before them.
fn parse(said: &str) -> Option<&str> {
    let words = said.lines().next()?.split_whitespace();
    let versions = words.map(|word| word.trim_start_matches('v').trim_start_matches('='));
    versions.into_iter().find(|version| {
        version.contains('.') && version.starts_with(|first: char| first.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_tells_its_version_in_its_own_words() {
        for (said, version) in [
            ("nats-server: v2.9.10\n", Some("2.9.10")),
            ("nats-server: v2.12.0-RC.1\n", Some("2.12.0-RC.1")),
            (
                "mosquitto version 2.0.11\n\nmosquitto is an MQTT v5.0/v3.1.1/v3.1 broker.\n",
                Some("2.0.11"),
            ),
            (
                "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64\n",
                Some("7.0.15"),
            ),
            ("usage: something else\nversion 1.2\n", None),
            ("", None),
        ] {
            assert_eq!(parse(said), version, "{said}");
        }
    }

    #[test]
    fn the_servers_of_this_machine_tell_theirs() {
        for program in Program::ALL {
            let (path, version) = of(&Environment::of_this_program(), program).unwrap();
            assert!(version.is_some(), "{}", path.display());
        }
    }

    #[test]
    fn a_program_that_does_not_end_is_not_waited_for() {
        let begun = Instant::now();
        assert_eq!(ask(Path::new("sleep"), "60"), None);
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
}
