//! Claims on footprints.

use super::{MadeUp, judged, run};
use crate::Verdict;
use crate::claims::ClaimVerdict::{
    self, NoMeasurableDifference, NotSupported, NotTestedYet, Supported,
};
use crate::claims::{Evidence, NoVerdict};
use crate::footprint::FootprintRow;

const STARTS: &str =
    "rule.at_most = { figure = 'start_warm_ns', limit = 1e9, provider = ['process'] }";
const IMAGE: &str = "rule.at_most = { figure = 'image_compressed_bytes', limit = 1e7, server = ['nats'], image_prefix = 'nats:' }";
const ADDED: &str = "rule.at_most = { figure = 'added_bytes', limit = 1e6, language = ['go'], service = ['rest'], client = ['nats'] }";

/// A process that starts within these ends, in ns.
fn process(low: f64, high: f64) -> FootprintRow {
    FootprintRow {
        server: Some("nats".to_owned()),
        provider: Some("process".to_owned()),
        trials: 5,
        verdict: Some(Verdict::Valid),
        start_warm_ns: Some(f64::midpoint(low, high)),
        start_warm_low_ns: Some(low),
        start_warm_high_ns: Some(high),
        ..FootprintRow::default()
    }
}

fn image(server: &str, bytes: u64) -> FootprintRow {
    FootprintRow {
        server: Some(server.to_owned()),
        provider: Some("container".to_owned()),
        image: Some(format!("{server}:2.12")),
        emulated: true,
        verdict: Some(Verdict::Suspect),
        image_compressed_bytes: Some(bytes),
        ..FootprintRow::default()
    }
}

fn with(footprints: Vec<FootprintRow>) -> MadeUp {
    MadeUp {
        footprints,
        ..run(Vec::new())
    }
}

#[track_caller]
fn check(rule: &str, footprints: Vec<FootprintRow>, expected: ClaimVerdict) {
    assert_eq!(judged(rule, &[with(footprints)]).verdict, expected);
}

#[test]
fn every_footprint_that_a_claim_is_about_has_to_keep_to_the_limit() {
    check(
        STARTS,
        vec![process(1e8, 2e8), process(3e8, 9e8)],
        Supported,
    );
    check(
        STARTS,
        vec![process(1e8, 2e8), process(2e9, 3e9)],
        NotSupported,
    );
    check(STARTS, vec![], NotTestedYet);
}

#[test]
fn a_limit_within_the_interval_is_neither_kept_nor_broken() {
    check(STARTS, vec![process(9e8, 1.1e9)], NoMeasurableDifference);
}

#[test]
fn what_was_measured_under_an_emulator_decides_on_sizes_only() {
    check(IMAGE, vec![image("nats", 9_000_000)], Supported);
    check(IMAGE, vec![image("nats", 11_000_000)], NotSupported);
    // Another server's image is not what the claim is about, nor one that somebody else made.
    check(IMAGE, vec![image("redis", 11_000_000)], NotTestedYet);
    let own = FootprintRow {
        image: Some("busbench/nats:local".to_owned()),
        ..image("nats", 11_000_000)
    };
    check(IMAGE, vec![own], NotTestedYet);
    let emulated = FootprintRow {
        verdict: Some(Verdict::Suspect),
        ..process(1e8, 2e8)
    };
    let judged = judged(STARTS, &[with(vec![emulated])]);
    assert_eq!(judged.verdict, NotTestedYet);
    assert_eq!(judged.parts[0].left_out[&NoVerdict::NotValid], 1);
}

#[test]
fn few_trials_decide_nothing() {
    let few = FootprintRow {
        trials: 4,
        ..process(1e8, 2e8)
    };
    let judged = judged(STARTS, &[with(vec![few])]);
    assert_eq!(judged.verdict, NotTestedYet);
    assert_eq!(judged.parts[0].left_out[&NoVerdict::TooFewTrials], 1);
    assert_eq!(judged.parts[0].most_trials, 4);
}

#[test]
fn what_a_client_adds_is_judged_in_its_language_and_service() {
    let program_of = |language: &str, service: &str, added_bytes| FootprintRow {
        language: Some(language.to_owned()),
        service: Some(service.to_owned()),
        client: Some("nats".to_owned()),
        added_bytes: Some(added_bytes),
        ..FootprintRow::default()
    };
    let program = |language: &str, added_bytes| program_of(language, "rest", added_bytes);
    check(ADDED, vec![program("rust", 2_000_000)], NotTestedYet);
    check(ADDED, vec![program_of("go", "bare", 900_000)], NotTestedYet);
    check(ADDED, vec![program("go", 900_000)], Supported);
    let runs = [
        with(vec![program("go", 900_000)]),
        with(vec![program("rust", 100), program("go", 1_100_000)]),
    ];
    let judged = judged(ADDED, &runs);
    assert_eq!(judged.verdict, NotSupported);
    let Evidence::Footprints(seen) = &judged.parts[0].evidence else {
        panic!("{:?}", judged.parts[0].evidence);
    };
    let places: Vec<_> = seen.iter().map(|seen| (seen.run, seen.footprint)).collect();
    assert_eq!(places, [(0, 0), (1, 1)]);
}
