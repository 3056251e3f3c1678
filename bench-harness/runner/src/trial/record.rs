//! From what was seen to what is written down.

use std::collections::BTreeMap;

use busbench_brokers::{BrokerError, Limit, Usage};
use busbench_measure::{Histogram, Ledger, Series};
use busbench_results::steadiness::Steadiness;
use busbench_results::{
    ClockDrift, Cost, Counts, LimitedBy, MachineUse, Metric, Outcome, PairCounts, ReasonKind,
    RecordedHistogram, SCHEMA_VERSION, Second, Throttling, Trial, Verdict,
};

use super::judge::{self, Emulators, Facts, OwnCores, judge};
use super::{Measured, Span, Task, TrialError};
use crate::error::chain;

/// Where a trial stands in its run.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) run: String,
    /// Number of the trial within its cell, from 1.
    pub(crate) number: u32,
    pub(crate) started_unix_ms: u64,
    pub(crate) emulators: Emulators,
    /// The last lines of the server's output, where the server died.
    pub(crate) server_died: Option<String>,
    /// The limit that it had used up the memory of, where the kernel killed it for that.
    pub(crate) server_out_of_memory: Option<Limit>,
    /// Why server and harness are not on cores of their own, where they were to be.
    pub(crate) not_pinned: Option<String>,
}

/// Writes a trial down: what was seen, or why nothing was.
pub(crate) fn record(
    task: &Task<'_>,
    place: &Place,
    measured: Result<Measured, TrialError>,
) -> Trial {
    match measured {
        Ok(measured) => measured.record(task, place),
        Err(error) => failed(task, place, &error),
    }
}

/// Writes down that a trial's server did not start.
pub(crate) fn not_started(task: &Task<'_>, place: &Place, error: &BrokerError) -> Trial {
    let mut trial = blank(task, place);
    trial.reasons = vec![ReasonKind::ServerNotStarted.with(chain(error))];
    trial.reasons.extend(place.emulators.reason());
    trial
}

fn blank(task: &Task<'_>, place: &Place) -> Trial {
    let span = Span::new(task.phases);
    Trial {
        schema_version: SCHEMA_VERSION,
        run: place.run.clone(),
        cell: task.cell.id.clone(),
        number: place.number,
        started_unix_ms: place.started_unix_ms,
        warmup_ns: span.window_ns - span.start_ns,
        window_ns: span.length_ns(),
        outcome: Outcome::Failed,
        limited_by: LimitedBy::Unknown,
        verdict: Verdict::Invalid,
        reasons: Vec::new(),
        counts: Counts::default(),
        pairs: Vec::new(),
        histograms: BTreeMap::new(),
        series: Vec::new(),
        server_cost: None,
        client_cost: None,
        cost_series: Vec::new(),
        machine: MachineUse::default(),
        steadiness: None,
        clock: None,
        server_counters: None,
        count_checks: Vec::new(),
        ack_window: None,
        client_dropped: 0,
        backlog_peak: 0,
        message_bytes: task.cell.message_bytes as u64,
        wire: None,
    }
}

/// There is nothing to judge: no message was measured.
fn failed(task: &Task<'_>, place: &Place, error: &TrialError) -> Trial {
    let mut trial = blank(task, place);
    let died = place.server_died.iter();
    let client_failed = ReasonKind::ClientFailed.with(chain(error));
    trial.reasons = match place.server_out_of_memory {
        Some(limit) => vec![client_failed, judge::server_out_of_memory(limit)],
        None => died
            .map(|last_words| judge::server_died(last_words))
            .chain([client_failed])
            .collect(),
    };
    trial.reasons.extend(place.emulators.reason());
    trial
}

