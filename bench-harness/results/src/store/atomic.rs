//! Files that are there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::StoreError;

/// Writes `bytes` to a temporary name beside `path`, syncs, renames it to `path` and syncs the
/// folder. When a step fails, the temporary file is removed and an older `path` stays as it was.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let temporary = temporary_name(path);
    write_then_rename(&temporary, path, bytes).map_err(|source| {
        // Nothing is lost if this fails too: the next write replaces the file.
        let _ = fs::remove_file(&temporary);
        StoreError::Write {
            path: path.to_owned(),
            source,
        }
    })
}

/// Removes a file.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    fs::remove_file(path).map_err(|source| StoreError::Write {
        path: path.to_owned(),
        source,
    })
}

/// Always the same for the same file, so that what a killed program left is replaced.
pub(super) fn temporary_name(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".tmp");
    path.with_file_name(name)
}

fn write_then_rename(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// A rename is only durable once its folder is synced.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Folders cannot be opened for syncing here.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
