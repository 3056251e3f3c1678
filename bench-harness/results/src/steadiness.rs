//! Whether a window was steady: slope of throughput, and slope of backlog.
//!
//! Counts of neighbouring bins depend on each other (a stall of one is made up for in the next), so
//! both tests rest on sums over batches of bins, 20 to 39 of them: the method of batch means, with
//! as many batches as it is worth having (Schmeiser, "Batch size effects in the analysis of
//! simulation output", Operations Research 30(3), 1982).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::statistics::{Mean, mean, median, t_tail};

/// Batches that a window is cut into, where it has so many bins; fewer than twice as many.
const BATCHES: usize = 20;

/// Fewer bins than these say nothing: of six, even a perfect trend is significant at 1 % barely.
pub const BINS_AT_LEAST: usize = 8;

/// A trend that chance makes more often than this is none.
const SIGNIFICANT: f64 = 0.01;

/// A drift over the window of no more than this share of the mean is no matter.
const DRIFT_MATTERS_FROM: f64 = 0.20;

/// A backlog that grows by no more than this share of what is offered is one that is carried: see
/// [`CARRIED_AT_LEAST`](crate::CARRIED_AT_LEAST).
const GROWTH_MATTERS_FROM: f64 = 0.01;

/// A backlog at the end of the window of no more than what is offered in this time is none: that
/// much is on its way, or waits for a thread.
const BACKLOG_MATTERS_FROM_SECONDS: f64 = 0.020;

/// How a window went on from its start to its end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Steadiness {
    /// Fitted change of the delivered rate from start to end of the window, as a share of its mean:
    /// -0.2 is a rate that fell by a fifth.
    pub throughput_drift: f64,
    /// Probability of so clear a trend in a steady window.
    pub drift_p: f64,
    /// Fitted growth of the backlog (attempted minus delivered), in messages per second.
    pub backlog_growth_per_second: f64,
    /// Probability of so clear a growth where the backlog does not grow.
    pub backlog_p: f64,
    /// Attempted minus delivered over the whole window: by how many messages the backlog grew.
    pub backlog_end: i64,
}

impl Steadiness {
    /// From counts of equal bins that cover the window, each `bin_ns` long. `attempted` counts by
    /// intended instant, once for each subscription that should get the message; `delivered` by
    /// arrival. What is lost never arrives and counts as backlog: loss is to be judged first.
    ///
    /// `None` for fewer than [`BINS_AT_LEAST`] bins, bins of no length, or lists that differ in
    /// length.
    #[must_use]
    pub fn of(attempted: &[u64], delivered: &[u64], bin_ns: u64) -> Option<Self> {
        if attempted.len() != delivered.len() || attempted.len() < BINS_AT_LEAST || bin_ns == 0 {
            return None;
        }
        let bins_each = (attempted.len() / BATCHES).max(1);
        let batch_seconds = bins_each as f64 * bin_ns as f64 / 1e9;
        let delivered_batches = batches(delivered, bins_each);
        let growth: Vec<f64> = batches(attempted, bins_each)
            .iter()
            .zip(&delivered_batches)
            .map(|(attempted, delivered)| attempted - delivered)
            .collect();
        let backlog: Vec<f64> = growth
            .iter()
            .scan(0.0, |backlog, growth| {
                *backlog += growth;
                Some(*backlog)
            })
            .collect();
        let rate = mean(&delivered_batches);
        let drift = slope(&delivered_batches) * delivered_batches.len() as f64;
        let sum = |counts: &[u64]| i64::try_from(counts.iter().sum::<u64>()).unwrap_or(i64::MAX);
        Some(Self {
            throughput_drift: if rate > 0.0 { drift / rate } else { 0.0 },
            drift_p: trend_p(&delivered_batches),
            backlog_growth_per_second: slope(&backlog) / batch_seconds,
            backlog_p: growth_p(&growth),
            backlog_end: sum(attempted) - sum(delivered),
        })
    }

    /// Whether the delivered rate stayed what it was: no significant drift (1 %) of more than 20 %
    /// of its mean.
    #[must_use]
    pub fn is_steady(&self) -> bool {
        self.throughput_drift.abs() <= DRIFT_MATTERS_FROM || self.drift_p >= SIGNIFICANT
    }

    /// Whether the backlog grew significantly (1 %), by more than 1 % of what was offered, and was
    /// at the end more than what is offered in 20 ms. `offered_per_second` counts each subscription
    /// that should get a message, as `attempted` does.
    #[must_use]
    pub fn backlog_grows(&self, offered_per_second: f64) -> bool {
        self.backlog_p < SIGNIFICANT
            && self.backlog_growth_per_second > GROWTH_MATTERS_FROM * offered_per_second
            && self.backlog_end as f64 > BACKLOG_MATTERS_FROM_SECONDS * offered_per_second
    }
}

/// Sums of as many whole batches as there are, up to the last bin: the first bins, next to the
/// warm-up, are those that are left out.
fn batches(bins: &[u64], bins_each: usize) -> Vec<f64> {
    let left_out = bins.len() % bins_each;
    bins.get(left_out..)
        .unwrap_or_default()
        .chunks(bins_each)
        .map(|batch| batch.iter().sum::<u64>() as f64)
        .collect()
}

/// The slope per batch of Theil and Sen: the median of the slopes between any two batches, which a
/// stall of some batches does not move (Sen, "Estimates of the regression coefficient based on
/// Kendall's tau", J. Am. Statist. Assoc. 63, 1968).
fn slope(batches: &[f64]) -> f64 {
    let mut slopes = Vec::new();
    for (later, end) in batches.iter().enumerate() {
        for (earlier, start) in batches.iter().enumerate().take(later) {
            slopes.push((end - start) / (later - earlier) as f64);
        }
    }
    median(&mut slopes).unwrap_or(0.0)
}

/// Two-sided p-value of the trend test of Mann and Kendall, which goes with that slope: by the
/// normal approximation, corrected for continuity and for ties (Kendall, "Rank Correlation
/// Methods", 1975).
fn trend_p(batches: &[f64]) -> f64 {
    let mut score = 0.0;
    for (later, end) in batches.iter().enumerate() {
        for start in batches.iter().take(later) {
            score += f64::from(i8::from(end > start) - i8::from(end < start));
        }
    }
    let spread = |number: f64| number * (number - 1.0) * (2.0 * number + 5.0) / 18.0;
    let mut sorted = batches.to_vec();
    sorted.sort_by(f64::total_cmp);
    let ties: f64 = sorted
        .chunk_by(|one, other| one.total_cmp(other).is_eq())
        .map(|equal| spread(equal.len() as f64))
        .sum();
    let variance = spread(batches.len() as f64) - ties;
    let distance: f64 = f64::max(score.abs() - 1.0, 0.0);
    if variance <= 0.0 {
        return 1.0;
    }
    Normal::new(0.0, 1.0).map_or(1.0, |normal| 2.0 * normal.sf(distance / variance.sqrt()))
}

/// One-sided p-value of a t test that the batches' mean growth is above 0. The growth is tested and
/// not the backlog itself, each of whose values holds all those before it. A queue that goes up
/// and down around a level grows by as much as it shrinks, and one blip at the end has as much
/// spread as mean.
fn growth_p(growth: &[f64]) -> f64 {
    let Some(mean) = Mean::of(growth) else {
        return 1.0;
    };
    if mean.standard_error > 0.0 {
        t_tail(mean.degrees_of_freedom, mean.value / mean.standard_error)
    } else if mean.value > 0.0 {
        0.0
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests;
