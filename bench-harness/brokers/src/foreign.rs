//! Programs of another architecture, or without their dynamic loader: what is wrong, and which
//! command mends it.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::architecture::{Architecture, Executable, header};
use crate::emulation::{Formats, kernel_architecture};

/// How qemu-user says that it lacks a program's dynamic loader (`linux-user/elfload.c`), and what is
/// around the loader's path in it.
const NO_LOADER: (&str, &str) = ("Could not open '", "': No such file or directory");
/// How the dynamic loader says that it lacks a library (glibc, `elf/rtld.c`); its name follows.
const NO_LIBRARY: &str = "error while loading shared libraries: ";
/// What kernel and container engines say of a program that nothing runs (`ENOEXEC`).
const WRONG_FORMAT: &str = "exec format error";

/// Why a program cannot be run here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    /// It is for another CPU, and no emulator is registered.
    Architecture {
        /// What it is for, where that is known.
        program: Option<Architecture>,
        /// What this machine has, or the container engine's host.
        host: Architecture,
    },
    /// The dynamic loader that it asks for, or a library, is not here.
    Library {
        /// The loader's path, or the library's name.
        missing: String,
    },
}

impl Foreign {
    /// Tells what the end of a server's output says of it; `None` where it says nothing of this.
    pub(crate) fn in_output(output: &str, program: Option<&Architecture>) -> Option<Self> {
        let (before, after) = NO_LOADER;
        let loader = output.lines().find_map(|line| {
            let (path, _) = line.split_once(before)?.1.split_once(after)?;
            path.contains("/ld-").then(|| path.to_owned())
        });
        // A program of this machine's own lacks a package, as its output says.
        let is_foreign = program.is_some_and(|program| !kernel_architecture().runs(program));
        let library = || {
            let (_, rest) = output.split_once(NO_LIBRARY)?;
            Some(rest.split_once(':')?.0.to_owned()).filter(|_| is_foreign)
        };
        if let Some(missing) = loader.or_else(library) {
            return Some(Self::Library { missing });
        }
        let is_wrong = output.to_ascii_lowercase().contains(WRONG_FORMAT);
        is_wrong.then(|| Self::Architecture {
            program: program.cloned(),
            host: kernel_architecture(),
        })
    }
}

/// Looks whether a program can be run here, before any server is started: by its header, by what is
/// registered with the kernel and, where that does not show, by a call with an argument that ends it.
/// Blocks for the time of that.
pub(crate) fn check(
    program: &Path,
    architecture: &Architecture,
    argument: &str,
) -> Result<(), Foreign> {
    let host = kernel_architecture();
    if host.runs(architecture) {
        return Ok(());
    }
    let taken = Formats::read()
        .zip(header(program).ok())
        .map(|(formats, header)| formats.take(&header, false));
    let is_taken = taken.unwrap_or_else(|| !is_refused(program, argument));
    is_taken.then_some(()).ok_or_else(|| Foreign::Architecture {
        program: Some(architecture.clone()),
        host,
    })
}

/// Whether an engine of this host is known to be unable to run an image.
pub(crate) fn check_image(program: &Architecture, host: &Architecture) -> Result<(), Foreign> {
    match Formats::read().and_then(|formats| formats.take_all(program, true)) {
        Some(false) => Err(Foreign::Architecture {
            program: Some(program.clone()),
            host: host.clone(),
        }),
        Some(true) | None => Ok(()),
    }
}

/// Under qemu-user a child that cannot be started looks as if it had been (`vfork` is a plain fork
/// there): then its end tells, later.
fn is_refused(program: &Path, argument: &str) -> bool {
    let child = Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match child {
        Ok(mut child) => {
            let _ = child.kill();
            let _ = child.wait();
            false
        }
        Err(error) => error.raw_os_error() == Some(rustix::io::Errno::NOEXEC.raw_os_error()),
    }
}

/// What a program is for; `None` where it is no ELF file.
pub(crate) fn architecture_of(program: &Path) -> io::Result<Option<Architecture>> {
    Ok(Executable::read(program)?.architecture)
}

impl fmt::Display for Foreign {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Architecture {
                program: Some(program),
                host,
            } => write!(
                formatter,
                "it is for {program}, the CPU is {host}, and no emulator for it is registered: \
                 ./scripts/emulator installs and registers one (on Debian: apt-get install \
                 qemu-user-static binfmt-support), or take one for {host}"
            ),
            Self::Architecture {
                program: None,
                host,
            } => write!(
                formatter,
                "it is not for the CPU, {host} (exec format error): ./scripts/emulator installs and \
                 registers an emulator, or take one for {host}"
            ),
            Self::Library { missing } => write!(
                formatter,
                "{missing}, which it needs to be loaded, is not here: unpack its packages by `./scripts/servers --arch \
                 ARCH --out DIR`, and `export QEMU_LD_PREFIX=DIR`, where the emulator looks for \
                 libraries"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_output(output: &str, expected: Option<&str>) {
        let program = Architecture::of_image("s390x");
        let found = Foreign::in_output(output, Some(&program));
        let told = found.map(|foreign| foreign.to_string());
        match expected {
            Some(part) => assert!(
                told.as_ref().is_some_and(|told| told.contains(part)),
                "{told:?}"
            ),
            None => assert_eq!(told, None),
        }
    }

    #[test]
    fn what_emulator_engine_and_shell_say_is_understood() {
        let qemu = "qemu-aarch64-static: Could not open '/lib/ld-linux-aarch64.so.1': No such file or \
                    directory";
        check_output(qemu, Some("QEMU_LD_PREFIX=DIR"));
        let loader = "redis-server: error while loading shared libraries: libatomic.so.1: cannot open \
                      shared object file: No such file or directory";
        check_output(loader, Some("libatomic.so.1, which it needs to be loaded"));
        let engine = "exec /usr/bin/nats-server: exec format error";
        check_output(engine, Some("./scripts/emulator"));
        let setpriv = "setpriv: failed to execute /x/nats-server: Exec format error";
        check_output(setpriv, Some("it is for s390x"));
        check_output(
            "Could not open '/etc/nats.conf': No such file or directory",
            None,
        );
        check_output("[ERR] Fatal error, can't open config file", None);
    }

    #[test]
    fn a_library_that_a_program_of_this_machine_lacks_is_no_matter_of_architecture() {
        let loader = "nats-server: error while loading shared libraries: libx.so: cannot open";
        let own = kernel_architecture();
        assert_eq!(Foreign::in_output(loader, Some(&own)), None);
    }

    #[test]
    fn a_program_of_this_machine_can_be_run() {
        let own = std::env::current_exe().unwrap();
        let architecture = Architecture::of_this_program();
        assert_eq!(check(&own, &architecture, "--list"), Ok(()));
    }

    /// No kernel has an emulator registered for a machine that does not exist.
    #[test]
    fn a_program_that_nothing_runs_is_refused_before_it_is_started() {
        let mut header = Architecture::of_image("arm64").header().unwrap();
        header[18..20].copy_from_slice(&[0xfe, 0xca]);
        let architecture = Architecture::of_header(&header).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("nats-server");
        std::fs::write(&program, &header).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, mode).unwrap();
        let error = check(&program, &architecture, "--version").unwrap_err();
        let told = error.to_string();
        assert!(
            told.starts_with("it is for ELF machine 51966, the CPU is "),
            "{told}"
        );
        assert!(told.contains("./scripts/emulator"), "{told}");
    }
}
