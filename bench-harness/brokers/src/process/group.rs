//! The control group of a server that is held to a limit. It has the name of the server's folder, and
//! the folder has a list of where it is, so that a sweep finds it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::available_parallelism;

#[cfg(target_os = "linux")]
use crate::cgroup::{Blueprint, OwnGroup, remove};
use crate::limit::LimitRefused;
use crate::{BrokerError, CostReader, Limit, RunLabel};

use super::folder::ServerFolder;
use super::spawner::ParentDeath;

/// Folders of the control group, one on each line.
const LIST: &str = "control-groups";
const SHELL: &str = "/bin/sh";
/// Enters each group that is named before `--`, and becomes the program that is named after it: a
/// server is in its group from its first instruction on. Doing it between fork and exec would need
/// unsafe code.
const ENTER: &str =
    r#"while [ "$1" != -- ]; do echo $$ > "$1" || exit 126; shift; done; shift; exec "$@""#;

/// A server's own group; none where it is held to nothing. Removed when it is dropped.
#[derive(Debug, Default)]
pub(super) struct Group {
    #[cfg(target_os = "linux")]
    own: Option<OwnGroup>,
}

impl Group {
    /// Makes the group of the server with this folder.
    pub(super) fn make(folder: &ServerFolder, limit: Limit) -> Result<Self, BrokerError> {
        if limit.is_none() {
            return Ok(Self::default());
        }
        #[cfg(target_os = "linux")]
        {
            let own = make(folder, limit)?;
            Ok(Self { own: Some(own) })
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = folder;
            Err(BrokerError::CannotLimit {
                limit,
                source: LimitRefused::NotLinux,
            })
        }
    }

    /// A command that runs the program in the group.
    pub(super) fn command(&self, parent_death: &ParentDeath, program: &Path) -> Command {
        #[cfg(target_os = "linux")]
        if let Some(own) = &self.own {
            let mut command = parent_death.command(Path::new(SHELL));
            command
                .args(["-c", ENTER, SHELL])
                .args(own.entries())
                .arg("--")
                .arg(program);
            return command;
        }
        parent_death.command(program)
    }

    /// The limit that is in force.
    pub(super) fn limit(&self) -> Option<Limit> {
        #[cfg(target_os = "linux")]
        {
            self.own.as_ref().map(|own| own.group().limit())
        }
        #[cfg(not(target_os = "linux"))]
        {
            None
        }
    }

    /// Whether the kernel has killed the server because it had used up its memory.
    pub(super) fn ran_out_of_memory(&self) -> bool {
        #[cfg(target_os = "linux")]
        {
            let own = self.own.as_ref();
            own.is_some_and(|own| own.group().ran_out_of_memory())
        }
        #[cfg(not(target_os = "linux"))]
        {
            false
        }
    }

    pub(super) fn cost_reader(&self, process_ids: &[u32]) -> CostReader {
        #[cfg(target_os = "linux")]
        if let Some(own) = &self.own {
            return CostReader::of_group(process_ids, own.group());
        }
        CostReader::of_processes(process_ids)
    }

    /// Removes the group, telling where it cannot be. The server has ended.
    pub(super) fn remove(self) -> Result<(), BrokerError> {
        #[cfg(target_os = "linux")]
        if let Some(own) = self.own {
            return own.remove().map_err(|source| BrokerError::File {
                action: "remove a control group of",
                path: PathBuf::from("/sys/fs/cgroup"),
                source,
            });
        }
        Ok(())
    }
}

/// Tries whether servers can be held to a limit: makes a group with it, and removes that again.
pub(super) fn check(run: &RunLabel, limit: Limit) -> Result<(), BrokerError> {
    let cpus = available_parallelism().map_or(1, std::num::NonZero::get);
    limit
        .within(memory_bytes(), cpus)
        .map_err(|source| BrokerError::CannotLimit { limit, source })?;
    let folder = ServerFolder::create(run)?;
    Group::make(&folder, limit)?.remove()?;
    folder.remove()
}

/// Memory of this machine.
fn memory_bytes() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        use procfs::Current;
        procfs::Meminfo::current().ok().map(|info| info.mem_total)
    }
    #[cfg(not(target_os = "linux"))]
    {
        None
    }
}

#[cfg(target_os = "linux")]
fn make(folder: &ServerFolder, limit: Limit) -> Result<OwnGroup, BrokerError> {
    let refused = |source| BrokerError::CannotLimit { limit, source };
    let name = name_of(folder.path());
    let mut first = None;
    for place in Blueprint::find(&name, limit).map_err(refused)? {
        let folders: Vec<String> = place
            .folders()
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        // Before there is a group, so that there is none that the list does not have.
        folder.write(LIST, &folders.join("\n"))?;
        match place.make(limit) {
            Ok(group) => return Ok(group),
            Err(error) => {
                first.get_or_insert(error);
            }
        }
    }
    let error = first.unwrap_or(LimitRefused::NoController {
        controller: "memory",
    });
    Err(refused(error))
}

/// Removes the control group of a folder that a server has left; gives the folders that were there.
pub(super) fn remove_left(folder: &Path) -> Vec<PathBuf> {
    let list = fs::read_to_string(folder.join(LIST)).unwrap_or_default();
    let name = name_of(folder);
    list.lines()
        .map(PathBuf::from)
        // Whatever else the list says is none of ours.
        .filter(|group| name_of(group) == name && group.is_dir())
        .filter(|group| was_removed(group))
        .collect()
}

fn was_removed(group: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        remove(group).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        fs::remove_dir(group).is_ok()
    }
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
