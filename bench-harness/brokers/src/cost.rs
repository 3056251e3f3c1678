//! What processes cost: CPU time, memory, context switches and disk traffic, from `/proc` and from
//! control groups.

#[cfg(target_os = "linux")]
mod proc;

use std::collections::BTreeMap;

#[cfg(target_os = "linux")]
use std::path::PathBuf;

#[cfg(target_os = "linux")]
use crate::cgroup::ControlGroup;
use crate::limit::Throttling;

/// A process's CPU time is told in whole ticks of the kernel's clock (`sysconf(_SC_CLK_TCK)`, 100 a second on
/// all of Linux's architectures but one).
const TICK_NS: u64 = 10_000_000;

/// Reads what some processes have used. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct CostReader {
    process_ids: Vec<u32>,
    /// The processes' own control group, which nobody else is in.
    #[cfg(target_os = "linux")]
    group: Option<ControlGroup>,
    /// Where `/proc` and `/sys` are: a recording in tests.
    #[cfg(target_os = "linux")]
    root: PathBuf,
}

/// What processes had used at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    processes: BTreeMap<u32, ProcessUse>,
    threads: BTreeMap<i32, ThreadUse>,
    /// CPU time of the control group, and where that was read.
    group_cpu: Option<(CpuSource, u64)>,
    /// How the control group's limit of CPU time has held it back, where it has one.
    throttling: Option<Throttling>,
    /// Largest resident memory that each process had and the system remembers, added up.
    rss_peak_bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ProcessUse {
    /// Of its ended threads too, in steps of one clock tick (10 ms).
    cpu_ns: u64,
    /// Read and written. The kernel tells them only to whom the process belongs.
    disk_bytes: Option<(u64, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ThreadUse {
    /// Exact where the kernel keeps `schedstat`.
    cpu_ns: u64,
    /// Voluntary and involuntary.
    switches: Option<(u64, u64)>,
}

/// Where CPU time is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CpuSource {
    /// `/proc`, process by process.
    Proc,
    /// A server's own control group, version 1: `cpuacct.usage`.
    CgroupV1,
    /// A server's own control group, version 2: `usage_usec` of `cpu.stat`.
    CgroupV2,
}

/// What processes used between two instants. `None` where the system does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// CPU time of all of them, user and system.
    pub cpu_ns: u64,
    /// CPU time of the thread that used most: near the elapsed time, it limits the whole.
    pub busiest_thread_cpu_ns: u64,
    /// Largest resident memory since they started or [`CostReader::forget_peak`], in bytes: `VmHWM`,
    /// or what their control group counts where there is none; that has the page cache in it.
    pub rss_peak_bytes: u64,
    /// Context switches because a thread waited, of the threads that run at the end.
    pub voluntary_switches: Option<u64>,
    /// Context switches because a thread had to make room, of the same threads.
    pub involuntary_switches: Option<u64>,
    /// Bytes that were fetched from a disk.
    pub disk_read_bytes: Option<u64>,
    /// Bytes that were made to be written to a disk, counted when they enter the page cache.
    pub disk_written_bytes: Option<u64>,
    /// Where `cpu_ns` was read.
    pub cpu_source: CpuSource,
    /// How a limit of CPU time held them back; `None` without one.
    pub throttling: Option<Throttling>,
}

/// What processes have used so far, as far as it is cheap to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// CPU time since they started.
    pub cpu_ns: u64,
    /// Resident memory now.
    pub rss_bytes: u64,
}

impl CostReader {
    /// A reader of processes on this host.
    #[must_use]
    pub fn of_processes(process_ids: &[u32]) -> Self {
        Self {
            process_ids: process_ids.to_vec(),
            #[cfg(target_os = "linux")]
            group: None,
            #[cfg(target_os = "linux")]
            root: PathBuf::from("/"),
        }
    }

    /// A reader of this program.
    #[must_use]
    pub fn of_this_program() -> Self {
        Self::of_processes(&[std::process::id()])
    }

    /// A reader of a container's processes, in the control group that has the container's id in its
    /// name, where there is one.
    #[cfg(target_os = "linux")]
    pub(crate) fn of_container(process_ids: &[u32], id: &str) -> Self {
        Self::of_container_under(PathBuf::from("/"), process_ids, id)
    }

    /// A reader of processes in a control group that nobody else is in.
    #[cfg(target_os = "linux")]
    pub(crate) fn of_group(process_ids: &[u32], group: &ControlGroup) -> Self {
        Self {
            group: Some(group.clone()),
            ..Self::of_processes(process_ids)
        }
    }

    /// The limit that the processes' own control group holds them to; `None` without such a group.
    #[cfg(target_os = "linux")]
    pub(crate) fn limit(&self) -> Option<crate::Limit> {
        self.group.as_ref().map(ControlGroup::limit)
    }

    #[cfg(target_os = "linux")]
    fn of_container_under(root: PathBuf, process_ids: &[u32], id: &str) -> Self {
        let first = process_ids.first();
        Self {
            process_ids: process_ids.to_vec(),
            group: first.and_then(|first| ControlGroup::find(&root, *first, id)),
            root,
        }
    }

