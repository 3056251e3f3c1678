//! The shape of a stall: late messages spread evenly from its length down to nothing, because they
//! are timed from the schedule.

use std::time::Duration;

use busbench_buses::Stalled;
use busbench_results::{Metric, Trial};

use super::cases::{Case, SUBSCRIBERS};
use super::check::Claim;
use super::truth::Truth;

/// How many more or fewer than expected may be late by more than some time, as a share of all that
/// came during the stall. What was held is delivered in a burst, which takes a little time too.
const TOLERATED: f64 = 0.1;

/// That a stall shows in full in what was reported.
pub(super) fn stall(case: &Case, truth: &Truth, trial: &Trial) -> Vec<Claim> {
    let (Some(stall), Some(period)) = (case.injection.stall, case.period()) else {
        return Vec::new();
    };
    let publishers = truth.schedule.len() as f64;
    // Deliveries that were due for each nanosecond of the stall.
    let per_ns = f64::from(SUBSCRIBERS) * publishers / period.as_nanos() as f64;
    let longest = truth.response.low.last().copied().unwrap_or_default();
    let longest_ns = u64::try_from(longest).unwrap_or_default();
    let lasted = Duration::from_nanos(longest_ns);
    let mut claims = vec![Claim::new(
        format!("the longest response is the stall of {:?}", stall.lasts),
        format!("{lasted:?}"),
        lasted + period >= stall.lasts,
    )];
    claims.push(even(Metric::Response, trial, longest_ns, per_ns));
    if stall.what == Stalled::Caller {
        // The harness itself was late: that is wake lag, and no fault of the bus.
        claims.push(even(
            Metric::WakeLag,
            trial,
            longest_ns,
            per_ns / f64::from(SUBSCRIBERS),
        ));
        let few = Expected {
            late: 2.0 * f64::from(SUBSCRIBERS),
            within: 0.02 * truth.response.len() as f64,
        };
        claims.push(late(Metric::Service, trial, longest_ns / 2, few));
    } else {
        claims.push(even(Metric::Service, trial, longest_ns, per_ns));
        let none = Expected {
            late: 0.0,
            within: 0.01 * truth.wake_lag.len() as f64,
        };
        claims.push(late(Metric::WakeLag, trial, longest_ns / 10, none));
    }
    claims
}

/// How many samples must be above some value.
#[derive(Debug, Clone, Copy)]
struct Expected {
    late: f64,
    within: f64,
}

/// That at each tenth of the longest time as many samples are above it as came within the rest.
fn even(metric: Metric, trial: &Trial, longest_ns: u64, per_ns: f64) -> Claim {
    let all = longest_ns as f64 * per_ns;
    let tenths: Vec<Claim> = (1..10)
        .map(|tenth| {
            let above_ns = longest_ns / 10 * tenth;
            let late_count = (longest_ns - above_ns) as f64 * per_ns;
            let expected = Expected {
                late: late_count,
                within: TOLERATED * all,
            };
            late(metric, trial, above_ns, expected)
        })
        .collect();
    let found: Vec<_> = tenths.iter().map(|tenth| tenth.found.as_str()).collect();
    Claim::new(
        format!(
            "{} shows {all:.0} late messages, spread evenly: so many above each tenth of the time",
            metric.name()
        ),
        found.join(", "),
        tenths.iter().all(|tenth| tenth.holds),
    )
}

fn late(metric: Metric, trial: &Trial, above_ns: u64, expected: Expected) -> Claim {
    let recorded = trial.histograms.get(&metric);
    let histogram = recorded.and_then(|recorded| recorded.decode().ok());
    let Expected { late, within } = expected;
    let claim = format!(
        "{late:.0} samples of {} are above {above_ns} ns",
        metric.name()
    );
    match histogram {
        Some(histogram) => {
            let found = histogram.count_between(above_ns + 1, histogram.high());
            let holds = (found as f64 - late).abs() <= within;
            Claim::new(claim, found.to_string(), holds)
        }
        None => Claim::new(claim, "no histogram", false),
    }
}
