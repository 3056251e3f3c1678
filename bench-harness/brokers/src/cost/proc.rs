//! Readings from `/proc`, and from a control group beside it.

use std::collections::BTreeMap;
use std::path::Path;

use procfs::process::{ClearRefs, Process, Stat, Task};

use super::{Level, ProcessUse, Snapshot, ThreadUse};
use crate::cgroup::ControlGroup;

const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;
const BYTES_PER_KIB: u64 = 1024;

pub(super) fn read(
    root: &Path,
    process_ids: &[u32],
    group: Option<&ControlGroup>,
) -> Option<Snapshot> {
    let mut processes = BTreeMap::new();
    let mut threads = BTreeMap::new();
    // A sum over the processes, unknown where one of them does not tell.
    let mut rss_peak_bytes = Some(0);
    for &process_id in process_ids {
        let process = open(root, process_id)?;
        let cpu_ns = cpu_ns(&process.stat().ok()?);
        let io = process.io().ok();
        let disk_bytes = io.map(|io| (io.read_bytes, io.write_bytes));
        processes.insert(process_id, ProcessUse { cpu_ns, disk_bytes });
        let peak_kib = process.status().ok()?.vmhwm;
        rss_peak_bytes = rss_peak_bytes
            .zip(peak_kib)
            .map(|(sum, peak_kib)| sum + peak_kib * BYTES_PER_KIB);
        // A thread may end between being listed and being read.
        for task in process.tasks().ok()?.flatten() {
            if let Some(used) = thread(&task) {
                threads.insert(task.tid, used);
            }
        }
    }
    Some(Snapshot {
        processes,
        threads,
        group_cpu: group.and_then(|group| Some((group.cpu_source(), group.cpu_ns()?))),
        throttling: group.and_then(ControlGroup::throttling),
        rss_peak_bytes: rss_peak_bytes.or_else(|| group?.memory_peak_bytes())?,
    })
}

pub(super) fn forget_peak(root: &Path, process_ids: &[u32], group: Option<&ControlGroup>) -> bool {
    process_ids.iter().all(|&process_id| {
        let Some(process) = open(root, process_id) else {
            return false;
        };
        // As when it is read: the group stands in where the process tells no peak.
        match process.status().ok().and_then(|status| status.vmhwm) {
            Some(_) => process.clear_refs(ClearRefs::PeakRSS).is_ok(),
            None => group.is_some_and(ControlGroup::forget_memory_peak),
        }
    })
}

pub(super) fn level(
    root: &Path,
    process_ids: &[u32],
    group: Option<&ControlGroup>,
) -> Option<Level> {
    let group_cpu_ns = group.and_then(ControlGroup::cpu_ns);
    let mut level = Level {
        cpu_ns: group_cpu_ns.unwrap_or(0),
        rss_bytes: 0,
    };
    for &process_id in process_ids {
        let process = open(root, process_id)?;
        let stat = process.stat().ok()?;
        level.rss_bytes += stat.rss * procfs::page_size();
        if group_cpu_ns.is_none() {
            let threads = process.tasks().ok()?.flatten();
            let threads_cpu_ns: u64 = threads.filter_map(|task| thread_cpu_ns(&task)).sum();
            level.cpu_ns += threads_cpu_ns.max(cpu_ns(&stat));
        }
    }
    Some(level)
}

fn open(root: &Path, process_id: u32) -> Option<Process> {
    let path = root.join("proc").join(process_id.to_string());
    Process::new_with_root(path).ok()
}

fn thread(task: &Task) -> Option<ThreadUse> {
    let status = task.status().ok();
    Some(ThreadUse {
        cpu_ns: thread_cpu_ns(task)?,
        switches: status.and_then(|status| {
            let voluntary = status.voluntary_ctxt_switches?;
            Some((voluntary, status.nonvoluntary_ctxt_switches?))
        }),
    })
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
