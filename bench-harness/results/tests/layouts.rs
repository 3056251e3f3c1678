//! The native layout against the others: which cells are paired, and what is said of a pair.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::sync::LazyLock;

use busbench_results::comparison::{
    ComparedFigure, Difference, Finding, LayoutComparison, NotComparable, Side, SmallestEffects,
    compare_layouts,
};
use busbench_results::{CellOutcome, Load, Row, Run, fixtures, summarise};

const RATE: ComparedFigure = ComparedFigure::DeliveredPerSecond;
const P99: ComparedFigure = ComparedFigure::ResponseP99Ns;

fn figures(row: &Row) -> &'static [ComparedFigure] {
    match row.load {
        Load::Closed => &[RATE, ComparedFigure::ClientCpuNsPerMessage],
        Load::Open => &[P99],
    }
}

fn compared(run: &Run) -> (Vec<Row>, LayoutComparison) {
    let rows = summarise(run);
    let comparison = compare_layouts(run, &rows, &SmallestEffects::default(), figures);
    (rows, comparison)
}

/// The made-up matrix, compared once.
fn example() -> &'static (Vec<Row>, LayoutComparison) {
    static EXAMPLE: LazyLock<(Vec<Row>, LayoutComparison)> =
        LazyLock::new(|| compared(&fixtures::envelope_run()));
    &EXAMPLE
}

/// The gain of native over a layout with events of one depth.
#[track_caller]
fn gain<'c>(
    (rows, comparison): &'c (Vec<Row>, LayoutComparison),
    [bus, layout, payload, depth]: [&str; 4],
    figure: ComparedFigure,
) -> &'c Difference {
    let pair = comparison.pairs.iter().find(|pair| {
        let row = &rows[pair.other];
        let key = [&row.bus, &row.envelope, &row.payload, &row.depth];
        key == [bus, layout, payload, depth] && figures(row).contains(&figure)
    });
    let gains = &pair.unwrap().gains;
    gains.iter().find(|gain| gain.figure == figure).unwrap()
}

#[test]
fn every_other_layout_is_paired_with_native_under_the_same_conditions() {
    let (rows, comparison) = example();
    let others = rows.iter().filter(|row| row.envelope != "native").count();
    assert_eq!(comparison.pairs.len(), others);
    for pair in &comparison.pairs {
        let (native, other) = (&rows[pair.native], &rows[pair.other]);
        assert_eq!(native.envelope, "native");
        for same in [
            native.bus == other.bus,
            native.payload == other.payload,
            native.depth == other.depth,
            native.load == other.load,
        ] {
            assert!(same, "{native:?} {other:?}");
        }
        let asked: Vec<ComparedFigure> = pair.gains.iter().map(|gain| gain.figure).collect();
        assert_eq!(asked, figures(other));
    }
}

#[test]
fn a_gain_is_native_by_the_other() {
    let at = ["nats-core", "json", "100xInt16", "envelope"];
    let rate = gain(example(), at, RATE);
    assert_eq!(rate.finding, Finding::Higher { at_least: false });
    assert!(rate.ratio.unwrap() > 2.0, "{rate:?}");
    let client = gain(example(), at, ComparedFigure::ClientCpuNsPerMessage);
    assert_eq!(client.finding, Finding::Lower { at_least: false });
    let small = ["mqtt5", "json", "1xInt32", "envelope"];
    assert_eq!(
        gain(example(), small, RATE).finding,
        Finding::NoMeasurableDifference
    );
    let client = gain(example(), small, ComparedFigure::ClientCpuNsPerMessage);
    assert_eq!(client.finding, Finding::Higher { at_least: false });
}

#[test]
fn another_number_of_payload_bytes_is_the_layouts_own() {
    let (rows, _) = example();
    let bytes = |layout: &str| {
        let of_it = |row: &&Row| row.envelope == layout && row.payload == "100xInt16";
        rows.iter().find(of_it).unwrap().payload_bytes
    };
    assert_ne!(bytes("cbor"), bytes("native"));
    let at = ["nats-core", "cbor", "100xInt16", "envelope"];
    assert!(gain(example(), at, RATE).interval.is_some());
}

#[test]
fn what_takes_a_headline_away_is_said_with_its_side() {
    let outcome = |at, figure| gain(example(), at, figure).finding.clone();
    let not = |side, outcome| Finding::NotComparable(NotComparable::Outcome(side, outcome));
    assert_eq!(
        outcome(["mqtt3", "json", "1xInt32", "envelope"], RATE),
        not(Side::Head, CellOutcome::NotPossible)
    );
    assert_eq!(
        outcome(["nats-core", "json-base64", "1xInt32", "envelope"], RATE),
        not(Side::Base, CellOutcome::Lossy)
    );
    assert_eq!(
        outcome(["mqtt5", "cbor", "100xInt16", "envelope"], P99),
        not(Side::Base, CellOutcome::Saturated)
    );
}

#[test]
fn a_window_that_the_size_of_messages_bounded_is_another_condition() {
    let mut run = fixtures::envelope_run();
    for cell in &mut run.record.cells {
        if cell.key.envelope == "json-base64" && cell.key.load == Load::Closed {
            cell.key.window = Some(190);
        }
    }
    let compared = compared(&run);
    let at = ["nats-core", "json-base64", "100xInt16", "envelope"];
    let why = NotComparable::Conditions(vec!["window"]);
    assert_eq!(
        gain(&compared, at, RATE).finding,
        Finding::NotComparable(why)
    );
}

#[test]
fn of_several_windows_the_nearest_is_the_pair() {
    let mut run = fixtures::envelope_run();
    let is_closed_native = |cell: &&busbench_results::Cell| {
        cell.key.load == Load::Closed && cell.key.envelope == "native"
    };
    let more: Vec<_> = run
        .record
        .cells
        .iter()
        .filter(is_closed_native)
        .cloned()
        .map(|mut cell| {
            cell.key.window = Some(64);
            cell.id.push_str("-64");
            cell
        })
        .collect();
    run.record.cells.splice(0..0, more);
    let (rows, comparison) = compared(&run);
    for pair in &comparison.pairs {
        assert_eq!(rows[pair.native].window, rows[pair.other].window);
    }
}

#[test]
fn one_trial_shows_a_ratio_and_no_interval() {
    let mut run = fixtures::envelope_run();
    for trials in run.trials.values_mut() {
        trials.truncate(1);
    }
    let compared = compared(&run);
    let at = ["nats-core", "json", "100xInt16", "envelope"];
    let rate = gain(&compared, at, RATE);
    assert_eq!(rate.finding, Finding::TooFewTrials);
    assert_eq!((rate.pairs, rate.interval), (1, None));
}

#[test]
fn a_run_of_one_layout_has_no_pair() {
    for layout in ["native", "json"] {
        let mut run = fixtures::envelope_run();
        run.record.cells.retain(|cell| cell.key.envelope == layout);
        assert!(compared(&run).1.pairs.is_empty(), "{layout}");
    }
}
