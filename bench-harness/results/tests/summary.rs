//! What a cell's row says about its trials.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use busbench_results::{
    CellOutcome, LimitedBy, Outcome, ReasonKind, Row, Run, Trial, Verdict, fixtures, summarise,
};

fn row_of(rows: &[Row], bus: &str, envelope: &str, load: &str) -> Row {
    rows.iter()
        .find(|row| row.bus == bus && row.envelope == envelope && row.load.name() == load)
        .unwrap()
        .clone()
}

fn example(bus: &str, envelope: &str, load: &str) -> Row {
    row_of(&summarise(&fixtures::run()), bus, envelope, load)
}

/// The row of NATS core's open cell after a change to its trials.
fn row_after(change: impl Fn(&mut Vec<Trial>)) -> Row {
    let mut run: Run = fixtures::small_run();
    change(run.trials.get_mut("nats-core-native-open").unwrap());
    row_of(&summarise(&run), "nats-core", "native", "open")
}

#[test]
fn an_open_cell_has_response_times_and_their_interval() {
    let row = example("nats-core", "native", "open");
    let (p50, p99) = (row.response_p50_ns.unwrap(), row.response_p99_ns.unwrap());
    assert!((62_000..65_000).contains(&p50), "{p50}");
    assert!(row.response_p99_low_ns.unwrap() < p99 && p99 < row.response_p99_high_ns.unwrap());
    assert!(row.response_p99_9_ns.unwrap() < row.response_max_ns.unwrap());
}

#[test]
fn a_closed_cell_has_no_response_time_and_a_service_time() {
    let row = example("nats-core", "native", "closed");
    assert_eq!(row.response_p50_ns, None);
    assert_eq!(row.response_max_ns, None);
    assert!(row.service_p99_ns.is_some());
}

#[test]
fn a_saturated_cell_has_no_response_time() {
    let row = example("redis-streams", "native", "open");
    assert_eq!(row.outcome, CellOutcome::Saturated);
    assert_eq!(row.response_p99_ns, None);
}

#[test]
fn one_trial_whose_load_was_not_carried_takes_the_response_time_away() {
    let row = row_after(|trials| {
        trials[0].counts.in_time = trials[0].counts.attempted * 98 / 100;
        // It may be lossy beside: what is late is late all the same.
        trials[0].outcome = Outcome::Lossy;
    });
    assert_eq!(row.response_p99_ns, None);
    assert!(row_after(|_| {}).response_p99_ns.is_some());
}

#[test]
fn a_rate_is_the_geometric_mean_of_deliveries_in_time_over_the_window() {
    let row = row_after(|trials| {
        for (trial, in_time) in trials.iter_mut().zip([10_000, 20_000, 40_000]) {
            trial.counts.in_time = in_time;
            trial.window_ns = 2_000_000_000;
        }
    });
    assert!((row.delivered_per_second.unwrap() - 10_000.0).abs() < 1e-6);
    assert!(row.delivered_per_second_low.unwrap() < 10_000.0);
}

#[test]
fn two_trials_show_no_interval() {
    let row = row_after(|trials| trials.truncate(2));
    assert!(row.delivered_per_second.is_some());
    assert_eq!(row.delivered_per_second_low, None);
    assert_eq!(row.response_p99_low_ns, None);
}

#[test]
fn an_invalid_trial_is_not_pooled_and_makes_the_cell_suspect() {
    let whole = row_after(|_| {});
    let row = row_after(|trials| {
        trials[1].verdict = Verdict::Invalid;
        trials[1].reasons = vec![ReasonKind::ClockJumped.alone()];
        trials[1].counts.delivered = 1;
    });
    assert_eq!(row.trials, 2);
    assert_eq!(row.verdict, Some(Verdict::Suspect));
    assert_eq!(row.reasons, "trial 2 invalid: clock jumped");
    assert_eq!(row.delivered.unwrap(), whole.delivered.unwrap() / 3 * 2);
}

#[test]
fn a_cell_whose_every_trial_is_invalid_has_no_figures() {
    let row = example("mqtt3", "json", "closed");
    assert_eq!(row.verdict, Some(Verdict::Invalid));
    assert_eq!(row.outcome, CellOutcome::Failed);
    assert_eq!(row.trials, 0);
    assert_eq!(row.delivered_per_second, None);
    assert_eq!(row.delivered, None);
}

#[test]
fn the_worst_outcome_of_all_trials_is_the_cells() {
    let row = row_after(|trials| trials[0].outcome = Outcome::Lossy);
    assert_eq!(row.outcome, CellOutcome::Lossy);
    let row = row_after(|trials| {
        trials[0].outcome = Outcome::Failed;
        trials[0].verdict = Verdict::Invalid;
    });
    assert_eq!(row.outcome, CellOutcome::Failed);
}

