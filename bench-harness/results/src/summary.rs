//! From the trials of a run to one [`Row`] for each cell.

mod row;

pub use row::{CellOutcome, KEY_COLUMNS, Row};

use crate::parallel;
use crate::statistics::{geometric_mean, interval_of_pooled};
use crate::{
    Cell, CellState, Counts, Distribution, LimitedBy, Load, Metric, Run, ServerRecord, Trial,
    Verdict, WireBytes,
};

/// One row for each cell, in the plan's order. Invalid trials are never pooled.
#[must_use]
pub fn summarise(run: &Run) -> Vec<Row> {
    parallel::map(&run.record.cells, |cell| {
        row(run, cell, run.trials_of(cell))
    })
}

impl Run {
    /// Finished trials of a cell, in order of their number, invalid ones included.
    #[must_use]
    pub fn trials_of(&self, cell: &Cell) -> &[Trial] {
        self.trials.get(&cell.id).map_or(&[], Vec::as_slice)
    }

    /// The trials of a cell that its figures rest on: valid and suspect ones.
    #[must_use]
    pub fn pooled_trials(&self, cell: &Cell) -> Vec<&Trial> {
        pooled(self.trials_of(cell))
    }
}

fn pooled(finished: &[Trial]) -> Vec<&Trial> {
    finished
        .iter()
        .filter(|trial| trial.verdict != Verdict::Invalid)
        .collect()
}

fn row(run: &Run, cell: &Cell, finished: &[Trial]) -> Row {
    let mut row = key_columns(run, cell);
    row.outcome = outcome(cell, finished);
    row.verdict = verdict(finished);
    let mut reasons = reasons(cell, finished);
    let pooled = pooled(finished);
    if !pooled.is_empty() {
        row.trials = u32::try_from(pooled.len()).unwrap_or(u32::MAX);
        row.limited_by = Some(limited_by(&pooled));
        fill_rates(&mut row, &pooled);
        fill_counts(&mut row, &pooled);
        fill_times(&mut row, &pooled, &mut reasons);
        fill_costs(&mut row, &pooled);
        let server = cell
            .server
            .as_ref()
            .and_then(|id| run.record.servers.get(id));
        let cpus = server.and_then(|server| server.limit?.cpus);
        row.server_cpu_limit_used_share = cpus.and_then(|cpus| share_of_limit(&pooled, cpus));
    }
    // What a message costs on the wire does not depend on how the trial went.
    fill_wire(&mut row, finished);
    row.reasons = reasons.join("; ");
    row
}

/// A row with its key columns filled and its figures empty.
fn key_columns(run: &Run, cell: &Cell) -> Row {
    let record = &run.record;
    let key = cell.key.clone();
    let server: Option<&ServerRecord> = cell.server.as_ref().and_then(|id| record.servers.get(id));
    Row {
        run: record.run.clone(),
        host: record.host.name.clone(),
        arch: record.host.arch.clone(),
        emulated: record.emulates(cell),
        scenario: record.scenario.name.clone(),
        bus: key.bus,
        server_version: server.map(|server| server.version.clone()),
        provider: record.provider.clone(),
        network_path: server.map(|server| server.network_path.clone()),
        tuning: key.tuning,
        envelope: key.envelope,
        depth: key.depth,
        client: key.client,
        workload: key.workload,
        load: key.load,
        publish: key.publish,
        subscribe: key.subscribe,
        ack_window: key.ack_window,
        window: key.window,
        qos: key.qos,
        storage: key.storage,
        sync: key.sync,
        retention: key.retention,
        payload: key.payload,
        payload_bytes: key.payload_bytes,
        publishers: key.publishers,
        subscribers: key.subscribers,
        offered_per_second: key.offered_per_second,
        arrivals: key.arrivals,
        servers: server.map(|_| record.scenario.servers.name().to_owned()),
        limit: key.limit,
        guarantee: cell.guarantee.map(|guarantee| guarantee.to_string()),
        ..Row::default()
    }
}

fn outcome(cell: &Cell, finished: &[Trial]) -> CellOutcome {
    if let CellState::NotPossible(_) = cell.state {
        return CellOutcome::NotPossible;
    }
    finished
        .iter()
        .map(|trial| trial.outcome)
        .max()
        .map_or(CellOutcome::NotRun, CellOutcome::from)
}

fn verdict(finished: &[Trial]) -> Option<Verdict> {
    let worst = finished.iter().map(|trial| trial.verdict).max()?;
    let best = finished.iter().map(|trial| trial.verdict).min()?;
    Some(if worst == Verdict::Invalid && best != Verdict::Invalid {
        Verdict::Suspect
    } else {
        worst
    })
}

