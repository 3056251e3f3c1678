//! `busbench self-test`.

mod table;

use std::time::{Duration, Instant};

use busbench_runner::{CaseReport, Form, SelfTestError, SelfTestEvent, TOLERANCE_NS};
use serde_json::{Value, json};

use crate::arguments::{SelfTest, SelfTestFormat};
use crate::exit::{DONE, Failure, INTERNAL, INTERRUPTED, USAGE};
use crate::interrupt::cancelled_with_note;
use crate::output;

pub(crate) async fn self_test(arguments: &SelfTest) -> Result<u8, Failure> {
    let known = busbench_runner::self_test_cases();
    if let Some(name) = arguments
        .only
        .iter()
        .find(|name| !known.contains(&name.as_str()))
    {
        let known = known.join(", ");
        return Err(Failure::new(
            USAGE,
            format!("the self-test has no case `{name}`: it has {known}"),
        ));
    }
    let cancel = cancelled_with_note("a self-test that was begun says nothing")?;
    let form = if arguments.quick {
        Form::Short
    } else {
        Form::Full
    };
    let began = Instant::now();
    let ended =
        busbench_runner::self_test(form, &arguments.only, &cancel, &mut |event| show(event)).await;
    let reports = match ended {
        Ok(reports) => reports,
        Err(SelfTestError::Interrupted) => return Ok(INTERRUPTED),
        Err(error) => return Err(Failure::of(INTERNAL, &error)),
    };
    let took = began.elapsed();
    match arguments.format {
        SelfTestFormat::Human => {
            output::text(&table::table(&reports));
            for (case, failure) in failures(&reports) {
                output::line(format_args!("{case}: {failure}"));
            }
            output::line(summary(&reports, took));
        }
        SelfTestFormat::Json => output::line(json(&reports, took)),
    }
    Ok(if all_hold(&reports) { DONE } else { INTERNAL })
}

/// A line for each case on standard error, while it goes on.
fn show(event: &SelfTestEvent<'_>) {
    match event {
        SelfTestEvent::CaseStarted {
            case,
            number,
            cases,
        } => output::note(format_args!("{number}/{cases} {case}")),
        SelfTestEvent::CaseFinished(report) => {
            for failure in report.failures() {
                output::note(format_args!("  FAILED: {failure}"));
            }
        }
    }
}

fn all_hold(reports: &[CaseReport]) -> bool {
    !reports.is_empty() && reports.iter().all(CaseReport::holds)
}

fn failures(reports: &[CaseReport]) -> impl Iterator<Item = (&str, String)> {
    reports
        .iter()
        .flat_map(|report| report.failures().map(|failure| (report.case, failure)))
}

fn summary(reports: &[CaseReport], took: Duration) -> String {
    let sum = |count: fn(&CaseReport) -> usize| reports.iter().map(count).sum::<usize>();
    let failed = reports.iter().filter(|report| !report.holds()).count();
    let compared = format!(
        "{} cases, {} counts, {} percentiles and {} other claims in {:.0} s",
        reports.len(),
        sum(|report| report.count_checks.len()),
        sum(|report| report.time_checks.len()),
        sum(|report| report.claims.len()),
        took.as_secs_f64()
    );
    let again = match reports.iter().filter(|report| report.tries > 1).count() {
        0 => String::new(),
        cases => format!("; the machine gave {cases} of them another try"),
    };
    if failed == 0 {
        format!(
            "ok: counts are exact, and times lie between what the bus read around them, to 3 \
             digits and {} us: {compared}{again}",
            TOLERANCE_NS / 1000
        )
    } else {
        format!("FAILED: {failed} cases reported what did not happen: {compared}{again}")
    }
}

fn json(reports: &[CaseReport], took: Duration) -> Value {
    let cases: Vec<Value> = reports
        .iter()
        .map(|report| {
            let failures: Vec<String> = report.failures().collect();
            json!({"holds": report.holds(), "failures": failures, "report": report})
        })
        .collect();
    json!({
        "holds": all_hold(reports),
        "seconds": took.as_secs_f64(),
        "tolerance_ns": TOLERANCE_NS,
        "cases": cases,
    })
}
