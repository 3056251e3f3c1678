//! What server, harness and machine used during the window.
//!
//! Everything is read by a thread of its own: `/proc` is read with blocking calls, and a worker of
//! the runtime that is blocked holds up messages that wait behind it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use std::{fs, thread};

use busbench_brokers::{CostReader, Level, Snapshot, Usage};
use busbench_measure::Clock;
use busbench_results::{CostSample, Isolation, MachineUse};
use tokio::sync::oneshot;

use super::Span;
use crate::host::cpu_time::CpuTime;

/// What was used during the window.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WindowCost {
    /// From the first reading to the second, in ns.
    pub(super) elapsed_ns: u64,
    pub(super) server: Option<Usage>,
    /// Whether the server's memory peak is this trial's, and not one of an earlier trial on it.
    pub(super) server_peak_is_its_own: bool,
    pub(super) client: Option<Usage>,
    pub(super) machine: MachineUse,
    /// Share of each side's own cores that was busy, where they have some.
    pub(super) own_busy: Option<OwnBusy>,
    /// At most four a second.
    pub(super) series: Vec<CostSample>,
}

/// Share of each side's own cores that was busy, whoever used them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OwnBusy {
    pub(super) server: Option<f64>,
    pub(super) client: Option<f64>,
}

/// Whose cost is read, and how often.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    pub(super) server: CostReader,
    /// Whether other trials have the same server.
    pub(super) shares_server: bool,
    pub(super) isolation: Option<Isolation>,
    /// Between two entries of the series.
    pub(super) sample_each: Duration,
}

impl Watched {
    /// Sets the server's memory peak back where another trial may have made it. Whether the next
    /// reading is this trial's: a fresh server's is anyway, its start included.
    fn forget_servers_peak(&self) -> bool {
        !self.shares_server || self.server.forget_peak()
    }
}

/// The thread that reads. Dropped, it ends without a result.
pub(super) struct Watch {
    cost: oneshot::Receiver<WindowCost>,
    /// Ends the thread's sleep when it is dropped.
    _stop: Sender<()>,
}

impl Watch {
    /// Starts the thread. One that cannot be started has no result.
    pub(super) fn start(clock: Clock, span: Span, watched: Watched) -> Self {
        let (answer, cost) = oneshot::channel();
        let (stop, stopped) = channel();
        let reading = Reader {
            clock,
            span,
            watched,
            client: CostReader::of_this_program(),
            stopped,
        };
        let _ = thread::Builder::new()
            .name("cost".to_owned())
            .spawn(move || {
                if let Some(cost) = reading.window() {
                    // Refused where nobody waits for it any more.
                    let _ = answer.send(cost);
                }
            });
        Self { cost, _stop: stop }
    }

    /// Waits for the end of the window, where that is not over, and the last reading.
    pub(super) async fn finish(self) -> Option<WindowCost> {
        self.cost.await.ok()
    }
}

struct Reader {
    clock: Clock,
    span: Span,
    watched: Watched,
    client: CostReader,
    stopped: Receiver<()>,
}

impl Reader {
    /// Reads at both ends of the window and between; `None` where it is stopped before.
    fn window(&self) -> Option<WindowCost> {
        // So that the harness's peak is this trial's. Where the kernel refuses, it is the program's.
        let _ = self.client.forget_peak();
        let server_peak_is_its_own = self.watched.forget_servers_peak();
        let Span {
            window_ns, end_ns, ..
        } = self.span;
        self.sleep_until(window_ns)?;
        let from_ns = self.clock.now_ns();
        let before = self.readings();
        let levels = self.levels();
        // A plan samples at most four times a second, and a trial ends within 73 minutes.
        let each_ns = u64::try_from(self.watched.sample_each.as_nanos()).unwrap_or(u64::MAX);
        let length_ns = self.span.length_ns();
        let samples = length_ns / each_ns.max(1);
        let mut series = Vec::with_capacity(usize::try_from(samples).unwrap_or(0));
        for sample in 1..=samples {
            let at_ns = sample * each_ns;
            if at_ns >= length_ns {
                break;
            }
            self.sleep_until(window_ns + at_ns)?;
            let at_ns = self.clock.now_ns().saturating_sub(window_ns);
            series.push(sampled(at_ns, self.levels(), levels));
        }
        self.sleep_until(end_ns)?;
        let elapsed_ns = self.clock.now_ns() - from_ns;
        let after = self.readings();
        let used = |after: Option<Snapshot>, before: Option<Snapshot>| Some(after?.since(&before?));
        Some(WindowCost {
            elapsed_ns,
            server: used(after.server, before.server),
            server_peak_is_its_own,
            client: used(after.client, before.client),
            machine: difference(after.machine, before.machine),
            own_busy: self.watched.isolation.is_some().then(|| OwnBusy {
                server: difference(after.server_cores, before.server_cores).busy,
                client: difference(after.client_cores, before.client_cores).busy,
            }),
            series,
        })
    }

