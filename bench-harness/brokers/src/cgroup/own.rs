//! A control group of a server's own, made before the server starts and removed after it.
//!
//! Version 1: below this program's own group of each controller. Version 2 allows processes only in
//! groups that hand no controller on, so the group is made beside this program's own, below the nearest
//! group that hands on what is needed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{ControlGroup, Folders, Hierarchies, Version};
use crate::Limit;
use crate::limit::{LimitRefused, PERIOD_US};

/// A group can be removed when the kernel has forgotten its last process, which takes milliseconds.
const REMOVAL_PATIENCE: Duration = Duration::from_secs(5);

/// Where a group is to be, and what is to be written into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blueprint {
    version: Version,
    folders: Folders,
    settings: Vec<Setting>,
}

/// A value for a file of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    file: PathBuf,
    value: String,
    /// Swap is not counted by every kernel, and most gateways have none.
    may_be_absent: bool,
}

/// A group that was made. Removed when it is dropped.
#[derive(Debug)]
pub(crate) struct OwnGroup {
    group: ControlGroup,
    folders: Vec<PathBuf>,
}

impl Blueprint {
    /// The places where this program may have a group of this name made, the nearest first.
    pub(crate) fn find(name: &str, limit: Limit) -> Result<Vec<Self>, LimitRefused> {
        Self::find_under(Path::new("/"), name, limit)
    }

    fn find_under(root: &Path, name: &str, limit: Limit) -> Result<Vec<Self>, LimitRefused> {
        let needed = needed(limit);
        let missing = |controller| LimitRefused::NoController { controller };
        let first = needed.first().copied().unwrap_or("memory");
        let hierarchies =
            Hierarchies::of(root, &std::process::id().to_string()).ok_or_else(|| missing(first))?;
        if needed
            .iter()
            .all(|controller| hierarchies.version_1(controller).is_some())
        {
            let below = |controller| Some(hierarchies.version_1(controller)?.join(name));
            let folders = Folders {
                memory: below("memory"),
                cpu: below("cpu"),
                cpu_usage: below("cpuacct"),
            };
            return Ok(vec![Self::version_1(folders, limit)]);
        }
        let absent = |controller: &&&'static str| hierarchies.version_1(controller).is_none();
        let absent = needed.iter().find(absent).copied().unwrap_or(first);
        let (top, own) = hierarchies.version_2().ok_or_else(|| missing(absent))?;
        let has = |file: &Path, controller: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            text.split_whitespace().any(|word| word == controller)
        };
        let all = top.join("cgroup.controllers");
        if let Some(controller) = needed.iter().find(|controller| !has(&all, controller)) {
            return Err(missing(controller));
        }
        let places: Vec<Self> = own
            .ancestors()
            .take_while(|group| group.starts_with(&top))
            .filter(|group| {
                let handed_on = group.join("cgroup.subtree_control");
                needed.iter().all(|controller| has(&handed_on, controller))
            })
            .map(|group| Self::version_2(top.clone(), &group.join(name), limit))
            .collect();
        if places.is_empty() {
            return Err(LimitRefused::NotDelegated {
                place: own,
                controllers: needed.join(", "),
            });
        }
        Ok(places)
    }

    /// `memory.memsw` bounds memory and swap together, and never below memory alone.
    fn version_1(folders: Folders, limit: Limit) -> Self {
        let mut settings = Vec::new();
        if let (Some(folder), Some(bytes)) = (&folders.memory, limit.memory_bytes()) {
            let with_swap = "memory.memsw.limit_in_bytes";
            settings.push(setting(folder, "memory.limit_in_bytes", &bytes));
            settings.push(setting(folder, with_swap, &bytes).may_be_absent());
        }
        if let (Some(folder), Some(quota_us)) = (&folders.cpu, limit.quota_us()) {
            settings.push(setting(folder, "cpu.cfs_period_us", &PERIOD_US));
            settings.push(setting(folder, "cpu.cfs_quota_us", &quota_us));
        }
        Self {
            version: Version::One,
            folders,
            settings,
        }
    }

    fn version_2(top: PathBuf, folder: &Path, limit: Limit) -> Self {
        let mut settings = Vec::new();
        if let Some(bytes) = limit.memory_bytes() {
            settings.push(setting(folder, "memory.max", &bytes));
            settings.push(setting(folder, "memory.swap.max", &0).may_be_absent());
        }
        if let Some(quota_us) = limit.quota_us() {
            let value = format!("{quota_us} {PERIOD_US}");
            settings.push(setting(folder, "cpu.max", &value));
        }
        let folder = Some(folder.to_owned());
        Self {
            version: Version::Two(top),
            folders: Folders {
                memory: folder.clone(),
                cpu: folder.clone(),
                cpu_usage: folder,
            },
            settings,
        }
    }

    /// The group's folders, each once.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let Folders {
            memory,
            cpu,
            cpu_usage,
        } = self.folders.clone();
        let mut folders: Vec<PathBuf> = [memory, cpu, cpu_usage].into_iter().flatten().collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// Makes the group, sets its limit and reads that back from the kernel.
    pub(crate) fn make(self, limit: Limit) -> Result<OwnGroup, LimitRefused> {
        let failed = |action, path: &Path, source| LimitRefused::NoRight {
            action,
            path: path.to_owned(),
            source,
        };
        let mut made = OwnGroup {
            // Told once more below, when its limit is there.
            group: ControlGroup::new(self.version.clone(), Folders::default()),
            folders: Vec::new(),
        };
        for folder in self.folders() {
            fs::create_dir(&folder)
                .map_err(|source| failed("make the control group", &folder, source))?;
            made.folders.push(folder);
        }
        for Setting {
            file,
            value,
            may_be_absent,
        } in &self.settings
        {
            if let Err(source) = fs::write(file, value)
                && !may_be_absent
            {
                return Err(failed("set", file, source));
            }
        }
        made.group = ControlGroup::new(self.version, self.folders);
        let found = made.group.limit();
        if !is_held(limit, found) {
            return Err(LimitRefused::NotTaken {
                path: made.folders.first().cloned().unwrap_or_default(),
                found,
            });
        }
        Ok(made)
    }
}

