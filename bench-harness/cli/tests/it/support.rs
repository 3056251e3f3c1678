//! Calling the command in an empty folder, and looking at how it ended.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A scenario that takes less than a second on the null bus.
pub(crate) const SMALL: &str = r#"
question = "Does it run?"
seed = 1
trials = 1
floors = false

[matrix]
bus = ["null"]
envelope = ["json"]
payload = ["1xInt32"]

[load.closed]
window = [64]

[phases]
warmup = "50ms"
window = "200ms"
drain = "100ms"
"#;

/// An empty folder in which the command is called.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file and gives its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The command, to be called in this folder.
    pub(crate) fn busbench(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_busbench"));
        command.args(arguments).current_dir(self.path());
        command
    }

    /// The command that measures the scenario `mine.toml` of this folder into `out`, without a word.
    pub(crate) fn measuring(&self, provider: &str, more: &[&str]) -> Command {
        let run = ["run", "mine.toml", "--out", "out", "--quiet"];
        self.busbench(&[&run[..], &["--provider", provider], more].concat())
    }

    /// Runs the command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.busbench(arguments).output().unwrap())
    }

    /// The rows of the run in `out`.
    #[track_caller]
    pub(crate) fn rows(&self) -> Vec<serde_json::Value> {
        let ended = self.run(&["export", "out", "--format", "json"]);
        serde_json::from_str(&ended.said(0, &[]).stdout).unwrap()
    }

    /// Every trial of the run in `out`, by the name of its file.
    pub(crate) fn trials(&self) -> Vec<serde_json::Value> {
        let mut files: Vec<_> = fs::read_dir(self.path().join("out/trials"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let read = |file| serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        files.into_iter().map(read).collect()
    }

    /// What lies in the folder, by name.
    pub(crate) fn entries(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// How the command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// It ended with `code`, said every one of `words` on standard error, and did not panic.
    #[track_caller]
    pub(crate) fn said(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(
                self.stderr.contains(word),
                "{word:?} is missing in {}",
                self.stderr
            );
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// It ended with `code`, printed every one of `words` on standard output, and said nothing beside.
    #[track_caller]
    pub(crate) fn printed(&self, code: i32, words: &[&str]) -> &Self {
        self.said(code, &[]);
        for word in words {
            assert!(
                self.stdout.contains(word),
                "{word:?} is missing in {}",
                self.stdout
            );
        }
        assert_eq!(self.stderr, "");
        self
    }
}
