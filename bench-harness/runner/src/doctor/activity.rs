//! What went on beside this program over a short time: `/proc/stat` and `/proc/vmstat`, read twice.

use std::time::Duration;

use serde::Serialize;

use crate::host::cpu_time::CpuTime;
use crate::host::files::{Files, field};

/// Counters at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counters {
    cpus: CpuTime,
    /// Pages that went to swap or came from it.
    swapped: u64,
}

/// What went on between two instants.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Activity {
    /// Share of all CPU time that the hypervisor gave to other guests, 0 to 1.
    pub steal_share: f64,
    /// Share of all CPU time that other programs and the kernel used, 0 to 1.
    pub others_share: f64,
    /// Pages that went to swap or came from it.
    pub swapped_pages: u64,
    /// How long it was watched, in ns.
    pub watched_ns: u64,
}

impl Counters {
    /// Reads them now; `None` where the kernel does not count.
    pub(super) fn read(files: &impl Files) -> Option<Self> {
        let stat = files.text("/proc/stat")?;
        let cpus = CpuTime::of_machine(&stat)?;
        let vmstat = files.text("/proc/vmstat").unwrap_or_default();
        let pages = |name| field(&vmstat, name, ' ').and_then(|pages| pages.parse::<u64>().ok());
        Some(Self {
            cpus,
            swapped: pages("pswpin").unwrap_or(0) + pages("pswpout").unwrap_or(0),
        })
    }

    /// What went on since `earlier`, `watched` ago, of which this program itself used `own_cpu` of
    /// `cpus` CPUs. `None` where the counters stood still.
    pub(super) fn since(
        self,
        earlier: Self,
        watched: Duration,
        own_cpu: Duration,
        cpus: u32,
    ) -> Option<Activity> {
        let total = self.cpus.all.saturating_sub(earlier.cpus.all);
        if total == 0 || watched.is_zero() {
            return None;
        }
        // A kernel may take ticks back that it had counted as idle or stolen.
        let share = |now: u64, before: u64| now.saturating_sub(before) as f64 / total as f64;
        let own_share = own_cpu.as_secs_f64() / watched.as_secs_f64() / f64::from(cpus.max(1));
        Some(Activity {
            steal_share: share(self.cpus.steal, earlier.cpus.steal),
            others_share: (share(self.cpus.busy(), earlier.cpus.busy()) - own_share).max(0.0),
            swapped_pages: self.swapped.saturating_sub(earlier.swapped),
            watched_ns: u64::try_from(watched.as_nanos()).unwrap_or(u64::MAX),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Counters;
    use crate::host::files::Recorded;

    const BEFORE: &str = "== /proc/stat\ncpu  1000 0 500 8000 100 0 50 20 0 0\ncpu0 1 2 3\n\
                          == /proc/vmstat\nnr_free_pages 5\npswpin 10\npswpout 20\n";
    const SECOND: Duration = Duration::from_secs(1);

    fn counters(recording: &str) -> Counters {
        Counters::read(&Recorded::new(recording)).unwrap()
    }

    #[test]
    fn shares_are_of_all_cpus_and_leave_this_program_out() {
        // 200 ticks: 60 user, 20 system, 10 softirq, 104 idle, 6 stolen.
        let after = "== /proc/stat\ncpu  1060 0 520 8104 100 0 60 26 0 0\n\
                     == /proc/vmstat\npswpin 12\npswpout 25\n";
        let own_cpu = Duration::from_millis(500);
        let activity = counters(after).since(counters(BEFORE), SECOND, own_cpu, 2);
        let activity = activity.unwrap();
        assert!((activity.steal_share - 0.03).abs() < 1e-9, "{activity:?}");
        // 90 of 200 ticks were busy, and half of one of two CPUs was this program.
        assert!((activity.others_share - 0.2).abs() < 1e-9, "{activity:?}");
        assert_eq!(
            (activity.swapped_pages, activity.watched_ns),
            (7, 1_000_000_000)
        );
    }

    #[test]
    fn counters_that_stand_still_say_nothing() {
        let before = counters(BEFORE);
        assert_eq!(before.since(before, SECOND, Duration::ZERO, 2), None);
    }

    #[test]
    fn a_program_that_used_more_than_was_counted_leaves_nobody_else() {
        let after = counters("== /proc/stat\ncpu  1000 0 500 8200 100 0 50 20 0 0\n");
        let activity = after.since(counters(BEFORE), SECOND, SECOND, 2).unwrap();
        assert!(activity.others_share == 0.0 && activity.swapped_pages == 0);
    }

    #[test]
    fn a_kernel_that_does_not_count_is_told_from_one_that_does() {
        for text in ["", "== /proc/stat\n", "== /proc/stat\ncpu  1 2 3\n"] {
            assert_eq!(Counters::read(&Recorded::new(text)), None, "{text}");
        }
    }
}
