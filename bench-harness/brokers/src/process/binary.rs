//! Finds a server's program and identifies it.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::Access;
use sha2::{Digest, Sha256};

use crate::kind::Program;
use crate::{Architecture, BrokerError, Environment, Provider, foreign};

use super::version;

/// Where servers are installed on systems whose users do not have it in PATH.
const BESIDE: [&str; 4] = [
    "/usr/local/sbin",
    "/usr/sbin",
    "/opt/homebrew/sbin",
    "/usr/local/opt/mosquitto/sbin",
];

/// A server's program.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    pub(crate) path: PathBuf,
    pub(crate) sha256: String,
    /// What it is for; `None` where it is no ELF file.
    pub(crate) architecture: Option<Architecture>,
}

impl Binary {
    /// Finds the program and reads it once for its hash. Blocks for the time of that.
    pub(crate) fn find(environment: &Environment, program: Program) -> Result<Self, BrokerError> {
        let path = runnable(environment, program)?;
        match fs::read(&path) {
            Ok(bytes) => Ok(Self {
                path,
                sha256: sha256(&bytes),
                architecture: Architecture::of_header(&bytes),
            }),
            Err(source) => Err(BrokerError::BadBinary {
                variable: variable(program),
                path,
                source,
            }),
        }
    }
}

/// Where the program is, once it is known that it can be run here: what the environment names, else
/// what is installed. Blocks for the time of a short process where it is for another architecture.
pub(super) fn runnable(
    environment: &Environment,
    program: Program,
) -> Result<PathBuf, BrokerError> {
    let path = locate(environment, program)?;
    let architecture = match foreign::architecture_of(&path) {
        Ok(architecture) => architecture,
        Err(source) => {
            return Err(BrokerError::BadBinary {
                variable: variable(program),
                path,
                source,
            });
        }
    };
    let argument = version::argument(program);
    let checked = architecture.map_or(Ok(()), |architecture| {
        foreign::check(&path, &architecture, argument)
    });
    match checked {
        Ok(()) => Ok(path),
        Err(why) => {
            let started = path.display().to_string();
            Err(BrokerError::foreign(
                program.plain(),
                started,
                why,
                Provider::Process,
            ))
        }
    }
}

/// Where the program is: what the environment names, else what is installed.
pub(super) fn locate(environment: &Environment, program: Program) -> Result<PathBuf, BrokerError> {
    let variable = variable(program);
    let Some(named) = environment.get(&variable) else {
        return search(environment, program.binary()).ok_or_else(|| BrokerError::NoBinary {
            binary: program.binary(),
            beside: BESIDE.join(", "),
            variable,
        });
    };
    let path = PathBuf::from(named);
    match is_program(&path) {
        Ok(()) => Ok(path),
        Err(source) => Err(BrokerError::BadBinary {
            variable,
            path,
            source,
        }),
    }
}

fn variable(program: Program) -> String {
    format!("BUSBENCH_BIN_{}", program.variable())
}

/// The first program of that name in PATH, or where servers are beside it.
fn search(environment: &Environment, name: &str) -> Option<PathBuf> {
    in_path(environment, name).or_else(|| first_in(BESIDE.iter().map(PathBuf::from), name))
}

/// The first program of that name in PATH.
pub(super) fn in_path(environment: &Environment, name: &str) -> Option<PathBuf> {
    let path = environment.get("PATH").unwrap_or_default();
    first_in(std::env::split_paths(path), name)
}

fn first_in(mut folders: impl Iterator<Item = PathBuf>, name: &str) -> Option<PathBuf> {
    folders.find_map(|folder| {
        let path = folder.join(name);
        is_program(&path).is_ok().then_some(path)
    })
}

fn is_program(path: &Path) -> io::Result<()> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    Ok(rustix::fs::access(path, Access::EXEC_OK)?)
}

fn sha256(bytes: &[u8]) -> String {
    let mut hexadecimal = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    hexadecimal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_hashed_as_fips_180_says() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), expected);
    }

    #[test]
    fn a_named_binary_that_does_not_exist_is_refused_with_variable_and_path() {
        let environment = Environment::default().with("BUSBENCH_BIN_NATS", "/nowhere/nats-server");
        let error = Binary::find(&environment, Program::Nats).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot use /nowhere/nats-server as the binary that BUSBENCH_BIN_NATS names"
        );
    }

    /// No kernel has an emulator registered for a machine that does not exist.
    #[test]
    fn a_named_binary_for_another_cpu_is_refused_with_what_mends_it() {
        let mut header = Architecture::of_image("arm64").header().unwrap();
        header[18..20].copy_from_slice(&[0xfe, 0xca]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nats-server");
        fs::write(&path, &header).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&path, mode).unwrap();
        let named = path.to_str().unwrap();
        let environment = Environment::default().with("BUSBENCH_BIN_NATS", named);
        let told = Binary::find(&environment, Program::Nats)
            .unwrap_err()
            .to_string();
        for part in [
            named,
            "it is for ELF machine 51966",
            "./scripts/emulator",
            "BUSBENCH_BIN_NATS",
        ] {
            assert!(told.contains(part), "{told}");
        }
    }

    #[test]
    fn a_named_binary_that_nobody_may_run_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let named = file.path().to_str().unwrap();
        let environment = Environment::default().with("BUSBENCH_BIN_REDIS", named);
        let error = Binary::find(&environment, Program::Redis).unwrap_err();
        assert!(matches!(error, BrokerError::BadBinary { .. }), "{error}");
    }
}
