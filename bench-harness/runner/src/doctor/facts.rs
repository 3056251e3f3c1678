//! What the machine tells of itself, beyond what a result records of it.

mod heat;

use std::num::NonZeroU64;

use busbench_results::Host;
use serde::Serialize;

use crate::host::files::{Files, memory_bytes};

pub use heat::{FirmwareFlags, HeatFacts, SlowedClock, SlowedSign, ThermalZone};

const CPU: &str = "/sys/devices/system/cpu";

/// The machine as its kernel tells it: files in, facts out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facts {
    /// What every result records.
    pub host: Host,
    /// CPUs and their clocks.
    pub cpu: CpuFacts,
    /// Heat and power supply.
    pub heat: HeatFacts,
    /// Clock sources.
    pub clock: ClockFacts,
    /// Memory and swap.
    pub memory: MemoryFacts,
    /// Open files.
    pub files: FileLimits,
}

/// CPUs and their clocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CpuFacts {
    /// CPUs that this process may use, by affinity and by control group.
    pub usable: u32,
    /// CPUs that are switched on.
    pub online: u32,
    /// The governors of all CPUs, each once; none where the kernel shows no frequencies.
    pub governors: Vec<String>,
    /// Whether the clock may go above its nominal frequency; `None` where it is not shown.
    pub boost: Option<Boost>,
    /// Whether two CPUs share a core; `None` where it is not shown.
    pub smt: Option<Smt>,
}

/// Whether the clock may go above its nominal frequency, and the file that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Boost {
    /// Whether it may.
    pub on: bool,
    /// Which driver's switch it is.
    pub switch: BoostSwitch,
}

/// Where boost is switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoostSwitch {
    /// `intel_pstate/no_turbo`: 1 is off (kernel, `admin-guide/pm/intel_pstate`).
    IntelPstate,
    /// `cpufreq/boost`: 0 is off (kernel, `admin-guide/pm/cpufreq`).
    Cpufreq,
}

/// Threads that share a core.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Smt {
    /// Whether the threads of a core are in use.
    pub active: bool,
    /// The kernel's `smt/control`: `on`, `off`, `forceoff`, `notsupported`, `notimplemented`.
    pub control: String,
    /// CPUs that share a core with CPU 0, as the kernel lists them: `0,8`.
    pub first_core: Option<String>,
}

/// Clock sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockFacts {
    /// The one in use; `None` where the kernel does not say.
    pub current: Option<String>,
    /// All that the kernel would take.
    pub available: Vec<String>,
}

/// Memory and swap, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MemoryFacts {
    /// What programs could still get; 0 where the kernel does not say.
    pub available_bytes: u64,
    /// Swap space.
    pub swap_bytes: u64,
    /// Swap space that holds something.
    pub swap_used_bytes: u64,
}

/// Open files of one process; `None` is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FileLimits {
    /// In force.
    pub soft: Option<NonZeroU64>,
    /// How far the soft limit can be raised without privileges.
    pub hard: Option<NonZeroU64>,
}

/// Reads the facts. `host` and `limits` come from system calls.
pub(super) fn read(files: &impl Files, host: Host, limits: FileLimits) -> Facts {
    let online = online(files);
    let online_count = u32::try_from(online.len()).unwrap_or(u32::MAX);
    Facts {
        cpu: CpuFacts {
            usable: host.cores,
            // A kernel that does not list them has at least those that may be used.
            online: online_count.max(host.cores),
            governors: governors(files, &online),
            boost: boost(files),
            smt: smt(files),
        },
        heat: heat::read(files, &online),
        clock: clock(files),
        memory: memory(files),
        files: limits,
        host,
    }
}

/// The limits of this process, which its servers inherit.
pub(super) fn file_limits() -> FileLimits {
    let limits = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    FileLimits {
        soft: limits.current.and_then(NonZeroU64::new),
        hard: limits.maximum.and_then(NonZeroU64::new),
    }
}

/// Numbers of the CPUs that are switched on.
fn online(files: &impl Files) -> Vec<u32> {
    files
        .line(&format!("{CPU}/online"))
        .map(|list| cpu_list(&list))
        .unwrap_or_default()
}

/// The kernel's lists of CPUs: `0-3,8`.
fn cpu_list(text: &str) -> Vec<u32> {
    let part = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    };
    text.split(',').filter_map(part).flatten().collect()
}

fn governors(files: &impl Files, online: &[u32]) -> Vec<String> {
    let governor = |cpu| files.line(&format!("{CPU}/cpu{cpu}/cpufreq/scaling_governor"));
    let mut governors: Vec<String> = online.iter().filter_map(governor).collect();
    governors.sort_unstable();
    governors.dedup();
    governors
}

fn boost(files: &impl Files) -> Option<Boost> {
    if let Some(no_turbo) = files.number(&format!("{CPU}/intel_pstate/no_turbo")) {
        return Some(Boost {
            on: no_turbo == 0,
            switch: BoostSwitch::IntelPstate,
        });
    }
    let boost = files.number(&format!("{CPU}/cpufreq/boost"))?;
    Some(Boost {
        on: boost != 0,
        switch: BoostSwitch::Cpufreq,
    })
}

fn smt(files: &impl Files) -> Option<Smt> {
    Some(Smt {
        active: files.number(&format!("{CPU}/smt/active"))? != 0,
        control: files.line(&format!("{CPU}/smt/control"))?,
        first_core: files.line(&format!("{CPU}/cpu0/topology/thread_siblings_list")),
    })
}

fn clock(files: &impl Files) -> ClockFacts {
    const FOLDER: &str = "/sys/devices/system/clocksource/clocksource0";
    let available = files.line(&format!("{FOLDER}/available_clocksource"));
    ClockFacts {
        current: files.line(&format!("{FOLDER}/current_clocksource")),
        available: available
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
    }
}

fn memory(files: &impl Files) -> MemoryFacts {
    let meminfo = files.text("/proc/meminfo").unwrap_or_default();
    let bytes = |name| memory_bytes(&meminfo, name).unwrap_or(0);
    let swap_bytes = bytes("SwapTotal");
    MemoryFacts {
        available_bytes: bytes("MemAvailable"),
        swap_bytes,
        swap_used_bytes: swap_bytes.saturating_sub(bytes("SwapFree")),
    }
}

#[cfg(test)]
mod tests;
