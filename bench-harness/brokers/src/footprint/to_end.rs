//! A program that runs to its end: how long that takes, and what it holds meanwhile.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::loaded::drop_pages;
use super::major_faults;

/// The programs themselves give up after 10 seconds, and say what kept them.
const DEADLINE: Duration = Duration::from_secs(20);

/// A program that ran and ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgramRun {
    /// From the request that it be started to its end.
    pub elapsed: Duration,
    /// Pages that had to be read from a disk for it; `None` where the kernel does not tell.
    pub major_faults: Option<u64>,
}

/// What a client program holds when its work is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Watched {
    /// Peak of resident memory (`VmHWM`); `None` where the kernel does not tell.
    ///
    /// What the kernel tells of a process after its end (`ru_maxrss` of `wait4`) will not do: it counts
    /// the memory of the process that started it, which is larger than a small program.
    pub rss_peak_bytes: Option<u64>,
    /// Bytes of the shared libraries that it has loaded; 0 where it is linked statically.
    pub libraries_bytes: Option<u64>,
}

/// Why a program did not run to a good end.
#[derive(Debug, thiserror::Error)]
pub enum ProgramRunError {
    /// It cannot be started: it is missing, or for another machine.
    #[error("cannot start {program}")]
    Start {
        /// The file.
        program: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Nobody tells how it ended.
    #[error("cannot wait for {program}")]
    Wait {
        /// The file.
        program: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It ended, and not well.
    #[error("{program} ended with {status}: {output}")]
    Failed {
        /// The file.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to standard error.
        output: String,
    },
    /// It did not end, and was killed.
    #[error("{program} did not end within {} s", DEADLINE.as_secs())]
    TooLong {
        /// The file.
        program: PathBuf,
    },
}

/// Runs a program to its end. Where the future is dropped, the program is killed.
pub async fn run_to_end(
    program: &Path,
    argument: Option<&str>,
) -> Result<ProgramRun, ProgramRunError> {
    let began = Instant::now();
    let running = Running::start(program, &mut command(program, argument))?;
    let (ended, major_faults) = running
        .watch(|id| {
            wait_for_end(id)?;
            // Its counters stay until somebody takes note of its end.
            Ok((Instant::now(), major_faults(&[unsigned(id)])))
        })
        .await?;
    Ok(ProgramRun {
        elapsed: ended.duration_since(began),
        major_faults,
    })
}

/// Runs a client program until its work is done, looks at it, and lets it end. It says `done` then, and
/// waits for the end of its standard input (`BUSBENCH_HOLD`), so that nothing is missed. Where the future
/// is dropped, the program is killed.
pub async fn hold_at_end(
    program: &Path,
    argument: Option<&str>,
) -> Result<Watched, ProgramRunError> {
    let mut command = command(program, argument);
    command
        .env("BUSBENCH_HOLD", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut running = Running::start(program, &mut command)?;
    let input = running.child.stdin.take();
    let output = running.child.stdout.take();
    running.watch(|id| look_when_done(id, input, output)).await
}

/// Asks the kernel to drop a file's pages from memory, so that the next start reads them from disk.
pub fn drop_file_from_memory(path: &Path) -> io::Result<()> {
    let file = File::open(path)?;
    // What was written just now is not dropped before it is on disk.
    file.sync_all()?;
    drop_pages(&file)
}

/// A program that has been started, killed when this is dropped.
struct Running {
    program: PathBuf,
    child: Child,
}

impl Running {
    fn start(program: &Path, command: &mut Command) -> Result<Self, ProgramRunError> {
        let child = command.spawn().map_err(|source| ProgramRunError::Start {
            program: program.to_owned(),
            source,
        })?;
        Ok(Self {
            program: program.to_owned(),
            child,
        })
    }

    /// Lets `look` do what it does until the program's end, on a thread of its own.
    async fn watch<T: Send + 'static>(
        mut self,
        look: impl FnOnce(Pid) -> io::Result<T> + Send + 'static,
    ) -> Result<T, ProgramRunError> {
        let id = Pid::from_child(&self.child);
        let looking = tokio::task::spawn_blocking(move || look(id));
        let Ok(looked) = tokio::time::timeout(DEADLINE, looking).await else {
            return Err(ProgramRunError::TooLong {
                program: self.program.clone(),
            });
        };
        let ended = looked
            .map_err(io::Error::other)
            .and_then(|seen| Ok((seen?, self.child.wait()?)));
        let (seen, status) = ended.map_err(|source| ProgramRunError::Wait {
            program: self.program.clone(),
            source,
        })?;
        if status.success() {
            Ok(seen)
        } else {
            Err(ProgramRunError::Failed {
                program: self.program.clone(),
                status,
                output: self.output(),
            })
        }
    }

    /// What it wrote to standard error, once it has ended.
    fn output(&mut self) -> String {
        let mut text = Vec::new();
        if let Some(pipe) = &mut self.child.stderr {
            // As much as could be read is told.
            let _ = pipe.read_to_end(&mut text);
        }
        String::from_utf8_lossy(&text).trim().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of one that has ended there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(program: &Path, argument: Option<&str>) -> Command {
    let mut command = Command::new(program);
    command
        .args(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Waits for the end of a process, and leaves it to be taken note of.
fn wait_for_end(id: Pid) -> io::Result<()> {
    waitid(
        WaitId::Pid(id),
        WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    )?;
    Ok(())
}

/// Looks at a process once it says that it is done, then ends its input and waits for its end.
fn look_when_done(
    id: Pid,
    input: Option<ChildStdin>,
    output: Option<ChildStdout>,
) -> io::Result<Watched> {
    let mut said = [0; 1];
    let watched = match output.map(|mut pipe| pipe.read(&mut said)).transpose()? {
        Some(1) => look(id),
        // It failed, as its status will tell.
        _ => Watched::default(),
    };
    drop(input);
    wait_for_end(id)?;
    Ok(watched)
}

#[cfg(not(target_os = "linux"))]
fn look(_: Pid) -> Watched {
    Watched::default()
}

#[cfg(target_os = "linux")]
fn look(id: Pid) -> Watched {
    use procfs::process::Process;

    use super::LoadedFiles;

    const BYTES_PER_KIB: u64 = 1024;
    let status = Process::new(id.as_raw_nonzero().get()).and_then(|process| process.status());
    let peak = status.ok().and_then(|status| status.vmhwm);
    Watched {
        rss_peak_bytes: peak.map(|kib| kib * BYTES_PER_KIB),
        libraries_bytes: LoadedFiles::of_processes(&[unsigned(id)])
            .and_then(|files| files.libraries_bytes())
            .ok(),
    }
}

fn unsigned(id: Pid) -> u32 {
    id.as_raw_nonzero().get().unsigned_abs()
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::{ProgramRunError, hold_at_end, run_to_end};

    const SLEEP: &str = "/bin/sleep";

    #[tokio::test]
    async fn a_run_takes_as_long_as_the_program() {
        let run = run_to_end(Path::new(SLEEP), Some("0.2")).await.unwrap();
        assert!(run.elapsed >= Duration::from_millis(200), "{run:?}");
        assert!(run.elapsed < Duration::from_secs(5), "{run:?}");
        assert_eq!(run.major_faults.is_some(), cfg!(target_os = "linux"));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn what_is_looked_at_is_the_program_and_not_the_one_that_started_it() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("done");
        std::fs::write(&script, "echo done\nread -r end || exit 0\n").unwrap();
        // More than a shell takes.
        let ballast = vec![1_u8; 64 << 20];
        let watched = hold_at_end(Path::new("/bin/sh"), script.to_str())
            .await
            .unwrap();
        let peak = watched.rss_peak_bytes.unwrap();
        assert!(peak > 500_000 && peak < 16 << 20, "{peak}");
        assert!(watched.libraries_bytes.unwrap() > 500_000, "{watched:?}");
        assert_eq!(ballast.last(), Some(&1));
    }

    #[tokio::test]
    async fn a_program_that_fails_says_why_with_its_own_words() {
        let failed = run_to_end(Path::new(SLEEP), Some("soon")).await;
        let error = failed.unwrap_err().to_string();
        assert!(error.starts_with("/bin/sleep ended with exit "), "{error}");
        assert!(error.contains("soon"), "{error}");
        let missing = hold_at_end(Path::new("/nowhere"), None).await.unwrap_err();
        assert!(
            matches!(missing, ProgramRunError::Start { .. }),
            "{missing}"
        );
        assert_eq!(missing.to_string(), "cannot start /nowhere");
    }

    #[tokio::test]
    async fn a_run_that_is_given_up_ends_at_once() {
        let began = Instant::now();
        let run = run_to_end(Path::new(SLEEP), Some("10"));
        let given_up = tokio::time::timeout(Duration::from_millis(100), run).await;
        assert!(given_up.is_err());
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}
