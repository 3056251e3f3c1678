//! What must hold beside counts and times: that the bus did what it was told, that the schedule was
//! the one that was asked for, and that the trial was judged rightly.

use std::time::Duration;

use busbench_buses::Stalled;
use busbench_results::{LimitedBy, Outcome, Reason, ReasonKind, Trial, Verdict};

use super::cases::{AMPLE, Case, Offered};
use super::check::Claim;
use super::truth::{Did, Timeline, Truth};

/// Reasons that speak of the machine: a self-test says nothing about them.
const OF_THE_MACHINE: [ReasonKind; 4] = [
    ReasonKind::WakeLag,
    ReasonKind::CostUnreadable,
    ReasonKind::CpuSteal,
    ReasonKind::Emulated,
];
/// Reasons that speak of a rate that changes over the window.
const OF_THE_PACE: [ReasonKind; 2] = [ReasonKind::Unsteady, ReasonKind::BacklogGrew];
/// How far the two clocks may be apart.
const CLOCKS_WITHIN: Duration = Duration::from_micros(1);

/// That the bus did what it was told, and nothing else.
pub(super) fn injection(case: &Case, truth: &Truth) -> Vec<Claim> {
    let Did {
        lost,
        corrupted,
        foreign,
        repeated,
        overtaken,
        refused,
        delay_ns,
    } = truth.did;
    let told = &case.injection;
    let is_mixed = told.held_back_per_thousand > 0 || told.delay.0 < told.delay.1;
    let is_stalled = |what| told.stall.is_some_and(|stall| stall.what == what);
    let is_refused = case.queue < AMPLE || (is_stalled(Stalled::Acceptance) && !told.publish_waits);
    let (shortest, longest) = delay_ns.unwrap_or_default();
    let shortest_told = i64::try_from(told.delay.0.as_nanos()).unwrap_or(i64::MAX);
    let did = |what, count: u64, told: bool| {
        let claim = format!("the bus {} {what}", if told { "did" } else { "did not" });
        Claim::new(claim, format!("{count} times"), (count > 0) == told)
    };
    vec![
        did("lose", lost, told.lost_per_thousand > 0),
        did("damage", corrupted, told.corrupted_per_thousand > 0),
        did("slip in", foreign, told.foreign_per_thousand > 0),
        did("repeat", repeated, told.duplicated_per_thousand > 0),
        did("reorder", overtaken, is_mixed),
        did("refuse", refused, is_refused),
        Claim::new(
            "the bus delayed by no less than it was told",
            format!("{shortest} to {longest} ns"),
            shortest >= shortest_told,
        ),
        Claim::new(
            "the bus's log explains itself",
            format!("{} entries do not fit", truth.unexplained),
            truth.unexplained == 0,
        ),
    ]
}

/// That the schedule was the one that was asked for, and that the harness was late only as it says.
pub(super) fn schedule(case: &Case, truth: &Truth, timeline: &Timeline) -> Vec<Claim> {
    let mut claims = vec![Claim::new(
        format!("the two clocks can be compared to {CLOCKS_WITHIN:?}"),
        format!("{:?}", timeline.uncertainty),
        timeline.uncertainty <= CLOCKS_WITHIN,
    )];
    // A message cannot reach the bus before the harness woke for it.
    let earliest = truth.offer.low.first().copied().unwrap_or_default();
    claims.push(Claim::new(
        "no message came to the bus before the harness woke for it",
        format!("{earliest} ns after it"),
        earliest >= -super::check::TOLERANCE_NS,
    ));
    let Some(period) = case.period() else {
        return claims;
    };
    let period_ns = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX);
    let start_ns = timeline.span.start_ns;
    let worst = truth
        .schedule
        .iter()
        .filter_map(|instants| worst_deviation(instants, start_ns, period_ns))
        .max();
    claims.push(Claim::new(
        "messages were intended at even distances",
        format!("{} ns off at worst", worst.unwrap_or_default()),
        worst.is_some_and(|worst| worst <= 1),
    ));
    claims
}

/// How far the instants of one publisher are from those that follow from its first one, in ns. The
/// first lies in the first period.
fn worst_deviation(instants: &[u64], start_ns: u64, period_ns: u64) -> Option<u64> {
    let first = *instants.first()?;
    if !(start_ns..start_ns + period_ns).contains(&first) {
        return Some(first.abs_diff(start_ns));
    }
    let even = (first..).step_by(usize::try_from(period_ns).ok()?);
    instants
        .iter()
        .zip(even)
        .map(|(instant, even)| instant.abs_diff(even))
        .max()
}

/// That the trial was judged as it must be.
pub(super) fn judgement(case: &Case, trial: &Trial) -> Vec<Claim> {
    let is_offered = matches!(case.load, Offered::Open(_)) && case.outcome == Outcome::Delivered;
    let limit = trial.limited_by;
    let limited_rightly = match limit {
        LimitedBy::Offered => is_offered,
        LimitedBy::Server => false,
        LimitedBy::Client | LimitedBy::Machine | LimitedBy::Unknown => !is_offered,
    };
    let kinds: Vec<ReasonKind> = trial.reasons.iter().map(|reason| reason.kind).collect();
    let are_given = case.reasons.iter().all(|wanted| kinds.contains(wanted));
    let may_be_given = |kind: &ReasonKind| {
        case.reasons.contains(kind)
            || OF_THE_MACHINE.contains(kind)
            || (case.is_uneven && OF_THE_PACE.contains(kind))
    };
    let follows = trial.verdict == Verdict::of(&trial.reasons);
    let wanted: Vec<_> = case.reasons.iter().map(|kind| kind.words()).collect();
    let reasons: Vec<_> = trial.reasons.iter().map(Reason::to_string).collect();
    vec![
        Claim::new(
            format!("the outcome is {}", case.outcome.name()),
            trial.outcome.name(),
            trial.outcome == case.outcome,
        ),
        Claim::new(
            if is_offered {
                "the rate was limited by what was offered"
            } else {
                "the rate was not limited by what was offered, nor by a server"
            },
            limit.name(),
            limited_rightly,
        ),
        Claim::new(
            if wanted.is_empty() {
                "the verdict speaks of nothing but the machine".to_owned()
            } else {
                format!("the verdict speaks of: {}", wanted.join("; "))
            },
            format!("{}: {}", trial.verdict.name(), reasons.join("; ")),
            follows && are_given && kinds.iter().all(may_be_given),
        ),
    ]
}
