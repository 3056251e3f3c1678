//! What server, harness and machine used during the window.

use std::{fs, process};

use busbench_brokers::{Snapshot, Usage};
use busbench_measure::Clock;
use busbench_results::MachineUse;

use super::Span;
use super::drain::sleep_until;

/// What was used during the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WindowCost {
    /// From the first reading to the second, in ns.
    pub(super) elapsed_ns: u64,
    pub(super) server: Option<Usage>,
    pub(super) client: Option<Usage>,
    pub(super) machine: MachineUse,
}

/// Reads counters at both ends of the window; `None` where there is nothing to read.
pub(super) async fn of_window(
    clock: Clock,
    span: Span,
    server_processes: Vec<u32>,
) -> Option<WindowCost> {
    sleep_until(clock, span.window_ns).await;
    let from_ns = clock.now_ns();
    let before = Reading::take(&server_processes);
    sleep_until(clock, span.end_ns).await;
    let after = Reading::take(&server_processes);
    let used = |after: Option<Snapshot>, before: Option<Snapshot>| Some(after?.since(&before?));
    Some(WindowCost {
        elapsed_ns: clock.now_ns() - from_ns,
        server: used(after.server, before.server),
        client: used(after.client, before.client),
        machine: after
            .machine
            .zip(before.machine)
            .map_or_else(MachineUse::default, |(after, before)| after.since(before)),
    })
}

struct Reading {
    server: Option<Snapshot>,
    client: Option<Snapshot>,
    machine: Option<CpuTime>,
}

impl Reading {
    fn take(server_processes: &[u32]) -> Self {
        Self {
            server: Snapshot::read(server_processes),
            client: Snapshot::read(&[process::id()]),
            machine: fs::read_to_string("/proc/stat")
                .ok()
                .and_then(|text| CpuTime::parse(&text)),
        }
    }
}

/// CPU time of all cores since boot, in clock ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CpuTime {
    all: u64,
    idle: u64,
    steal: u64,
}

impl CpuTime {
    /// Reads the first line of `/proc/stat`: `cpu user nice system idle iowait irq softirq steal
    /// guest guest_nice` (`proc_stat(5)`); guest time is part of user time.
    fn parse(stat: &str) -> Option<Self> {
        let ticks: Vec<u64> = stat
            .lines()
            .next()?
            .strip_prefix("cpu ")?
            .split_whitespace()
            .take(8)
            .map(str::parse)
            .collect::<Result<_, _>>()
            .ok()?;
        Some(Self {
            all: ticks.iter().sum(),
            idle: ticks.get(3)? + ticks.get(4)?,
            steal: *ticks.get(7)?,
        })
    }

    fn since(self, earlier: Self) -> MachineUse {
        let all = self.all.saturating_sub(earlier.all);
        let share = |now: u64, before: u64| {
            (all > 0).then(|| (now.saturating_sub(before) as f64 / all as f64).min(1.0))
        };
        MachineUse {
            busy: share(self.idle, earlier.idle).map(|idle| 1.0 - idle),
            steal: share(self.steal, earlier.steal),
        }
    }
}

#[cfg(test)]
mod tests {
    use busbench_results::MachineUse;

    use super::CpuTime;

    #[test]
    fn a_machine_is_busy_for_what_is_neither_idle_nor_waiting_for_disks() {
        let before = CpuTime::parse("cpu  100 0 50 800 50 0 0 0 40 0\ncpu0 1 2 3\n").unwrap();
        let after = CpuTime::parse("cpu  150 0 75 850 60 5 0 10 40 0\n").unwrap();
        let expected = CpuTime {
            all: 1000,
            idle: 850,
            steal: 0,
        };
        assert_eq!(before, expected);
        let used = after.since(before);
        assert!((used.busy.unwrap() - 90.0 / 150.0).abs() < 1e-9, "{used:?}");
        assert!(
            (used.steal.unwrap() - 10.0 / 150.0).abs() < 1e-9,
            "{used:?}"
        );
    }

    #[test]
    fn counters_that_make_no_sense_give_nothing() {
        assert_eq!(CpuTime::parse("intr 1 2 3"), None);
        assert_eq!(CpuTime::parse("cpu  1 2 x 4 5"), None);
        assert_eq!(CpuTime::parse("cpu  1 2 3 4 5"), None);
        let time = CpuTime {
            all: 10,
            idle: 5,
            steal: 0,
        };
        assert_eq!(time.since(time), MachineUse::default());
    }
}
