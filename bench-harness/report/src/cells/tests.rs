//! Shapes of the data, and that nothing in them ends its element.

use busbench_results::{Row, Run, export, fixtures, summarise};
use serde_json::Value;

use super::{Tags, data};
use crate::view::View;

fn json(runs: &[Run], tags: &Tags<'_>) -> (String, Value) {
    let views: Vec<View<'_>> = runs.iter().map(View::new).collect();
    let text = data(&views, tags).unwrap();
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

/// The texts of a column, as the script reads them.
fn unpacked(packed: &Value, count: usize) -> Vec<String> {
    if let Some(one) = packed.get("one") {
        return vec![one.as_str().unwrap().to_owned(); count];
    }
    if let Some(list) = packed.get("list") {
        return list
            .as_str()
            .unwrap()
            .split('|')
            .map(str::to_owned)
            .collect();
    }
    let word =
        |at: &Value| packed["words"][usize::try_from(at.as_u64().unwrap()).unwrap()].as_str();
    let at = packed["at"].as_array().unwrap();
    at.iter().map(|at| word(at).unwrap().to_owned()).collect()
}

fn numbers(packed: &Value, count: usize) -> Vec<usize> {
    let texts = unpacked(packed, count);
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn the_fields_of_the_export_come_back_to_the_byte() {
    let runs = [fixtures::run(), fixtures::envelope_run()];
    let (_, data) = json(&runs, &Tags::new());
    let rows: Vec<Row> = runs.iter().flat_map(summarise).collect();
    assert_eq!(data["cells"], rows.len());
    let exported = data["exported"].as_array().unwrap();
    let columns = export::to_columns(&rows).unwrap();
    assert_eq!(exported.len(), columns.len());
    for (packed, column) in exported.iter().zip(&columns) {
        assert_eq!(packed["name"], column.name);
        assert_eq!(unpacked(&packed["values"], rows.len()), column.fields);
    }
}

#[test]
fn each_trial_has_its_rows_and_its_seconds() {
    let run = fixtures::run();
    let trials: usize = run.trials.values().map(Vec::len).sum();
    let (_, data) = json(std::slice::from_ref(&run), &Tags::new());
    let of_cells = numbers(&data["per_cell"]["trials"], run.record.cells.len());
    assert_eq!(of_cells.iter().sum::<usize>(), trials);
    let tables = data["tables"].as_array().unwrap();
    let titles: Vec<&str> = tables
        .iter()
        .map(|table| table["title"].as_str().unwrap())
        .collect();
    assert_eq!(
        titles,
        [
            "Trials",
            "Counts beside the server's",
            "Servers' own counters",
            "What each side used",
            "Machine, clock and client",
        ]
    );
    for table in tables {
        let rows: usize = numbers(&table["rows"], trials).iter().sum();
        assert_eq!(unpacked(&table["tone"], rows).len(), rows);
        for column in table["columns"].as_array().unwrap() {
            assert_eq!(unpacked(&column["values"], rows).len(), rows);
        }
    }
    let points = unpacked(&data["seconds"]["points"], trials);
    assert_eq!(points.len(), trials);
    // Ten seconds of two digits, the drain left out.
    assert!(points.iter().all(|points| points.len() == 20));
}

#[test]
fn a_trial_that_counts_for_nothing_is_there_with_its_reason() {
    let run = fixtures::run();
    let trials: usize = run.trials.values().map(Vec::len).sum();
    let (_, data) = json(&[run], &Tags::new());
    let columns = data["tables"][0]["columns"].as_array().unwrap();
    let column = |title: &str| {
        let of_it = columns.iter().find(|column| column["title"] == title);
        unpacked(&of_it.unwrap()["values"], trials)
    };
    let (numbers, verdicts, reasons) = (column("trial"), column("verdict"), column("reasons"));
    let invalid: Vec<usize> = (0..trials)
        .filter(|trial| verdicts[*trial] == "invalid" && numbers[*trial] == "2")
        .collect();
    // The second trials of a cell that jumped once, and of one that failed throughout.
    let reasons: Vec<&str> = invalid
        .iter()
        .map(|trial| reasons[*trial].as_str())
        .collect();
    assert_eq!(reasons, ["server died", "clock jumped"]);
}

#[test]
fn every_judgement_of_a_cell_has_its_meaning() {
    let run = fixtures::run();
    let cells = run.record.cells.len();
    let (_, data) = json(&[run], &Tags::new());
    let exported = data["exported"].as_array().unwrap();
    for name in ["outcome", "limited_by", "verdict", "guarantee"] {
        let column = exported.iter().find(|column| column["name"] == name);
        for value in unpacked(&column.unwrap()["values"], cells) {
            let meaning = data["meanings"][name][&value].as_str();
            assert!(value.is_empty() || meaning.is_some(), "{name} {value}");
        }
    }
    for kinds in unpacked(&data["per_cell"]["kinds"], cells) {
        for kind in kinds.split(' ').filter(|kind| !kind.is_empty()) {
            assert!(data["meanings"]["reason"][kind].is_string(), "{kind}");
        }
    }
}

#[test]
fn a_cell_has_the_tags_that_are_given_for_it() {
    let tags = Tags::from([((0, 1), vec!["C1", "C3"])]);
    let run = fixtures::run();
    let cells = run.record.cells.len();
    let (_, data) = json(&[run], &tags);
    let tags = unpacked(&data["per_cell"]["tags"], cells);
    assert_eq!(tags[1], "C1 C3");
    assert!(
        tags.iter()
            .enumerate()
            .all(|(place, tags)| place == 1 || tags.is_empty())
    );
}

#[test]
fn no_text_can_end_the_element_that_holds_it() {
    let mut run = fixtures::small_run();
    let text = "</script><script>alert(1)</script><!--\u{0}\u{2028}|";
    run.record.host.name = text.to_owned();
    run.record.cells[0].key.bus = text.to_owned();
    for server in run.record.servers.values_mut() {
        server.configuration = text.to_owned();
    }
    let (written, data) = json(&[run], &Tags::new());
    assert!(!written.contains('<') && !written.contains('\u{0}'));
    assert_eq!(data["servers"][0]["configuration"], text);
}

#[test]
fn servers_that_are_the_same_are_held_once() {
    let of = |runs: &[Run]| {
        json(runs, &Tags::new()).1["servers"]
            .as_array()
            .unwrap()
            .len()
    };
    let once = of(&[fixtures::run()]);
    assert_eq!(of(&[fixtures::run(), fixtures::run()]), once);
    let mut other = fixtures::run();
    for server in other.record.servers.values_mut() {
        server.configuration.push_str("# another");
    }
    assert_eq!(of(&[fixtures::run(), other]), 2 * once);
}

/// A page's limits are 10 000 cells of five trials, and 9 MB for their data: here a tenth of both, as
/// tests run without optimisation. What is held once makes a small report no smaller.
#[test]
fn the_data_of_many_cells_stay_small() {
    let run = fixtures::many_cells(1_150);
    let trials: usize = run.trials.values().map(Vec::len).sum();
    assert!(trials > 5_000, "{trials}");
    let views = [View::new(&run)];
    let data = data(&views, &Tags::new()).unwrap();
    assert!(
        data.len() <= 9_000_000 * 1_150 / 10_000,
        "{} bytes",
        data.len()
    );
    assert!(data.contains("more than 5,000 trials"));
}
