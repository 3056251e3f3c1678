//! The published envelope matrix: its claim on layouts, beside the table of its proof.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use busbench_results::claims::{ClaimVerdict, Evidence, Tested, cells_of_claims};
use busbench_results::comparison::Judgement;
use busbench_results::{Cell, Load, RunFolder, Verdict};

use super::judged;
use crate::view::View;

fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results")
}

/// The delivered rates of the proof, at depth event, by bus, layout and payload.
fn proven() -> BTreeMap<[String; 3], f64> {
    let proof = std::fs::read_to_string(results().join("proofs/envelope-matrix.md")).unwrap();
    let row = |line: &str| {
        let mut columns = line.trim_matches('|').split('|').map(str::trim);
        let key = [columns.next()?, columns.next()?, columns.next()?];
        let (rate, _) = columns.next()?.split_once("k (")?;
        Some((key.map(str::to_owned), rate.parse::<f64>().ok()? * 1e3))
    };
    proof.lines().filter_map(row).collect()
}

#[test]
fn the_claim_on_layouts_says_what_the_proof_says() {
    let folder = results().join("published/envelope-matrix");
    let mut run = RunFolder::open(&folder).unwrap().read().unwrap();
    // Those that the proof tells of: all of them take too long without optimisation.
    let is_told = |cell: &Cell| cell.key.depth == "event" && cell.key.load == Load::Closed;
    run.record.cells.retain(is_told);
    let views = [View::new(&run)];
    let claims = judged(&views).unwrap();
    let layouts = &claims[0];
    assert_eq!(layouts.claim.id, "C1");
    assert_eq!(layouts.verdict, ClaimVerdict::NotSupported);
    let Evidence::Comparisons(tested) = &layouts.parts[0].evidence else {
        panic!("{:?}", layouts.parts[0].evidence);
    };
    let proven = proven();
    for tested in tested {
        let row = |place: usize| &views[0].cells[place].row;
        let (native, other) = (row(tested.head), row(tested.base));
        assert_eq!([native.verdict, other.verdict], [Some(Verdict::Valid); 2]);
        let rate = |layout: &str| {
            let key = [&native.bus, layout, &native.payload].map(str::to_owned);
            proven[&key]
        };
        let expected = rate("native") / rate(&other.envelope);
        let ratio = tested.difference.ratio.unwrap();
        // Rates of the proof have three or four digits.
        assert!((ratio / expected - 1.0).abs() < 0.01, "{ratio} {expected}");
    }
    assert!(tested.len() >= 12, "{}", tested.len());
    // On NATS core, small events are slower in headers than in any envelope.
    let is_slower = |tested: &&Tested| {
        let row = &views[0].cells[tested.head].row;
        (row.bus.as_str(), row.payload.as_str()) == ("nats-core", "1xInt16")
            && tested.difference.judgement() == Judgement::Worse
    };
    assert_eq!(tested.iter().filter(is_slower).count(), 3);
    let cells = cells_of_claims(&claims);
    assert!(cells[&(0, tested[0].head)].contains(&"C1"));
}
