//! The kernel's files, as they are or as a test has recorded them.

use std::fs;

/// Where the kernel tells of the machine. Paths are absolute, as on the machine itself.
pub(crate) trait Files {
    /// A file's text; `None` where it is not there or may not be read.
    fn text(&self, path: &str) -> Option<String>;

    /// A file's first line, trimmed; `None` where it is empty, too.
    fn line(&self, path: &str) -> Option<String> {
        let text = self.text(path)?;
        let line = text.lines().next()?.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    /// A file that holds one number.
    fn number(&self, path: &str) -> Option<u64> {
        self.line(path)?.parse().ok()
    }

    /// Whether the file is there.
    fn has(&self, path: &str) -> bool {
        self.text(path).is_some()
    }
}

/// The machine that this program runs on.
pub(crate) struct ThisMachine;

impl Files for ThisMachine {
    fn text(&self, path: &str) -> Option<String> {
        // Device trees end each text with a zero byte, and firmware may say anything.
        let bytes = fs::read(path).ok()?;
        Some(String::from_utf8_lossy(&bytes).replace('\0', "\n"))
    }
}

/// The value of a line `name: value` or `name=value`.
pub(crate) fn field<'a>(text: &'a str, name: &str, separator: char) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(separator)?;
        (key.trim() == name).then(|| value.trim())
    })
}

/// A value of `/proc/meminfo`, in bytes.
pub(crate) fn memory_bytes(meminfo: &str, name: &str) -> Option<u64> {
    let kibibytes = field(meminfo, name, ':')?.strip_suffix("kB")?.trim();
    kibibytes.parse::<u64>().ok()?.checked_mul(1024)
}

/// Files that a test gives: each begins with a line `== PATH`.
#[cfg(test)]
pub(crate) struct Recorded(std::collections::BTreeMap<String, String>);

#[cfg(test)]
impl Recorded {
    pub(crate) fn new(recording: &str) -> Self {
        let files = recording.split("== ").skip(1).map(|file| {
            let (path, text) = file.split_once('\n').unwrap();
            (path.to_owned(), text.to_owned())
        });
        Self(files.collect())
    }

    /// The same machine with one file changed or added.
    pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.to_owned(), text.to_owned());
        self
    }

    /// The same machine with one file less.
    pub(crate) fn without(mut self, path: &str) -> Self {
        self.0.remove(path);
        self
    }
}

#[cfg(test)]
impl Files for Recorded {
    fn text(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::{Files as _, Recorded, memory_bytes};

    #[test]
    fn memory_is_told_in_bytes() {
        let meminfo = "MemTotal:        2048 kB\nMemFree: 1 kB\n";
        assert_eq!(memory_bytes(meminfo, "MemTotal"), Some(2_097_152));
        assert_eq!(memory_bytes(meminfo, "SwapTotal"), None);
    }

    #[test]
    fn a_recording_is_read_like_a_machine() {
        let machine = Recorded::new("== /a\n 7 \n== /empty\n");
        assert_eq!(machine.number("/a"), Some(7));
        assert_eq!(machine.line("/empty"), None);
        assert!(machine.has("/empty") && !machine.has("/b"));
    }
}
