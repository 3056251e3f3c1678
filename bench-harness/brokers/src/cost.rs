//! What processes cost: CPU time and memory, from `/proc`.

use std::collections::BTreeMap;

/// What processes had used at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// CPU time of each process, its ended threads included, in steps of one clock tick (10 ms).
    processes_cpu_ns: BTreeMap<u32, u64>,
    /// CPU time of each thread that runs, exact where the kernel keeps `schedstat`.
    threads_cpu_ns: BTreeMap<i32, u64>,
    /// Largest resident memory that each process ever had (`VmHWM`), added up.
    rss_peak_bytes: u64,
}

/// What processes used between two instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// CPU time of all of them, user and system.
    pub cpu_ns: u64,
    /// CPU time of the thread that used most: near the elapsed time, it limits the whole.
    pub busiest_thread_cpu_ns: u64,
    /// Largest resident memory since they started, in bytes.
    pub rss_peak_bytes: u64,
}

impl Snapshot {
    /// Reads what processes have used so far. `None` where there is nothing to read: no process is
    /// named, one is gone or belongs to somebody else, or the system has no `/proc`.
    #[must_use]
    pub fn read(process_ids: &[u32]) -> Option<Self> {
        if process_ids.is_empty() {
            return None;
        }
        #[cfg(target_os = "linux")]
        {
            linux::read(process_ids)
        }
        #[cfg(not(target_os = "linux"))]
        {
            None
        }
    }

    /// What was used since an earlier snapshot of the same processes.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Usage {
        let mut threads_cpu_ns = 0;
        let mut busiest_thread_cpu_ns = 0;
        for (thread, now) in &self.threads_cpu_ns {
            let before = earlier.threads_cpu_ns.get(thread).copied().unwrap_or(0);
            let used = now.saturating_sub(before);
            threads_cpu_ns += used;
            busiest_thread_cpu_ns = busiest_thread_cpu_ns.max(used);
        }
        let processes_cpu_ns: u64 = self
            .processes_cpu_ns
            .iter()
            .map(|(process, now)| {
                let before = earlier.processes_cpu_ns.get(process).copied().unwrap_or(0);
                now.saturating_sub(before)
            })
            .sum();
        Usage {
            // The threads' sum lacks those that ended meanwhile, the processes' is rounded down.
            cpu_ns: threads_cpu_ns.max(processes_cpu_ns),
            busiest_thread_cpu_ns,
            rss_peak_bytes: self.rss_peak_bytes,
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use procfs::process::{Process, Stat, Task};

    use super::Snapshot;

    const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;
    const BYTES_PER_KIB: u64 = 1024;

    pub(super) fn read(process_ids: &[u32]) -> Option<Snapshot> {
        let mut snapshot = Snapshot {
            processes_cpu_ns: BTreeMap::new(),
            threads_cpu_ns: BTreeMap::new(),
            rss_peak_bytes: 0,
        };
        for &process_id in process_ids {
            let process = Process::new(i32::try_from(process_id).ok()?).ok()?;
            let cpu_ns = cpu_ns(&process.stat().ok()?);
            snapshot.processes_cpu_ns.insert(process_id, cpu_ns);
            let peak_kib = process.status().ok()?.vmhwm?;
            snapshot.rss_peak_bytes += peak_kib * BYTES_PER_KIB;
            // A thread may end between being listed and being read.
            for task in process.tasks().ok()?.flatten() {
                if let Some(cpu_ns) = thread_cpu_ns(&task) {
                    snapshot.threads_cpu_ns.insert(task.tid, cpu_ns);
                }
            }
        }
        Some(snapshot)
    }

    fn thread_cpu_ns(task: &Task) -> Option<u64> {
        match task.schedstat() {
            Ok(schedstat) => Some(schedstat.sum_exec_runtime),
            Err(_) => task.stat().ok().map(|stat| cpu_ns(&stat)),
        }
    }

    fn cpu_ns(stat: &Stat) -> u64 {
        (stat.utime + stat.stime) * (NANOSECONDS_PER_SECOND / procfs::ticks_per_second())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn spin(length: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < length {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn a_busy_thread_shows_in_the_cost_and_as_the_busiest() {
        let this = [std::process::id()];
        let before = Snapshot::read(&this).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                spin(Duration::from_millis(200));
                let usage = Snapshot::read(&this).unwrap().since(&before);
                // Other tests run beside this one, and the machine may be busy: bounds, not values.
                assert!(usage.busiest_thread_cpu_ns > 20_000_000, "{usage:?}");
                assert!(usage.cpu_ns >= usage.busiest_thread_cpu_ns, "{usage:?}");
            });
        });
    }

    #[test]
    fn a_thread_that_ended_still_counts() {
        let this = [std::process::id()];
        let before = Snapshot::read(&this).unwrap();
        std::thread::spawn(|| spin(Duration::from_millis(200)))
            .join()
            .unwrap();
        let usage = Snapshot::read(&this).unwrap().since(&before);
        assert!(usage.cpu_ns > 20_000_000, "{usage:?}");
    }

    #[test]
    fn the_memory_peak_holds_what_was_touched_and_freed() {
        let this = [std::process::id()];
        let size = 64 << 20;
        let before = Snapshot::read(&this).unwrap().rss_peak_bytes;
        std::hint::black_box(vec![1_u8; size]);
        let after = Snapshot::read(&this).unwrap();
        let usage = after.since(&after);
        assert!(usage.rss_peak_bytes >= before.max(size as u64), "{usage:?}");
        assert_eq!(usage.cpu_ns, 0);
    }

    #[test]
    fn nothing_is_read_of_no_process_or_one_that_is_gone() {
        assert_eq!(Snapshot::read(&[]), None);
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        assert_eq!(Snapshot::read(&[child.id()]), None);
    }
}