impl Measured {
    fn record(self, task: &Task<'_>, place: &Place) -> Trial {
        let mut trial = blank(task, place);
        let histograms = self.histograms();
        trial.pairs = self.pairs();
        trial.counts = self.counts(&trial.pairs, subscribers(task));
        let series = self.series(Span::new(task.phases));
        trial.series = seconds(&series);
        trial.steadiness = steadiness(&series, trial.window_ns, task.cell.subscribers.get().into());
        trial.ack_window = self.ack_window;
        trial.client_dropped = self.received.iter().map(|received| received.dropped).sum();
        trial.backlog_peak = self
            .sent
            .iter()
            .map(|sent| sent.backlog_peak)
            .max()
            .unwrap_or(0);
        if let Some(cost) = &self.cost {
            trial.server_cost = cost.server.map(cost_of);
            if let Some(server) = trial.server_cost.as_mut()
                && !cost.server_peak_is_its_own
            {
                server.rss_peak_bytes = None;
            }
            trial.client_cost = cost.client.map(cost_of);
            trial.machine = cost.machine;
            trial.cost_series.clone_from(&cost.series);
        }
        trial.clock = self.clock.map(|drift| ClockDrift {
            elapsed_ns: drift.elapsed_ns,
            against_raw_ns: drift.against_raw_ns,
            suspended_ns: drift.suspended_ns,
        });
        trial.wire = self.wire.as_ref().and_then(|wire| wire.clone().ok());
        let reconciled = self.reconciled(task);
        if let Some(reconciled) = &reconciled {
            let counters = &reconciled.counters;
            if let Some(cost) = &mut trial.server_cost {
                cost.network_in_bytes = counters.bytes_in;
                cost.network_out_bytes = counters.bytes_out;
            }
            trial.server_counters = Some(counters.clone());
            trial.count_checks.clone_from(&reconciled.checks);
        }
        let unexplained = reconciled.map(|reconciled| reconciled.unexplained);
        let facts = self.facts(
            task,
            place,
            &trial,
            &histograms,
            unexplained.unwrap_or_default(),
        );
        let judgement = judge(&facts);
        trial.outcome = judgement.outcome;
        trial.limited_by = judgement.limited_by;
        trial.verdict = judgement.verdict;
        trial.reasons = judgement.reasons;
        trial.histograms = encode(&histograms, &mut trial);
        trial
    }

    fn histograms(&self) -> BTreeMap<Metric, Histogram> {
        let mut merged: BTreeMap<Metric, Histogram> = BTreeMap::new();
        let sent = self.sent.iter().flat_map(|sent| {
            [
                (Metric::WakeLag, &sent.wake_lag),
                (Metric::Blocked, &sent.blocked),
                (Metric::Ack, &sent.ack),
                (Metric::Encode, &sent.encode),
            ]
        });
        let received = self.received.iter().flat_map(|received| {
            [
                (Metric::Response, &received.response),
                (Metric::Service, &received.service),
                (Metric::Decode, &received.decode),
            ]
        });
        for (metric, histogram) in sent.chain(received) {
            if histogram.count() + histogram.negative() > 0 {
                merged.entry(metric).or_default().merge(histogram);
            }
        }
        merged
    }

    fn pairs(&self) -> Vec<PairCounts> {
        let mut pairs = Vec::new();
        for (subscriber, received) in (0..).zip(&self.received) {
            for ((publisher, pair), sent) in (0..).zip(received.ledger.pairs()).zip(&self.sent) {
                let seen = pair.window;
                pairs.push(PairCounts {
                    publisher,
                    subscriber,
                    expected: sent.published,
                    delivered: seen.delivered,
                    // More may be delivered than published: an acknowledgement can be lost.
                    lost: sent.published.saturating_sub(seen.delivered),
                    duplicated: seen.duplicated,
                    reordered: seen.reordered,
                    corrupt: seen.corrupt,
                });
            }
        }
        // What they should have had is lost; what waited for them came too late.
        for (subscriber, _) in (self.received.len()..).zip(&self.stalled) {
            // A stamp's bits bound publishers, and a scenario's key subscribers, to 16 bits.
            let subscriber = u32::try_from(subscriber).unwrap_or(u32::MAX);
            pairs.extend((0..).zip(&self.sent).map(|(publisher, sent)| PairCounts {
                publisher,
                subscriber,
                expected: sent.published,
                lost: sent.published,
                ..PairCounts::default()
            }));
        }
        pairs
    }

