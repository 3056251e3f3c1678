use std::sync::LazyLock;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{ChangedSeries, Direction, TrendOptions, Trends, trends};
use crate::Verdict;
use crate::comparison::{ComparedFigure, SmallestEffects};
use crate::fixtures;
use crate::history::{HistoryLine, NonNegative, Series, SeriesFilter, series_of};

const RATE: ComparedFigure = ComparedFigure::DeliveredPerSecond;
const P99: ComparedFigure = ComparedFigure::ResponseP99Ns;

/// Making it up takes a while.
static HISTORY: LazyLock<Vec<HistoryLine>> = LazyLock::new(fixtures::history);

fn of_history() -> Trends {
    trends(&series_of(HISTORY.clone()), &TrendOptions::default())
}

fn changed<'a>(trends: &'a Trends, bus: &str, envelope: &str) -> &'a ChangedSeries {
    let is_it = |series: &&ChangedSeries| {
        series.key.cell.bus == bus && series.key.cell.envelope == envelope
    };
    trends.changed.iter().find(is_it).unwrap()
}

/// The delivered rate of one cell, run by run.
fn rates(of: impl IntoIterator<Item = f64>) -> Series {
    let mut lines = HISTORY.iter();
    let line = lines.find(|line| line.series.cell.bus == "null").unwrap();
    let lines = (1..).zip(of).map(|(night, rate)| {
        let mut line = HistoryLine {
            run: format!("night-{night}"),
            started_unix_ms: night,
            ..line.clone()
        };
        line.measured.verdict = Verdict::Valid;
        line.measured.delivered_per_second = NonNegative::try_from(rate).ok();
        line.measured.delivered_per_second_low = None;
        line.measured.delivered_per_second_high = None;
        line
    });
    series_of(lines).remove(0)
}

fn only_rates() -> TrendOptions {
    TrendOptions {
        figures: vec![RATE],
        ..TrendOptions::default()
    }
}

/// About normal noise around 1.
fn noisy(random: &mut ChaCha8Rng, noise: f64) -> f64 {
    let sum: f64 = (0..12)
        .map(|_| f64::from(random.next_u32()) / f64::from(u32::MAX))
        .sum();
    (noise * (sum - 6.0)).exp()
}

#[test]
fn a_slower_commit_is_named_with_the_last_run_before_it() {
    let trends = of_history();
    let series = changed(&trends, "nats-core", "native");
    let figure = series.figures.iter().find(|of| of.figure == RATE).unwrap();
    let [change] = &figure.changes[..] else {
        panic!("{:?}", figure.changes);
    };
    assert_eq!(change.first_with.run, "night-034");
    assert_eq!(change.last_before.run, "night-033");
    assert_eq!(change.direction, Direction::Worse);
    assert!((change.share() + 0.12).abs() < 0.02, "{}", change.share());
    assert_eq!((change.steps, &change.server), (1, &None));
}

#[test]
fn a_change_with_a_newer_server_is_explained_by_it() {
    let trends = of_history();
    let series = changed(&trends, "redis-pubsub", "json");
    let change = &series.figures[0].changes[0];
    assert_eq!(change.direction, Direction::Better);
    let server = change.server.as_ref().unwrap();
    assert_eq!(server.from.as_deref(), Some("7.0.15"));
    assert_eq!(server.to.as_deref(), Some("7.2.4"));
    assert_eq!(server.first_with.run, "night-040");
}

#[test]
fn a_slow_drift_is_told_from_its_first_segment_to_its_last() {
    let trends = of_history();
    let series = changed(&trends, "mqtt5", "json");
    let figure = series.figures.iter().find(|of| of.figure == P99).unwrap();
    let (first, last) = (&figure.changes[0], figure.changes.last().unwrap());
    assert!(last.to / first.from > 1.15, "{:?}", figure.changes);
    let is_worse = |change: &super::Change| change.direction == Direction::Worse;
    assert!(figure.changes.iter().all(is_worse));
}

#[test]
fn steps_that_are_too_small_alone_are_one_drift() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let height = [1.0, 1.035, 1.07, 1.105];
    let series = rates((0..80).map(|night| height[night / 20] * noisy(&mut random, 0.004)));
    let trends = trends(&[series], &only_rates());
    let [change] = &trends.changed[0].figures[0].changes[..] else {
        panic!("{:?}", trends.changed[0].figures[0]);
    };
    assert_eq!(change.steps, 3);
    assert_eq!(change.first_with.run, "night-21");
    assert_eq!(change.complete_with.as_ref().unwrap().run, "night-61");
    assert!((change.share() - 0.105).abs() < 0.01);
}

#[test]
fn a_change_below_the_smallest_effect_of_interest_is_none() {
    let step = |share: f64| {
        let mut random = ChaCha8Rng::seed_from_u64(6);
        let rate = |night| if night < 30 { 1.0 } else { 1.0 + share };
        rates((0..60).map(|night| 1e5 * rate(night) * noisy(&mut random, 0.002)))
    };
    let changes = |share, options: &TrendOptions| trends(&[step(share)], options).changes();
    assert_eq!(changes(0.04, &only_rates()), 0);
    assert_eq!(changes(0.06, &only_rates()), 1);
    let mut options = only_rates();
    options.effects.set(RATE, 0.02).unwrap();
    assert_eq!(changes(0.04, &options), 1);
    // Down by 1 / 1.05 is as much as up by 1.05.
    assert_eq!(changes(-0.046, &only_rates()), 0);
    assert_eq!(changes(-0.055, &only_rates()), 1);
}

