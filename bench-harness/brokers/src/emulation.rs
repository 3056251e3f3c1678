//! Whether a program runs on the CPU itself or by an emulator, told by signs that do not depend on
//! anybody's word.
//!
//! A user-mode emulator hides itself from the program that it runs: qemu-user answers for
//! `/proc/self/exe`, `/proc/PID/exe` of its own process, `/proc/self/auxv`, `uname` and, since 8.1,
//! `/proc/cpuinfo` (`linux-user/syscall.c`). It does so by these very paths, so the same files under
//! `/proc/thread-self` show what the kernel really runs, and other processes see it anyway. Each sign
//! is enough alone: one that an emulator learns to hide leaves the others.

mod formats;
mod own;

use std::path::Path;

use crate::architecture::{Architecture, Executable};

pub(crate) use formats::Formats;
pub use own::{kernel_architecture, own_emulator};

/// How the file names of user-mode emulators begin: qemu-user (`qemu-aarch64`,
/// `qemu-aarch64-static`, Debian's `aarch64-binfmt-P`), Apple's Rosetta for Linux, box64 and FEX.
const EMULATORS: [&str; 5] = ["qemu-", "rosetta", "box64", "FEX", "box86"];

/// Who runs a process, as the kernel's link to its executable tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Runs {
    /// The architecture of the program itself, where it is known.
    pub(crate) architecture: Option<Architecture>,
    /// The emulator's name, where there is one.
    pub(crate) emulator: Option<String>,
}

impl Runs {
    /// Of a process other than this one: what it was started from against what the kernel runs.
    /// `program` is the architecture that the program was found to be for before it was started.
    pub(crate) fn of_process(process_id: u32, program: Option<Architecture>) -> Self {
        let link = format!("/proc/{process_id}/exe");
        Self::of(Executable::behind(Path::new(&link)).as_ref(), program)
    }

    fn of(executable: Option<&Executable>, program: Option<Architecture>) -> Self {
        let emulator = executable.and_then(|executable| {
            emulator_of(executable).or_else(|| {
                let runs = executable.architecture.as_ref()?;
                let differs = program.as_ref().is_some_and(|program| program != runs);
                differs.then(|| file_name(&executable.path))
            })
        });
        // Without a header (a script that calls an emulator) the emulator's own name tells.
        let emulated = emulator.as_deref().and_then(emulated_by_name);
        let executed = || executable.and_then(|executable| executable.architecture.clone());
        let architecture = match &emulator {
            None => program.or_else(executed),
            Some(_) => program.or(emulated),
        };
        Self {
            architecture,
            emulator,
        }
    }
}

/// The name of the emulator, where a program is one.
pub(crate) fn emulator_of(executable: &Executable) -> Option<String> {
    let name = file_name(&executable.path);
    let known = EMULATORS.iter().any(|emulator| name.starts_with(emulator));
    (known || name.contains("-binfmt")).then_some(name)
}

/// What an emulator emulates, by its file name: `qemu-aarch64-static`.
fn emulated_by_name(name: &str) -> Option<Architecture> {
    let name = name.strip_prefix("qemu-")?;
    let machine = name.split('-').next()?;
    Some(Architecture::of_kernel(machine))
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn executable(path: &str, architecture: Option<&str>) -> Executable {
        Executable {
            path: PathBuf::from(path),
            architecture: architecture.map(Architecture::of_kernel),
        }
    }

    #[track_caller]
    fn check(
        executable: Option<&Executable>,
        program: Option<&str>,
        expected: (Option<&str>, Option<&str>),
    ) {
        let runs = Runs::of(executable, program.map(Architecture::of_kernel));
        let architecture = runs.architecture.as_ref().map(Architecture::name);
        assert_eq!((architecture, runs.emulator.as_deref()), expected);
    }

    #[test]
    fn a_server_that_the_cpu_runs_itself_is_not_emulated() {
        let native = executable("/usr/bin/nats-server", Some("x86_64"));
        check(Some(&native), Some("x86_64"), (Some("x86_64"), None));
        // A script that starts it.
        check(Some(&native), None, (Some("x86_64"), None));
        // Nothing may be read of it.
        check(None, Some("x86_64"), (Some("x86_64"), None));
        check(None, None, (None, None));
    }

    #[test]
    fn a_server_behind_an_emulator_is_told_by_header_or_name() {
        let qemu = executable("/usr/bin/qemu-aarch64-static", Some("x86_64"));
        let seen = (Some("aarch64"), Some("qemu-aarch64-static"));
        check(Some(&qemu), Some("aarch64"), seen);
        check(Some(&qemu), None, seen);
        let renamed = executable("/opt/translate", Some("x86_64"));
        let seen = (Some("aarch64"), Some("translate"));
        check(Some(&renamed), Some("aarch64"), seen);
        // The same architecture, emulated all the same: slower, and of another CPU.
        let same = executable("/usr/bin/qemu-x86_64", Some("x86_64"));
        let seen = (Some("x86_64"), Some("qemu-x86_64"));
        check(Some(&same), Some("x86_64"), seen);
        let unreadable = executable("/run/rosetta/rosetta", None);
        let seen = (Some("x86_64"), Some("rosetta"));
        check(Some(&unreadable), Some("x86_64"), seen);
    }
}
