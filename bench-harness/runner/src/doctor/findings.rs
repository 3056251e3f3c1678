//! What the facts mean for a measurement: a closed list of checks, each with its level, its reason
//! and its remedy. Pure: facts in, findings out.

mod heat;
mod machine;
mod paths;
mod servers;
mod watched;

use serde::Serialize;

use super::facts::Facts;
use super::paths::PathCosts;
use super::watch::Watched;
use busbench_brokers::{Found, Survey};

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Whether this program was built to be fast.
    Build,
    /// Whether the program runs on the CPU that it was built for.
    Emulation,
    /// Virtual machine or container.
    Virtualization,
    /// CPUs that this process may use.
    Cores,
    /// Frequency governor.
    Governor,
    /// Frequencies above the nominal one.
    Boost,
    /// Heat and power supply, which slow the clock.
    Heat,
    /// Threads that share a core.
    Smt,
    /// What the kernel tells the time by.
    ClockSource,
    /// Memory that is left.
    Memory,
    /// Swap space.
    Swap,
    /// Limit of open files.
    OpenFiles,
    /// CPU time that the hypervisor gave to others.
    Steal,
    /// What other programs use.
    OtherLoad,
    /// How late a sleeper wakes.
    WakeLag,
    /// Servers that can be had.
    Servers,
    /// Container engine.
    Engine,
    /// How a container is reached.
    ContainerNetwork,
    /// Servers that the environment names.
    External,
    /// What the way to a server costs.
    NetworkPath,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Worth knowing when figures are read.
    Note,
    /// Figures will be worse or noisier than they need be.
    Warning,
    /// Figures from here cannot be trusted, or there will be none.
    Problem,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// How much it matters.
    pub level: Level,
    /// What there is.
    pub what: String,
    /// Why it matters to a measurement.
    pub why: &'static str,
    /// What to do, as exact as it can be; `None` where there is nothing to do.
    pub remedy: Option<String>,
}

/// All that findings rest on; what was not looked at is `None`.
pub(super) struct Seen<'a> {
    pub(super) facts: &'a Facts,
    pub(super) survey: &'a Survey,
    pub(super) watched: Option<&'a Watched>,
    pub(super) paths: Option<&'a Found<PathCosts>>,
}

/// Every finding, in the order of [`Check`].
pub(super) fn all(seen: &Seen<'_>) -> Vec<Finding> {
    let mut findings = vec![build(cfg!(debug_assertions))];
    findings.extend(machine::findings(seen.facts));
    findings.extend(heat::findings(&seen.facts.heat));
    if let Some(watched) = seen.watched {
        findings.extend(watched::findings(watched, seen.facts));
    }
    findings.extend(servers::findings(seen.survey));
    if let Some(paths) = seen.paths {
        findings.extend(paths::findings(paths));
    }
    findings.sort_by_key(|finding| finding.check);
    findings
}

fn build(for_debugging: bool) -> Finding {
    if for_debugging {
        let remedy = "cargo build --release, and run target/release/busbench";
        Check::Build.found(Level::Warning, "for debugging", Some(remedy))
    } else {
        Check::Build.found(Level::Ok, "release", None)
    }
}

impl Check {
    /// Every check, in the order in which findings are told.
    pub const ALL: [Self; 20] = [
        Self::Build,
        Self::Emulation,
        Self::Virtualization,
        Self::Cores,
        Self::Governor,
        Self::Boost,
        Self::Heat,
        Self::Smt,
        Self::ClockSource,
        Self::Memory,
        Self::Swap,
        Self::OpenFiles,
        Self::Steal,
        Self::OtherLoad,
        Self::WakeLag,
        Self::Servers,
        Self::Engine,
        Self::ContainerNetwork,
        Self::External,
        Self::NetworkPath,
    ];

