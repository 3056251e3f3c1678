//! The temporary folder of a server's process. Its name says whose it is, so that there is no
//! instant at which it exists unmarked.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::run::Owner;
use crate::{BrokerError, RunLabel};

const PREFIX: &str = "busbench-server";
const OUTPUT: &str = "output.log";
/// Lines and bytes of output that a message shows.
const TAIL_LINES: usize = 20;
const TAIL_BYTES: u64 = 8192;

/// A server's own folder: configuration, data and output. Removed when dropped.
#[derive(Debug)]
pub(crate) struct ServerFolder(TempDir);

/// A folder that some run has made, maybe one that is gone.
#[derive(Debug)]
pub(crate) struct FoundFolder {
    pub(crate) path: PathBuf,
    pub(crate) run: String,
    pub(crate) owner: Owner,
}

impl ServerFolder {
    /// Makes the folder, readable by this user alone.
    pub(crate) fn create(run: &RunLabel) -> Result<Self, BrokerError> {
        let prefix = format!("{PREFIX}.{run}.{}.", Owner::this_program());
        tempfile::Builder::new()
            .prefix(&prefix)
            .tempdir()
            .map(Self)
            .map_err(|source| BrokerError::File {
                action: "create a server's folder in",
                path: std::env::temp_dir(),
                source,
            })
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file into the folder and returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf, BrokerError> {
        let path = self.path().join(name);
        match fs::write(&path, text) {
            Ok(()) => Ok(path),
            Err(source) => Err(BrokerError::File {
                action: "write",
                path,
                source,
            }),
        }
    }

    /// The file that the server's output goes to, opened twice: for stdout and for stderr.
    pub(crate) fn output(&self) -> Result<(File, File), BrokerError> {
        let path = output_of(self.path());
        let open = || {
            let file = File::create(&path)?;
            Ok((file.try_clone()?, file))
        };
        open().map_err(|source| BrokerError::File {
            action: "create",
            path: path.clone(),
            source,
        })
    }

    /// The last lines of the server's output.
    pub(crate) fn tail(&self) -> String {
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(output_of(self.path()))?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map_or_else(|error| format!("({error})"), |bytes| last_lines(&bytes))
    }

    /// Removes the folder, telling where it cannot be.
    pub(crate) fn remove(self) -> Result<(), BrokerError> {
        let path = self.path().to_owned();
        self.0.close().map_err(|source| BrokerError::File {
            action: "remove the folder",
            path,
            source,
        })
    }
}

/// Where a server's output goes.
pub(crate) fn output_of(folder: &Path) -> PathBuf {
    folder.join(OUTPUT)
}

/// The folders of servers in the system's temporary folder that belong to this user.
pub(crate) fn find() -> Result<Vec<FoundFolder>, BrokerError> {
    let place = std::env::temp_dir();
    let entries = fs::read_dir(&place).map_err(|source| BrokerError::File {
        action: "read the folder",
        path: place,
        source,
    })?;
    // An entry may be gone by the time that it is looked at.
    Ok(entries
        .flatten()
        .filter(|entry| is_own_folder(&entry.path()))
        .filter_map(|entry| {
            let (run, owner) = parse(entry.file_name().to_str()?)?;
            Some(FoundFolder {
                path: entry.path(),
                run,
                owner,
            })
        })
        .collect())
}

/// The last lines of a text, without the colours of a terminal.
pub(crate) fn last_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

fn parse(name: &str) -> Option<(String, Owner)> {
    let rest = name.strip_prefix(PREFIX)?.strip_prefix('.')?;
    let (run, rest) = rest.split_once('.')?;
    let (owner, _random) = rest.rsplit_once('.')?;
    Some((run.to_owned(), Owner::parse(owner)?))
}

/// Anyone may make a folder or a link of such a name in a shared temporary folder.
fn is_own_folder(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::symlink_metadata(path).is_ok_and(|metadata| {
        metadata.is_dir() && metadata.uid() == rustix::process::geteuid().as_raw()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_found_with_its_run_and_owner_and_gone_after_removal() {
        let label = RunLabel::new(&format!("folder-test-{}", std::process::id()));
        let folder = ServerFolder::create(&label).unwrap();
        let path = folder.path().to_owned();
        let found = find().unwrap();
        let found = found.iter().find(|found| found.path == path).unwrap();
        assert_eq!(found.run, label.as_str());
        assert_eq!(&found.owner, Owner::this_program());
        folder.remove().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn names_that_are_not_ours_are_passed_over() {
        for name in [
            "busbench-server",
            "busbench-server.run.12.34.host-1",
            "busbench-server.run.x.34.host-1.aBcDeF",
            "other.run.12.34.host-1.aBcDeF",
        ] {
            assert!(parse(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_long_output_is_shown_from_its_last_lines() {
        let lines: Vec<String> = (0..100).map(|number| format!("line {number}")).collect();
        let tail = last_lines(lines.join("\n").as_bytes());
        assert_eq!(tail, lines[100 - TAIL_LINES..].join("\n"));
    }
}
