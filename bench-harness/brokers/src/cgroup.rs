//! Control groups of servers, version 1 or 2: a container's, or one of our own (cgroups(7), and the
//! kernel's `admin-guide/cgroup-v1` and `admin-guide/cgroup-v2`).

mod own;

use std::fs;
use std::path::{Path, PathBuf};

use procfs::process::{MountInfo, Process};
use procfs::{ProcError, ProcessCGroup};

use crate::limit::{PERIOD_US, Throttling};
use crate::{CpuSource, Limit};

pub(crate) use own::{Blueprint, OwnGroup, remove};

/// Version 1 tells "no limit" as the largest number of whole pages.
const NO_MEMORY_LIMIT_FROM: u64 = 1 << 62;

/// Where the counters and limits of a control group are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ControlGroup {
    version: Version,
    /// The group's folder of each controller; all of them one in version 2, and often `cpu` and
    /// `cpuacct` in version 1.
    folders: Folders,
    has_quota: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Version {
    One,
    /// With the folder of the whole hierarchy: limits of groups above hold, too.
    Two(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Folders {
    memory: Option<PathBuf>,
    cpu: Option<PathBuf>,
    cpu_usage: Option<PathBuf>,
}

/// The control groups of a process, by hierarchy.
struct Hierarchies {
    root: PathBuf,
    groups: Vec<ProcessCGroup>,
    mounts: Vec<MountInfo>,
}

impl Hierarchies {
    /// Those of a process, by its name below `/proc`.
    fn of(root: &Path, process: &str) -> Option<Self> {
        let found = || -> Result<_, ProcError> {
            let process = Process::new_with_root(root.join("proc").join(process))?;
            // `/proc/self` of a recording is no link to a number.
            let mounts = fs::read_to_string(root.join("proc/self/mountinfo"))?;
            Ok((process.cgroups()?, mounts))
        };
        let (groups, mounts) = found().ok()?;
        Some(Self {
            root: root.to_owned(),
            groups: groups.0,
            mounts: mounts
                .lines()
                .filter_map(|line| MountInfo::from_line(line).ok())
                .collect(),
        })
    }

    /// The folder of a controller of version 1.
    fn version_1(&self, controller: &str) -> Option<PathBuf> {
        let has = |group: &&ProcessCGroup| group.controllers.iter().any(|it| it == controller);
        let group = self.groups.iter().find(has)?;
        let mount = self.mounts.iter().find(|mount| {
            mount.fs_type == "cgroup" && mount.super_options.contains_key(controller)
        })?;
        self.folder(mount, group)
    }

    /// The folder of the whole hierarchy of version 2, and the process's own in it.
    fn version_2(&self) -> Option<(PathBuf, PathBuf)> {
        let group = self.groups.iter().find(|group| group.hierarchy == 0)?;
        let mount = self
            .mounts
            .iter()
            .find(|mount| mount.fs_type == "cgroup2")?;
        let top = self.root.join(mount.mount_point.strip_prefix("/").ok()?);
        Some((top, self.folder(mount, group)?))
    }

    /// The group's folder, below the root of a mount that may show a part of the hierarchy only.
    fn folder(&self, mount: &MountInfo, group: &ProcessCGroup) -> Option<PathBuf> {
        let below = Path::new(&group.pathname).strip_prefix(&mount.root).ok()?;
        let mount_point = mount.mount_point.strip_prefix("/").ok()?;
        Some(self.root.join(mount_point).join(below))
    }
}

impl ControlGroup {
    /// The control group of a container's process. A group without the container's id in its name
    /// is somebody else's too, and none.
    pub(crate) fn find(root: &Path, process_id: u32, id: &str) -> Option<Self> {
        let mut hierarchies = Hierarchies::of(root, &process_id.to_string())?;
        hierarchies
            .groups
            .retain(|group| group.pathname.contains(id));
        // Version 1 first: where both are mounted, it has the controllers.
        if let Some(cpu_usage) = hierarchies.version_1("cpuacct") {
            let folders = Folders {
                memory: hierarchies.version_1("memory"),
                cpu: hierarchies.version_1("cpu"),
                cpu_usage: Some(cpu_usage),
            };
            return Some(Self::new(Version::One, folders));
        }
        let (top, folder) = hierarchies.version_2()?;
        Some(Self::version_2(top, &folder))
    }

    fn version_2(top: PathBuf, folder: &Path) -> Self {
        let folders = Folders {
            memory: Some(folder.to_owned()),
            cpu: Some(folder.to_owned()),
            cpu_usage: Some(folder.to_owned()),
        };
        Self::new(Version::Two(top), folders)
    }

    fn new(version: Version, folders: Folders) -> Self {
        let mut group = Self {
            version,
            folders,
            has_quota: false,
        };
        group.has_quota = group.limit().cpus().is_some();
        group
    }

    pub(crate) fn cpu_source(&self) -> CpuSource {
        match self.version {
            Version::One => CpuSource::CgroupV1,
            Version::Two(_) => CpuSource::CgroupV2,
        }
    }

    /// CPU time of all processes that are or were in the group.
    pub(crate) fn cpu_ns(&self) -> Option<u64> {
        let folder = self.folders.cpu_usage.as_ref()?;
        match self.version {
            Version::One => number(&folder.join("cpuacct.usage")),
            Version::Two(_) => named(&folder.join("cpu.stat"), "usage_usec")?.checked_mul(1000),
        }
    }

    /// The group's largest use of memory, its part of the page cache included.
    pub(crate) fn memory_peak_bytes(&self) -> Option<u64> {
        number(&self.memory_peak()?)
    }

    /// Sets the group's peak back to its use now. Version 2 does that for the reader of one open
    /// file only, and nobody keeps one.
    pub(crate) fn forget_memory_peak(&self) -> bool {
        let file = self.memory_peak().filter(|_| self.version == Version::One);
        file.is_some_and(|file| fs::write(file, "0").is_ok())
    }

    fn memory_peak(&self) -> Option<PathBuf> {
        let folder = self.folders.memory.as_ref()?;
        Some(match self.version {
            Version::One => folder.join("memory.max_usage_in_bytes"),
            Version::Two(_) => folder.join("memory.peak"),
        })
    }

    /// How its limit of CPU time has held it back; `None` where it has none.
    pub(crate) fn throttling(&self) -> Option<Throttling> {
        let stat = self.folders.cpu.as_ref()?.join("cpu.stat");
        let throttled_ns = match self.version {
            Version::One => named(&stat, "throttled_time"),
            Version::Two(_) => named(&stat, "throttled_usec").map(|us| us.saturating_mul(1000)),
        };
        Some(Throttling {
            periods: named(&stat, "nr_periods").filter(|_| self.has_quota)?,
            throttled_periods: named(&stat, "nr_throttled")?,
            throttled_ns: throttled_ns?,
        })
    }

    /// Whether the kernel has killed a process of it because its limit of memory was used up.
    pub(crate) fn ran_out_of_memory(&self) -> bool {
        let file = match self.version {
            Version::One => "memory.oom_control",
            Version::Two(_) => "memory.events",
        };
        let memory = self.folders.memory.as_ref();
        let kills = memory.and_then(|folder| named(&folder.join(file), "oom_kill"));
        kills.is_some_and(|kills| kills > 0)
    }

    /// The limit that is in force, by this group and those above it; what is not told is none.
    pub(crate) fn limit(&self) -> Limit {
        let (memory_bytes, quota, period_us) = match &self.version {
            Version::One => self.limits_of_version_1(),
            Version::Two(top) => self.limits_of_version_2(top),
        };
        Limit::in_force(memory_bytes, quota, period_us)
    }

    fn limits_of_version_1(&self) -> (Option<u64>, Option<u64>, u64) {
        let Folders { memory, cpu, .. } = &self.folders;
        let memory = memory.as_ref().and_then(|folder| {
            named(&folder.join("memory.stat"), "hierarchical_memory_limit")
                .or_else(|| number(&folder.join("memory.limit_in_bytes")))
        });
        let of_cpu = |file| number(&cpu.as_ref()?.join(file));
        (
            memory.filter(|bytes| *bytes < NO_MEMORY_LIMIT_FROM),
            // -1 is no number of µs, and no quota.
            of_cpu("cpu.cfs_quota_us"),
            of_cpu("cpu.cfs_period_us").unwrap_or(PERIOD_US),
        )
    }

    fn limits_of_version_2(&self, top: &Path) -> (Option<u64>, Option<u64>, u64) {
        let folder = self.folders.memory.as_deref().unwrap_or(top);
        let groups = || {
            folder
                .ancestors()
                .take_while(|group| group.starts_with(top))
        };
        let memory = groups().filter_map(|group| number(&group.join("memory.max")));
        let cpu = groups().filter_map(|group| {
            let text = fs::read_to_string(group.join("cpu.max")).ok()?;
            let (quota, period) = text.trim().split_once(' ')?;
            let (quota, period): (u64, u64) = (quota.parse().ok()?, period.parse().ok()?);
            // The least of several periods' quotas, all of one length.
            Some(quota * PERIOD_US / period.max(1))
        });
        (memory.min(), cpu.min(), PERIOD_US)
    }
}

/// The number that a file holds; `None` for anything else, such as `max`.
fn number(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// A number of a file with a name and a number on each line.
fn named(file: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    value.trim().parse().ok()
}
