//! The harness proves itself: the null bus does to messages what it is told and logs what it did,
//! and what an ordinary trial reported is compared with that log.
//!
//! Counts must be exact. Times must lie between two readings that the bus took around what is timed,
//! within the histogram's precision plus [`TOLERANCE_NS`]. The bus reads another clock than the
//! harness, the standard library's, and the log is worked out anew with nothing of what counts and
//! times a trial.
//!
//! How sharp that is depends on the metric. Around a delivery the two readings are a microsecond or
//! so apart, which holds response and service time tightly. Two are held less tightly: the bus knows
//! of decoding only how long all of a delivery took; and where a publisher is told by a return that
//! its message was taken, the bus knows only that this was before its next message. There the upper
//! end assumes that all but one in 100 were told at once, so the last percent of blocked time is
//! bounded by the next message alone.
//!
//! Claims of which the machine may be the reason that they fail, and only these, give a case another
//! try; reports say how many it had.

mod cases;
mod check;
mod claims;
mod compare;
mod shape;
mod truth;

use std::fmt::Write as _;
use std::path::Path;

use busbench_brokers::CostReader;
use busbench_buses::{Endpoint, Injector, NullOrder};
use busbench_results::Trial;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::plan::{Plan, PlanError};
use crate::scenario::{Scenario, ScenarioError};
use crate::trial::{self, Emulators, Place, Span, Task, TrialError};

use cases::{Case, Offered, PUBLISHERS, SUBSCRIBERS, WARMUP};
use truth::{Samples, Timeline, Truth};

pub use cases::Form;
pub use check::{CaseReport, Claim, CountCheck, TOLERANCE_NS, TimeCheck};

/// How often a case is run at most, where a machine that stopped us may be why it failed.
const TRIES: u32 = 3;

/// Why a self-test ended before its time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SelfTestError {
    /// It was told to stop.
    #[error("the self-test was interrupted")]
    Interrupted,
    /// A case's scenario is none.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A case's scenario cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A trial came to nothing.
    #[error("cannot run the case {case}: {reason}")]
    Trial {
        /// The case's name.
        case: &'static str,
        /// Why.
        reason: String,
    },
}

/// What a self-test tells while it goes on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum SelfTestEvent<'a> {
    /// A case begins.
    CaseStarted {
        /// Its name.
        case: &'static str,
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        cases: usize,
    },
    /// A case has ended.
    CaseFinished(&'a CaseReport),
}

/// The names of all cases, in the order in which they run.
#[must_use]
pub fn self_test_cases() -> Vec<&'static str> {
    let cases = cases::all(Form::Full);
    cases.into_iter().map(|case| case.name).collect()
}

