//! CPU time of the machine's cores, from `/proc/stat`.

use busbench_results::MachineUse;

/// CPU time of some cores since boot, in clock ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct CpuTime {
    pub(crate) all: u64,
    /// In which there was nothing to do, or only disks to wait for.
    pub(crate) idle: u64,
    /// In which the hypervisor ran another guest though this one had work.
    pub(crate) steal: u64,
}

impl CpuTime {
    /// Reads the first line of `/proc/stat`: `cpu user nice system idle iowait irq softirq steal
    /// guest guest_nice` (`proc_stat(5)`); guest time is part of user time.
    pub(crate) fn of_machine(stat: &str) -> Option<Self> {
        Self::parse(stat.lines().next()?.strip_prefix("cpu ")?)
    }

    /// Reads the lines of some cores, `cpu0` and so on, added up; `None` where one is missing.
    pub(crate) fn of_cores(stat: &str, cpus: &[u32]) -> Option<Self> {
        let mut sum = Self::default();
        for cpu in cpus {
            let name = format!("cpu{cpu} ");
            let time = Self::parse(stat.lines().find_map(|line| line.strip_prefix(&name))?)?;
            sum.all += time.all;
            sum.idle += time.idle;
            sum.steal += time.steal;
        }
        Some(sum)
    }

    fn parse(times: &str) -> Option<Self> {
        let ticks: Vec<u64> = times
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

    /// In which something ran here.
    pub(crate) const fn busy(self) -> u64 {
        self.all - self.idle - self.steal
    }

    pub(crate) fn since(self, earlier: Self) -> MachineUse {
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
        let before = CpuTime::of_machine("cpu  100 0 50 800 50 0 0 0 40 0\ncpu0 1 2 3\n").unwrap();
        let after = CpuTime::of_machine("cpu  150 0 75 850 60 5 0 10 40 0\n").unwrap();
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
    fn cores_are_added_up_by_their_numbers() {
        let stat = "cpu  9 0 0 9 0 0 0 0 0 0\ncpu0 1 0 0 2 0 0 0 0 0 0\n\
                    cpu1 3 0 0 4 0 0 0 0 0 0\ncpu10 5 0 0 3 0 0 0 1 0 0\n";
        let check = |cpus: &[u32], expected: Option<(u64, u64, u64)>| {
            let expected = expected.map(|(all, idle, steal)| CpuTime { all, idle, steal });
            assert_eq!(CpuTime::of_cores(stat, cpus), expected, "{cpus:?}");
        };
        check(&[1], Some((7, 4, 0)));
        check(&[0, 10], Some((12, 5, 1)));
        check(&[0, 2], None);
    }

    #[test]
    fn counters_that_make_no_sense_give_nothing() {
        assert_eq!(CpuTime::of_machine("intr 1 2 3"), None);
        assert_eq!(CpuTime::of_machine("cpu  1 2 x 4 5"), None);
        assert_eq!(CpuTime::of_machine("cpu  1 2 3 4 5"), None);
        let time = CpuTime {
            all: 10,
            idle: 5,
            steal: 0,
        };
        assert_eq!(time.since(time), MachineUse::default());
    }
}
