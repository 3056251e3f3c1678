//! Limits of memory and CPU time: a server as on a small machine.

use std::fmt;
use std::io;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Serialize, Serializer};

const MEBIBYTE: u64 = 1 << 20;
const GIBIBYTE: u64 = 1 << 30;
/// Docker starts no container with less memory.
const LEAST_MEMORY_BYTES: u64 = 6 * MEBIBYTE;
/// The kernel's least quota is 1 ms in each period of 100 ms.
const LEAST_CPU_THOUSANDTHS: u32 = 10;
/// Length of the period for which the kernel gives out CPU time: its default, and Docker's.
pub(crate) const PERIOD_US: u64 = 100_000;
const NONE: &str = "none";

/// Memory and CPU time that a server may use; its text form is `memory=256MiB,cpus=0.5`, either key
/// alone, or `none`. Memory has the server's part of the page cache in it, and there is no swap. 0.5 CPU
/// is 50 ms in each 100 ms, over all cores together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Limit {
    memory_bytes: Option<NonZeroU64>,
    cpu_thousandths: Option<NonZeroU32>,
}

/// How a limit of CPU time has held processes back so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttling {
    /// Periods in which they had anything to do.
    pub periods: u64,
    /// Those of them in which they were stopped.
    pub throttled_periods: u64,
    /// How long they were stopped, in ns, added up over cores.
    pub throttled_ns: u64,
}

/// A text that is no limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no limit such as `memory=256MiB,cpus=0.5`, `memory=64MiB` or `none`: {reason}"
)]
pub struct LimitError {
    text: String,
    reason: &'static str,
}

/// Why servers cannot be held to a limit here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LimitRefused {
    /// The machine has less than the limit.
    #[error(
        "{place} has no more than {has}, so it would limit nothing: ask for less, or for `none`"
    )]
    BeyondMachine {
        /// `this machine`, a control group.
        place: String,
        /// What it has.
        has: String,
    },
    /// Nothing is set on a server of somebody else.
    #[error(
        "an external server is as its owner runs it: leave `limit` at \"none\", or let busbench start \
         the servers"
    )]
    External,
    /// The system cannot limit a process.
    #[error("only Linux can limit a process: `--provider container` limits containers")]
    NotLinux,
    /// The kernel does not limit memory, or not CPU time.
    #[error(
        "the kernel has no controller `{controller}` for control groups: {}",
        enabling(controller)
    )]
    NoController {
        /// `memory` or `cpu`.
        controller: &'static str,
    },
    /// No control group above this program hands the controllers on.
    #[error(
        "no control group from {place} upwards hands on {controllers}: run busbench as root, by \
         `systemd-run --user --scope -p Delegate=yes`, or with `--provider container`"
    )]
    NotDelegated {
        /// This program's group.
        place: PathBuf,
        /// What is needed, as `memory, cpu`.
        controllers: String,
    },
    /// A control group cannot be made or set.
    #[error(
        "cannot {action} {path}: run busbench as root, by `systemd-run --user --scope -p Delegate=yes`, \
         or with `--provider container`"
    )]
    NoRight {
        /// What was tried, as a verb: "make".
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// What was set is not what the kernel tells.
    #[error("the kernel holds {path} to {found} instead")]
    NotTaken {
        /// The control group.
        path: PathBuf,
        /// The limit that is in force.
        found: Limit,
    },
    /// The container engine says that it cannot.
    #[error("the container engine cannot limit {what}: {}", enabling(what))]
    Engine {
        /// `memory` or `cpu`.
        what: &'static str,
    },
}

fn enabling(controller: &str) -> &'static str {
    match controller {
        "memory" => {
            "Raspberry Pi OS leaves it out unless the kernel's command line (cmdline.txt) has \
             `cgroup_enable=memory cgroup_memory=1`"
        }
        _ => "it takes a kernel with CONFIG_CFS_BANDWIDTH",
    }
}

impl Limit {
    /// All that the machine has.
    pub const NONE: Self = Self {
        memory_bytes: None,
        cpu_thousandths: None,
    };

    /// Whether it limits nothing.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Memory in bytes.
    #[must_use]
    pub fn memory_bytes(self) -> Option<u64> {
        self.memory_bytes.map(NonZeroU64::get)
    }

    /// CPU time for each second, in seconds.
    #[must_use]
    pub fn cpus(self) -> Option<f64> {
        self.cpu_thousandths
            .map(|thousandths| f64::from(thousandths.get()) / 1e3)
    }