#[test]
fn what_is_too_short_or_steady_is_counted() {
    let trends = of_history();
    let short: Vec<&str> = trends
        .quiet
        .iter()
        .filter(|series| series.is_too_short)
        .map(|series| series.key.cell.bus.as_str())
        .collect();
    assert_eq!(short, ["nats-jetstream"]);
    assert_eq!((trends.steady(), trends.too_short()), (1, 1));
    let null = trends.quiet.iter().find(|of| of.key.cell.bus == "null");
    assert_eq!(null.map(|null| (null.points, null.invalid)), Some((57, 3)));
    assert_eq!(trends.changed.len(), 4);
}

#[test]
fn another_machine_scenario_or_guarantee_begins_another_series() {
    let of = |change: fn(&mut HistoryLine)| {
        let mut lines = HISTORY.clone();
        lines.retain(|line| line.series.cell.bus == "null");
        let half = lines.len() / 2;
        lines[half..].iter_mut().for_each(change);
        series_of(lines).len()
    };
    for change in [
        (|line| line.series.host.name.push('2')) as fn(&mut HistoryLine),
        |line| line.series.host.cpu_model.push('2'),
        |line| line.series.host.cores += 1,
        |line| line.series.scenario_hash.push('2'),
        |line| line.series.provider.push('2'),
        |line| line.series.guarantee = Some("synced / at-least-once".to_owned()),
        |line| line.series.cell.publishers += 1,
    ] {
        assert_eq!(of(change), 2);
    }
    for change in [
        (|line| line.tool.version.push('2')) as fn(&mut HistoryLine),
        |line| line.tool.commit = None,
        |line| line.server_version = Some("1".to_owned()),
    ] {
        assert_eq!(of(change), 1);
    }
}

#[test]
fn runs_are_taken_by_their_start_and_not_by_their_place() {
    let mut lines = HISTORY.clone();
    lines.reverse();
    let backwards = trends(&series_of(lines), &TrendOptions::default());
    let series = changed(&backwards, "nats-core", "native");
    assert_eq!(series.figures[0].changes[0].first_with.run, "night-034");
}

#[test]
fn what_has_no_logarithm_is_no_point() {
    let zeros = rates([0.0; 30]);
    assert_eq!(zeros.points(RATE), []);
    let trends = trends(&[zeros], &only_rates());
    assert_eq!((trends.asked, trends.too_short()), (0, 1));
    assert_eq!(series_of(Vec::new()), []);
    assert_eq!(super::trends(&[], &only_rates()).changes(), 0);
}

/// With one correction for all, a call finds nothing at all in 95 of 100 histories of noise.
#[test]
// `--nocapture` shows the counts.
fn a_history_of_noise_alone_has_no_change_in_nineteen_of_twenty_calls() {
    const CALLS: u64 = 40;
    let mut options = only_rates();
    options.effects = SmallestEffects::default();
    options.effects.set(RATE, 0.0).unwrap();
    let with_changes = (0..CALLS)
        .filter(|call| {
            let mut random = ChaCha8Rng::seed_from_u64(100 + call);
            let series: Vec<Series> = (0..25)
                .map(|_| rates((0..30).map(|_| noisy(&mut random, 0.1))))
                .collect();
            trends(&series, &options).changes() > 0
        })
        .count();
    println!("{with_changes} of {CALLS} histories of noise have a change");
    // Of 40 calls at 5 %, 5 or fewer in 95 of 100 such tests.
    assert!(with_changes <= 5, "{with_changes} of {CALLS}");
}

/// A single change must be found among many series without: its p-value falls far enough.
#[test]
fn one_change_among_many_series_is_found() {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let mut series: Vec<Series> = (0..100)
        .map(|_| rates((0..40).map(|_| noisy(&mut random, 0.03))))
        .collect();
    series.push(rates((0..40).map(|night| {
        let step = if night < 25 { 1.0 } else { 0.85 };
        step * noisy(&mut random, 0.03)
    })));
    let trends = trends(&series, &only_rates());
    assert_eq!(trends.asked, 101);
    assert_eq!(trends.changes(), 1);
    let change = &trends.changed[0].figures[0].changes[0];
    assert_eq!(change.first_with.run, "night-26");
}

#[test]
fn a_filter_keeps_what_it_names_and_says_what_there_is() {
    let series = series_of(HISTORY.clone());
    let kept = |text: &str| {
        let mut filter = SeriesFilter::default();
        filter.add(text).map_err(|error| error.to_string())?;
        let kept = filter.keep(series.clone());
        kept.map(|kept| kept.len())
            .map_err(|error| error.to_string())
    };
    assert_eq!(kept("bus=nats-core"), Ok(2));
    assert_eq!(kept("bus=nats-core,bus=mqtt5,load=open"), Ok(2));
    assert_eq!(
        kept("host=bench-1,scenario=quick,cores=2,emulated=false"),
        Ok(6)
    );
    assert_eq!(kept("offered_per_second=5000"), Ok(2));
    for (text, said) in [
        ("bus", "expected KEY=VALUE"),
        ("bus=", "expected KEY=VALUE"),
        (
            "colour=red",
            "no such key; one of ack_window, arch, arrivals, bus",
        ),
        ("bus=kafka", "values of bus are mqtt5, nats-core"),
        (
            "bus=mqtt5,load=closed",
            "no series has all of bus=mqtt5, load=closed",
        ),
    ] {
        let error = kept(text).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}