/// Each reason once, in the order of the trials; those of invalid trials say which.
fn reasons(cell: &Cell, finished: &[Trial]) -> Vec<String> {
    if let CellState::NotPossible(why) = &cell.state {
        return vec![why.clone()];
    }
    // A reason of invalid trials with their numbers; without numbers, one of pooled trials.
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for trial in finished {
        let invalid = trial.verdict == Verdict::Invalid;
        let unexplained =
            (invalid && trial.reasons.is_empty()).then(|| "no reason was given".to_owned());
        let told = trial.reasons.iter().map(ToString::to_string);
        for reason in told.chain(unexplained) {
            let known = reasons
                .iter_mut()
                .find(|(text, numbers)| *text == reason && numbers.is_empty() != invalid);
            match known {
                Some((_, numbers)) if invalid => numbers.push(trial.number.to_string()),
                Some(_) => {}
                None if invalid => reasons.push((reason, vec![trial.number.to_string()])),
                None => reasons.push((reason, Vec::new())),
            }
        }
    }
    reasons
        .into_iter()
        .map(|(reason, numbers)| match numbers.as_slice() {
            [] => reason,
            [one] => format!("trial {one} invalid: {reason}"),
            several => format!("trials {} invalid: {reason}", several.join(", ")),
        })
        .collect()
}

/// Of the trials with the worst outcome, as that is the cell's.
fn limited_by(pooled: &[&Trial]) -> LimitedBy {
    let worst = pooled.iter().map(|trial| trial.outcome).max();
    let of_it = pooled.iter().filter(|trial| Some(trial.outcome) == worst);
    let pooled: Vec<_> = of_it.collect();
    pooled
        .iter()
        .map(|trial| trial.limited_by)
        .find(|&limit| {
            let agreeing = pooled.iter().filter(|trial| trial.limited_by == limit);
            agreeing.count() * 2 > pooled.len()
        })
        .unwrap_or(LimitedBy::Unknown)
}

fn fill_rates(row: &mut Row, pooled: &[&Trial]) {
    let rates: Vec<f64> = pooled
        .iter()
        .filter(|trial| trial.window_ns > 0)
        .map(|trial| trial.delivered_per_second())
        .collect();
    let Some(rate) = geometric_mean(&rates) else {
        return;
    };
    row.delivered_per_second = Some(to_thousandths(rate.value));
    row.delivered_per_second_low = rate.interval.map(|interval| to_thousandths(interval.low));
    row.delivered_per_second_high = rate.interval.map(|interval| to_thousandths(interval.high));
}

/// Keeps the last bits of logarithms out of the exports.
fn to_thousandths(figure: f64) -> f64 {
    (figure * 1_000.0).round() / 1_000.0
}

fn fill_counts(row: &mut Row, pooled: &[&Trial]) {
    let sum = |count: fn(&Counts) -> u64| {
        Some(pooled.iter().map(|trial| count(&trial.counts)).sum::<u64>())
    };
    row.attempted = sum(|counts| counts.attempted);
    row.published = sum(|counts| counts.published);
    row.expected = sum(|counts| counts.expected);
    row.delivered = sum(|counts| counts.delivered);
    row.lost = sum(|counts| counts.lost);
    row.duplicated = sum(|counts| counts.duplicated);
    row.reordered = sum(|counts| counts.reordered);
    row.corrupt = sum(|counts| counts.corrupt);
    row.foreign = sum(|counts| counts.foreign);
    row.client_dropped = Some(pooled.iter().map(|trial| trial.client_dropped).sum());
}

fn fill_times(row: &mut Row, pooled: &[&Trial], reasons: &mut Vec<String>) {
    let mut distribution = |metric| match Distribution::pool(pooled.iter().copied(), metric) {
        Ok(distribution) => distribution,
        Err(error) => {
            reasons.push(format!("histogram {} unreadable: {error}", metric.name()));
            None
        }
    };
    if let Some(wake_lag) = distribution(Metric::WakeLag) {
        row.wake_lag_p50_ns = wake_lag.quantile_ns(0.5);
        row.wake_lag_p99_ns = wake_lag.quantile_ns(0.99);
    }
    let mut p99 = |metric| distribution(metric)?.quantile_ns(0.99);
    row.service_p99_ns = p99(Metric::Service);
    row.blocked_p99_ns = p99(Metric::Blocked);
    row.ack_p99_ns = p99(Metric::Ack);
    let mut p50 = |metric| distribution(metric)?.quantile_ns(0.5);
    row.encode_p50_ns = p50(Metric::Encode);
    row.decode_p50_ns = p50(Metric::Decode);
    if row.load == Load::Closed || !pooled.iter().all(|trial| trial.carried_its_load()) {
        return;
    }
    let Some(response) = distribution(Metric::Response) else {
        return;
    };
    row.response_p50_ns = response.quantile_ns(0.5);
    row.response_p90_ns = response.quantile_ns(0.9);
    row.response_p99_ns = response.quantile_ns(0.99);
    row.response_p99_9_ns = response.quantile_ns(0.999);
    row.response_max_ns = response.max_ns();
    let interval = row
        .response_p99_ns
        .and_then(|p99| interval_of_pooled(p99 as f64, &response_p99_of_each(pooled)?));
    row.response_p99_low_ns = interval.map(|interval| whole(interval.low));
    row.response_p99_high_ns = interval.map(|interval| whole(interval.high));
}

