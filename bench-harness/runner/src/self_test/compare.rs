//! What was reported against what the bus did: counts exactly, times within their brackets.

use busbench_measure::Histogram;
use busbench_results::{Metric, PairCounts, Trial};

use super::check::{Claim, CountCheck, TOLERANCE_NS, TimeCheck};
use super::truth::{Samples, Truth};

/// A histogram of 3 significant digits tells a value to a thousandth.
const PRECISION: i64 = 1000;
/// Half of the brackets are at most this wide, in ns: the log is a sharp witness.
const BRACKETS_AT_MOST_NS: i64 = 10_000;

/// Every count. `attempted`: messages of the window that the schedule called for.
pub(super) fn counts(truth: &Truth, attempted: u64, trial: &Trial) -> Vec<CountCheck> {
    let (expected, reported) = (truth.counts, trial.counts);
    let mut checks = Vec::new();
    let mut check = |count: String, expected, reported| {
        checks.push(CountCheck {
            count,
            expected,
            reported,
        });
    };
    for (count, expected, reported) in [
        ("attempted", attempted, reported.attempted),
        ("published", expected.published, reported.published),
        ("expected", expected.expected, reported.expected),
        ("delivered", expected.delivered, reported.delivered),
        ("lost", expected.lost, reported.lost),
        ("duplicated", expected.duplicated, reported.duplicated),
        ("reordered", expected.reordered, reported.reordered),
        ("corrupt", expected.corrupt, reported.corrupt),
        ("foreign", expected.foreign, reported.foreign),
        ("failed", 0, reported.failed),
        (
            "publisher x subscriber",
            truth.pairs.len() as u64,
            trial.pairs.len() as u64,
        ),
    ] {
        check(count.to_owned(), expected, reported);
    }
    for expected in &truth.pairs {
        let is_same = |pair: &&PairCounts| {
            (pair.publisher, pair.subscriber) == (expected.publisher, expected.subscriber)
        };
        let reported = trial
            .pairs
            .iter()
            .find(is_same)
            .copied()
            .unwrap_or_default();
        for (count, expected_count, reported) in [
            ("expected", expected.expected, reported.expected),
            ("delivered", expected.delivered, reported.delivered),
            ("lost", expected.lost, reported.lost),
            ("duplicated", expected.duplicated, reported.duplicated),
            ("reordered", expected.reordered, reported.reordered),
            ("corrupt", expected.corrupt, reported.corrupt),
        ] {
            let (publisher, subscriber) = (expected.publisher, expected.subscriber);
            let name = format!("publisher {publisher} at subscriber {subscriber}, {count}");
            check(name, expected_count, reported);
        }
    }
    checks
}

/// Every time. `wake_lag`: what it was; `None` where the bus does not know it of all messages.
pub(super) fn times(
    truth: &Truth,
    wake_lag: Option<&Samples>,
    trial: &Trial,
) -> (Vec<TimeCheck>, Vec<Claim>) {
    let mut checks = Vec::new();
    let mut claims = vec![in_time(truth, trial), sharpness(&truth.response)];
    let nothing = Samples::default();
    for (metric, samples) in [
        (Metric::Response, Some(&truth.response)),
        (Metric::Service, Some(&truth.service)),
        (Metric::Blocked, Some(&truth.blocked)),
        (Metric::WakeLag, wake_lag),
        (Metric::Encode, Some(&truth.encode)),
        (Metric::Decode, Some(&truth.decode)),
        (Metric::Ack, Some(&nothing)),
    ] {
        let Some(samples) = samples else { continue };
        let histogram = reported(trial, metric);
        claims.push(sample_count(metric, samples, &histogram));
        checks.extend(percentiles(metric, samples, &histogram));
    }
    (checks, claims)
}

fn in_time(truth: &Truth, trial: &Trial) -> Claim {
    let (least, most) = truth.in_time;
    let reported = trial.counts.in_time;
    let claim = format!("{least} to {most} deliveries were in time");
    Claim::new(
        claim,
        format!("{reported} reported"),
        (least..=most).contains(&reported),
    )
}

fn sharpness(samples: &Samples) -> Claim {
    let mut widths: Vec<i64> = samples
        .high
        .iter()
        .zip(&samples.low)
        .map(|(high, low)| high - low)
        .collect();
    widths.sort_unstable();
    let median = widths.get(widths.len() / 2).copied().unwrap_or_default();
    let claim = format!("the log tells response time to {BRACKETS_AT_MOST_NS} ns in the median");
    Claim::new(claim, format!("{median} ns"), median <= BRACKETS_AT_MOST_NS)
}

/// What was reported of a metric; empty where there is nothing. One that cannot be read is as good
/// as none: its samples are missed.
fn reported(trial: &Trial, metric: Metric) -> Histogram {
    let recorded = trial.histograms.get(&metric);
    let read = recorded.and_then(|recorded| {
        Histogram::from_v2_deflate_base64(
            &recorded.v2_deflate_base64,
            recorded.negative,
            recorded.overflow,
        )
        .ok()
        .filter(|histogram| histogram.count() == recorded.count)
    });
    read.unwrap_or_default()
}

fn sample_count(metric: Metric, samples: &Samples, histogram: &Histogram) -> Claim {
    let claim = format!(
        "{} has {} samples, none negative",
        metric.name(),
        samples.len()
    );
    let (count, negative) = (histogram.count(), histogram.negative());
    let holds = count == samples.len() as u64 && negative == 0;
    Claim::new(claim, format!("{count}, and {negative} negative"), holds)
}

/// p1 to p99 and the largest sample.
fn percentiles(metric: Metric, samples: &Samples, histogram: &Histogram) -> Vec<TimeCheck> {
    let count = samples.len();
    let mut checks = Vec::new();
    for percent in 1..=99 {
        // The rank of a percentile, from 1. It is asked for in the middle of its step, where no
        // rounding of a quotient can lead to its neighbour.
        let rank = (count * percent).div_ceil(100);
        let quantile = (rank as f64 - 0.5) / count as f64;
        if rank <= 10 || count - rank < 10 {
            // Not told with so few samples beyond it.
            continue;
        }
        let told = histogram.quantile(quantile);
        checks.extend(check(
            metric,
            format!("p{percent}"),
            samples,
            rank - 1,
            told,
        ));
    }
    if count > 0 {
        let largest = histogram.max_ns();
        checks.extend(check(metric, "max".to_owned(), samples, count - 1, largest));
    }
    checks
}

fn check(
    metric: Metric,
    percentile: String,
    samples: &Samples,
    index: usize,
    reported_ns: Option<u64>,
) -> Option<TimeCheck> {
    let (low_ns, high_ns) = (*samples.low.get(index)?, *samples.high.get(index)?);
    let tolerance = |ns: i64| ns.abs() / PRECISION + TOLERANCE_NS;
    let bracket = low_ns - tolerance(low_ns)..=high_ns + tolerance(high_ns);
    Some(TimeCheck {
        metric,
        percentile,
        low_ns,
        high_ns,
        reported_ns,
        holds: reported_ns.is_some_and(|ns| bracket.contains(&ns.cast_signed())),
    })
}
