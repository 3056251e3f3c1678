//! What a server and the harness use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one side used during the window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// CPU time of all its threads, user and system, in ns.
    pub cpu_ns: u64,
    /// CPU time of its busiest thread, in ns.
    pub busiest_thread_cpu_ns: u64,
    /// Peak resident memory, in bytes (`VmHWM`, summed over its processes): of the server since its
    /// start, or since the trial's where trials share it; of the harness since the start of the
    /// trial, where the kernel lets it be set back. Absent for a shared server whose peak it does not
    /// set back.
    pub rss_peak_bytes: Option<u64>,
    /// Context switches because a thread waited for something.
    pub voluntary_switches: Option<u64>,
    /// Context switches because a thread had to make room for another.
    pub involuntary_switches: Option<u64>,
    /// Bytes that were fetched from a disk (not from the page cache).
    pub disk_read_bytes: Option<u64>,
    /// Bytes that are to be written to a disk.
    pub disk_written_bytes: Option<u64>,
    /// Bytes that it received over the network, by its own counter; server only, and over the whole
    /// trial, warm-up and drain included.
    pub network_in_bytes: Option<u64>,
    /// Bytes that it sent over the network, likewise.
    pub network_out_bytes: Option<u64>,
    /// Where CPU time was read: `cgroup-v1`, `cgroup-v2` or `proc`.
    pub cpu_source: String,
    /// How its limit of CPU time held it back; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttling: Option<Throttling>,
}

/// How a limit of CPU time held a server back: the kernel gives out a quota for each period, a tenth of
/// a second, and stops who has used it up until the next one begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Throttling {
    /// Periods in which the server had anything to do.
    pub periods: u64,
    /// Those of them in which it was stopped.
    pub throttled_periods: u64,
    /// How long it was stopped, in ns, added up over the cores that it ran on.
    pub throttled_ns: u64,
}

impl Throttling {
    /// Share of the periods in which the server was stopped, 0 to 1; 0 where it had nothing to do.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.throttled_periods as f64 / self.periods.max(1) as f64
    }
}

impl Cost {
    /// Context switches of both kinds.
    #[must_use]
    pub fn switches(&self) -> Option<u64> {
        Some(self.voluntary_switches? + self.involuntary_switches?)
    }

    /// Bytes over the network, both ways.
    #[must_use]
    pub fn network_bytes(&self) -> Option<u64> {
        Some(self.network_in_bytes? + self.network_out_bytes?)
    }
}

/// What both sides had used at an instant, for plots over time; taken at most four times a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CostSample {
    /// Since the start of the window, in ns.
    pub at_ns: u64,
    /// CPU time of the server since the start of the window, in ns.
    pub server_cpu_ns: Option<u64>,
    /// Resident memory of the server now, in bytes.
    pub server_rss_bytes: Option<u64>,
    /// CPU time of the harness since the start of the window, in ns.
    pub client_cpu_ns: Option<u64>,
    /// Resident memory of the harness now, in bytes.
    pub client_rss_bytes: Option<u64>,
}

/// What the machine did during the window, whoever made it do so.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct MachineUse {
    /// Share of all cores that was busy, 0 to 1.
    pub busy: Option<f64>,
    /// Share of all cores that the hypervisor gave to somebody else, 0 to 1.
    pub steal: Option<f64>,
}
