//! Whole runs on the null bus, which needs no server.
#![allow(clippy::unwrap_used, reason = "what a test sets up may panic")]

use std::path::Path;
use std::time::{Duration, Instant};

use busbench_brokers::ProviderChoice;
use busbench_results::comparison::ComparedFigure;
use busbench_results::{
    CellState, Distribution, Metric, Outcome, Run, RunFolder, RunState, Trial, Verdict,
};
use busbench_runner::{Event, Finished, Plan, Request, RunError, Scenario, run};
use tokio_util::sync::CancellationToken;

const SCENARIO: &str = r#"
question = "Does the harness count and time what it sends?"
seed = 7
trials = 2
floors = false

[matrix]
bus = ["null"]
envelope = ["native", "json", "json-base64", "cbor"]
payload = ["5xInt16"]
publishers = [3]
subscribers = [2]

[load.open]
rate = [2000]

[load.closed]
window = [64]

[phases]
warmup = "50ms"
window = "600ms"
drain = "200ms"
"#;

fn plan(text: &str) -> Plan {
    Plan::new(&Scenario::parse(Path::new("null.toml"), text).unwrap()).unwrap()
}

async fn run_in(
    folder: &RunFolder,
    plan: &Plan,
    resumed: Option<&Run>,
    cancel: &CancellationToken,
    mut on_event: impl FnMut(&Event) + Send,
) -> Result<Finished, RunError> {
    let request = Request {
        plan,
        name: "null-test",
        provider: ProviderChoice::Auto,
        folder,
        resumed,
        commit: None,
        null_work: None,
    };
    run(&request, cancel, &mut on_event).await
}

/// A run of one trial for each cell that has come to its end, and its scenario.
async fn finished() -> (tempfile::TempDir, RunFolder, String) {
    let scratch = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(&scratch.path().join("run")).unwrap();
    let text = SCENARIO
        .replace("trials = 2", "trials = 1")
        .replace("[\"native\", ", "[");
    let cancel = CancellationToken::new();
    run_in(&folder, &plan(&text), None, &cancel, |_| ())
        .await
        .unwrap();
    (scratch, folder, text)
}

