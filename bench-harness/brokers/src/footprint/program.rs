//! The size of a program, as `stat` and `size` tell it.

use std::io;
use std::path::{Path, PathBuf};

use object::elf::{SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS};
use object::{Object, ObjectSection, SectionFlags};

use crate::Architecture;

/// An executable file (ELF). The sums are those of `size` in its Berkeley format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Architecture that it is for, by the names of [`Architecture`]: `x86_64`, `aarch64`.
    pub arch: String,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Bytes of sections that are loaded and never written to: code and constants.
    pub text_bytes: u64,
    /// Bytes of sections that are loaded from the file and may be written to.
    pub data_bytes: u64,
    /// Bytes of sections that are zeroed at the start, and not in the file.
    pub bss_bytes: u64,
    /// Whether it has no symbol table (`.symtab`).
    pub stripped: bool,
}

/// Why a program's size cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// The file cannot be read.
    #[error("cannot read the program {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It is something else: a script, or a program of another system.
    #[error("{path} is no ELF program")]
    NotElf {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        #[source]
        source: object::Error,
    },
}

impl Program {
    /// Reads the file at a path. Blocks for the time of that.
    pub fn read(path: &Path) -> Result<Self, ProgramError> {
        let bytes = std::fs::read(path).map_err(|source| ProgramError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::of_bytes(&bytes).map_err(|source| ProgramError::NotElf {
            path: path.to_owned(),
            source,
        })
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Result<Self, object::Error> {
        let file = object::File::parse(bytes)?;
        let mut program = Self {
            arch: Architecture::of_header(bytes)
                .map_or_else(|| "unknown".to_owned(), |found| found.to_string()),
            file_bytes: bytes.len() as u64,
            text_bytes: 0,
            data_bytes: 0,
            bss_bytes: 0,
            stripped: file.symbol_table().is_none(),
        };
        for section in file.sections() {
            let SectionFlags::Elf {
                sh_type, sh_flags, ..
            } = section.flags()
            else {
                continue;
            };
            let is = |flag| sh_flags & flag == flag;
            if !is(SHF_ALLOC) {
                continue;
            }
            let sum = if is(SHF_EXECINSTR) || !is(SHF_WRITE) {
                &mut program.text_bytes
            } else if sh_type == SHT_NOBITS {
                &mut program.bss_bytes
            } else {
                &mut program.data_bytes
            };
            *sum += section.size();
        }
        Ok(program)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::Program;
    use crate::Environment;
    use crate::kind::Program as ServerProgram;
    use crate::process::find_program;

    /// `size` prints a line of names and one of numbers; `None` where it is not installed.
    fn by_size(path: &Path) -> Option<[u64; 3]> {
        let output = Command::new("size").arg(path).output().ok()?;
        let text = String::from_utf8(output.stdout).unwrap();
        let mut numbers = text.lines().nth(1)?.split_whitespace();
        let mut next = || numbers.next()?.parse().ok();
        Some([next()?, next()?, next()?])
    }

    #[test]
    fn sections_are_summed_up_as_size_does() {
        let environment = Environment::of_this_program();
        let servers = ServerProgram::ALL.map(|program| find_program(&environment, program));
        let this = std::env::current_exe().unwrap();
        for path in servers.into_iter().flatten().chain([this]) {
            let program = Program::read(&path).unwrap();
            assert_eq!(program.file_bytes, path.metadata().unwrap().len());
            let Some(expected) = by_size(&path) else {
                println!("SKIPPED: `size` (binutils) is not installed");
                return;
            };
            let ours = [program.text_bytes, program.data_bytes, program.bss_bytes];
            assert_eq!(ours, expected, "{}", path.display());
        }
    }

    #[test]
    fn a_test_program_has_symbols_and_the_machines_architecture() {
        let program = Program::read(&std::env::current_exe().unwrap()).unwrap();
        assert_eq!(program.arch, std::env::consts::ARCH);
        assert!(!program.stripped);
    }

    #[test]
    fn what_is_no_program_is_told_with_its_path() {
        let reason = |path: &str| Program::read(Path::new(path)).unwrap_err().to_string();
        assert_eq!(reason("/nowhere"), "cannot read the program /nowhere");
        assert_eq!(reason("Cargo.toml"), "Cargo.toml is no ELF program");
    }
}