    fn counts(&self, pairs: &[PairCounts], subscribers: u64) -> Counts {
        let published = self.sent.iter().map(|sent| sent.published).sum();
        let sum = |count: fn(&PairCounts) -> u64| pairs.iter().map(count).sum();
        Counts {
            attempted: self.sent.iter().map(|sent| sent.attempted).sum(),
            published,
            expected: published * subscribers,
            delivered: sum(|pair| pair.delivered),
            in_time: self.received.iter().map(|received| received.in_time).sum(),
            arrived: Some(self.received.iter().map(|received| received.arrived).sum()),
            arrived_in_all: Some(self.arrived_in_all()),
            lost: sum(|pair| pair.lost),
            duplicated: sum(|pair| pair.duplicated),
            reordered: sum(|pair| pair.reordered),
            corrupt: sum(|pair| pair.corrupt),
            foreign: self
                .received
                .iter()
                .map(|received| received.ledger.foreign_count())
                .sum(),
            failed: self.sent.iter().map(|sent| sent.failed).sum(),
        }
    }

    fn arrived_in_all(&self) -> u64 {
        let ledgers = self.received.iter().map(|received| &received.ledger);
        let pairs = ledgers.flat_map(Ledger::pairs);
        pairs.map(|pair| pair.whole.delivered).sum()
    }

    /// What happened when, over all publishers and subscribers.
    fn series(&self, span: Span) -> Series {
        let mut all: Series = span.series();
        let sent = self.sent.iter().map(|sent| &sent.series);
        let received = self.received.iter().map(|received| &received.series);
        for series in sent.chain(received) {
            // All series of a trial are made from the same span, so they fit each other.
            let _ = all.merge(series);
        }
        all
    }

    fn facts(
        &self,
        task: &Task<'_>,
        place: &Place,
        trial: &Trial,
        histograms: &BTreeMap<Metric, Histogram>,
        unexplained: Vec<String>,
    ) -> Facts {
        let p99 = |metric| {
            histograms
                .get(&metric)
                .and_then(|found| found.quantile(0.99))
        };
        let client_error = self.sent.iter().find_map(|sent| sent.error.as_ref());
        Facts {
            load: task.cell.key.load,
            attempted: trial.counts.attempted,
            subscribers: subscribers(task),
            in_time: trial.counts.in_time,
            samples: histograms
                .get(&Metric::Response)
                .map_or(0, Histogram::count),
            lost: trial.counts.lost,
            corrupt: trial.counts.corrupt,
            failed: trial.counts.failed,
            foreign: trial.counts.foreign,
            wake_lag_p99_ns: p99(Metric::WakeLag),
            response_p99_ns: p99(Metric::Response),
            client_error: client_error.map(|error| chain(error)),
            subscriber_error: self.cut_off(),
            first_failure: self.sent.iter().find_map(|sent| sent.first_failure.clone()),
            reopened: self.sent.iter().map(|sent| sent.reopened).sum(),
            server_died: place.server_died.clone(),
            server_out_of_memory: place.server_out_of_memory,
            cpu_quota: task.cell.limit.cpus(),
            server_restarted: self.restarted(),
            emulators: place.emulators.clone(),
            not_pinned: place.not_pinned.clone(),
            own_cores: task.isolation.map(|isolation| {
                let busy = self.cost.as_ref().and_then(|cost| cost.own_busy);
                OwnCores::of(isolation, task.cell.bus, busy)
            }),
            elapsed_ns: self
                .cost
                .as_ref()
                .map_or(trial.window_ns, |cost| cost.elapsed_ns),
            server: trial.server_cost.clone(),
            client: trial.client_cost.clone(),
            machine_busy: trial.machine.busy,
            steal: trial.machine.steal,
            clock: trial.clock,
            has_server: task.cell.server().is_some() && task.server_cost.reads_something(),
            counters_unreadable: self.unreadable(place),
            unexplained,
            server_dropped: trial
                .server_counters
                .as_ref()
                .and_then(|counters| counters.dropped)
                .unwrap_or(0),
            client_dropped: trial.client_dropped,
            client_backlog: self.client_backlog(),
            wire_not_counted: self.wire.as_ref().and_then(|wire| wire.clone().err()),
            unsteady: trial.steadiness.as_ref().and_then(drift),
            backlog_grew: growth(
                trial,
                task.cell.key.offered_per_second,
                task.cell.subscribers.get().into(),
            ),
        }
    }
}