    /// For people: `256 MiB of memory and 0.5 CPU`.
    #[must_use]
    pub fn words(self) -> String {
        let parts = self.parts(
            |bytes| format!("{} of memory", size(bytes, " ")),
            |cpus| format!("{cpus} CPU"),
        );
        if parts.is_empty() {
            "all of the machine".to_owned()
        } else {
            parts.join(" and ")
        }
    }

    /// For names of files and containers: `mem256MiB-cpu0.5`; `None` without a limit.
    #[must_use]
    pub fn short_name(self) -> Option<String> {
        let parts = self.parts(
            |bytes| format!("mem{}", size(bytes, "")),
            |cpus| format!("cpu{cpus}"),
        );
        (!parts.is_empty()).then(|| parts.join("-"))
    }

    /// What it limits, in words for bytes of memory and for CPUs.
    fn parts(self, memory: impl Fn(u64) -> String, cpus: impl Fn(f64) -> String) -> Vec<String> {
        let memory = self.memory_bytes().map(memory);
        memory.into_iter().chain(self.cpus().map(cpus)).collect()
    }

    /// CPU time in µs for each [`PERIOD_US`].
    pub(crate) fn quota_us(self) -> Option<u64> {
        let thousandths = self.cpu_thousandths?.get();
        Some(u64::from(thousandths) * PERIOD_US / 1000)
    }

    /// What a system tells of a limit that is in force; a bound that is none is left out.
    pub(crate) fn in_force(
        memory_bytes: Option<u64>,
        quota_us: Option<u64>,
        period_us: u64,
    ) -> Self {
        let thousandths = quota_us.map(|quota| quota * 1000 / period_us.max(1));
        Self {
            memory_bytes: memory_bytes.and_then(NonZeroU64::new),
            cpu_thousandths: thousandths
                .and_then(|thousandths| u32::try_from(thousandths).ok())
                .and_then(NonZeroU32::new),
        }
    }

    /// Refuses a limit that is no smaller than what there is.
    pub(crate) fn within(self, memory_bytes: Option<u64>, cpus: usize) -> Result<(), LimitRefused> {
        let beyond = |has: String| {
            Err(LimitRefused::BeyondMachine {
                place: "this machine".to_owned(),
                has,
            })
        };
        if let (Some(asked), Some(has)) = (self.memory_bytes(), memory_bytes)
            && asked > has
        {
            return beyond(format!("{} MiB of memory", has / MEBIBYTE));
        }
        match self.cpus() {
            Some(asked) if asked > cpus as f64 => beyond(format!("{cpus} CPUs")),
            _ => Ok(()),
        }
    }
}

impl Throttling {
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            periods: self.periods.saturating_sub(earlier.periods),
            throttled_periods: self
                .throttled_periods
                .saturating_sub(earlier.throttled_periods),
            throttled_ns: self.throttled_ns.saturating_sub(earlier.throttled_ns),
        }
    }
}

/// In GiB where it comes out even, else in MiB, else in bytes.
fn size(bytes: u64, space: &str) -> String {
    match bytes {
        bytes if bytes.is_multiple_of(GIBIBYTE) => format!("{}{space}GiB", bytes / GIBIBYTE),
        bytes if bytes.is_multiple_of(MEBIBYTE) => format!("{}{space}MiB", bytes / MEBIBYTE),
        bytes => format!("{bytes}{space}B"),
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.parts(
            |bytes| format!("memory={}", size(bytes, "")),
            |cpus| format!("cpus={cpus}"),
        );
        if parts.is_empty() {
            formatter.write_str(NONE)
        } else {
            formatter.write_str(&parts.join(","))
        }
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let refused = |reason| LimitError {
            text: text.to_owned(),
            reason,
        };
        let mut limit = Self::NONE;
        if text.trim() == NONE {
            return Ok(limit);
        }
        for part in text.split(',') {
            let (key, value) = part
                .trim()
                .split_once('=')
                .ok_or_else(|| refused("each part is KEY=VALUE"))?;
            let is_again = match key {
                "memory" => limit
                    .memory_bytes
                    .replace(memory(value).map_err(refused)?)
                    .is_some(),
                "cpus" => limit
                    .cpu_thousandths
                    .replace(cpus(value).map_err(refused)?)
                    .is_some(),
                _ => return Err(refused("its keys are `memory` and `cpus`")),
            };
            if is_again {
                return Err(refused("a key stands there twice"));
            }
        }
        Ok(limit)
    }
}

/// Whole MiB: the kernel rounds to pages, whose size is the machine's.
fn memory(text: &str) -> Result<NonZeroU64, &'static str> {
    const EXPECTED: &str = "memory is a number of MiB or GiB, such as `256MiB`";
    let (number, unit) = [("MiB", MEBIBYTE), ("GiB", GIBIBYTE)]
        .into_iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))
        .ok_or(EXPECTED)?;
    let number: u64 = number.trim().parse().map_err(|_| EXPECTED)?;
    let bytes = number.checked_mul(unit).ok_or(EXPECTED)?;
    if bytes < LEAST_MEMORY_BYTES {
        return Err("memory is 6MiB at least: the container engine starts nothing with less");
    }
    NonZeroU64::new(bytes).ok_or(EXPECTED)
}

