//! What processes hold at an instant, from `/proc`.

/// What some processes hold, added up over all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Resident memory in bytes (`VmRSS`). Pages that several processes share count for each.
    pub rss_bytes: u64,
    /// The part of it that is no file's (`RssAnon`); `None` where the kernel does not tell.
    pub rss_anonymous_bytes: Option<u64>,
    /// Threads.
    pub threads: u32,
    /// Open file descriptors; `None` where they may not be listed: it takes the processes' own user or
    /// root.
    pub open_files: Option<u32>,
}

impl Held {
    /// Reads what processes hold. `None` where none is named, one is gone, or the system has no `/proc`.
    #[must_use]
    pub fn read(process_ids: &[u32]) -> Option<Self> {
        #[cfg(target_os = "linux")]
        {
            let mut processes = process_ids.iter().map(|id| linux::held(*id));
            let first = processes.next()??;
            processes.try_fold(first, |sum, one| Some(sum.and(one?)))
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = process_ids;
            None
        }
    }

    #[cfg(target_os = "linux")]
    fn and(self, other: Self) -> Self {
        let sum = |one: Option<u64>, other: Option<u64>| Some(one? + other?);
        Self {
            rss_bytes: self.rss_bytes + other.rss_bytes,
            rss_anonymous_bytes: sum(self.rss_anonymous_bytes, other.rss_anonymous_bytes),
            threads: self.threads + other.threads,
            open_files: self
                .open_files
                .zip(other.open_files)
                .map(|(one, other)| one + other),
        }
    }
}

/// Pages that had to be read from a disk for processes since they began (`majflt`), added up. `None`
/// where [`Held::read`] gives none.
#[must_use]
pub fn major_faults(process_ids: &[u32]) -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        if process_ids.is_empty() {
            return None;
        }
        let faults = process_ids.iter().map(|id| linux::major_faults(*id));
        faults.sum()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = process_ids;
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use procfs::process::Process;

    use super::Held;

    const BYTES_PER_KIB: u64 = 1024;

    pub(super) fn held(process_id: u32) -> Option<Held> {
        let process = open(process_id)?;
        let status = process.status().ok()?;
        let descriptors = process.fd_count().ok();
        Some(Held {
            rss_bytes: status.vmrss? * BYTES_PER_KIB,
            rss_anonymous_bytes: status.rssanon.map(|kib| kib * BYTES_PER_KIB),
            threads: u32::try_from(status.threads).ok()?,
            open_files: descriptors.and_then(|count| u32::try_from(count).ok()),
        })
    }

    pub(super) fn major_faults(process_id: u32) -> Option<u64> {
        Some(open(process_id)?.stat().ok()?.majflt)
    }

    fn open(process_id: u32) -> Option<Process> {
        Process::new(i32::try_from(process_id).ok()?).ok()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{Held, major_faults};

    #[test]
    fn this_program_holds_memory_threads_and_files() {
        let this = std::process::id();
        let one = Held::read(&[this]).unwrap();
        assert!(one.rss_bytes > one.rss_anonymous_bytes.unwrap());
        assert!(one.threads >= 1 && one.open_files.unwrap() >= 3, "{one:?}");
        assert!(major_faults(&[this]).is_some());
    }

    #[test]
    fn what_is_not_there_holds_nothing_rather_than_zero() {
        for ids in [&[][..], &[u32::MAX], &[std::process::id(), u32::MAX]] {
            assert_eq!(Held::read(ids), None, "{ids:?}");
            assert_eq!(major_faults(ids), None, "{ids:?}");
        }
    }
}