    /// Sleeps until an instant of the clock; `None` where it is stopped.
    fn sleep_until(&self, instant_ns: u64) -> Option<()> {
        let left = Duration::from_nanos(instant_ns.saturating_sub(self.clock.now_ns()));
        match self.stopped.recv_timeout(left) {
            Err(RecvTimeoutError::Timeout) => Some(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    fn levels(&self) -> Levels {
        Levels {
            server: self.watched.server.level(),
            client: self.client.level(),
        }
    }

    fn readings(&self) -> Readings {
        let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
        let isolation = self.watched.isolation.as_ref();
        let cores =
            |cpus: &dyn Fn(&Isolation) -> Vec<u32>| CpuTime::of_cores(&stat, &cpus(isolation?));
        Readings {
            server: self.watched.server.read(),
            client: self.client.read(),
            machine: CpuTime::of_machine(&stat),
            server_cores: cores(&|isolation| isolation.server_cpus.clone()),
            client_cores: cores(&|isolation| isolation.generator_cpus.clone()),
        }
    }
}

struct Readings {
    server: Option<Snapshot>,
    client: Option<Snapshot>,
    machine: Option<CpuTime>,
    server_cores: Option<CpuTime>,
    client_cores: Option<CpuTime>,
}

#[derive(Debug, Clone, Copy)]
struct Levels {
    server: Option<Level>,
    client: Option<Level>,
}

fn sampled(at_ns: u64, now: Levels, before: Levels) -> CostSample {
    let used = |now: Option<Level>, before: Option<Level>| {
        Some(now?.cpu_ns.saturating_sub(before?.cpu_ns))
    };
    CostSample {
        at_ns,
        server_cpu_ns: used(now.server, before.server),
        server_rss_bytes: now.server.map(|level| level.rss_bytes),
        client_cpu_ns: used(now.client, before.client),
        client_rss_bytes: now.client.map(|level| level.rss_bytes),
    }
}

fn difference(after: Option<CpuTime>, before: Option<CpuTime>) -> MachineUse {
    after
        .zip(before)
        .map_or_else(MachineUse::default, |(after, before)| after.since(before))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use busbench_brokers::CostReader;
    use busbench_measure::Clock;
    use busbench_results::Isolation;

    use super::super::Span;
    use super::{Watch, Watched};

    const MILLISECOND: u64 = 1_000_000;

    fn span(window_ms: u64) -> Span {
        Span {
            start_ns: 0,
            window_ns: 10 * MILLISECOND,
            end_ns: (10 + window_ms) * MILLISECOND,
            drained_ns: (10 + window_ms) * MILLISECOND,
        }
    }

    fn watched(sample_each: Duration) -> Watched {
        Watched {
            server: CostReader::default(),
            shares_server: false,
            isolation: None,
            sample_each,
        }
    }

    #[tokio::test]
    async fn a_window_is_sampled_between_its_ends_and_adds_up() {
        let each = Duration::from_millis(50);
        let watch = Watch::start(Clock::start(), span(220), watched(each));
        let cost = watch.finish().await.unwrap();
        assert!(cost.elapsed_ns >= 200 * MILLISECOND, "{cost:?}");
        assert_eq!(cost.server, None);
        assert_eq!(cost.series.len(), 4, "{cost:?}");
        let total_ns = cost.client.unwrap().cpu_ns;
        for (number, sample) in (1..).zip(&cost.series) {
            assert!(sample.at_ns >= number * 50 * MILLISECOND, "{sample:?}");
            assert_eq!(sample.server_cpu_ns, None);
            assert!(sample.client_rss_bytes.unwrap() > 0);
            // Both are read from the same counters, the last after all samples; a tick apart.
            assert!(sample.client_cpu_ns.unwrap() <= total_ns + 10 * MILLISECOND);
        }
        // What a thread of another test used is gone from the threads' sum once it has ended.
        for pair in cost.series.windows(2) {
            let [before, now] = [&pair[0], &pair[1]].map(|sample| sample.client_cpu_ns.unwrap());
            assert!(now + 10 * MILLISECOND >= before, "{pair:?}");
        }
    }

    #[tokio::test]
    async fn a_time_between_samples_as_long_as_the_window_gives_none() {
        for each in [Duration::from_millis(100), Duration::MAX] {
            let watch = Watch::start(Clock::start(), span(100), watched(each));
            assert_eq!(watch.finish().await.unwrap().series, []);
        }
    }

    #[test]
    fn the_peak_of_a_shared_server_is_its_trials_only_where_it_was_set_back() {
        let check = |server: CostReader, shares_server, expected| {
            let watched = Watched {
                server,
                shares_server,
                ..watched(Duration::MAX)
            };
            assert_eq!(watched.forget_servers_peak(), expected);
        };
        check(CostReader::default(), false, true);
        check(CostReader::default(), true, false);
        let this = CostReader::of_this_program();
        check(this, true, cfg!(target_os = "linux"));
    }

    #[tokio::test]
    async fn own_cores_are_looked_at_by_themselves() {
        let watched = Watched {
            isolation: Some(Isolation {
                server_cpus: vec![0],
                generator_cpus: vec![9999],
            }),
            ..watched(Duration::MAX)
        };
        let cost = Watch::start(Clock::start(), span(300), watched).finish();
        let busy = cost.await.unwrap().own_busy.unwrap();
        assert!((0.0..=1.0).contains(&busy.server.unwrap()), "{busy:?}");
        assert_eq!(busy.client, None, "there is no such core");
    }

    #[tokio::test]
    async fn a_watch_that_is_dropped_ends_before_its_window() {
        let name = |thread: &u32| {
            let path = format!("/proc/self/task/{thread}/comm");
            std::fs::read_to_string(path).unwrap_or_default()
        };
        let watching = || {
            let threads = busbench_brokers::threads(std::process::id());
            threads
                .iter()
                .map(name)
                .filter(|name| name == "cost\n")
                .count()
        };
        let watch = Watch::start(Clock::start(), span(3_600_000), watched(Duration::MAX));
        drop(watch);
        let begun = Instant::now();
        while watching() > 0 {
            assert!(begun.elapsed() < Duration::from_secs(20), "it still sleeps");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