    /// Whether there is anything to read: the processes are on this host.
    #[must_use]
    pub fn reads_something(&self) -> bool {
        !self.process_ids.is_empty()
    }

    /// Reads what the processes have used so far. `None` where there is nothing to read: no process
    /// is named, one is gone, or the system has no `/proc`.
    #[must_use]
    pub fn read(&self) -> Option<Snapshot> {
        if self.process_ids.is_empty() {
            return None;
        }
        #[cfg(target_os = "linux")]
        {
            proc::read(&self.root, &self.process_ids, self.group.as_ref())
        }
        #[cfg(not(target_os = "linux"))]
        {
            None
        }
    }

    /// Makes the system forget how much memory the processes have held at most, so that the next
    /// reading's peak is of the time from now on. `false` where the system does not let us: it takes
    /// the processes' own user or root, and a control group of version 2 forgets for one open file
    /// only (`admin-guide/cgroup-v2`, `memory.peak`).
    #[must_use]
    pub fn forget_peak(&self) -> bool {
        if self.process_ids.is_empty() {
            return false;
        }
        #[cfg(target_os = "linux")]
        {
            proc::forget_peak(&self.root, &self.process_ids, self.group.as_ref())
        }
        #[cfg(not(target_os = "linux"))]
        {
            false
        }
    }

    /// Reads CPU time and memory alone, for a series: tens of microseconds for a few threads.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        if self.process_ids.is_empty() {
            return None;
        }
        #[cfg(target_os = "linux")]
        {
            proc::level(&self.root, &self.process_ids, self.group.as_ref())
        }
        #[cfg(not(target_os = "linux"))]
        {
            None
        }
    }
}

impl CpuSource {
    /// The name that result files use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proc => "proc",
            Self::CgroupV1 => "cgroup-v1",
            Self::CgroupV2 => "cgroup-v2",
        }
    }
}

impl Snapshot {
    /// What was used since an earlier snapshot of the same processes.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Usage {
        let (mut threads_cpu_ns, mut busiest_thread_cpu_ns) = (0, 0);
        let mut switches = Some((0, 0));
        for (id, now) in &self.threads {
            let before = earlier.threads.get(id);
            let used = now
                .cpu_ns
                .saturating_sub(before.map_or(0, |use_| use_.cpu_ns));
            threads_cpu_ns += used;
            busiest_thread_cpu_ns = busiest_thread_cpu_ns.max(used);
            // A thread that began meanwhile had none before.
            let before = before.map_or(Some((0, 0)), |thread| thread.switches);
            switches = add_difference(switches, now.switches, before);
        }
        let mut processes_cpu_ns = 0;
        let mut disk = Some((0, 0));
        for (id, now) in &self.processes {
            let before = earlier.processes.get(id);
            processes_cpu_ns += now
                .cpu_ns
                .saturating_sub(before.map_or(0, |use_| use_.cpu_ns));
            let before = before.map_or(Some((0, 0)), |process| process.disk_bytes);
            disk = add_difference(disk, now.disk_bytes, before);
        }
        // The threads' sum lacks those that ended meanwhile. The processes' has them, and is up to a
        // tick too large for each process: what is nearly idle would be told twice its use, or more.
        let rounding_ns = TICK_NS * self.processes.len() as u64;
        let cpu_ns = if processes_cpu_ns > threads_cpu_ns + rounding_ns {
            processes_cpu_ns
        } else {
            threads_cpu_ns
        };
        let (cpu_source, cpu_ns) = self
            .group_cpu_since(earlier)
            .unwrap_or((CpuSource::Proc, cpu_ns));
        Usage {
            cpu_ns,
            busiest_thread_cpu_ns,
            rss_peak_bytes: self.rss_peak_bytes,
            voluntary_switches: switches.map(|(voluntary, _)| voluntary),
            involuntary_switches: switches.map(|(_, involuntary)| involuntary),
            disk_read_bytes: disk.map(|(read, _)| read),
            disk_written_bytes: disk.map(|(_, written)| written),
            cpu_source,
            throttling: self
                .throttling
                .zip(earlier.throttling)
                .map(|(now, before)| now.since(before)),
        }
    }

    fn group_cpu_since(&self, earlier: &Self) -> Option<(CpuSource, u64)> {
        let ((source, now), (_, before)) = (self.group_cpu?, earlier.group_cpu?);
        Some((source, now.saturating_sub(before)))
    }
}

/// Adds what was counted between two readings to a sum; `None` once one of them is unknown.
fn add_difference(
    sum: Option<(u64, u64)>,
    now: Option<(u64, u64)>,
    before: Option<(u64, u64)>,
) -> Option<(u64, u64)> {
    let (sum, now, before) = (sum?, now?, before?);
    Some((
        sum.0 + now.0.saturating_sub(before.0),
        sum.1 + now.1.saturating_sub(before.1),
    ))
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
