//! What a self-test found.

use busbench_results::{Counts, LimitedBy, Metric, Outcome, Reason, Verdict};
use serde::Serialize;

/// What came of one case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseReport {
    /// The case's name.
    pub case: &'static str,
    /// What the bus was told to do, in words.
    pub told: &'static str,
    /// How often it was run: again where the machine may have been why it failed.
    pub tries: u32,
    /// What the harness reported.
    pub counts: Counts,
    /// What the harness reported.
    pub outcome: Outcome,
    /// What the harness reported.
    pub limited_by: LimitedBy,
    /// What the harness reported.
    pub verdict: Verdict,
    /// What the harness reported.
    pub reasons: Vec<Reason>,
    /// Counts against the bus's log: sums, and each publisher x subscriber.
    pub count_checks: Vec<CountCheck>,
    /// Percentiles against the bus's log.
    pub time_checks: Vec<TimeCheck>,
    /// Everything else.
    pub claims: Vec<Claim>,
}

impl CaseReport {
    /// Whether everything was reported as it was.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.failures().next().is_none()
    }

    /// Whether nothing failed but what a machine that stops us may fail.
    pub(super) fn may_be_the_machine(&self) -> bool {
        self.count_checks.iter().all(CountCheck::holds)
            && self.time_checks.iter().all(|check| check.holds)
            && self
                .claims
                .iter()
                .all(|claim| claim.holds || claim.needs_calm)
    }

    /// What was reported otherwise than it was, in words.
    pub fn failures(&self) -> impl Iterator<Item = String> {
        let counts = self.count_checks.iter().filter(|check| !check.holds());
        let times = self.time_checks.iter().filter(|check| !check.holds);
        let claims = self.claims.iter().filter(|claim| !claim.holds);
        counts
            .map(|check| {
                let CountCheck {
                    count,
                    expected,
                    reported,
                } = check;
                format!("{count}: {expected} happened and {reported} were reported")
            })
            .chain(times.map(|check| {
                let TimeCheck {
                    metric,
                    percentile,
                    low_ns,
                    high_ns,
                    reported_ns,
                    ..
                } = check;
                let reported =
                    reported_ns.map_or_else(|| "nothing".to_owned(), |ns| format!("{ns} ns"));
                format!(
                    "{} {percentile}: it was {low_ns} to {high_ns} ns and {reported} was reported",
                    metric.name()
                )
            }))
            .chain(claims.map(|claim| format!("{}: {}", claim.claim, claim.found)))
    }
}

/// One count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountCheck {
    /// Which.
    pub count: String,
    /// What the bus did.
    pub expected: u64,
    /// What was reported.
    pub reported: u64,
}

impl CountCheck {
    /// Whether the two are the same.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.expected == self.reported
    }
}

/// One percentile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TimeCheck {
    /// Of what.
    pub metric: Metric,
    /// `p1` to `p99`, or `max`.
    pub percentile: String,
    /// By the bus's log it was at least this, in ns.
    pub low_ns: i64,
    /// And at most this, in ns.
    pub high_ns: i64,
    /// What was reported, in ns; `None` where nothing was.
    pub reported_ns: Option<u64>,
    /// Whether what was reported lies between the two, within the histogram's precision plus
    /// [`TOLERANCE_NS`].
    pub holds: bool,
}

/// What a reported time may be off beyond the histogram's precision, in ns: two readings of a
/// clock, and the 64 ns steps of the stamp.
pub const TOLERANCE_NS: i64 = 5_000;

/// Something else that must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// What must hold.
    pub claim: String,
    /// What was found.
    pub found: String,
    /// Whether it does.
    pub holds: bool,
    /// Whether the machine may be why it does not: it stopped us for as long as a stall.
    pub needs_calm: bool,
}

impl Claim {
    pub(super) fn new(claim: impl Into<String>, found: impl Into<String>, holds: bool) -> Self {
        Self {
            claim: claim.into(),
            found: found.into(),
            holds,
            needs_calm: false,
        }
    }

    /// The claim, for which the machine must not stop us for as long as a stall.
    pub(super) fn where_calm(self) -> Self {
        Self {
            needs_calm: true,
            ..self
        }
    }
}
