//! The chapter on envelopes: what it says of a whole run, of what is left of one, and of none.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "support/rendered.rs"]
mod rendered;

use std::sync::LazyLock;

use busbench_report::terminal;
use busbench_results::{
    Load, Metric, Outcome, ReasonKind, RecordedHistogram, Run, Trial, Verdict, fixtures,
};
use rendered::{Files, files};

/// The report of the small envelope matrix, made once.
fn example() -> &'static Files {
    static EXAMPLE: LazyLock<Files> = LazyLock::new(|| files(&[fixtures::envelope_run()]));
    &EXAMPLE
}

/// The matrix without all but some of its cells.
fn of_cells(keeps: impl Fn(&busbench_results::CellKey) -> bool) -> Run {
    let mut run = fixtures::envelope_run();
    run.record.cells.retain(|cell| keeps(&cell.key));
    run
}

/// NATS core with events of one reading, native and JSON: enough to compare.
fn two_layouts() -> Run {
    of_cells(|key| {
        key.bus == "nats-core"
            && ["native", "json"].contains(&key.envelope.as_str())
            && (key.depth.as_str(), key.payload.as_str()) == ("envelope", "100xInt16")
    })
}

fn each_trial(run: &mut Run, change: impl Fn(&mut Trial)) {
    run.trials.values_mut().flatten().for_each(change);
}

/// The chapter in Markdown; fails where there is none.
fn chapter(files: &Files) -> &str {
    let (_, chapter) = files["report.md"].split_once("\n## Envelopes\n").unwrap();
    chapter.split("\n## ").next().unwrap()
}

fn has_chapter(files: &Files) -> bool {
    let markdown = files["report.md"].contains("\n## Envelopes\n");
    assert_eq!(markdown, files["index.html"].contains("<h3>Envelopes</h3>"));
    markdown
}

#[test]
fn gains_are_judged_by_the_runs_own_smallest_effects() {
    let mut run = fixtures::envelope_run();
    let effects = &mut run.record.scenario.smallest_effects;
    for (figure, _) in effects.clone().each() {
        effects.set(figure, 9.5).unwrap();
    }
    let own = files(&[run]);
    let counts = |files: &Files, heads: &str| chapter(files).matches(heads).count();
    assert!(chapter(&own).contains("the smallest effect of interest: 950 % of "));
    let better = ["faster: ", "less: "];
    let found = |files: &Files| {
        better
            .map(|words| counts(files, words))
            .iter()
            .sum::<usize>()
    };
    assert!(found(example()) > 0);
    assert_eq!(found(&own), 0);
}

