//! Which cores threads may use, by the kernel's numbers.

use std::io;

/// Cores that a thread may use, in order; `None` names the calling one. Fails where the thread is
/// gone, and where the system is not Linux.
pub fn thread_cpus(thread: Option<u32>) -> io::Result<Vec<u32>> {
    #[cfg(target_os = "linux")]
    {
        linux::thread_cpus(thread)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = thread;
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Lets a thread, and those that it starts from now on, use some cores only; `None` names the
/// calling one. Fails as [`thread_cpus`] does, and where there is no such core.
pub fn set_thread_cpus(thread: Option<u32>, cpus: &[u32]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        linux::set_thread_cpus(thread, cpus)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (thread, cpus);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Threads of a process that run now; empty where they cannot be listed.
#[must_use]
pub fn threads(process_id: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{process_id}/task"));
    threads
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// Cores that any thread of some processes may use, in order; `None` where none can be read.
pub(crate) fn process_cpus(process_ids: &[u32]) -> Option<Vec<u32>> {
    let threads = process_ids.iter().flat_map(|id| threads(*id));
    let mut cpus: Vec<u32> = threads
        .filter_map(|thread| thread_cpus(Some(thread)).ok())
        .flatten()
        .collect();
    cpus.sort_unstable();
    cpus.dedup();
    (!cpus.is_empty()).then_some(cpus)
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;

    use rustix::process::Pid;
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    pub(super) fn thread_cpus(thread: Option<u32>) -> io::Result<Vec<u32>> {
        let set = sched_getaffinity(pid(thread)?)?;
        let cpus = (0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu));
        Ok(cpus.filter_map(|cpu| u32::try_from(cpu).ok()).collect())
    }

    pub(super) fn set_thread_cpus(thread: Option<u32>, cpus: &[u32]) -> io::Result<()> {
        let mut set = CpuSet::new();
        for &cpu in cpus {
            let cpu = cpu as usize;
            if cpu >= CpuSet::MAX_CPU {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            set.set(cpu);
        }
        Ok(sched_setaffinity(pid(thread)?, &set)?)
    }

    /// The calling thread has no number of its own here.
    fn pid(thread: Option<u32>) -> io::Result<Option<Pid>> {
        let Some(thread) = thread else {
            return Ok(None);
        };
        let found = i32::try_from(thread).ok().and_then(Pid::from_raw);
        found
            .map(Some)
            .ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_thread_keeps_to_its_cores_and_so_do_those_that_it_starts() {
        let all = thread_cpus(None).unwrap();
        let first = vec![all[0]];
        let own = first.clone();
        let started = std::thread::spawn(move || {
            set_thread_cpus(None, &own).unwrap();
            std::thread::spawn(|| thread_cpus(None).unwrap())
                .join()
                .unwrap()
        });
        assert_eq!(started.join().unwrap(), first);
        assert_eq!(thread_cpus(None).unwrap(), all);
    }

    #[test]
    fn threads_of_this_program_are_listed_and_their_cores_told() {
        let process_id = std::process::id();
        assert!(threads(process_id).contains(&process_id));
        let all = thread_cpus(None).unwrap();
        let told = process_cpus(&[process_id]).unwrap();
        assert!(all.iter().all(|cpu| told.contains(cpu)), "{told:?}");
        assert_eq!(process_cpus(&[]), None);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        set_thread_cpus(None, &[]).unwrap_err();
        set_thread_cpus(None, &[u32::MAX]).unwrap_err();
        thread_cpus(Some(0)).unwrap_err();
        thread_cpus(Some(u32::MAX)).unwrap_err();
    }
}