/// A bound that was asked for must be there as it was asked for; others may come from above.
fn is_held(asked: Limit, found: Limit) -> bool {
    let memory = asked.memory_bytes();
    (memory.is_none() || memory == found.memory_bytes())
        && (asked.quota_us().is_none() || asked.quota_us() == found.quota_us())
}

fn needed(limit: Limit) -> Vec<&'static str> {
    let memory = limit.memory_bytes().map(|_| "memory");
    let cpu = limit.quota_us().map(|_| "cpu");
    memory.into_iter().chain(cpu).collect()
}

fn setting(folder: &Path, file: &str, value: &impl ToString) -> Setting {
    Setting {
        file: folder.join(file),
        value: value.to_string(),
        may_be_absent: false,
    }
}

impl Setting {
    fn may_be_absent(self) -> Self {
        Self {
            may_be_absent: true,
            ..self
        }
    }
}

impl OwnGroup {
    /// What is read of it.
    pub(crate) fn group(&self) -> &ControlGroup {
        &self.group
    }

    /// The files by which a process enters it, with its id.
    pub(crate) fn entries(&self) -> impl Iterator<Item = PathBuf> {
        self.folders
            .iter()
            .map(|folder| folder.join("cgroup.procs"))
    }

    /// Removes it, whose processes have ended; blocks for some milliseconds.
    pub(crate) fn remove(mut self) -> io::Result<()> {
        std::mem::take(&mut self.folders)
            .iter()
            .try_for_each(|folder| remove(folder))
    }
}

impl Drop for OwnGroup {
    fn drop(&mut self) {
        for folder in &self.folders {
            let _ = remove(folder);
        }
    }
}

/// Removes a control group once its last process is gone. One that is not there is removed.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        match fs::remove_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error)
                if error.kind() == io::ErrorKind::ResourceBusy
                    && begun.elapsed() < REMOVAL_PATIENCE =>
            {
                std::thread::sleep(Duration::from_millis(2));
            }
            removed => return removed,
        }
    }
}

#[cfg(test)]
mod tests;
