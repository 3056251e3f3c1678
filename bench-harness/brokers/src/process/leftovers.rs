//! Removes what processes have left: they themselves, their control groups and their folders.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::BrokerError;
use crate::clean::{Removed, RemovedKind};
use crate::run::Owner;

use super::folder::{self, FoundFolder};
use super::group;

/// A killed process is gone within milliseconds, unless the machine is very busy.
const KILL_PATIENCE: Duration = Duration::from_secs(5);

/// Ends the processes and removes the folders whose run and owner are as asked for. Blocks.
pub(crate) fn remove_where(
    belongs: impl Fn(&str, &Owner) -> bool,
) -> Result<Vec<Removed>, BrokerError> {
    let mut removed = Vec::new();
    for found in folder::find()? {
        if belongs(&found.run, &found.owner) {
            remove(&found, &mut removed)?;
        }
    }
    Ok(removed)
}

fn remove(found: &FoundFolder, removed: &mut Vec<Removed>) -> Result<(), BrokerError> {
    for process in writers(&folder::output_of(&found.path)) {
        end(process);
        removed.push(Removed {
            kind: RemovedKind::Process,
            name: process.to_string(),
            run: found.run.clone(),
        });
    }
    for group in group::remove_left(&found.path) {
        removed.push(Removed {
            kind: RemovedKind::ControlGroup,
            name: group.display().to_string(),
            run: found.run.clone(),
        });
    }
    match fs::remove_dir_all(&found.path) {
        Ok(()) => {
            removed.push(Removed {
                kind: RemovedKind::Folder,
                name: found.path.display().to_string(),
                run: found.run.clone(),
            });
            Ok(())
        }
        // Another sweep was quicker.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(BrokerError::File {
            action: "remove the folder",
            path: found.path.clone(),
            source,
        }),
    }
}

fn end(process_id: i32) {
    let Some(pid) = Pid::from_raw(process_id) else {
        return;
    };
    let begun = Instant::now();
    while kill_process(pid, Signal::KILL).is_ok() && begun.elapsed() < KILL_PATIENCE {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The processes whose standard output is this file. Nobody but a server of ours has it there, so
/// that no other process is ended, whatever became of process ids since. Elsewhere than on Linux
/// none is found, and `busbench clean` removes the folders only.
fn writers(output: &Path) -> Vec<i32> {
    #[cfg(target_os = "linux")]
    {
        procfs::process::all_processes()
            .into_iter()
            .flatten()
            .flatten()
            .filter(|process| {
                let stdout = fs::read_link(format!("/proc/{}/fd/1", process.pid()));
                stdout.is_ok_and(|stdout| stdout == output)
            })
            .map(|process| process.pid())
            .collect()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = output;
        Vec::new()
    }
}
