//! Pictures over offered rates, of cost and of loss, and how many of them a report has.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "support/rendered.rs"]
mod rendered;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use busbench_results::{Cell, LimitedBy, Load, Metric, Outcome, Run, Trial, Verdict, fixtures};
use rendered::{Files, files};

/// The open cells of the made-up run at 1,000/s, 5,000/s and 20,000/s. At the highest rate NATS core's
/// native layout is twenty times slower, its other one saturated with the machine used up, and MQTT 5
/// loses messages; Redis pub/sub carries them all.
fn sweep() -> Run {
    let mut run = fixtures::run();
    let plan: Vec<Cell> = std::mem::take(&mut run.record.cells);
    let taken = std::mem::take(&mut run.trials);
    for (rate, name) in [(1e3, "1k"), (5e3, "5k"), (2e4, "20k")] {
        for cell in plan.iter().filter(|cell| cell.key.load == Load::Open) {
            let mut cell = cell.clone();
            let trials = taken.get(&cell.id).cloned();
            cell.id = format!("{}-{name}", cell.id);
            cell.key.offered_per_second = Some(rate);
            if let Some(mut trials) = trials {
                let is_highest = name == "20k";
                for trial in trials.iter_mut().filter(|_| is_highest) {
                    overload(&cell, trial, &taken);
                }
                run.trials.insert(cell.id.clone(), trials);
            }
            run.record.cells.push(cell);
        }
    }
    run
}

fn overload(cell: &Cell, trial: &mut Trial, taken: &BTreeMap<String, Vec<Trial>>) {
    match (cell.key.bus.as_str(), cell.key.envelope.as_str()) {
        ("nats-core", "native") => {
            let full = &taken["mqtt5-native-closed"][0].histograms[&Metric::Service];
            trial.histograms.insert(Metric::Response, full.clone());
        }
        ("nats-core", _) => {
            trial.outcome = Outcome::Saturated;
            trial.limited_by = LimitedBy::Machine;
            trial.counts.in_time = trial.counts.attempted / 2;
        }
        ("mqtt5", _) => {
            trial.outcome = Outcome::Lossy;
            trial.limited_by = LimitedBy::Server;
            trial.counts.lost = trial.counts.expected / 100;
        }
        _ => {}
    }
}

fn swept() -> &'static Files {
    static SWEPT: LazyLock<Files> = LazyLock::new(|| files(&[sweep()]));
    &SWEPT
}

fn words(svg: &str) -> Vec<String> {
    roxmltree::Document::parse(svg)
        .unwrap()
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")))
        .filter_map(|node| Some(node.text()?.trim().to_owned()))
        .collect()
}

fn element<'a>(svg: &'a str, name: &str) -> &'a str {
    let (_, rest) = svg.split_once(&format!("<{name}>")).unwrap();
    rest.split_once('<').unwrap().0
}

#[test]
fn the_new_pictures_are_as_they_were() {
    for name in ["rate-latency-1.svg", "cost-open-1.svg", "loss.svg"] {
        let svg = &swept()[name];
        let said = [element(svg, "title"), element(svg, "desc")].join("\n");
        let texts = words(svg).join(" | ");
        insta::assert_snapshot!(name, format!("{said}\n{texts}\n\n{svg}"));
    }
}

#[test]
fn the_knee_is_marked_where_a_bus_gives_way() {
    let said = element(&swept()["rate-latency-1.svg"], "desc");
    for knee in [
        "nats-core native: at 1,000 62.8 µs and 115 µs",
        "knee at 5,000/s (p99 above ten times its lowest at 20,000/s)",
        "knee at ≥ 5,000/s (20,000/s not carried, limited by the machine)",
        "at 20,000 not carried; knee at 5,000/s (20,000/s not carried)",
        "mqtt3 json: at 1,000 89.9 µs and 185 µs, at 5,000 89.9 µs and 185 µs, at 20,000 89.9 µs and \
         185 µs; no knee up to 20,000/s",
    ] {
        assert!(said.contains(knee), "{knee} is not in: {said}");
    }
}