/// Subscribing connections, those that are not read included.
fn subscribers(task: &Task<'_>) -> u64 {
    u64::from(task.cell.subscribers.get()) + u64::from(task.client.stalled_subscribers)
}

/// One entry for each second, up to the last in which something happened.
fn seconds(series: &Series) -> Vec<Second> {
    let mut seconds: Vec<Second> = series
        .seconds()
        .iter()
        .map(|tally| Second {
            attempted: tally.attempted,
            published: tally.published,
            delivered: tally.delivered,
            response_max_ns: tally.response_max_ns,
        })
        .collect();
    while seconds.last() == Some(&Second::default()) {
        seconds.pop();
    }
    seconds
}

/// Of the window's whole tenths of a second.
fn steadiness(series: &Series, window_ns: u64, subscribers: u64) -> Option<Steadiness> {
    let whole = usize::try_from(window_ns / Series::BIN_NS).unwrap_or(usize::MAX);
    let bins = series.bins().get(..whole).unwrap_or_default();
    let attempted: Vec<u64> = bins.iter().map(|bin| bin.attempted * subscribers).collect();
    let delivered: Vec<u64> = bins.iter().map(|bin| bin.delivered).collect();
    Steadiness::of(&attempted, &delivered, Series::BIN_NS)
}

/// How the throughput drifted, where it was not steady.
fn drift(steadiness: &Steadiness) -> Option<String> {
    (!steadiness.is_steady()).then(|| {
        format!(
            "{:+.0} % over the window (p = {:.4})",
            steadiness.throughput_drift * 100.0,
            steadiness.drift_p
        )
    })
}

/// How the backlog of an open load grew, where it did. What is lost never arrives, so after a loss
/// nothing is known of it.
fn growth(trial: &Trial, offered_per_second: Option<f64>, subscribers: u64) -> Option<String> {
    let offered_per_second = offered_per_second? * subscribers as f64;
    let steadiness = trial.steadiness.filter(|_| trial.counts.lost == 0)?;
    steadiness.backlog_grows(offered_per_second).then(|| {
        format!(
            "by {:.0} messages per second, {} at its end",
            steadiness.backlog_growth_per_second, steadiness.backlog_end
        )
    })
}

fn encode(
    histograms: &BTreeMap<Metric, Histogram>,
    trial: &mut Trial,
) -> BTreeMap<Metric, RecordedHistogram> {
    let mut encoded = BTreeMap::new();
    for (metric, histogram) in histograms {
        match histogram.to_v2_deflate_base64() {
            Ok(v2_deflate_base64) => {
                let recorded = RecordedHistogram {
                    v2_deflate_base64,
                    count: histogram.count(),
                    zero: histogram.zero(),
                    negative: histogram.negative(),
                    overflow: histogram.overflow(),
                };
                encoded.insert(*metric, recorded);
            }
            Err(error) => {
                trial.verdict = Verdict::Invalid;
                trial
                    .reasons
                    .insert(0, ReasonKind::ClientFailed.with(chain(&error)));
            }
        }
    }
    encoded
}

fn cost_of(usage: Usage) -> Cost {
    Cost {
        cpu_ns: usage.cpu_ns,
        busiest_thread_cpu_ns: usage.busiest_thread_cpu_ns,
        rss_peak_bytes: Some(usage.rss_peak_bytes),
        voluntary_switches: usage.voluntary_switches,
        involuntary_switches: usage.involuntary_switches,
        disk_read_bytes: usage.disk_read_bytes,
        disk_written_bytes: usage.disk_written_bytes,
        network_in_bytes: None,
        network_out_bytes: None,
        cpu_source: usage.cpu_source.name().to_owned(),
        throttling: usage.throttling.map(|throttling| Throttling {
            periods: throttling.periods,
            throttled_periods: throttling.throttled_periods,
            throttled_ns: throttling.throttled_ns,
        }),
    }
}
