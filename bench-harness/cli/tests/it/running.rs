//! A run that goes on while the test looks at it.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Ended, Place};

/// `busbench run mine.toml` with JSON progress, results in `out`.
pub(crate) struct Running {
    child: Child,
    events: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts it with these arguments beside.
    pub(crate) fn start(place: &Place, provider: &str, arguments: &[&str]) -> Self {
        let fixed = [
            "run",
            "mine.toml",
            "--progress",
            "json",
            "--provider",
            provider,
        ];
        let mut command = place.busbench(&[&fixed, arguments].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let events = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, events }
    }

    /// Reads events until one of this name comes.
    pub(crate) fn wait_for(&mut self, event: &str) {
        let wanted = format!("\"event\":\"{event}\"");
        let lines = self.events.by_ref();
        let found = lines.any(|line| line.is_ok_and(|line| line.contains(&wanted)));
        assert!(found, "the run ended before {event}");
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        send_signal(self.child.id(), name);
    }

    /// Ends it as nothing but a crash would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// It ends within half a minute, with this code.
    #[track_caller]
    pub(crate) fn ends(mut self, code: i32) {
        let began = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if began.elapsed() > Duration::from_secs(30) {
                self.child.kill().unwrap();
                panic!("it goes on after 30 s");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ended::of(self.child.wait_with_output().unwrap()).said(code, &[]);
    }
}

pub(crate) fn send_signal(process: u32, name: &str) {
    let kill = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status();
    assert!(kill.unwrap().success());
}

/// The name of the run whose results are in `out`, once they are there.
pub(crate) fn run_name(place: &Place) -> String {
    let began = Instant::now();
    loop {
        let text = fs::read_to_string(place.path().join("out/result.json")).unwrap_or_default();
        if let Ok(record) = serde_json::from_str::<serde_json::Value>(&text) {
            return record["run"].as_str().unwrap().to_owned();
        }
        assert!(began.elapsed().as_secs() < 30, "the run does not begin");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The servers of a run: processes whose output goes to a file in a folder of it. (Not by their
/// command line: Redis writes its own.)
pub(crate) fn server_processes(run: &str) -> Vec<u32> {
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|process: &u32| {
            let output = fs::read_link(format!("/proc/{process}/fd/1")).unwrap_or_default();
            output.to_string_lossy().contains(run)
        })
        .collect()
}

/// The labels of all containers that a run has started and that are still there.
pub(crate) fn containers() -> String {
    let label = [
        "--filter",
        "label=busbench.run",
        "--format",
        "{{.Label \"busbench.run\"}}",
    ];
    let output = Command::new("docker")
        .args(["ps", "--all"])
        .args(label)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
