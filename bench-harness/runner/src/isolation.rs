//! `pin = true`: cores of their own for servers and harness.
//!
//! The harness takes its cores with every thread that it has; threads and server processes that
//! are started later inherit them, and servers are told theirs when they start. Where that cannot
//! be had the run goes on, and says why.

mod topology;

use std::path::Path;

use busbench_brokers::{Provider, set_thread_cpus, thread_cpus, threads};
use busbench_results::Isolation;

use topology::{Core, Split, split};

/// Threads may start while others are held to their cores; those that an unheld one started are
/// found by looking again. So many times are enough unless threads never cease to start.
const LOOKS: usize = 10;

/// What came of `pin`. Dropped, it lets the harness use all its cores again.
#[derive(Debug, Default)]
pub(crate) struct Pinning {
    held: Option<Held>,
    /// Why server and harness are not apart, where they were to be.
    doubt: Option<String>,
}

#[derive(Debug)]
struct Held {
    isolation: Isolation,
    /// Cores that the harness had before.
    before: Vec<u32>,
}

impl Pinning {
    /// Holds the harness to its cores where a plan asks for that.
    pub(crate) fn begin(pin: bool, provider: Provider) -> Self {
        if !pin {
            return Self::default();
        }
        if provider == Provider::External {
            return Self::refused("an external server runs where its owner put it".to_owned());
        }
        let before = match thread_cpus(None) {
            Ok(cpus) => cpus,
            Err(error) => {
                return Self::refused(format!("this system does not tell cores apart: {error}"));
            }
        };
        let Some(Split { isolation, doubt }) = split(&Core::read(Path::new("/"), &before)) else {
            return Self::refused(format!("only core {} may be used", numbers(&before)));
        };
        let held = Held { isolation, before };
        match hold_all(&held.isolation.generator_cpus) {
            Ok(()) => Self {
                held: Some(held),
                doubt,
            },
            Err(error) => {
                // What was held already is let go by its drop.
                drop(Self {
                    held: Some(held),
                    doubt: None,
                });
                Self::refused(format!("the system refuses cores to the harness: {error}"))
            }
        }
    }

    fn refused(why: String) -> Self {
        Self {
            held: None,
            doubt: Some(why),
        }
    }

    /// The cores of both sides, where the harness keeps to its own.
    pub(crate) fn isolation(&self) -> Option<&Isolation> {
        self.held.as_ref().map(|held| &held.isolation)
    }

    /// Why server and harness are not on cores of their own, where they were to be.
    pub(crate) fn doubt(&self) -> Option<&str> {
        self.doubt.as_deref()
    }

    /// The same of a trial, with the cores that its server's threads may really use.
    pub(crate) fn doubt_of_server(&self, server_cpus: Option<&[u32]>) -> Option<String> {
        if self.doubt.is_some() {
            return self.doubt.clone();
        }
        let own = &self.isolation()?.server_cpus;
        match server_cpus {
            None => Some(
                "the server's processes are not on this host, so which cores they have is unknown"
                    .to_owned(),
            ),
            Some(cpus) if cpus.iter().all(|cpu| own.contains(cpu)) => None,
            Some(cpus) => Some(format!(
                "the server was to have cores {} and may use {}",
                numbers(own),
                numbers(cpus)
            )),
        }
    }
}

impl Drop for Pinning {
    fn drop(&mut self) {
        if let Some(held) = &self.held {
            // A thread that is held nevertheless is no harm to a program that is about to end.
            let _ = hold_all(&held.before);
        }
    }
}

/// Moves threads of this program with a name to some cores; those that they start follow.
pub(crate) fn move_threads(name: &str, cpus: &[u32]) -> std::io::Result<()> {
    for thread in threads(std::process::id()) {
        let comm = std::fs::read_to_string(format!("/proc/self/task/{thread}/comm"));
        if comm.is_ok_and(|comm| comm.trim_end() == name) {
            set_thread_cpus(Some(thread), cpus)?;
        }
    }
    Ok(())
}

/// Holds every thread of this program to some cores.
fn hold_all(cpus: &[u32]) -> std::io::Result<()> {
    for _ in 0..LOOKS {
        let mut all_held = true;
        for thread in threads(std::process::id()) {
            // A thread that is gone meanwhile needs no cores.
            if thread_cpus(Some(thread)).is_ok_and(|now| now != cpus) {
                all_held = false;
                if let Err(error) = set_thread_cpus(Some(thread), cpus)
                    && thread_cpus(Some(thread)).is_ok()
                {
                    return Err(error);
                }
            }
        }
        if all_held {
            return Ok(());
        }
    }
    Err(std::io::Error::other("threads do not cease to start"))
}

/// Cores for a person to read: `0, 2`.
fn numbers(cpus: &[u32]) -> String {
    let texts: Vec<String> = cpus.iter().map(u32::to_string).collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use busbench_brokers::Provider;
    use busbench_results::Isolation;

    use super::{Held, Pinning, numbers};

    #[test]
    fn a_plan_that_asks_for_nothing_gets_nothing_and_no_doubt() {
        let pinning = Pinning::begin(false, Provider::Process);
        assert_eq!(pinning.isolation(), None);
        assert_eq!(pinning.doubt_of_server(None), None);
    }

    #[test]
    fn a_server_of_somebody_else_is_not_pinned() {
        let pinning = Pinning::begin(true, Provider::External);
        assert_eq!(pinning.isolation(), None);
        let why = "an external server runs where its owner put it";
        assert_eq!(pinning.doubt(), Some(why));
        assert_eq!(pinning.doubt_of_server(None).as_deref(), Some(why));
    }

    #[test]
    fn a_server_that_may_use_other_cores_than_its_own_is_told() {
        let pinning = std::mem::ManuallyDrop::new(Pinning {
            held: Some(Held {
                isolation: Isolation {
                    server_cpus: vec![2, 3],
                    generator_cpus: vec![0, 1],
                },
                before: vec![0, 1, 2, 3],
            }),
            doubt: None,
        });
        assert_eq!(pinning.doubt_of_server(Some(&[2, 3])), None);
        assert_eq!(pinning.doubt_of_server(Some(&[3])), None);
        let doubt = pinning.doubt_of_server(Some(&[0, 2])).unwrap();
        assert_eq!(doubt, "the server was to have cores 2, 3 and may use 0, 2");
        assert!(pinning.doubt_of_server(None).unwrap().contains("unknown"));
    }

    #[test]
    fn cores_are_listed_by_their_numbers() {
        assert_eq!(numbers(&[0, 2]), "0, 2");
    }
}
