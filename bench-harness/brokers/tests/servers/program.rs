//! Runs `keep-server`, the program that leaves its server behind.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use busbench_brokers::{RunLabel, ServerKind};

/// A program that keeps a server; killed when the test ends.
pub(crate) struct Program(Child);

impl Program {
    pub(crate) fn spawn(provider: &str, kind: ServerKind, run: &RunLabel, end: &str) -> Self {
        Self::spawn_with(provider, kind, run, end, &[])
    }

    /// With these environment variables beside the test's own. A `TMPDIR` of its own keeps what the
    /// program leaves away from the sweeps of all other tests.
    pub(crate) fn spawn_with(
        provider: &str,
        kind: ServerKind,
        run: &RunLabel,
        end: &str,
        variables: &[(&str, &str)],
    ) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_keep-server"))
            .args([provider, kind.name(), run.as_str(), end])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self(child)
    }

    /// Waits until the server is ready, and returns its process ids.
    pub(crate) fn server_process_ids(&mut self) -> Vec<u32> {
        let mut line = String::new();
        BufReader::new(self.0.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ids = line
            .strip_prefix("started ")
            .expect("keep-server could not start its server");
        ids.split_whitespace()
            .map(|id| id.parse().unwrap())
            .collect()
    }

    pub(crate) fn signal(&mut self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, signal).unwrap();
        self.0.wait().unwrap();
    }

    /// Waits until the program has ended by itself.
    pub(crate) fn end(&mut self) {
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