#[test]
fn rates_of_one_cell_make_no_line() {
    let names = files(&[fixtures::run()]);
    assert!(!names.keys().any(|name| name.starts_with("rate-latency")));
    assert!(!names["index.html"].contains("Rate against latency</h3>"));
}

#[test]
fn buses_of_another_guarantee_are_in_another_picture() {
    let pictures = swept().iter();
    let pictures: Vec<_> = pictures
        .filter(|(name, _)| name.starts_with("rate-latency"))
        .collect();
    assert_eq!(pictures.len(), 3);
    for (name, svg) in pictures {
        let said = element(svg, "desc");
        let stored = said.contains("redis-streams") || said.contains("nats-jetstream");
        assert!(!(stored && said.contains("nats-core")), "{name}: {said}");
    }
}

#[test]
fn where_nothing_was_lost_a_sentence_says_so() {
    let mut run = fixtures::run();
    for trial in run.trials.values_mut().flatten() {
        trial.counts.lost = 0;
    }
    let files = files(&[run]);
    assert!(!files.contains_key("loss.svg"));
    for name in ["index.html", "report.md"] {
        assert!(
            files[name].contains("Nothing was lost in 24 cells."),
            "{name}"
        );
    }
}

#[test]
fn a_picture_of_cost_has_the_numbers_of_each_side() {
    let said = element(&swept()["cost-open-1.svg"], "desc");
    assert!(
        said.contains("nats-core native: 1.90 + 2.30 s, 24.0 MiB"),
        "{said}"
    );
    // A floor has no server.
    assert!(
        said.contains("null native (floor): – + 2.30 s, –"),
        "{said}"
    );
}

/// As many groups as there are payloads.
fn many_groups(number: u64) -> Run {
    let mut run = fixtures::run();
    let plan: Vec<Cell> = run.record.cells.clone();
    for number in 1..number {
        for cell in &plan {
            let mut cell = cell.clone();
            let trials = run.trials.get(&cell.id).cloned();
            cell.id = format!("{}-{number}", cell.id);
            cell.key.payload = format!("{}xInt32", number + 1);
            cell.key.payload_bytes += 40 * number;
            if let Some(trials) = trials {
                run.trials.insert(cell.id.clone(), trials);
            }
            run.record.cells.push(cell);
        }
    }
    run
}

#[test]
fn a_report_has_so_many_pictures_and_tables_and_says_how_many_it_leaves_out() {
    let files = files(&[many_groups(20)]);
    let count = |stem: &str| files.keys().filter(|name| name.starts_with(stem)).count();
    assert_eq!(count("rates-"), 12);
    assert_eq!(count("response-times-"), 12);
    assert_eq!(count("cost-"), 12);
    assert_eq!(count("rate-over-time-"), 4);
    assert_eq!(count("loss"), 1);
    let page = &files["index.html"];
    assert!(page.contains("12 of 60 groups are shown"));
    assert!(page.contains("12 of 60 tables are shown"));
    assert_eq!(page.matches("<figure").count(), 12 * 3 + 4 + 1);
    // Those with the most buses: the first group of each payload.
    assert!(files.contains_key("rates-1.svg") && files.contains_key("rates-4.svg"));
    assert!(!files.contains_key("rates-2.svg"));
}

#[test]
fn a_loss_picture_has_room_for_so_many_cells() {
    let mut run = many_groups(20);
    for trial in run.trials.values_mut().flatten() {
        trial.verdict = Verdict::Valid;
        trial.outcome = Outcome::Lossy;
        trial.counts.lost = trial.counts.expected / 50;
    }
    let files = files(&[run]);
    let labels: BTreeSet<String> = words(&files["loss.svg"]).into_iter().collect();
    let losses = labels.iter().filter(|text| text.contains("Int32")).count();
    assert_eq!(losses, 40);
    assert!(files["index.html"].contains("cells that lost less are in the table of cells"));
}