    /// The name that is shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Emulation => "emulation",
            Self::Virtualization => "virtualization",
            Self::Cores => "cores",
            Self::Governor => "governor",
            Self::Boost => "boost",
            Self::Heat => "heat",
            Self::Smt => "SMT",
            Self::ClockSource => "clock source",
            Self::Memory => "memory",
            Self::Swap => "swap",
            Self::OpenFiles => "open files",
            Self::Steal => "steal",
            Self::OtherLoad => "other load",
            Self::WakeLag => "wake lag",
            Self::Servers => "servers",
            Self::Engine => "container engine",
            Self::ContainerNetwork => "container network",
            Self::External => "external servers",
            Self::NetworkPath => "network path",
        }
    }

    /// Why it matters to a measurement.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            Self::Build => {
                "a build for debugging spends more on each message, so the client limits the rate, \
                 and servers and paths differ by less than they would"
            }
            Self::Emulation => {
                "an emulated CPU runs code many times slower, and not evenly: its figures are never \
                 ranked against hardware"
            }
            Self::Virtualization => {
                "neighbours on the same hardware come and go, so compare only trials that were \
                 interleaved in one run"
            }
            Self::Cores => {
                "publishers, server and subscribers run at the same time; where they share a core \
                 they wait for each other, and the rate is the machine's, not the server's"
            }
            Self::Governor => {
                "a governor that follows the load changes the clock in the middle of a window, and \
                 low rates look slower than they are"
            }
            Self::Boost => {
                "a boosted clock falls with heat and with the load of other cores, so later trials \
                 are slower than earlier ones"
            }
            Self::Heat => {
                "a CPU that is too hot, or short of power, is slowed in the middle of a run: later \
                 trials are slower than earlier ones, and no run can be repeated"
            }
            Self::Smt => {
                "two threads of one core share its units, so a rate depends on which of them the \
                 scheduler picked"
            }
            Self::ClockSource => {
                "every message reads the clock several times; a source that needs a system call \
                 takes a microsecond each time and slows what it measures"
            }
            Self::Memory => "a machine that runs short of memory writes, reads and kills instead",
            Self::Swap => "a server whose memory was swapped out stalls until it is read again",
            Self::OpenFiles => {
                "each connection is a file here and another in the server, which inherits the limit"
            }
            Self::Steal => {
                "stolen time is a pause that looks like a stall of the server; trials with more \
                 than 2 % are suspect"
            }
            Self::OtherLoad => "what others use is missing to clients and server, and not evenly",
            Self::WakeLag => {
                "a pacer that wakes late sends late; a trial is suspect when its wake lag p99 is \
                 above 100 us and above 10 % of its response p99"
            }
            Self::Servers => "a run needs each server of its scenario from one provider",
            Self::Engine => {
                "with containers every machine runs the same images; without, whatever is installed"
            }
            Self::ContainerNetwork => {
                "a published port is forwarded by the engine, which costs rate and response time"
            }
            Self::External => "`--provider external` uses these and leaves them running",
            Self::NetworkPath => "rates and times over different paths cannot be compared",
        }
    }

    /// A finding of this check.
    fn found(self, level: Level, what: impl Into<String>, remedy: Option<&str>) -> Finding {
        Finding {
            check: self,
            level,
            what: what.into(),
            why: self.why(),
            remedy: remedy.map(str::to_owned),
        }
    }
}

impl Level {
    /// The name that is shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// Nanoseconds in microseconds, fit for a sentence.
fn microseconds(nanoseconds: u64) -> String {
    format!("{:.1} us", nanoseconds as f64 / 1e3)
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn mebibytes(bytes: u64) -> u64 {
    bytes >> 20
}

#[cfg(test)]
mod tests {
    use super::{Check, Level, build};

    #[test]
    fn a_build_for_debugging_is_sent_to_cargo() {
        assert_eq!(build(false).level, Level::Ok);
        let finding = build(true);
        assert_eq!(finding.level, Level::Warning);
        assert!(finding.remedy.unwrap().contains("--release"));
    }

    #[test]
    fn every_check_is_told_in_its_own_place() {
        assert!(Check::ALL.is_sorted());
        let mut names = Check::ALL.map(Check::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Check::ALL.len(), "names are unique");
        assert!(Check::ALL.iter().all(|check| !check.why().is_empty()));
    }
}