/// In steps of a thousandth.
fn cpus(text: &str) -> Result<NonZeroU32, &'static str> {
    const EXPECTED: &str =
        "cpus is a number such as `0.5` or `2`, with three digits after the point at most";
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 3 || !is_number(whole) || !is_number(fraction) {
        return Err(EXPECTED);
    }
    let thousandths: u32 = format!("{whole}{fraction:0<3}")
        .parse()
        .map_err(|_| EXPECTED)?;
    if thousandths < LEAST_CPU_THOUSANDTHS {
        return Err("cpus is 0.01 at least: the kernel gives out no less");
    }
    NonZeroU32::new(thousandths).ok_or(EXPECTED)
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(text: &str) -> Limit {
        text.parse().unwrap()
    }

    #[test]
    fn a_limit_is_read_as_it_is_written() {
        let check = |text: &str, memory_bytes, cpus, written: &str| {
            let limit = limit(text);
            assert_eq!(
                (limit.memory_bytes(), limit.cpus()),
                (memory_bytes, cpus),
                "{text}"
            );
            assert_eq!(limit.to_string(), written);
            assert_eq!(self::limit(written), limit);
        };
        check("none", None, None, "none");
        check(
            "memory=256MiB,cpus=0.5",
            Some(256 << 20),
            Some(0.5),
            "memory=256MiB,cpus=0.5",
        );
        check(
            "cpus=2, memory=2048MiB",
            Some(2 << 30),
            Some(2.0),
            "memory=2GiB,cpus=2",
        );
        check("memory=6MiB", Some(6 << 20), None, "memory=6MiB");
        check("cpus=0.25", None, Some(0.25), "cpus=0.25");
        check("cpus=0.010", None, Some(0.01), "cpus=0.01");
        check("cpus=1.125", None, Some(1.125), "cpus=1.125");
    }

    #[test]
    fn what_is_no_limit_says_what_is() {
        let check = |text: &str, reason: &str| {
            let error = text.parse::<Limit>().unwrap_err().to_string();
            assert!(error.contains(text) && error.contains(reason), "{error}");
        };
        check("", "each part is KEY=VALUE");
        check("256MiB", "each part is KEY=VALUE");
        check("disk=1GiB", "its keys are `memory` and `cpus`");
        check("memory=1GiB,memory=2GiB", "a key stands there twice");
        for memory in [
            "256",
            "256MB",
            "-1MiB",
            "1.5GiB",
            "lots",
            "99999999999999999999GiB",
        ] {
            check(
                &format!("memory={memory}"),
                "a number of MiB or GiB, such as `256MiB`",
            );
        }
        check("memory=5MiB", "6MiB at least");
        check("memory=0MiB", "6MiB at least");
        for cpus in ["", ".5", "half", "-1", "1e3", "0.1234", "99999999999"] {
            check(&format!("cpus={cpus}"), "a number such as `0.5`");
        }
        check("cpus=0.009", "0.01 at least");
        check("cpus=0", "0.01 at least");
    }

    #[test]
    fn names_and_words_say_what_is_limited() {
        let check = |text: &str, name: Option<&str>, words: &str| {
            let limit = limit(text);
            assert_eq!(limit.short_name().as_deref(), name);
            assert_eq!(limit.words(), words);
        };
        check("none", None, "all of the machine");
        let both = "256 MiB of memory and 0.5 CPU";
        check("memory=256MiB,cpus=0.5", Some("mem256MiB-cpu0.5"), both);
        check("cpus=2", Some("cpu2"), "2 CPU");
    }

    #[test]
    fn more_than_the_machine_has_is_refused() {
        let check = |text: &str, expected: Option<&str>| {
            let refused = limit(text).within(Some(1 << 30), 2);
            let refused = refused.err().map(|error| error.to_string());
            let found = refused
                .as_ref()
                .is_some_and(|text| text.contains(expected.unwrap_or("")));
            assert_eq!(refused.is_some(), expected.is_some(), "{text}");
            assert!(expected.is_none() || found, "{refused:?}");
        };
        check("none", None);
        check("memory=1GiB,cpus=2", None);
        check(
            "memory=1025MiB",
            Some("this machine has no more than 1024 MiB of memory"),
        );
        check("cpus=2.001", Some("this machine has no more than 2 CPUs"));
    }
}