/// `None` where a trial alone has too few samples for its own.
fn response_p99_of_each(pooled: &[&Trial]) -> Option<Vec<f64>> {
    pooled
        .iter()
        .map(|trial| {
            let recorded = trial.histograms.get(&Metric::Response)?;
            let p99 = Distribution::of(recorded).ok()?.quantile_ns(0.99)?;
            Some(p99 as f64)
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a duration in ns: positive, and the cast saturates"
)]
pub(crate) fn whole(nanoseconds: f64) -> u64 {
    nanoseconds.round() as u64
}

/// What was used is divided by what arrived meanwhile, over those trials only in which it could be
/// read.
fn fill_costs(row: &mut Row, pooled: &[&Trial]) {
    let ratio = |both: fn(&Trial) -> Option<(u64, u64)>| {
        let (used, arrived) = pooled
            .iter()
            .filter_map(|trial| both(trial))
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        (arrived > 0).then(|| to_thousandths(used as f64 / arrived as f64))
    };
    let peak = |peak: fn(&Trial) -> Option<u64>| pooled.iter().copied().filter_map(peak).max();
    row.server_cpu_ns_per_message =
        ratio(|trial| Some((trial.server_cost.as_ref()?.cpu_ns, trial.arrived())));
    row.client_cpu_ns_per_message =
        ratio(|trial| Some((trial.client_cost.as_ref()?.cpu_ns, trial.arrived())));
    row.server_context_switches_per_message =
        ratio(|trial| Some((trial.server_cost.as_ref()?.switches()?, trial.arrived())));
    row.client_context_switches_per_message =
        ratio(|trial| Some((trial.client_cost.as_ref()?.switches()?, trial.arrived())));
    row.server_disk_written_bytes_per_message = ratio(|trial| {
        Some((
            trial.server_cost.as_ref()?.disk_written_bytes?,
            trial.arrived(),
        ))
    });
    row.server_network_bytes_per_message = ratio(|trial| {
        let bytes = trial.server_cost.as_ref()?.network_bytes()?;
        Some((bytes, trial.counts.arrived_in_all?))
    });
    row.server_rss_peak_bytes = peak(|trial| trial.server_cost.as_ref()?.rss_peak_bytes);
    row.client_rss_peak_bytes = peak(|trial| trial.client_cost.as_ref()?.rss_peak_bytes);
}

/// What the servers used, by what a limit of so many CPUs allowed over the windows in which that could be
/// read.
fn share_of_limit(pooled: &[&Trial], cpus: f64) -> Option<f64> {
    let (used_ns, window_ns) = pooled
        .iter()
        .filter_map(|trial| Some((trial.server_cost.as_ref()?.cpu_ns, trial.window_ns)))
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let allowed_ns = cpus * window_ns as f64;
    (allowed_ns > 0.0).then(|| to_thousandths(used_ns as f64 / allowed_ns))
}

/// Over those trials only in which it was counted.
fn fill_wire(row: &mut Row, finished: &[Trial]) {
    let counted: Vec<&WireBytes> = finished
        .iter()
        .filter_map(|trial| trial.wire.as_ref())
        .collect();
    let mean = |bytes: fn(&WireBytes) -> u64| {
        let sum: u64 = counted.iter().map(|wire| bytes(wire)).sum();
        (!counted.is_empty()).then(|| to_thousandths(sum as f64 / counted.len() as f64))
    };
    row.wire_bytes_per_message = mean(WireBytes::publish_bytes);
    row.wire_payload_bytes = mean(|wire| wire.payload_bytes);
    row.wire_envelope_bytes = mean(|wire| wire.envelope_bytes);
    row.wire_topic_bytes = mean(|wire| wire.topic_bytes);
    row.wire_protocol_bytes = mean(|wire| wire.protocol_bytes);
    row.wire_publish_ack_bytes = mean(|wire| wire.publish_ack_bytes);
    row.wire_delivery_bytes = mean(|wire| wire.delivery_bytes);
    row.wire_delivery_ack_bytes = mean(|wire| wire.delivery_ack_bytes);
}
