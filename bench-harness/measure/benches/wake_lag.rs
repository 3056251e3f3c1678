//! How late the pacer wakes, and how much of a core it takes, at the rates given as arguments
//! (default 1000, 10 000 and 50 000 per second), 10 s each.
//!
//! `cargo bench -p busbench-measure --bench wake_lag -- 10000`. Needs an idle machine.
#![expect(clippy::print_stdout, reason = "prints its result")]

use std::env;
use std::error::Error;
use std::sync::atomic::AtomicBool;

use busbench_measure::{Clock, Histogram, Load, Schedule, Spacing, Tick, pace};

const SECOND_NS: u64 = 1_000_000_000;

struct WakeLag(Histogram);

impl Load for WakeLag {
    fn tick(&mut self, tick: Tick, woken_ns: u64) {
        self.0
            .record(woken_ns.cast_signed() - tick.intended_ns.cast_signed());
    }

    fn retry(&mut self) -> bool {
        false
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench`; without it (`cargo test --benches`) a moment is enough.
    let seconds = if env::args().any(|argument| argument == "--bench") {
        10
    } else {
        1
    };
    let mut rates: Vec<f64> = env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    if rates.is_empty() {
        rates = vec![1e3, 1e4, 5e4];
    }
    for rate in rates {
        let clock = Clock::start();
        let start_ns = SECOND_NS / 10;
        let end_ns = start_ns + seconds * SECOND_NS;
        let schedule = Schedule::new(Spacing::Even, rate, 1, start_ns, end_ns, 1)?;
        let mut load = WakeLag(Histogram::new());
        let cpu_before_ns = thread_cpu_ns();
        let report = pace(&clock, schedule, &AtomicBool::new(false), &mut load);
        let core_share = (thread_cpu_ns() - cpu_before_ns) as f64 / clock.now_ns() as f64;
        let tell = |q: f64| {
            load.0
                .quantile(q)
                .map_or(String::new(), |ns| ns.to_string())
        };
        println!(
            "{rate} per second: {} ticks, wake lag p50 {} ns, p90 {} ns, p99 {} ns, p99.9 {} ns, \
             most {} ns, {:.0} % of a core",
            report.ticks,
            tell(0.5),
            tell(0.9),
            tell(0.99),
            tell(0.999),
            load.0.max_ns().unwrap_or(0),
            core_share * 100.0,
        );
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn thread_cpu_ns() -> u64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    used.tv_sec.cast_unsigned() * SECOND_NS + used.tv_nsec.cast_unsigned()
}

#[cfg(not(target_os = "linux"))]
fn thread_cpu_ns() -> u64 {
    0
}