/// Runs cases, one after another, and says what came of each: those that `only` names, or all
/// where it names none.
pub async fn self_test(
    form: Form,
    only: &[String],
    cancel: &CancellationToken,
    listener: &mut (dyn FnMut(&SelfTestEvent<'_>) + Send),
) -> Result<Vec<CaseReport>, SelfTestError> {
    let mut cases = cases::all(form);
    cases.retain(|case| only.is_empty() || only.iter().any(|name| name == case.name));
    let mut reports = Vec::new();
    for (number, case) in (1..).zip(&cases) {
        listener(&SelfTestEvent::CaseStarted {
            case: case.name,
            number,
            cases: cases.len(),
        });
        let epoch = u8::try_from(number).unwrap_or(u8::MAX);
        let mut report = examine(case, &run(case, epoch, cancel).await?);
        while !report.holds() && report.may_be_the_machine() && report.tries < TRIES {
            let tries = report.tries + 1;
            report = examine(case, &run(case, epoch, cancel).await?);
            report.tries = tries;
        }
        listener(&SelfTestEvent::CaseFinished(&report));
        reports.push(report);
    }
    Ok(reports)
}

/// What a case left behind.
struct Evidence {
    timeline: Timeline,
    truth: Truth,
    trial: Trial,
}

/// Runs a case as a trial like any other.
async fn run(
    case: &Case,
    epoch: u8,
    cancel: &CancellationToken,
) -> Result<Evidence, SelfTestError> {
    let scenario = Scenario::parse(Path::new("self-test.toml"), &scenario(case))?;
    let plan = Plan::new(&scenario)?;
    let failed = |reason: String| SelfTestError::Trial {
        case: case.name,
        reason,
    };
    let Some(cell) = plan.cells.first() else {
        return Err(failed("it has no cell".to_owned()));
    };
    let injector = Injector::new(case.injection.clone(), room(case));
    let task = Task {
        cell,
        client: &plan.client,
        phases: &plan.phases,
        seed: plan.seed,
        epoch,
        tag: format!("self-test-{epoch}"),
        endpoint: Endpoint::none(),
        server_cost: CostReader::default(),
        counter_source: None,
        shares_server: false,
        counts_wire: false,
        isolation: None,
        null_order: Some(NullOrder::Inject(injector.clone())),
    };
    let measured = trial::run(&task, cancel)
        .await
        .map_err(|error| match error {
            TrialError::Cancelled => SelfTestError::Interrupted,
            error => failed(crate::error::chain(&error)),
        })?;
    let span = Span::new(&plan.phases);
    let timeline = Timeline::new(span, trial::encode_each(cell.load), measured.timed_by);
    let place = Place {
        run: "self-test".to_owned(),
        number: 1,
        started_unix_ms: crate::run::unix_ms(),
        emulators: Emulators::of_harness(),
        server_died: None,
        server_out_of_memory: None,
        not_pinned: None,
    };
    let trial = trial::record(&task, &place, Ok(measured));
    let log = injector.take_log();
    let truth = Truth {
        stall: case.injection.stall.zip(log.zero).map(|(stall, zero)| {
            let begin = zero + stall.at;
            (timeline.ns(begin), timeline.ns(begin + stall.lasts))
        }),
        ..Truth::of(&log, &timeline, PUBLISHERS, SUBSCRIBERS)
    };
    Ok(Evidence {
        timeline,
        truth,
        trial,
    })
}

/// Messages that each client of a case is expected to see; in closed load a guess.
fn room(case: &Case) -> usize {
    let of_one = case.scheduled().unwrap_or(20_000);
    usize::try_from(of_one).unwrap_or_default() * 3 * usize::from(PUBLISHERS)
}

/// A case as a scenario file would say it.
fn scenario(case: &Case) -> String {
    let mut text = format!(
        r#"
question = "Is what was done what is reported?"
seed = 1
trials = 1
floors = false

[matrix]
bus = ["null"]
envelope = ["{}"]
payload = ["1xInt32"]
publishers = [{PUBLISHERS}]
subscribers = [{SUBSCRIBERS}]

[phases]
warmup = "{}ms"
window = "{}ms"
drain = "200ms"
drain_limit = "3s"

[client]
queue = {}
"#,
        case.layout,
        WARMUP.as_millis(),
        case.window.as_millis(),
        case.queue,
    );
    // Writing to a String cannot fail.
    let _ = match case.load {
        Offered::Open(per_second) => write!(text, "[load.open]\nrate = [{per_second}]\n"),
        Offered::Closed(window) => write!(text, "[load.closed]\nwindow = [{window}]\n"),
    };
    text
}

/// Compares what was reported of a case with what the bus did.
fn examine(case: &Case, evidence: &Evidence) -> CaseReport {
    let Evidence {
        timeline,
        truth,
        trial,
    } = evidence;
    let scheduled = case.scheduled();
    // Without a schedule, what was attempted is what the bus was offered; it refused nothing.
    let attempted = scheduled.map_or(truth.counts.published, |of_one| {
        of_one * u64::from(PUBLISHERS)
    });
    // Wake lag is of all that was attempted, and the bus knows of what it accepted. Without a
    // schedule there is none.
    let no_schedule = Samples::default();
    let wake_lag = match scheduled {
        None => Some(&no_schedule),
        Some(_) if truth.counts.published == attempted => Some(&truth.wake_lag),
        Some(_) => None,
    };
    let (time_checks, mut claims) = compare::times(truth, wake_lag, trial);
    claims.extend(claims::injection(case, truth));
    claims.extend(claims::schedule(case, truth, timeline));
    claims.extend(claims::judgement(case, trial));
    claims.extend(shape::stall(case, truth, trial));
    CaseReport {
        case: case.name,
        told: case.told,
        tries: 1,
        counts: trial.counts,
        outcome: trial.outcome,
        limited_by: trial.limited_by,
        verdict: trial.verdict,
        reasons: trial.reasons.clone(),
        count_checks: compare::counts(truth, attempted, trial),
        time_checks,
        claims,
    }
}

#[cfg(test)]
mod tests;
