//! Removes what programs that are gone have left: containers, processes, control groups, folders.

use std::fmt;

use crate::process::leftovers;
use crate::run::Owner;
use crate::{BrokerError, RunLabel, container};

/// What [`clean()`] removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CleanReport {
    /// Each thing that was removed.
    pub removed: Vec<Removed>,
}

/// Something that a run had left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// What it was.
    pub kind: RemovedKind,
    /// The container's name, the process id, the path of a control group or folder.
    pub name: String,
    /// Label of the run that had started it.
    pub run: String,
}

/// What a run may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovedKind {
    /// A container, running or not.
    Container,
    /// A server's process.
    Process,
    /// The control group that held a server to a limit.
    ControlGroup,
    /// A server's temporary folder.
    Folder,
}

/// Removes the containers, processes and temporary folders of runs whose program is gone; those of
/// runs that still go on stay. An engine that does not answer has none.
pub async fn clean() -> Result<CleanReport, BrokerError> {
    let mut removed = container::clean().await?;
    let processes = || leftovers::remove_where(|_, owner| owner.is_gone());
    removed.extend(blocking("remove processes", processes).await?);
    Ok(CleanReport { removed })
}

/// Removes the processes and folders of a run of this program.
pub(crate) async fn sweep_processes(run: &RunLabel) -> Result<Vec<Removed>, BrokerError> {
    let run = run.to_string();
    blocking("sweep up processes", move || {
        leftovers::remove_where(|found, owner| found == run && owner == Owner::this_program())
    })
    .await
}

/// Runs what blocks on a thread that may.
pub(crate) async fn blocking<T: Send + 'static>(
    action: &'static str,
    work: impl FnOnce() -> Result<T, BrokerError> + Send + 'static,
) -> Result<T, BrokerError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(BrokerError::KeeperGone { action }))
}

impl fmt::Display for CleanReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.removed.is_empty() {
            return formatter.write_str("nothing was left behind\n");
        }
        for removed in &self.removed {
            let kind = match removed.kind {
                RemovedKind::Container => "container",
                RemovedKind::Process => "process",
                RemovedKind::ControlGroup => "control group",
                RemovedKind::Folder => "folder",
            };
            writeln!(
                formatter,
                "removed {kind} {} of run {}",
                removed.name, removed.run
            )?;
        }
        Ok(())
    }
}