fn pictures(files: &Files) -> Vec<&str> {
    let names = files.keys().map(String::as_str);
    let of_times = names.filter(|name| name.starts_with("time-of-a-message"));
    of_times.collect()
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

#[test]
fn the_chapter_is_as_it_was() {
    insta::assert_snapshot!(chapter(example()));
}

#[test]
fn the_marshalling_chapter_is_as_it_was() {
    insta::assert_snapshot!(chapter(&files(&[fixtures::marshalling_run()])));
}

#[test]
fn the_terminal_shows_the_gains_in_a_short_table() {
    let said = terminal(&fixtures::envelope_run(), 110);
    let (_, table) = said.split_once("\nEnvelopes: ").unwrap();
    let table = table.split("\n\n").next().unwrap();
    insta::assert_snapshot!(table);
    for line in table.lines() {
        assert!(line.chars().count() <= 110, "{line}");
    }
}

#[test]
fn the_chapter_comes_first_where_envelopes_were_encoded() {
    let page = &example()["index.html"];
    assert!(page.find("<h3>Envelopes").unwrap() < page.find("<h3>Throughput").unwrap());
    let prepared = &files(&[fixtures::run()])["index.html"];
    assert!(prepared.find("<h3>Envelopes").unwrap() > prepared.find("<h3>Response").unwrap());
}

#[test]
fn each_depth_that_encodes_has_a_picture_of_every_bus() {
    let names = pictures(example());
    assert_eq!(
        names,
        ["time-of-a-message-1.svg", "time-of-a-message-2.svg"]
    );
    for (name, depth) in names.into_iter().zip(["envelope", "event"]) {
        let document = roxmltree::Document::parse(&example()[name]).unwrap();
        let texts: Vec<&str> = document
            .descendants()
            .filter(|node| node.tag_name().name() == "text")
            .filter_map(|node| node.text().map(str::trim))
            .collect();
        let title = format!("Where a message's time goes: depth {depth}");
        for text in [
            &title,
            "encode",
            "transport",
            "decode",
            "nats-core",
            "mqtt3",
            "mqtt5",
        ] {
            assert!(texts.contains(&text), "{text}: {texts:?}");
        }
        for ink in ["encode", "transport", "decode"] {
            let class = format!("f-{ink}");
            let drawn = document.descendants().filter(|node| {
                node.tag_name().name() == "path" && node.attribute("class") == Some(&class)
            });
            assert!(drawn.count() > 3, "{class}");
        }
    }
}

#[test]
fn the_parts_of_a_message_add_up_to_its_mean_service_time() {
    let run = fixtures::envelope_run();
    let of_it = |key: &busbench_results::CellKey| {
        let layout = [&key.bus, &key.envelope, &key.payload, &key.depth];
        layout == ["nats-core", "json", "100xInt16", "envelope"] && key.load == Load::Open
    };
    let cell = run
        .record
        .cells
        .iter()
        .find(|cell| of_it(&cell.key))
        .unwrap();
    let mean_us = |metric| {
        let trials = run.pooled_trials(cell);
        let pooled = busbench_results::Distribution::pool(trials, metric).unwrap();
        pooled.unwrap().mean_ns().unwrap() / 1e3
    };
    let line = chapter(example())
        .lines()
        .find(|line| line.starts_with("| nats-core json | 100xInt16 |"))
        .unwrap();
    let shown: Vec<f64> = line
        .split('|')
        .filter_map(|text| text.trim().parse().ok())
        .collect();
    let [encode, transport, decode, service] = shown[..] else {
        panic!("{line}");
    };
    for (shown, measured) in [
        (encode, mean_us(Metric::Encode)),
        (decode, mean_us(Metric::Decode)),
        (service, mean_us(Metric::Service)),
        (encode + transport + decode, service),
    ] {
        assert!((shown / measured - 1.0).abs() < 0.01, "{shown} {measured}");
    }
}

#[test]
fn what_is_claimed_has_its_interval_and_its_place() {
    says(
        chapter(example()),
        &[
            "times as fast as json-base64 (nats-core, 100xInt16 at depth envelope)",
            "**Native loses**: native is",
            "the client's CPU time for each message of native is",
            "not ranked: json-base64 lossy",
            "not ranked: json failed",
            "not ranked: cbor saturated",
            "Native is not possible on mqtt3 (MQTT 3.1.1 has no headers",
            "Not drawn: mqtt5 cbor with 100xInt16 (saturated)",
            "One correction for the",
        ],
    );
}

#[test]
fn prepared_messages_are_said_to_be_no_encoding_and_have_no_picture() {
    let files = files(&[fixtures::run()]);
    says(chapter(&files), &["nothing was encoded or decoded"]);
    assert_eq!(pictures(&files), Vec::<&str>::new());
    assert!(!chapter(&files).contains("There is no picture"));
}

#[test]
fn a_run_of_one_layout_has_no_chapter() {
    assert!(!has_chapter(&files(&[of_cells(
        |key| key.envelope == "json"
    )])));
    assert!(has_chapter(&files(&[two_layouts()])));
}

#[test]
fn layouts_of_a_bus_without_headers_are_shown_without_a_gain() {
    let files = files(&[of_cells(|key| key.bus == "mqtt3")]);
    let said = chapter(&files);
    says(said, &["Native is not possible on mqtt3", "| mqtt3 cbor |"]);
    assert_eq!(pictures(&files).len(), 2);
    for absent in [
        "What native gains",
        "in numbers of comparisons",
        "could not be judged",
    ] {
        assert!(!said.contains(absent), "{absent}");
    }
}

#[test]
fn one_trial_claims_nothing() {
    let mut run = two_layouts();
    for trials in run.trials.values_mut() {
        trials.truncate(1);
    }
    run.record.scenario.trials = 1;
    let files = files(&[run]);
    let said = chapter(&files);
    says(said, &["| too few trials |", "**Few trials**"]);
    for absent in ["times as fast", "One correction", " × ("] {
        assert!(!said.contains(absent), "{absent}");
    }
    assert_eq!(pictures(&files).len(), 1);
}

#[test]
fn invalid_cells_are_neither_compared_nor_drawn() {
    let mut run = two_layouts();
    each_trial(&mut run, |trial| {
        trial.verdict = Verdict::Invalid;
        trial.reasons = vec![ReasonKind::ClockJumped.alone()];
    });
    let files = files(&[run]);
    let said = chapter(&files);
    says(said, &["no valid trial of json", "There is no picture"]);
    assert_eq!(pictures(&files), Vec::<&str>::new());
    assert!(!said.contains("times as fast"));
}

#[test]
fn a_cell_without_a_histogram_is_named_and_not_drawn() {
    for (metric, why) in [
        (Metric::Encode, "no encode time recorded"),
        (Metric::Decode, "no decode time recorded"),
        (Metric::Service, "no service time recorded"),
    ] {
        let mut run = two_layouts();
        let (_, trials) = run.trials.iter_mut().find(is_native_open).unwrap();
        trials[2].histograms.remove(&metric);
        let files = files(&[run]);
        assert_eq!(pictures(&files).len(), 1);
        let not_drawn = format!("Not drawn: nats-core native with 100xInt16 ({why})");
        says(chapter(&files), &[&not_drawn]);
    }
}

fn is_native_open((id, _): &(&String, &mut Vec<Trial>)) -> bool {
    id.as_str() == "nats-core-native-open-envelope-100xInt16"
}

#[test]
fn an_unreadable_histogram_is_named_and_not_drawn() {
    let mut run = two_layouts();
    let (_, trials) = run.trials.iter_mut().find(is_native_open).unwrap();
    let encode = trials[0].histograms.get_mut(&Metric::Encode).unwrap();
    encode.v2_deflate_base64 = "!".to_owned();
    says(
        chapter(&files(&[run])),
        &["nats-core native with 100xInt16 (encode histogram unreadable)"],
    );
}

#[test]
fn parts_that_exceed_the_whole_are_not_drawn() {
    let mut run = two_layouts();
    let (_, trials) = run.trials.iter_mut().find(is_native_open).unwrap();
    for trial in trials {
        let response: RecordedHistogram = trial.histograms[&Metric::Response].clone();
        trial.histograms.insert(Metric::Encode, response.clone());
        trial.histograms.insert(Metric::Decode, response);
    }
    says(
        chapter(&files(&[run])),
        &["(encode and decode time exceed the service time)"],
    );
}

#[test]
fn closed_load_alone_has_gains_and_says_why_it_has_no_picture() {
    let mut run = two_layouts();
    run.record
        .cells
        .retain(|cell| cell.key.load == Load::Closed);
    let files = files(&[run]);
    says(
        chapter(&files),
        &[
            "There is no picture of where",
            "Closed load: native by the other layout",
        ],
    );
    assert_eq!(pictures(&files), Vec::<&str>::new());
}

#[test]
fn a_cell_that_the_client_limited_is_compared_and_says_so() {
    let mut run = two_layouts();
    each_trial(&mut run, |trial| {
        trial.limited_by = busbench_results::LimitedBy::Client;
    });
    let files = files(&[run]);
    says(
        chapter(&files),
        &["faster: ", "| both limited by the client |"],
    );
}

#[test]
fn what_is_true_of_one_layout_only_is_said_of_that_one() {
    let mut run = two_layouts();
    for (id, trials) in &mut run.trials {
        for trial in trials {
            if id.contains("-native-") {
                trial.limited_by = busbench_results::LimitedBy::Machine;
            } else {
                trial.verdict = Verdict::Suspect;
            }
        }
    }
    says(
        chapter(&files(&[run])),
        &["| native limited by the machine, json suspect |"],
    );
}

#[test]
fn another_window_is_not_compared() {
    let mut run = two_layouts();
    for cell in &mut run.record.cells {
        if cell.key.envelope == "json" && cell.key.load == Load::Closed {
            cell.key.window = Some(190);
        }
    }
    says(chapter(&files(&[run])), &["not compared: other window"]);
}

#[test]
fn several_rates_have_a_picture_each_and_are_told_apart() {
    let mut run = two_layouts();
    let more: Vec<_> = run
        .record
        .cells
        .iter()
        .filter(|cell| cell.key.load == Load::Open)
        .cloned()
        .map(|mut cell| {
            cell.key.offered_per_second = Some(500.0);
            cell
        })
        .collect();
    run.record.cells.extend(more);
    let files = files(&[run]);
    assert_eq!(pictures(&files).len(), 2);
    says(
        chapter(&files),
        &[
            "in numbers: 5,000 msg/s offered",
            "in numbers: 500 msg/s offered",
            "| 100xInt16, 500 msg/s | envelope | json |",
        ],
    );
}

#[test]
fn a_failed_server_takes_only_its_own_cells_away() {
    let mut run = two_layouts();
    for (id, trials) in &mut run.trials {
        if id.contains("-json-closed-") {
            for trial in trials {
                trial.outcome = Outcome::Failed;
            }
        }
    }
    let files = files(&[run]);
    says(chapter(&files), &["not ranked: json failed", "| less: "]);
    assert_eq!(pictures(&files).len(), 1);
}
