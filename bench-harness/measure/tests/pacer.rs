//! The pacer in real time. What is asserted of lateness is lenient, as these tests share their
//! machine with others; `cargo bench -p busbench-measure --bench wake_lag` measures it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests, which Clippy does not see as tests"
)]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use busbench_measure::{Clock, Histogram, Load, PacerReport, Schedule, Spacing, Tick, pace};

const MILLISECOND_NS: u64 = 1_000_000;
const SECOND_NS: u64 = 1_000 * MILLISECOND_NS;
/// How late a busy machine may be without a test's failing.
const NOISE_NS: u64 = 200 * MILLISECOND_NS;

/// One test at a time: they would make each other late.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps what it is told, and does something at each tick.
struct Recording<F> {
    ticks: Vec<(Tick, u64)>,
    at_tick: F,
}

impl<F: FnMut(usize)> Recording<F> {
    fn new(at_tick: F) -> Self {
        Self {
            ticks: Vec::new(),
            at_tick,
        }
    }

    fn lags_ns(&self) -> Vec<u64> {
        let lag_ns = |(tick, woken_ns): &(Tick, u64)| woken_ns.checked_sub(tick.intended_ns);
        self.ticks
            .iter()
            .map(|entry| lag_ns(entry).expect("no tick comes early"))
            .collect()
    }
}

impl<F: FnMut(usize)> Load for Recording<F> {
    fn tick(&mut self, tick: Tick, woken_ns: u64) {
        self.ticks.push((tick, woken_ns));
        (self.at_tick)(self.ticks.len());
    }

    fn retry(&mut self) -> bool {
        false
    }
}

/// A schedule that starts 10 ms from now, and its clock.
fn soon(total_per_second: f64, publishers: u16, length_ns: u64) -> (Clock, Schedule) {
    let start_ns = 10 * MILLISECOND_NS;
    let end_ns = start_ns + length_ns;
    let schedule = Schedule::new(
        Spacing::Even,
        total_per_second,
        publishers,
        start_ns,
        end_ns,
        1,
    )
    .unwrap();
    (Clock::start(), schedule)
}

fn all_told(ticks: u64) -> PacerReport {
    PacerReport {
        ticks,
        stopped_early: false,
        left_over: false,
        precise_sleep: cfg!(target_os = "linux"),
    }
}

#[test]
fn every_tick_of_ten_thousand_a_second_is_told_once_in_order_and_none_early() {
    let _alone = alone();
    let (clock, schedule) = soon(10_000.0, 3, SECOND_NS);
    let expected: Vec<Tick> = schedule.clone().collect();
    let mut load = Recording::new(|_| {});
    let report = pace(&clock, schedule, &AtomicBool::new(false), &mut load);

    assert_eq!(report, all_told(10_000));
    let told: Vec<Tick> = load.ticks.iter().map(|(tick, _)| *tick).collect();
    assert_eq!(told, expected);
    let mut lag = Histogram::new();
    for lag_ns in load.lags_ns() {
        lag.record(lag_ns.try_into().unwrap());
    }
    let (median_ns, p99_ns) = (lag.quantile(0.5).unwrap(), lag.quantile(0.99).unwrap());
    println!(
        "wake lag: p50 {median_ns} ns, p99 {p99_ns} ns, most {:?}",
        lag.max_ns()
    );
    assert!(median_ns < 5 * MILLISECOND_NS, "p50 is {median_ns} ns");
}

#[test]
fn after_a_stall_each_tick_is_late_by_the_schedule_and_none_is_skipped() {
    const STALL_NS: u64 = 300 * MILLISECOND_NS;
    const STALLED: usize = 100;
    let _alone = alone();
    let (clock, schedule) = soon(1000.0, 1, SECOND_NS);
    let mut load = Recording::new(|ticks| {
        if ticks == STALLED {
            thread::sleep(Duration::from_nanos(STALL_NS));
        }
    });
    let report = pace(&clock, schedule, &AtomicBool::new(false), &mut load);

    assert_eq!(report, all_told(1000));
    let lags_ns = load.lags_ns();
    // 300 ticks were due in the stall: late evenly from 300 ms down to 0, not one by 300 ms.
    for after in 1..=300 {
        let due_ns = after as u64 * MILLISECOND_NS;
        let least_ns = lags_ns[STALLED - 1] + STALL_NS - due_ns;
        let found_ns = lags_ns[STALLED - 1 + after];
        assert!(
            (least_ns..least_ns + NOISE_NS).contains(&found_ns),
            "{after} ticks after the stall: {found_ns} ns late, {least_ns} by the schedule"
        );
    }
    let last_ns = *lags_ns.last().unwrap();
    assert!(last_ns < NOISE_NS, "the last tick is {last_ns} ns late");
}

