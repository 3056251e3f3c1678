//! Which foreign programs the kernel hands to an emulator (`binfmt_misc`).

use std::fs;
use std::path::Path;

use crate::architecture::Architecture;

/// Where the kernel shows them (Linux, `admin-guide/binfmt-misc`).
const FOLDER: &str = "/proc/sys/fs/binfmt_misc";

/// What `binfmt_misc` has registered and enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Formats(Vec<Format>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Format {
    offset: usize,
    magic: Vec<u8>,
    mask: Vec<u8>,
    /// Whether the interpreter was opened when it was registered (flag `F`), so that it runs in
    /// containers too.
    is_fixed: bool,
}

impl Formats {
    /// Reads what is registered; `None` where the kernel does not show it, as in most containers: then
    /// only running a program tells.
    pub(crate) fn read() -> Option<Self> {
        Self::read_in(Path::new(FOLDER))
    }

    fn read_in(folder: &Path) -> Option<Self> {
        let status = fs::read_to_string(folder.join("status")).ok()?;
        if status.trim() != "enabled" {
            return Some(Self(Vec::new()));
        }
        let entries = fs::read_dir(folder).ok()?.flatten();
        let texts = entries.filter_map(|entry| fs::read_to_string(entry.path()).ok());
        Some(Self(
            texts.filter_map(|text| Format::parse(&text)).collect(),
        ))
    }

    /// Whether a program that begins so is handed to an emulator, within containers where that is
    /// asked.
    pub(crate) fn take(&self, header: &[u8], in_containers: bool) -> bool {
        let mut formats = self.0.iter();
        formats.any(|format| format.matches(header) && (format.is_fixed || !in_containers))
    }

    /// The same of every program of an architecture. `None` where its header is not known.
    pub(crate) fn take_all(&self, program: &Architecture, in_containers: bool) -> Option<bool> {
        Some(self.take(&program.header()?, in_containers))
    }
}

impl Format {
    /// Reads one entry: `enabled`, `flags: PF`, `offset 0`, `magic 7f45…`, `mask ffff…`. `None` where
    /// it is off, or goes by the file's extension.
    fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        if text.lines().next()?.trim() != "enabled" {
            return None;
        }
        let magic = bytes(value("magic ")?)?;
        Some(Self {
            offset: value("offset ").and_then(|offset| offset.parse().ok())?,
            mask: match value("mask ") {
                Some(mask) => bytes(mask)?,
                None => vec![0xff; magic.len()],
            },
            magic,
            is_fixed: value("flags:").is_some_and(|flags| flags.contains('F')),
        })
    }

    fn matches(&self, header: &[u8]) -> bool {
        let Some(header) = header.get(self.offset..self.offset + self.magic.len()) else {
            return false;
        };
        let wanted = self.magic.iter().zip(&self.mask);
        header
            .iter()
            .zip(wanted)
            .all(|(byte, (magic, mask))| byte & mask == magic & mask)
    }
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let pairs = hexadecimal.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Debian 12 registers it.
    const AARCH64: &str = "enabled\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\n\
                           flags: PF\noffset 0\nmagic 7f454c460201010000000000000000000200b700\n\
                           mask ffffffffffffff00fffffffffffffffffeffffff\n";

    #[track_caller]
    fn check(entry: &str, architecture: &str, in_containers: bool, expected: bool) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("status"), "enabled\n").unwrap();
        fs::write(folder.path().join("register"), "").unwrap();
        fs::write(folder.path().join("entry"), entry).unwrap();
        let formats = Formats::read_in(folder.path()).unwrap();
        let architecture = Architecture::of_image(architecture);
        let taken = formats.take_all(&architecture, in_containers);
        assert_eq!(taken, Some(expected));
    }

    #[test]
    fn an_entry_takes_the_programs_that_its_magic_names() {
        check(AARCH64, "arm64", true, true);
        check(AARCH64, "amd64", true, false);
        check(
            &AARCH64.replace("enabled", "disabled"),
            "arm64",
            true,
            false,
        );
        check(
            "enabled\ninterpreter /usr/bin/jexec\nflags: \nextension .jar\n",
            "arm64",
            false,
            false,
        );
    }

    #[test]
    fn within_containers_only_an_interpreter_that_is_open_already_is_there() {
        let late = AARCH64.replace("PF", "P");
        check(&late, "arm64", false, true);
        check(&late, "arm64", true, false);
    }

    #[test]
    fn a_kernel_that_shows_nothing_is_told_from_one_that_has_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Formats::read_in(folder.path()), None);
        fs::write(folder.path().join("status"), "disabled\n").unwrap();
        fs::write(folder.path().join("entry"), AARCH64).unwrap();
        let formats = Formats::read_in(folder.path()).unwrap();
        let arm64 = Architecture::of_image("arm64");
        assert_eq!(formats.take_all(&arm64, false), Some(false));
    }
}
