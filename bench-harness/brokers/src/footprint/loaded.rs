//! The files that a program runs from: itself and its shared libraries.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use super::{Program, ProgramError};

/// The files that some processes execute, opened: their programs, and the shared libraries that these
/// have loaded, the dynamic loader among them. They stay open after the processes have ended, and a
/// container's after it was removed.
#[derive(Debug)]
pub struct LoadedFiles {
    /// Path of the program as its process sees it, and its file.
    program: (PathBuf, File),
    /// By the paths as the processes see them.
    libraries: BTreeMap<PathBuf, File>,
}

impl LoadedFiles {
    /// Opens the files of processes that run now. The program is the first one's. `Err` says why it
    /// cannot be had: it takes the processes' own user or root, and a `/proc`.
    pub fn of_processes(process_ids: &[u32]) -> std::io::Result<Self> {
        Self::of(process_ids, false)
    }

    /// The same of processes that an emulator runs, which is itself none of the files.
    pub(crate) fn of_emulated(process_ids: &[u32]) -> std::io::Result<Self> {
        Self::of(process_ids, true)
    }

    fn of(process_ids: &[u32], is_emulated: bool) -> std::io::Result<Self> {
        #[cfg(target_os = "linux")]
        {
            linux::loaded(process_ids, is_emulated)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (process_ids, is_emulated);
            Err(std::io::ErrorKind::Unsupported.into())
        }
    }

    /// The size of the program. Blocks for the time of reading it.
    pub fn program(&self) -> Result<Program, ProgramError> {
        let (path, file) = &self.program;
        let read = || {
            let mut bytes = Vec::new();
            // A descriptor of its own would still share the place at which it reads.
            let mut at_start = rewound(file)?;
            at_start.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|source| ProgramError::Read {
            path: path.clone(),
            source,
        })?;
        Program::of_bytes(&bytes).map_err(|source| ProgramError::NotElf {
            path: path.clone(),
            source,
        })
    }

    /// Bytes of the shared libraries' files; 0 for a program that is linked statically.
    pub fn libraries_bytes(&self) -> std::io::Result<u64> {
        self.libraries
            .values()
            .map(|file| Ok(file.metadata()?.len()))
            .sum()
    }

    /// Paths of the libraries as the processes see them.
    pub fn libraries(&self) -> impl Iterator<Item = &std::path::Path> {
        self.libraries.keys().map(PathBuf::as_path)
    }

    /// Asks the kernel to drop the files' pages from memory, so that the next start reads them from
    /// disk. Pages that another process has mapped stay: those of the C library, as a rule. Reading is
    /// all that it takes leave for. (`posix_fadvise(2)`, `POSIX_FADV_DONTNEED`)
    pub fn drop_from_memory(&self) -> std::io::Result<()> {
        let files = self.libraries.values().chain([&self.program.1]);
        for file in files {
            drop_pages(file)?;
        }
        Ok(())
    }
}

fn rewound(mut file: &File) -> std::io::Result<&File> {
    use std::io::Seek;
    file.rewind()?;
    Ok(file)
}

/// Asks the kernel to drop a file's pages from memory; those that a process has mapped stay.
pub(crate) fn drop_pages(file: &File) -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        Ok(rustix::fs::fadvise(
            file,
            0,
            None,
            rustix::fs::Advice::DontNeed,
        )?)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = file;
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs::{self, File};
    use std::io;
    use std::path::{Path, PathBuf};

    use procfs::process::{MMPermissions, MMapPath, Process};

    use super::LoadedFiles;
    use crate::Architecture;
    use crate::architecture::header;

    pub(super) fn loaded(process_ids: &[u32], is_emulated: bool) -> io::Result<LoadedFiles> {
        let first = *process_ids
            .first()
            .ok_or_else(|| io::Error::other("it has no process on this host"))?;
        let link = format!("/proc/{first}/exe");
        let executed = fs::read_link(&link)?;
        let program = if is_emulated {
            emulated_program(first, &executed)?
        } else {
            // Through the link itself, which leads to the file whatever is at its path now.
            (executed.clone(), File::open(&link)?)
        };
        let mut libraries = BTreeMap::new();
        for &process_id in process_ids {
            for path in mapped(process_id, is_emulated)? {
                let is_known =
                    path == program.0 || path == executed || libraries.contains_key(&path);
                if !is_known {
                    let file = File::open(seen_from_here(process_id, &path))?;
                    libraries.insert(path, file);
                }
            }
        }
        Ok(LoadedFiles { program, libraries })
    }

    /// An emulator has mapped the program among its own files. It is known by not being a library: its
    /// name need not be the one that was called, which may be a link.
    fn emulated_program(process_id: u32, emulator: &Path) -> io::Result<(PathBuf, File)> {
        let is_library = |path: &Path| path.to_string_lossy().contains(".so");
        let path = mapped(process_id, true)?
            .into_iter()
            .find(|path| path != emulator && !is_library(path))
            .ok_or_else(|| io::Error::other("its emulator has no program in memory"))?;
        let file = File::open(seen_from_here(process_id, &path))?;
        Ok((path, file))
    }

    /// The programs and libraries that a process has mapped: those of which it may execute a part, or
    /// all, where an emulator reads them.
    fn mapped(process_id: u32, is_emulated: bool) -> io::Result<BTreeSet<PathBuf>> {
        let process = i32::try_from(process_id)
            .map_err(io::Error::other)
            .and_then(|id| Process::new(id).map_err(io::Error::other))?;
        let maps = process.maps().map_err(io::Error::other)?;
        let mut paths: BTreeSet<PathBuf> = maps
            .into_iter()
            .filter(|map| is_emulated || map.perms.contains(MMPermissions::EXECUTE))
            .filter_map(|map| match map.pathname {
                MMapPath::Path(path) => Some(path),
                _ => None,
            })
            .collect();
        if is_emulated {
            paths.retain(|path| {
                let header = header(&seen_from_here(process_id, path));
                header.is_ok_and(|header| Architecture::of_header(&header).is_some())
            });
        }
        Ok(paths)
    }

    /// A container's paths begin at its own root.
    fn seen_from_here(process_id: u32, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{process_id}/root"));
        root.join(path.strip_prefix("/").unwrap_or(path))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::LoadedFiles;

    #[test]
    fn the_files_of_this_program_are_itself_and_its_libraries() {
        let files = LoadedFiles::of_processes(&[std::process::id()]).unwrap();
        let this = std::env::current_exe().unwrap();
        let bytes = this.metadata().unwrap().len();
        assert_eq!(files.program().unwrap().file_bytes, bytes);
        // Read once more, from its beginning.
        assert_eq!(files.program().unwrap().file_bytes, bytes);
        assert!(files.libraries().all(|library| library != this));
        assert!(files.libraries_bytes().unwrap() > 0, "{files:?}");
        files.drop_from_memory().unwrap();
    }

    #[test]
    fn a_process_that_is_not_there_has_no_files_and_a_reason() {
        let reason = |ids: &[u32]| LoadedFiles::of_processes(ids).unwrap_err().to_string();
        assert_eq!(reason(&[]), "it has no process on this host");
        assert!(reason(&[u32::MAX]).contains("No such file"));
    }
}
