//! Which processors programs are for: read from their headers, never from what they say.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// What is read of a program: enough for an ELF header, and for what `binfmt_misc` looks at.
const HEADER_BYTES: usize = 128;
/// Place of `e_machine` in an ELF header (elf(5)).
const MACHINE_AT: usize = 18;
/// Place of `EI_CLASS` and `EI_DATA` there.
const CLASS_AT: usize = 4;
const DATA_AT: usize = 5;

/// Values of `e_machine` (elf.h), whether of 64 bits, and the name that Rust and container engines
/// have for the architecture.
const ARCHITECTURES: [(u16, bool, &str, &str); 8] = [
    (62, true, "x86_64", "amd64"),
    (183, true, "aarch64", "arm64"),
    (3, false, "x86", "386"),
    (40, false, "arm", "arm"),
    (243, true, "riscv64", "riscv64"),
    (21, true, "powerpc64", "ppc64le"),
    (22, true, "s390x", "s390x"),
    (258, true, "loongarch64", "loong64"),
];

/// An architecture, by the name that Rust has for it: `x86_64`, `aarch64`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Architecture(String);

/// A program file, as far as its header tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executable {
    /// Where it is.
    pub path: PathBuf,
    /// What it is for; `None` where it is no ELF file (a script) or may not be read.
    pub architecture: Option<Architecture>,
}

impl Architecture {
    /// That which this program was built for.
    #[must_use]
    pub fn of_this_program() -> Self {
        Self(std::env::consts::ARCH.to_owned())
    }

    /// By the name that `uname -m` and the kernel's `kernel.arch` have for it.
    #[must_use]
    pub fn of_kernel(machine: &str) -> Self {
        Self(match machine.trim() {
            "amd64" => "x86_64".to_owned(),
            "arm64" => "aarch64".to_owned(),
            "i386" | "i486" | "i586" | "i686" => "x86".to_owned(),
            "ppc64" | "ppc64le" => "powerpc64".to_owned(),
            other if other.starts_with("armv") => "arm".to_owned(),
            other => other.to_owned(),
        })
    }

    /// By the name that images have for it: `amd64`, `arm64`.
    #[must_use]
    pub fn of_image(name: &str) -> Self {
        let known = ARCHITECTURES.iter().find(|(.., image)| *image == name);
        Self(known.map_or(name, |(_, _, rust, _)| rust).to_owned())
    }

    /// By the header of a program; `None` where it is no ELF file.
    #[must_use]
    pub fn of_header(header: &[u8]) -> Option<Self> {
        if !header.starts_with(b"\x7fELF") {
            return None;
        }
        let is_64 = *header.get(CLASS_AT)? == 2;
        let machine = [*header.get(MACHINE_AT)?, *header.get(MACHINE_AT + 1)?];
        let machine = match header.get(DATA_AT)? {
            2 => u16::from_be_bytes(machine),
            _ => u16::from_le_bytes(machine),
        };
        let known = ARCHITECTURES
            .iter()
            .find(|(number, wide, ..)| *number == machine && *wide == is_64);
        Some(Self(known.map_or_else(
            || format!("ELF machine {machine}"),
            |(_, _, rust, _)| (*rust).to_owned(),
        )))
    }

    /// What a program of this architecture begins with, of 64 bits and little-endian; `None` where
    /// that is not known.
    pub(crate) fn header(&self) -> Option<Vec<u8>> {
        let (machine, ..) = ARCHITECTURES
            .iter()
            .find(|(_, wide, rust, _)| *rust == self.0 && *wide)?;
        let mut header = b"\x7fELF\x02\x01\x01".to_vec();
        // Type: an executable.
        header.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0]);
        header.extend(machine.to_le_bytes());
        header.resize(HEADER_BYTES, 0);
        Some(header)
    }

    /// The name: `x86_64`, `aarch64`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether a CPU of this architecture runs programs of that one itself: its own, and those of 32
    /// bits that came before it.
    #[must_use]
    pub fn runs(&self, program: &Self) -> bool {
        self == program
            || matches!(
                (self.name(), program.name()),
                ("x86_64", "x86") | ("aarch64", "arm")
            )
    }
}

impl Executable {
    /// Reads a program's header. It is an error only where there is no such file.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        path.metadata()?;
        let header = header(path).unwrap_or_default();
        Ok(Self {
            path: path.to_owned(),
            architecture: Architecture::of_header(&header),
        })
    }

    /// The program behind a link such as `/proc/PID/exe`, which may be opened where what it points to
    /// is a path of somewhere else. `None` where the link may not be read.
    pub(crate) fn behind(link: &Path) -> Option<Self> {
        Some(Self {
            path: std::fs::read_link(link).ok()?,
            architecture: Architecture::of_header(&header(link).unwrap_or_default()),
        })
    }
}

/// The first bytes of a file.
pub(crate) fn header(path: &Path) -> io::Result<Vec<u8>> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    File::open(path)?
        .take(HEADER_BYTES as u64)
        .read_to_end(&mut header)?;
    Ok(header)
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_tells_the_architecture_and_a_script_has_none() {
        let check = |header: &[u8], expected: Option<&str>| {
            let found = Architecture::of_header(header);
            assert_eq!(found.as_ref().map(Architecture::name), expected);
        };
        let mut header = Architecture::of_image("arm64").header().unwrap();
        check(&header, Some("aarch64"));
        header[MACHINE_AT] = 62;
        check(&header, Some("x86_64"));
        // x32 and 32 bits of ARM64 are not what they look like.
        header[CLASS_AT] = 1;
        check(&header, Some("ELF machine 62"));
        header[MACHINE_AT] = 40;
        check(&header, Some("arm"));
        check(&header[..=MACHINE_AT], None);
        check(b"#!/bin/sh\n", None);
        check(b"", None);
    }

    #[test]
    fn this_program_is_what_it_was_built_for() {
        let own = Executable::read(&std::env::current_exe().unwrap()).unwrap();
        if cfg!(target_os = "linux") {
            assert_eq!(own.architecture, Some(Architecture::of_this_program()));
        } else {
            assert_eq!(own.architecture, None);
        }
    }

    #[test]
    fn names_of_kernels_and_images_mean_what_rust_calls_them() {
        assert_eq!(Architecture::of_kernel("x86_64\n").name(), "x86_64");
        assert_eq!(Architecture::of_kernel("armv7l").name(), "arm");
        assert_eq!(Architecture::of_image("arm64").name(), "aarch64");
        assert_eq!(Architecture::of_image("mips64le").name(), "mips64le");
    }

    #[test]
    fn a_cpu_runs_its_own_programs_and_those_of_its_32_bits() {
        let of = Architecture::of_image;
        assert!(of("amd64").runs(&of("amd64")) && of("amd64").runs(&of("386")));
        assert!(of("arm64").runs(&of("arm")));
        assert!(!of("amd64").runs(&of("arm64")) && !of("arm64").runs(&of("amd64")));
    }
}
