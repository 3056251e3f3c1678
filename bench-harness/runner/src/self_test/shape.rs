//! The shape of a stall: late messages spread evenly from its length down to nothing, because they
//! are timed from the schedule.
//!
//! A message that was due in a stall cannot come before its end, so the schedule alone says how many
//! are late by more than any given time, at least. That not more are told than were late, the
//! comparison of all percentiles with the bus's log shows.

use busbench_buses::Stalled;
use busbench_results::{Metric, Trial};

use super::cases::{Case, SUBSCRIBERS};
use super::check::Claim;
use super::truth::Truth;

/// That a stall shows in full in what was reported.
pub(super) fn stall(case: &Case, truth: &Truth, trial: &Trial) -> Vec<Claim> {
    let (Some(stall), Some((begin, end))) = (case.injection.stall, truth.stall) else {
        return Vec::new();
    };
    let intended = truth.schedule.iter().flatten();
    let intended = Held::of(intended.map(|instant| instant.cast_signed()), begin, end);
    let lasts = (end - begin).cast_unsigned();
    let each = u64::from(SUBSCRIBERS);
    let mut claims = vec![intended.evenly(Metric::Response, trial, each, 0)];
    if stall.what == Stalled::Caller {
        // The harness itself was late, all but for the message that held it: that is wake lag, and
        // no fault of the bus.
        claims.push(intended.evenly(Metric::WakeLag, trial, 1, 1));
        claims.push(few(Metric::Service, trial, lasts / 2, truth.response.len()));
    } else {
        // Timed from when the harness began with a message, which it may have done late.
        let woken = Held::of(truth.woken.iter().copied(), begin, end);
        claims.push(woken.evenly(Metric::Service, trial, each, 0));
        claims.push(few(
            Metric::WakeLag,
            trial,
            lasts / 10,
            truth.wake_lag.len(),
        ));
    }
    claims
}

/// What fell into a stall, in ns of the trial's clock.
struct Held {
    instants: Vec<i64>,
    begin: i64,
    end: i64,
}

impl Held {
    fn of(instants: impl Iterator<Item = i64>, begin: i64, end: i64) -> Self {
        Self {
            instants: instants
                .filter(|instant| (begin..end).contains(instant))
                .collect(),
            begin,
            end,
        }
    }

    /// That at each tenth of the stall at least as many samples are above it as must be. There are
    /// `each` samples of a message, and `but` messages need not be late.
    fn evenly(&self, metric: Metric, trial: &Trial, each: u64, but: u64) -> Claim {
        let tenths: Vec<(u64, Option<u64>)> = (0..10)
            .map(|tenth| {
                let above = (self.end - self.begin) / 10 * tenth;
                let is_late = |from: &&i64| self.end - **from > above;
                let late = self.instants.iter().filter(is_late).count() as u64;
                let expected = late.saturating_sub(but) * each;
                (expected, count_above(metric, trial, above.cast_unsigned()))
            })
            .collect();
        let list = |text: fn(&(u64, Option<u64>)) -> String| {
            tenths.iter().map(text).collect::<Vec<_>>().join(", ")
        };
        Claim::new(
            format!(
                "{} shows the stall evenly: above each tenth of it are at least {}",
                metric.name(),
                list(|(expected, _)| expected.to_string())
            ),
            list(|(_, found)| found.unwrap_or_default().to_string()),
            tenths
                .iter()
                .all(|(expected, found)| *expected > 0 && found.is_some_and(|n| n >= *expected)),
        )
    }
}

/// That no more than one sample in 50 is above `above_ns`, where the stall would be all that could
/// make it so.
fn few(metric: Metric, trial: &Trial, above_ns: u64, samples: usize) -> Claim {
    let most = samples as u64 / 50;
    let found = count_above(metric, trial, above_ns);
    Claim::new(
        format!(
            "{} does not show the stall: at most {most} samples are above {above_ns} ns",
            metric.name()
        ),
        found.map_or_else(|| "no histogram".to_owned(), |found| found.to_string()),
        found.is_some_and(|found| found <= most),
    )
    .where_calm()
}

/// Samples above a value, and those that share its bucket; `None` without a readable histogram.
fn count_above(metric: Metric, trial: &Trial, above_ns: u64) -> Option<u64> {
    let histogram = trial.histograms.get(&metric)?.decode().ok()?;
    Some(histogram.count_between(above_ns, histogram.high()))
}
