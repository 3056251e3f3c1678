//! The self-test, in its short form: what the null bus was told to do to messages is what an
//! ordinary trial reports.
#![allow(clippy::unwrap_used, reason = "what a test sets up may panic")]

use std::time::{Duration, Instant};

use busbench_results::Metric;
use busbench_runner::{Form, SelfTestError, SelfTestEvent, self_test};
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_what_is_reported() {
    let mut events = 0;
    let cancel = CancellationToken::new();
    let reports = self_test(Form::Short, &[], &cancel, &mut |_| events += 1)
        .await
        .unwrap();
    assert_eq!(events, 2 * reports.len());
    let failures: Vec<_> = reports
        .iter()
        .flat_map(|report| {
            report
                .failures()
                .map(|failure| format!("{}: {failure}", report.case))
        })
        .collect();
    assert!(failures.is_empty(), "{failures:#?}");
    for report in &reports {
        assert!(
            report.count_checks.len() >= 35,
            "{}: 11 sums, and 6 counts of 4 pairs",
            report.case
        );
        let mut responses = report.time_checks.iter();
        assert!(
            responses.any(|check| check.metric == Metric::Response && check.percentile == "p50"),
            "{}",
            report.case
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_test_can_be_interrupted() {
    let cancel = CancellationToken::new();
    let began = Instant::now();
    let stop = |event: &SelfTestEvent<'_>| {
        if matches!(event, SelfTestEvent::CaseStarted { number: 2, .. }) {
            cancel.cancel();
        }
    };
    let ended = self_test(Form::Full, &[], &cancel, &mut { stop }).await;
    assert!(
        matches!(ended, Err(SelfTestError::Interrupted)),
        "{ended:?}"
    );
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}