#[test]
fn a_stop_ends_a_long_wait() {
    let _alone = alone();
    let stop = AtomicBool::new(false);
    // Most of 1000 s pass before the first tick.
    let (clock, schedule) = soon(0.001, 1, 2_000 * SECOND_NS);
    assert!(schedule.clone().all(|tick| tick.intended_ns > SECOND_NS));
    let mut load = Recording::new(|_| {});
    let (report, returned_ns) = thread::scope(|scope| {
        let pacer = scope.spawn(|| {
            let report = pace(&clock, schedule, &stop, &mut load);
            (report, clock.now_ns())
        });
        thread::sleep(Duration::from_millis(20));
        stop.store(true, Ordering::Relaxed);
        pacer.join().unwrap()
    });
    assert!(report.stopped_early && !report.left_over);
    assert_eq!(report.ticks, 0);
    let most_ns = 70 * MILLISECOND_NS + NOISE_NS;
    assert!(returned_ns < most_ns, "returned after {returned_ns} ns");
}

#[test]
fn a_stop_ends_the_catching_up_after_a_stall() {
    let _alone = alone();
    let stop = AtomicBool::new(false);
    let (clock, schedule) = soon(1000.0, 1, SECOND_NS);
    let mut load = Recording::new(|_| {
        thread::sleep(Duration::from_millis(50));
        stop.store(true, Ordering::Relaxed);
    });
    let report = pace(&clock, schedule, &stop, &mut load);
    assert!(report.stopped_early);
    assert_eq!(report.ticks, 1);
}

/// A client that takes nothing until an instant.
struct Refusing {
    clock: Clock,
    until_ns: u64,
    waiting: VecDeque<Tick>,
    taken: Vec<Tick>,
    retried_at_ns: Vec<u64>,
}

impl Refusing {
    fn new(clock: Clock, until_ns: u64) -> Self {
        Self {
            clock,
            until_ns,
            waiting: VecDeque::new(),
            taken: Vec::new(),
            retried_at_ns: Vec::new(),
        }
    }
}

impl Load for Refusing {
    fn tick(&mut self, tick: Tick, _woken_ns: u64) {
        self.waiting.push_back(tick);
    }

    fn retry(&mut self) -> bool {
        let now_ns = self.clock.now_ns();
        self.retried_at_ns.push(now_ns);
        if now_ns >= self.until_ns {
            self.taken.extend(self.waiting.drain(..));
        }
        !self.waiting.is_empty()
    }
}

#[test]
fn what_is_refused_is_tried_again_between_ticks_and_after_the_last() {
    let _alone = alone();
    let (clock, schedule) = soon(100.0, 1, SECOND_NS / 10);
    let expected: Vec<Tick> = schedule.clone().collect();
    let last_ns = expected.last().unwrap().intended_ns;
    let mut load = Refusing::new(clock, last_ns + 20 * MILLISECOND_NS);
    let report = pace(&clock, schedule, &AtomicBool::new(false), &mut load);

    assert_eq!(report, all_told(10));
    assert_eq!(load.taken, expected);
    // 90 ms between the first tick and the last, and 20 ms after, at one try each 50 us and the time
    // to wake: about 1200 and 250.
    let (between, after): (Vec<u64>, Vec<u64>) = load
        .retried_at_ns
        .iter()
        .partition(|at_ns| **at_ns < last_ns);
    assert!(
        (30..2_000).contains(&between.len()),
        "{} tries",
        between.len()
    );
    assert!(
        (3..2_000).contains(&after.len()),
        "{} tries after",
        after.len()
    );
}

#[test]
fn nothing_is_tried_again_while_nothing_is_left() {
    let _alone = alone();
    let (clock, schedule) = soon(100.0, 1, SECOND_NS / 10);
    let mut load = Refusing::new(clock, 0);
    assert_eq!(
        pace(&clock, schedule, &AtomicBool::new(false), &mut load),
        all_told(10)
    );
    assert_eq!(load.retried_at_ns.len(), 10);
}

#[test]
fn a_stop_leaves_over_what_a_client_never_takes() {
    let _alone = alone();
    let stop = AtomicBool::new(false);
    let (clock, schedule) = soon(1000.0, 1, 10 * MILLISECOND_NS);
    let mut load = Refusing::new(clock, u64::MAX);
    let report = thread::scope(|scope| {
        let pacer = scope.spawn(|| pace(&clock, schedule, &stop, &mut load));
        thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::Relaxed);
        pacer.join().unwrap()
    });
    let expected = PacerReport {
        left_over: true,
        ..all_told(10)
    };
    assert_eq!(report, expected);
    assert_eq!(load.waiting.len(), 10);
}
