//! That a harness which is wrong is found out: what an ordinary trial reported is altered, as a
//! mistake in it would alter it, and must not pass.

use busbench_measure::Histogram;
use busbench_results::{
    LimitedBy, Metric, Outcome, PairCounts, ReasonKind, RecordedHistogram, Trial, Verdict,
};
use tokio_util::sync::CancellationToken;

use super::cases::{Case, Form, all};
use super::{Evidence, TRIES, examine, run};

/// A count's name in a failure, and where it stands.
type Altered<T> = (&'static str, fn(&mut T) -> &mut u64);

async fn evidence_of(name: &str) -> (Case, Evidence) {
    let case = all(Form::Short)
        .into_iter()
        .find(|case| case.name == name)
        .unwrap();
    for _ in 1..TRIES {
        let evidence = run(&case, 1, &CancellationToken::new()).await.unwrap();
        if examine(&case, &evidence).holds() {
            return (case, evidence);
        }
    }
    let evidence = run(&case, 1, &CancellationToken::new()).await.unwrap();
    let failures: Vec<_> = examine(&case, &evidence).failures().collect();
    assert!(failures.is_empty(), "{name}: {failures:#?}");
    (case, evidence)
}

/// The altered trial fails, and a failure names what was altered.
#[track_caller]
fn found(case: &Case, evidence: &mut Evidence, what: &str, alter: impl FnOnce(&mut Trial)) {
    let whole = evidence.trial.clone();
    alter(&mut evidence.trial);
    let report = examine(case, evidence);
    let failures: Vec<_> = report.failures().collect();
    assert!(!report.holds());
    assert!(
        failures.iter().any(|failure| failure.contains(what)),
        "{what} is not among {failures:#?}"
    );
    evidence.trial = whole;
}

/// A metric's histogram with every sample changed.
fn changed(trial: &mut Trial, metric: Metric, change: impl Fn(u64) -> i64) {
    let recorded = trial.histograms[&metric].decode().unwrap();
    let mut histogram = Histogram::new();
    for step in recorded.iter_recorded() {
        // The middle of a bucket, so that rounding up adds nothing.
        let value = recorded.median_equivalent(step.value_iterated_to());
        for _ in 0..step.count_at_value() {
            histogram.record(change(value));
        }
    }
    trial.histograms.insert(metric, encoded(&histogram));
}

fn encoded(histogram: &Histogram) -> RecordedHistogram {
    RecordedHistogram {
        v2_deflate_base64: histogram.to_v2_deflate_base64().unwrap(),
        count: histogram.count(),
        zero: histogram.zero(),
        negative: histogram.negative(),
        overflow: histogram.overflow(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_is_off_by_one_is_found() {
    let (case, mut evidence) = evidence_of("everything").await;
    let sums: [Altered<Trial>; 10] = [
        ("attempted", |trial| &mut trial.counts.attempted),
        ("published", |trial| &mut trial.counts.published),
        ("expected", |trial| &mut trial.counts.expected),
        ("delivered", |trial| &mut trial.counts.delivered),
        ("lost", |trial| &mut trial.counts.lost),
        ("duplicated", |trial| &mut trial.counts.duplicated),
        ("reordered", |trial| &mut trial.counts.reordered),
        ("corrupt", |trial| &mut trial.counts.corrupt),
        ("foreign", |trial| &mut trial.counts.foreign),
        ("failed", |trial| &mut trial.counts.failed),
    ];
    for (what, count) in sums {
        found(&case, &mut evidence, what, |trial| *count(trial) += 1);
    }
    let of_a_pair: [Altered<PairCounts>; 6] = [
        ("publisher 1 at subscriber 0, expected", |pair| {
            &mut pair.expected
        }),
        ("publisher 1 at subscriber 0, delivered", |pair| {
            &mut pair.delivered
        }),
        ("publisher 1 at subscriber 0, lost", |pair| &mut pair.lost),
        ("publisher 1 at subscriber 0, duplicated", |pair| {
            &mut pair.duplicated
        }),
        ("publisher 1 at subscriber 0, reordered", |pair| {
            &mut pair.reordered
        }),
        ("publisher 1 at subscriber 0, corrupt", |pair| {
            &mut pair.corrupt
        }),
    ];
    for (what, count) in of_a_pair {
        found(&case, &mut evidence, what, |trial| {
            *count(&mut trial.pairs[1]) -= 1;
        });
    }
    found(
        &case,
        &mut evidence,
        "publisher 0 at subscriber 1",
        |trial| {
            trial
                .pairs
                .retain(|pair| (pair.publisher, pair.subscriber) != (0, 1));
        },
    );
    found(&case, &mut evidence, "in time", |trial| {
        trial.counts.in_time -= 100;
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_off_by_20_us_is_found() {
    let (case, mut evidence) = evidence_of("nothing").await;
    for metric in [
        Metric::Response,
        Metric::Service,
        Metric::WakeLag,
        Metric::Blocked,
        Metric::Encode,
    ] {
        let what = format!("{} p", metric.name());
        found(&case, &mut evidence, &what, |trial| {
            changed(trial, metric, |ns| ns.cast_signed() + 20_000);
        });
    }
    // A unit taken for another, a sample that was dropped, and negative ones that were hidden.
    found(&case, &mut evidence, "response p50", |trial| {
        changed(trial, Metric::Response, |ns| {
            ns.cast_signed() / 1000 * 1000 * 1000
        });
    });
    found(&case, &mut evidence, "response has", |trial| {
        let recorded = trial.histograms[&Metric::Response].decode().unwrap();
        let mut histogram = Histogram::new();
        for step in recorded.iter_recorded() {
            for _ in 0..step.count_at_value() {
                histogram.record(step.value_iterated_to().cast_signed());
            }
        }
        histogram.record(1);
        trial
            .histograms
            .insert(Metric::Response, encoded(&histogram));
    });
    found(&case, &mut evidence, "service has", |trial| {
        trial.histograms.remove(&Metric::Service);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn service_time_told_as_response_time_is_found() {
    // The harness is late here, so that the two differ; elsewhere they are nearly the same.
    let (case, mut evidence) = evidence_of("late-harness").await;
    found(&case, &mut evidence, "response p9", |trial| {
        let service = trial.histograms[&Metric::Service].clone();
        trial.histograms.insert(Metric::Response, service);
    });
    found(&case, &mut evidence, "service p9", |trial| {
        let response = trial.histograms[&Metric::Response].clone();
        trial.histograms.insert(Metric::Service, response);
    });
    found(&case, &mut evidence, "wake-lag p9", |trial| {
        changed(trial, Metric::WakeLag, |_| 0);
    });
    found(
        &case,
        &mut evidence,
        "the verdict speaks of: wake lag p99",
        |trial| {
            (trial.verdict, trial.reasons) = (Verdict::Valid, Vec::new());
        },
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_that_shows_as_one_late_message_is_found() {
    let (case, mut evidence) = evidence_of("stall-delivery").await;
    let hidden = |trial: &mut Trial, metric| {
        let recorded = trial.histograms[&metric].decode().unwrap();
        let longest = recorded.max();
        // Coordinated omission: all but the longest wait are as short as the median.
        let median = recorded.value_at_quantile(0.5);
        changed(trial, metric, |ns| {
            ns.min(if ns >= longest / 1001 * 1000 {
                ns
            } else {
                median
            })
            .cast_signed()
        });
    };
    for metric in [Metric::Response, Metric::Service] {
        let what = format!("{} shows the stall", metric.name());
        found(&case, &mut evidence, &what, |trial| hidden(trial, metric));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_judgement_is_found() {
    let (case, mut evidence) = evidence_of("corruption").await;
    found(
        &case,
        &mut evidence,
        "the verdict speaks of: corrupt messages",
        |trial| {
            trial.verdict = Verdict::Suspect;
        },
    );
    found(&case, &mut evidence, "the outcome is lossy", |trial| {
        trial.outcome = Outcome::Delivered;
    });
    found(&case, &mut evidence, "the rate was not limited", |trial| {
        trial.limited_by = LimitedBy::Offered;
    });
    found(&case, &mut evidence, "the verdict", |trial| {
        trial.reasons.push(ReasonKind::ServerDied.alone());
    });
}