#[test]
fn a_limit_is_named_when_most_trials_name_it() {
    let row = row_after(|trials| trials[0].limited_by = LimitedBy::Client);
    assert_eq!(row.limited_by, Some(LimitedBy::Offered));
    let row = row_after(|trials| {
        trials[0].limited_by = LimitedBy::Client;
        trials[1].limited_by = LimitedBy::Server;
    });
    assert_eq!(row.limited_by, Some(LimitedBy::Unknown));
    let row = row_after(|trials| {
        trials[0].outcome = Outcome::Saturated;
        trials[0].limited_by = LimitedBy::Server;
    });
    assert_eq!(
        row.limited_by,
        Some(LimitedBy::Server),
        "of the trial that the outcome is from"
    );
}

#[test]
fn a_cell_that_is_not_possible_says_why() {
    let row = example("mqtt3", "native", "open");
    assert_eq!(row.outcome, CellOutcome::NotPossible);
    assert_eq!(row.verdict, None);
    assert!(row.reasons.contains("no headers"), "{}", row.reasons);
}

#[test]
fn a_cell_that_has_not_run_says_so() {
    let row = example("null", "json", "open");
    assert_eq!(row.outcome, CellOutcome::NotRun);
    assert_eq!((row.verdict, row.trials), (None, 0));
}

#[test]
fn cost_is_divided_by_the_deliveries_of_the_trials_that_have_it() {
    let row = row_after(|trials| {
        trials[0].server_cost = None;
        for trial in &mut trials[1..] {
            trial.counts.arrived = Some(1_000);
            trial.server_cost.as_mut().unwrap().cpu_ns = 3_000_000;
        }
    });
    assert!((row.server_cpu_ns_per_message.unwrap() - 3_000.0).abs() < 1e-9);
}

#[test]
fn a_histogram_that_cannot_be_read_is_a_reason_and_not_a_figure() {
    let row = row_after(|trials| {
        for histogram in trials[0].histograms.values_mut() {
            histogram.v2_deflate_base64 = "?".to_owned();
        }
    });
    assert_eq!(row.response_p50_ns, None);
    assert!(
        row.reasons.contains("histogram response unreadable"),
        "{}",
        row.reasons
    );
}

#[test]
fn what_was_used_is_divided_by_what_arrived_meanwhile_where_it_was_read() {
    let row = row_after(|trials| {
        for trial in trials.iter_mut() {
            let cost = trial.server_cost.as_mut().unwrap();
            cost.cpu_ns = 8_000_000;
            (cost.voluntary_switches, cost.involuntary_switches) = (Some(300), Some(100));
            // As many again came in the drain, when nothing was read any more.
            (trial.counts.arrived, trial.counts.delivered) = (Some(1000), 2000);
        }
        trials[0].server_cost.as_mut().unwrap().involuntary_switches = None;
        trials[1].server_cost = None;
        // Recorded before arrivals were counted.
        trials[2].counts.arrived = None;
    });
    let third = |figure: f64| Some((figure * 1000.0).round() / 1000.0);
    assert_eq!(row.server_cpu_ns_per_message, third(16_000_000.0 / 3000.0));
    assert_eq!(row.server_context_switches_per_message, Some(0.2));
}

#[test]
fn bytes_over_network_and_disk_and_memory_peaks_have_columns() {
    let row = example("nats-jetstream", "native", "closed");
    assert_eq!(row.server_disk_written_bytes_per_message, Some(700.0));
    assert_eq!(row.server_network_bytes_per_message, Some(1460.0));
    assert_eq!(row.client_rss_peak_bytes, Some(41 << 20));
    let row = example("null", "native", "closed");
    assert_eq!(row.server_network_bytes_per_message, None);
    assert_eq!(row.server_disk_written_bytes_per_message, None);
}

#[test]
fn bytes_on_the_wire_are_the_mean_of_the_trials_that_counted_them() {
    let row = row_after(|trials| {
        let (first, others) = trials.split_first_mut().unwrap();
        first.wire = None;
        for (trial, protocol_bytes) in others.iter_mut().zip([20, 23]) {
            trial.wire.as_mut().unwrap().protocol_bytes = protocol_bytes;
        }
    });
    assert_eq!(row.wire_protocol_bytes, Some(21.5));
    let parts = [
        row.wire_payload_bytes,
        row.wire_envelope_bytes,
        row.wire_topic_bytes,
        row.wire_protocol_bytes,
    ];
    let sum: f64 = parts.into_iter().flatten().sum();
    assert_eq!(row.wire_bytes_per_message, Some(sum));
    let row = example("null", "native", "closed");
    assert_eq!(row.wire_bytes_per_message, None);
}
