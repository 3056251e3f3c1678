//! What server, harness and machine used during the window.

use std::{fs, process};

use busbench_brokers::{Snapshot, Usage};
use busbench_measure::Clock;

use super::Span;
use super::drain::sleep_until;

/// What was used during the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WindowCost {
    /// From the first reading to the second, in ns.
    pub(super) elapsed_ns: u64,
    pub(super) server: Option<Usage>,
    pub(super) client: Option<Usage>,
    /// Share of all cores that was busy, 0 to 1.
    pub(super) machine_busy: Option<f64>,
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
        machine_busy: after
            .machine
            .zip(before.machine)
            .and_then(|(a, b)| a.busy_since(b)),
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
        })
    }

    fn busy_since(self, earlier: Self) -> Option<f64> {
        let all = self.all.checked_sub(earlier.all).filter(|all| *all > 0)?;
        let idle = self.idle.saturating_sub(earlier.idle);
        Some(1.0 - (idle as f64 / all as f64).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::CpuTime;

    #[test]
    fn a_machine_is_busy_for_what_is_neither_idle_nor_waiting_for_disks() {
        let before = CpuTime::parse("cpu  100 0 50 800 50 0 0 0 40 0\ncpu0 1 2 3\n").unwrap();
        let after = CpuTime::parse("cpu  150 0 75 850 60 5 10 0 40 0\n").unwrap();
        assert_eq!(
            before,
            CpuTime {
                all: 1000,
                idle: 850
            }
        );
        let busy = after.busy_since(before).unwrap();
        assert!((busy - 90.0 / 150.0).abs() < 1e-9, "{busy}");
    }

    #[test]
    fn counters_that_make_no_sense_give_nothing() {
        assert_eq!(CpuTime::parse("intr 1 2 3"), None);
        assert_eq!(CpuTime::parse("cpu  1 2 x 4 5"), None);
        let time = CpuTime { all: 10, idle: 5 };
        assert_eq!(time.busy_since(time), None);
    }
}