fn median_ns(trial: &Trial, metric: Metric) -> u64 {
    let recorded = Distribution::of(&trial.histograms[&metric]).unwrap();
    assert!(recorded.samples() > 0, "{} {metric:?}", trial.cell);
    recorded.quantile_ns(0.5).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_depth_delivers_and_times_what_it_encodes() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(&scratch.path().join("run")).unwrap();
    let text = SCENARIO
        .replace("trials = 2", "trials = 1")
        .replace("bus = [\"null\"]", "bus = [\"null\", \"tcp-relay\"]")
        .replace(
            "payload = [\"5xInt16\"]",
            "payload = [\"20xInt16\"]\ndepth = [\"transport\", \"envelope\", \"event\"]",
        )
        .replace("publishers = [3]", "publishers = [1]")
        .replace("rate = [2000]", "rate = [500]")
        .replace("window = \"600ms\"", "window = \"1s\"")
        .replace("subscribers = [2]", "subscribers = [1]");
    let plan = plan(&text);
    let cancel = CancellationToken::new();
    run_in(&folder, &plan, None, &cancel, |_| ()).await.unwrap();
    let run = folder.read().unwrap();
    let mut encodings = 0;
    for cell in &run.record.cells {
        let trial = &run.trials[&cell.id][0];
        assert_eq!(trial.outcome, Outcome::Delivered, "{}", trial.cell);
        assert_eq!(
            trial.counts.corrupt + trial.counts.foreign,
            0,
            "{}",
            trial.cell
        );
        if cell.key.depth != "event" {
            continue;
        }
        // An event of 20 readings takes longer to encode than its copy, whatever the machine does.
        let transport = cell.id.replace("-event-", "-transport-");
        for metric in [Metric::Encode, Metric::Decode] {
            let deep = median_ns(trial, metric);
            let copied = median_ns(&run.trials[&transport][0], metric);
            assert!(deep > copied, "{} {metric:?}: {deep} {copied}", cell.id);
        }
        encodings += 1;
    }
    assert_eq!(encodings, 16, "2 buses x 4 layouts x 2 loads");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_message_is_counted_and_timed_for_each_publisher_and_subscriber() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(&scratch.path().join("run")).unwrap();
    let plan = plan(SCENARIO);
    let cancel = CancellationToken::new();
    let finished = run_in(&folder, &plan, None, &cancel, |_| ()).await.unwrap();
    assert_eq!(finished.record.state, RunState::Complete);
    assert_eq!(finished.record.provider, "none");

    let run = folder.read().unwrap();
    assert_eq!(run.trials.len(), 8, "4 layouts x 2 loads");
    for trial in run.trials.values().flatten() {
        let counts = trial.counts;
        assert_eq!(
            trial.outcome,
            Outcome::Delivered,
            "{} {:?}",
            trial.cell,
            trial.reasons
        );
        assert_ne!(
            trial.verdict,
            Verdict::Invalid,
            "{} {:?}",
            trial.cell,
            trial.reasons
        );
        assert_eq!(counts.attempted, counts.published, "{}", trial.cell);
        assert_eq!(counts.expected, counts.published * 2);
        assert_eq!(counts.delivered, counts.expected);
        assert_eq!(
            (counts.lost, counts.duplicated, counts.reordered),
            (0, 0, 0)
        );
        assert_eq!((counts.corrupt, counts.foreign, counts.failed), (0, 0, 0));
        assert_eq!(trial.pairs.len(), 6, "3 publishers x 2 subscribers");
        assert!(
            trial
                .pairs
                .iter()
                .all(|pair| pair.delivered == pair.expected)
        );
        let response = &trial.histograms[&Metric::Response];
        assert_eq!(response.count + response.negative, counts.delivered);
        if trial.cell.contains("open") {
            assert_eq!(
                counts.attempted, 1200,
                "2000/s for 600 ms, phases within the period"
            );
            assert_eq!(trial.histograms[&Metric::WakeLag].count, 1200);
            assert_eq!(trial.histograms[&Metric::Encode].count, 1200);
        } else {
            assert!(
                counts.attempted > 1200,
                "{} in closed load",
                counts.attempted
            );
            let timed = trial.histograms[&Metric::Encode].count;
            let expected = counts.published / 16;
            assert!(timed.abs_diff(expected) <= 3, "{timed} of {expected}");
            assert!(
                !trial.histograms.contains_key(&Metric::WakeLag),
                "there is no schedule"
            );
        }
        let decoded = trial.histograms[&Metric::Decode].count;
        let expected = counts.delivered / 16;
        assert!(decoded.abs_diff(expected) <= 12, "{decoded} of {expected}");
        let within: u64 = trial.series.iter().map(|second| second.delivered).sum();
        assert!(
            within >= counts.delivered,
            "warm-up messages may arrive in the window"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cost_is_told_where_the_last_message_comes_well_before_the_windows_end() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(&scratch.path().join("run")).unwrap();
    let text = SCENARIO
        .replace("trials = 2", "trials = 1")
        .replace("rate = [2000]", "rate = [10]");
    let mut plan = plan(&text);
    plan.cells.retain(|cell| cell.id == "null-json-open-10");
    run_in(&folder, &plan, None, &CancellationToken::new(), |_| ())
        .await
        .unwrap();
    let run = folder.read().unwrap();
    let trial = run.trials.values().flatten().next().unwrap();
    assert!(trial.client_cost.is_some(), "{:?}", trial.reasons);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_keeps_its_trials_and_goes_on_from_them() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(&scratch.path().join("run")).unwrap();
    let plan = plan(SCENARIO);
    let cancel = CancellationToken::new();
    let stop_after_three = |event: &Event| {
        if matches!(event, Event::TrialFinished { finished: 3, .. }) {
            cancel.cancel();
        }
    };
    let finished = run_in(&folder, &plan, None, &cancel, stop_after_three)
        .await
        .unwrap();
    assert_eq!(finished.record.state, RunState::Interrupted);
    let before = folder.read().unwrap();
    assert_eq!(before.trials.values().map(Vec::len).sum::<usize>(), 3);

    let mut run_again = 0;
    let finished = run_in(
        &folder,
        &plan,
        Some(&before),
        &CancellationToken::new(),
        |event| {
            run_again += u32::from(matches!(event, Event::TrialFinished { .. }));
        },
    )
    .await
    .unwrap();
    assert_eq!(run_again, 13, "16 trials, 3 of them done before");
    assert_eq!(finished.record.state, RunState::Complete);
    assert_eq!(finished.usable_trials, 16);
    let after = folder.read().unwrap();
    assert!(after.trials.values().all(|trials| trials.len() == 2));
    for (cell, trials) in &before.trials {
        assert!(
            trials
                .iter()
                .all(|trial| after.trials[cell].contains(trial)),
            "{cell} kept"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_gone_on_with_by_other_smallest_effects() {
    let (_scratch, folder, text) = finished().await;
    let before = folder.read().unwrap();
    let cancel = CancellationToken::new();
    let of = |run: &Run| {
        let effects = &run.record.scenario.smallest_effects;
        effects.of(ComparedFigure::ResponseP99Ns)
    };
    assert!((of(&before) - 0.1).abs() < 1e-12);
    let other = plan(&format!(
        "{text}\n[smallest_effects]\nresponse_p99_ns = 0.2\n"
    ));
    run_in(&folder, &other, Some(&before), &cancel, |_| ())
        .await
        .unwrap();
    let after = folder.read().unwrap();
    assert!((of(&after) - 0.2).abs() < 1e-12);
    assert_eq!(after.trials, before.trials);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_something_else_is_not_gone_on_with() {
    let (_scratch, folder, _) = finished().await;
    let before = folder.read().unwrap();
    let cancel = CancellationToken::new();
    let error = run_in(&folder, &plan(SCENARIO), Some(&before), &cancel, |_| ()).await;
    let message = error.unwrap_err().to_string();
    assert!(
        message.contains("cannot resume null-test: the scenario's hash is"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_interrupted_in_the_middle_of_a_trial() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(&scratch.path().join("run")).unwrap();
    let plan = plan(&SCENARIO.replace("\"600ms\"", "\"60s\""));
    let cancel = CancellationToken::new();
    let soon = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(700)).await;
        soon.cancel();
    });
    let began = Instant::now();
    let finished = run_in(&folder, &plan, None, &cancel, |_| ()).await.unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(finished.record.state, RunState::Interrupted);
    assert_eq!(finished.usable_trials, 0);
    assert!(
        folder.read().unwrap().trials.values().all(Vec::is_empty),
        "nothing half-measured"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_cells_are_recorded_with_their_reason() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(&scratch.path().join("run")).unwrap();
    let text = SCENARIO
        .replace("[\"null\"]", "[\"null\", \"mqtt3\"]")
        .replace(
            "[\"native\", \"json\", \"json-base64\", \"cbor\"]",
            "[\"native\"]",
        )
        .replace("trials = 2", "trials = 1");
    let cancel = CancellationToken::new();
    let finished = run_in(&folder, &plan(&text), None, &cancel, |_| ())
        .await
        .unwrap();
    let states: Vec<_> = finished
        .record
        .cells
        .iter()
        .map(|cell| &cell.state)
        .collect();
    assert_eq!(
        states
            .iter()
            .filter(|state| ***state == CellState::Planned)
            .count(),
        2
    );
    let reason = "MQTT 3.1.1 has no headers, so it cannot carry the native layout";
    assert!(states.contains(&&CellState::NotPossible(reason.to_owned())));
}
