//! A container's control group, version 1 or 2 (cgroups(7), and the kernel's
//! `admin-guide/cgroup-v1/cpuacct` and `admin-guide/cgroup-v2`).

use std::fs;
use std::path::{Path, PathBuf};

use procfs::process::{MountInfo, Process};
use procfs::{ProcError, ProcessCGroup};

use super::CpuSource;

/// Where the counters of a control group are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ControlGroup {
    cpu_source: CpuSource,
    cpu: PathBuf,
    memory_peak: Option<PathBuf>,
}

impl ControlGroup {
    /// The control group of a container's process. A group without the container's id in its name
    /// is somebody else's too, and none.
    pub(super) fn find(root: &Path, process_id: u32, id: &str) -> Option<Self> {
        let process = |name: &str| Process::new_with_root(root.join("proc").join(name));
        let found = || -> Result<_, ProcError> {
            let groups = process(&process_id.to_string())?.cgroups()?;
            // `/proc/self` of a recording is no link to a number.
            let mounts = fs::read_to_string(root.join("proc/self/mountinfo"))?;
            Ok((groups, mounts))
        };
        let (groups, mounts) = found().ok()?;
        let mounts: Vec<MountInfo> = mounts
            .lines()
            .filter_map(|line| MountInfo::from_line(line).ok())
            .collect();
        let own = || groups.0.iter().filter(|group| group.pathname.contains(id));
        // Version 1 first: where both are mounted, it has the controllers.
        let version_1 = |controller: &str| {
            let has = |group: &&ProcessCGroup| group.controllers.iter().any(|it| it == controller);
            let group = own().find(has)?;
            let mount = mounts.iter().find(|mount| {
                mount.fs_type == "cgroup" && mount.super_options.contains_key(controller)
            })?;
            folder(root, mount, group)
        };
        if let Some(cpu) = version_1("cpuacct") {
            return Some(Self {
                cpu_source: CpuSource::CgroupV1,
                cpu: cpu.join("cpuacct.usage"),
                memory_peak: version_1("memory")
                    .map(|memory| memory.join("memory.max_usage_in_bytes")),
            });
        }
        let group = own().find(|group| group.hierarchy == 0)?;
        let mount = mounts.iter().find(|mount| mount.fs_type == "cgroup2")?;
        let folder = folder(root, mount, group)?;
        Some(Self {
            cpu_source: CpuSource::CgroupV2,
            cpu: folder.join("cpu.stat"),
            memory_peak: Some(folder.join("memory.peak")),
        })
    }

    pub(super) fn cpu_source(&self) -> CpuSource {
        self.cpu_source
    }

    /// CPU time of all processes that are or were in the group.
    pub(super) fn cpu_ns(&self) -> Option<u64> {
        let text = fs::read_to_string(&self.cpu).ok()?;
        match self.cpu_source {
            CpuSource::CgroupV2 => usage_usec(&text)?.checked_mul(1000),
            _ => text.trim().parse().ok(),
        }
    }

    /// The group's largest use of memory, its part of the page cache included.
    pub(super) fn memory_peak_bytes(&self) -> Option<u64> {
        let text = fs::read_to_string(self.memory_peak.as_ref()?).ok()?;
        text.trim().parse().ok()
    }

    /// Sets the group's peak back to its use now. Version 2 does that for the reader of one open
    /// file only, and nobody keeps one.
    pub(super) fn forget_memory_peak(&self) -> bool {
        let version_1 = self.cpu_source == CpuSource::CgroupV1;
        let file = self.memory_peak.as_ref().filter(|_| version_1);
        file.is_some_and(|file| fs::write(file, "0").is_ok())
    }
}

/// The group's folder, below the root of a mount that may show a part of the hierarchy only.
fn folder(root: &Path, mount: &MountInfo, group: &ProcessCGroup) -> Option<PathBuf> {
    let below = Path::new(&group.pathname).strip_prefix(&mount.root).ok()?;
    let mount_point = mount.mount_point.strip_prefix("/").ok()?;
    Some(root.join(mount_point).join(below))
}

fn usage_usec(cpu_stat: &str) -> Option<u64> {
    cpu_stat
        .lines()
        .find_map(|line| line.strip_prefix("usage_usec "))?
        .trim()
        .parse()
        .ok()
}
