//! Whose a server is: the run that started it, and the program that keeps it.

use std::fmt;
use std::sync::OnceLock;

/// Longest part of a label, so that names of files and containers made of it stay short.
const LONGEST: usize = 48;

/// Marks everything that a run starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLabel(String);

/// A program on a host, told from a later one with the same process id by its start time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    process_id: u32,
    /// Clock ticks from boot to the program's start; 0 where the system does not say.
    started_ticks: u64,
    /// Host and process namespace: a process id of another container or machine means nothing here.
    host: String,
}

impl RunLabel {
    /// A label from a run's id. Characters that no container name may have become `-`.
    #[must_use]
    pub fn new(run_id: &str) -> Self {
        Self(plain(run_id))
    }

    /// The label's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Owner {
    /// This program.
    pub(crate) fn this_program() -> &'static Self {
        static THIS: OnceLock<Owner> = OnceLock::new();
        THIS.get_or_init(|| {
            let process_id = std::process::id();
            Self {
                process_id,
                started_ticks: started_ticks(process_id).unwrap_or(0),
                host: host(),
            }
        })
    }

    /// Reads what [`Owner`]'s `Display` wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        Some(Self {
            process_id: parts.next()?.parse().ok()?,
            started_ticks: parts.next()?.parse().ok()?,
            host: parts.next()?.to_owned(),
        })
    }

    /// Whether the program is known to have ended. One on another host is never known to.
    pub(crate) fn is_gone(&self) -> bool {
        self.host == Self::this_program().host && !is_running(self.process_id, self.started_ticks)
    }
}

impl fmt::Display for RunLabel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}.{}.{}",
            self.process_id, self.started_ticks, self.host
        )
    }
}

/// When a process started, in clock ticks since boot; `None` where there is none, or where the
/// system does not say.
pub(crate) fn started_ticks(process_id: u32) -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        let process = procfs::process::Process::new(i32::try_from(process_id).ok()?).ok()?;
        Some(process.stat().ok()?.starttime)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = process_id;
        None
    }
}

/// Whether the process that started then still runs; a zombie does not.
pub(crate) fn is_running(process_id: u32, started: u64) -> bool {
    #[cfg(target_os = "linux")]
    {
        let stat = i32::try_from(process_id)
            .ok()
            .and_then(|process_id| procfs::process::Process::new(process_id).ok())
            .and_then(|process| process.stat().ok());
        stat.is_some_and(|stat| stat.starttime == started && !matches!(stat.state, 'Z' | 'X'))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = started;
        i32::try_from(process_id)
            .ok()
            .and_then(rustix::process::Pid::from_raw)
            .is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
    }
}

/// Host name and process namespace, as one plain word.
fn host() -> String {
    let name = rustix::system::uname();
    let namespace = std::fs::read_link("/proc/self/ns/pid")
        .map(|link| link.to_string_lossy().into_owned())
        .unwrap_or_default();
    let digits: String = namespace.chars().filter(char::is_ascii_digit).collect();
    plain(&format!("{}-{digits}", name.nodename().to_string_lossy()))
}

/// Letters, digits, `_` and `-` only, and not too many.
fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            letter if letter.is_ascii_alphanumeric() || letter == '_' => letter,
            _ => '-',
        })
        .take(LONGEST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_only_what_a_container_name_may_have() {
        assert_eq!(
            RunLabel::new("quick 2026-01-02T03:04/ä").as_str(),
            "quick-2026-01-02T03-04--"
        );
        assert_eq!(RunLabel::new(&"x".repeat(500)).as_str().len(), LONGEST);
    }

    #[test]
    fn an_owner_survives_being_written_and_read() {
        let owner = Owner::this_program();
        assert_eq!(Owner::parse(&owner.to_string()).as_ref(), Some(owner));
    }

    #[test]
    fn this_program_is_not_gone() {
        assert!(!Owner::this_program().is_gone());
    }

    #[test]
    fn an_ended_program_is_gone() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let owner = Owner {
            process_id: child.id(),
            started_ticks: started_ticks(child.id()).unwrap_or(0),
            host: host(),
        };
        child.wait().unwrap();
        assert!(owner.is_gone());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_id_used_again_does_not_keep_its_earlier_owner_alive() {
        let later = Owner::this_program().clone();
        let earlier = Owner {
            started_ticks: later.started_ticks - 1,
            ..later
        };
        assert!(earlier.is_gone());
    }

    #[test]
    fn a_program_of_another_host_is_not_known_to_be_gone() {
        let here = Owner::this_program().clone();
        let elsewhere = Owner {
            process_id: u32::MAX,
            host: "elsewhere-1".to_owned(),
            ..here
        };
        assert!(!elsewhere.is_gone());
    }

    #[test]
    fn text_that_names_no_owner_is_refused() {
        assert_eq!(Owner::parse("12.x.host"), None);
        assert_eq!(Owner::parse("12.34"), None);
    }
}
