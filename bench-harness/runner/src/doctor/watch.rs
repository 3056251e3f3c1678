//! One second of looking: how late sleepers wake, what the clock costs, and who else is at work.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use busbench_measure::{Clock, Histogram, Wakes, sleep_and_wake};
use serde::Serialize;

use super::activity::{Activity, Counters};
use crate::host::files::ThisMachine;

/// Between two wakes: more than waking takes on a machine that can be measured on.
const INTERVAL: Duration = Duration::from_micros(500);
/// Wakes at a stretch; default and sharp sleep take turns, so that a disturbance meets both.
const WAKES: u32 = 250;
/// Turns of each: 1000 wakes, of which p99 needs as many, in half a second.
const TURNS: u32 = 4;
/// Readings of the clock, timed together.
const READINGS: u32 = 100_000;

/// What was seen in about a second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Watched {
    /// What went on beside this program; `None` where the kernel does not count.
    pub activity: Option<Activity>,
    /// One reading of the clock that every instant comes from, in ns.
    pub clock_reading_ns: f64,
    /// Wakes with the timer slack that a thread has of itself.
    pub default_sleep: WakeLag,
    /// Wakes with the slack that the pacer sets.
    pub sharp_sleep: WakeLag,
}

/// How late a thread wakes that only sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WakeLag {
    /// Timer slack, in ns; `None` where the system has none.
    pub slack_ns: Option<u64>,
    /// Median of woken minus intended, in ns.
    pub p50_ns: Option<u64>,
    /// 99th percentile of the same.
    pub p99_ns: Option<u64>,
}

/// Looks for about a second. Blocks.
pub(super) fn watch(cpus: u32) -> Watched {
    let clock_reading_ns = clock_reading_ns();
    let before = Counters::read(&ThisMachine);
    let (began, cpu_before) = (Instant::now(), own_cpu());
    let mut sleeps = [Sleep::default(), Sleep::default()];
    for _ in 0..TURNS {
        for (sharp, sleep) in [false, true].into_iter().zip(&mut sleeps) {
            sleep.add(turn(sharp));
        }
    }
    let own_cpu = own_cpu().saturating_sub(cpu_before);
    let watched = began.elapsed();
    let after = Counters::read(&ThisMachine);
    let activity = before
        .zip(after)
        .and_then(|(before, after)| after.since(before, watched, own_cpu, cpus));
    let [default_sleep, sharp_sleep] = sleeps.map(Sleep::told);
    Watched {
        activity,
        clock_reading_ns,
        default_sleep,
        sharp_sleep,
    }
}

/// On a thread of its own, which takes its slack with it when it ends. None where no thread can be
/// had.
fn turn(sharp: bool) -> Option<Wakes> {
    let sleeper = thread::Builder::new()
        .name("busbench-sleeper".to_owned())
        .spawn(move || sleep_and_wake(sharp, INTERVAL, WAKES));
    sleeper.ok()?.join().ok()
}

/// The turns of one kind of sleep.
#[derive(Default)]
struct Sleep {
    slack_ns: Option<u64>,
    lag: Option<Histogram>,
}

impl Sleep {
    fn add(&mut self, wakes: Option<Wakes>) {
        let Some(wakes) = wakes else { return };
        self.slack_ns = wakes.slack_ns;
        match &mut self.lag {
            None => self.lag = Some(wakes.lag),
            Some(lag) => lag.merge(&wakes.lag),
        }
    }

    fn told(self) -> WakeLag {
        let quantile = |q| self.lag.as_ref()?.quantile(q);
        WakeLag {
            slack_ns: self.slack_ns,
            p50_ns: quantile(0.5),
            p99_ns: quantile(0.99),
        }
    }
}

fn clock_reading_ns() -> f64 {
    let clock = Clock::start();
    let began_ns = clock.now_ns();
    for _ in 0..READINGS {
        black_box(clock.now_ns());
    }
    clock.now_ns().saturating_sub(began_ns) as f64 / f64::from(READINGS)
}

/// CPU time of this process, all its threads.
#[cfg(target_os = "linux")]
fn own_cpu() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    // CPU time is never negative, and a billion nanoseconds are a second.
    let nanoseconds = u32::try_from(used.tv_nsec).unwrap_or(0);
    Duration::new(used.tv_sec.unsigned_abs(), nanoseconds)
}

/// Only Linux counts what others use, which this is taken off.
#[cfg(not(target_os = "linux"))]
fn own_cpu() -> Duration {
    Duration::ZERO
}

#[cfg(test)]
mod tests {
    use super::watch;

    #[test]
    fn a_second_of_looking_tells_percentiles_of_both_sleeps() {
        let watched = watch(2);
        for sleep in [watched.default_sleep, watched.sharp_sleep] {
            assert!(
                sleep.p99_ns >= sleep.p50_ns && sleep.p50_ns.is_some(),
                "{sleep:?}"
            );
        }
        assert!(watched.clock_reading_ns > 0.0);
        if cfg!(target_os = "linux") {
            let activity = watched.activity.unwrap();
            assert!((0.0..=1.0).contains(&activity.others_share), "{activity:?}");
            assert!((0.0..=1.0).contains(&activity.steal_share), "{activity:?}");
            assert!(activity.watched_ns >= 900_000_000, "{activity:?}");
        }
    }
}
