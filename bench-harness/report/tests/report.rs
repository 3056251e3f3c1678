//! Reports of a made-up run: what they say, and that nothing in a run's names can change them.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "support/rendered.rs"]
mod rendered;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use busbench_report::terminal;
use busbench_results::comparison::ComparedFigure;
use busbench_results::{export, fixtures, summarise};
use rendered::{Files, files};

/// The report of the whole made-up run, made once.
fn example() -> &'static Files {
    static EXAMPLE: LazyLock<Files> = LazyLock::new(|| files(&[fixtures::run()]));
    &EXAMPLE
}

/// Heads of the script elements that a page has of itself: data, and what draws them.
const OWN_SCRIPTS: &[&str] = &[
    "<script type=\"application/json\" id=\"cells-data\">",
    "<script>",
];

/// Heads of all script elements.
fn scripts(page: &str) -> Vec<&str> {
    page.match_indices("<script")
        .map(|(at, _)| page[at..].split_inclusive('>').next().unwrap())
        .collect()
}

fn is_picture(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "svg")))
}

/// Elements, text and attributes of an SVG file; fails where it is not well formed.
fn parsed(svg: &str) -> roxmltree::Document<'_> {
    roxmltree::Document::parse(svg).unwrap()
}

#[test]
fn the_terminal_tables_are_as_they_were() {
    insta::assert_snapshot!(terminal(&fixtures::run(), 110));
}

/// The made-up run, judged by smallest effects that hide every difference.
fn indifferent() -> busbench_results::Run {
    let mut run = fixtures::run();
    for (figure, share) in [
        (ComparedFigure::DeliveredPerSecond, 9.0),
        (ComparedFigure::ResponseP50Ns, 9.0),
        (ComparedFigure::ResponseP99Ns, 8.5),
    ] {
        let effects = &mut run.record.scenario.smallest_effects;
        effects.set(figure, share).unwrap();
    }
    run
}

/// What a report is said to be judged by, in its order.
fn judged_by(files: &Files) -> Vec<&str> {
    let said = files["report.md"].split("the smallest effect of interest: ");
    said.skip(1)
        .map(|text| text.split(". ").next().unwrap())
        .collect()
}

/// What rankings by rate, by response times, and gains of layouts are said to be judged by.
const USUAL: [&str; 3] = [
    "5 % of delivered/s",
    "5 % of p50, 10 % of p99",
    "10 % of p99, 5 % of client CPU, 5 % of server CPU, 5 % of delivered/s",
];
const INDIFFERENT: [&str; 3] = [
    "900 % of delivered/s",
    "900 % of p50, 850 % of p99",
    "850 % of p99, 5 % of client CPU, 5 % of server CPU, 900 % of delivered/s",
];

#[test]
fn a_run_is_judged_by_its_own_smallest_effects_and_says_so() {
    let own = files(&[indifferent()]);
    assert_eq!(judged_by(example()), USUAL);
    assert_eq!(judged_by(&own), INDIFFERENT);
    let none_found = |files: &Files| {
        let said = files["report.md"].matches("no measurable difference (");
        said.count()
    };
    assert!(none_found(&own) > none_found(example()));
    let told = "Smallest effects of interest of its own";
    assert!(own["index.html"].contains(told));
    assert!(!example()["index.html"].contains(told));
}

#[test]
fn of_several_runs_each_is_judged_by_its_own_smallest_effects() {
    let mut usual = fixtures::run();
    "20260302T120000Z-quick-aaaa".clone_into(&mut usual.record.run);
    let both = files(&[usual, indifferent()]);
    assert_eq!(judged_by(&both), [USUAL, INDIFFERENT].concat());
}

#[test]
fn the_terminal_tables_fit_their_width() {
    for width in [80, 100, 120] {
        for line in terminal(&fixtures::run(), width).lines().skip(2) {
            assert!(
                line.chars().count() <= usize::from(width),
                "{width}: {line}"
            );
        }
    }
}

#[test]
fn the_markdown_is_as_it_was() {
    insta::assert_snapshot!(example()["report.md"]);
}

#[test]
fn the_csv_is_that_of_the_export() {
    let run = fixtures::run();
    let expected = export::to_csv(&summarise(&run)).unwrap();
    assert_eq!(example()["cells.csv"], expected);
}

#[test]
fn a_report_has_one_page_its_text_forms_and_its_pictures() {
    let names: Vec<String> = example().keys().cloned().collect();
    assert_eq!(
        names,
        [
            "cells.csv",
            "cost-closed-1.svg",
            "cost-closed-2.svg",
            "cost-closed-3.svg",
            "cost-open-1.svg",
            "cost-open-2.svg",
            "cost-open-3.svg",
            "index.html",
            "loss.svg",
            "rate-over-time-closed-1.svg",
            "rate-over-time-closed-2.svg",
            "rate-over-time-open-1.svg",
            "rate-over-time-open-2.svg",
            "rates-1.svg",
            "rates-2.svg",
            "rates-3.svg",
            "report.md",
            "response-times-1.svg",
            "response-times-2.svg",
            "response-times-3.svg",
        ]
    );
}

#[test]
fn the_same_run_makes_the_same_bytes() {
    assert_eq!(&files(&[fixtures::run()]), example());
}

#[test]
fn the_page_asks_for_nothing_else() {
    let page = &example()["index.html"];
    for request in ["http:", "https:", "src=", "@import", "url(", "<link"] {
        assert!(!page.contains(request), "{request}");
    }
    assert_eq!(scripts(page), OWN_SCRIPTS);
    assert!(page.contains("; script-src 'sha256-"));
    for target in page.split("href=\"").skip(1) {
        assert!(target.starts_with('#'), "{}", &target[..40]);
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn every_figure_has_a_title_a_description_and_a_caption() {
    let files = example();
    let pictures = files.keys().filter(|name| is_picture(name)).count();
    let page = &files["index.html"];
    let figures: Vec<&str> = page
        .split("<figure")
        .skip(1)
        .map(|figure| figure.split_once("</figure>").unwrap().0)
        .collect();
    assert_eq!(figures.len(), pictures);
    for figure in figures {
        for form in ["class=\"wide\"", "class=\"narrow\""] {
            assert_eq!(figure.matches(form).count(), 1, "{form}");
        }
        for part in [
            "role=\"img\"",
            "<title",
            "<desc",
            "aria-labelledby",
            "aria-describedby",
        ] {
            assert_eq!(figure.matches(part).count(), 2, "{part}");
        }
        assert_eq!(figure.matches("<figcaption").count(), 1);
    }
}

#[test]
fn a_bus_has_one_colour_throughout() {
    let mut colors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, svg) in example() {
        if !is_picture(name) {
            continue;
        }
        for node in parsed(svg).descendants() {
            let Some((kind, ink)) = node.attribute("class").and_then(|c| c.split_once('-')) else {
                continue;
            };
            let color = node
                .attribute(if kind == "s" { "stroke" } else { "fill" })
                .unwrap();
            colors
                .entry(ink.to_owned())
                .or_default()
                .insert(color.to_owned());
        }
    }
    let buses = [
        "nats-core",
        "nats-jetstream",
        "mqtt3",
        "mqtt5",
        "redis-pubsub",
        "redis-streams",
    ];
    for bus in buses {
        assert_eq!(colors[bus].len(), 1, "{bus}");
    }
    let all: BTreeSet<&String> = colors.values().flatten().collect();
    assert_eq!(all.len(), colors.len(), "two inks share a colour");
}

#[test]
fn pictures_of_the_run_are_as_they_were() {
    let files = example();
    let texts: Vec<String> = files
        .iter()
        .filter(|(name, _)| is_picture(name))
        .map(|(name, svg)| {
            let document = parsed(svg);
            let texts: Vec<&str> = document
                .descendants()
                .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")))
                .filter_map(|node| node.text().map(str::trim))
                .collect();
            format!("{name}: {}", texts.join(" | "))
        })
        .collect();
    insta::assert_snapshot!(texts.join("\n\n"));
}

/// The tables of the terminal between two titles.
fn section<'a>(said: &'a str, title: &str) -> &'a str {
    let (_, rest) = said.split_once(title).unwrap();
    rest.split("\nThroughput").next().unwrap()
}

#[test]
fn buses_are_ranked_within_one_guarantee_and_the_others_are_named() {
    let said = terminal(&fixtures::run(), 120);
    let none = section(&said, "closed load: guarantee none / at-most-once");
    assert!(none.contains("nats-core native"));
    assert!(!none.contains("\nredis-streams"), "{none}");
    assert!(none.contains("Not in this group: nats-jetstream, redis-streams (in-memory /"));
    assert!(none.find("nats-core json").unwrap() < none.find("mqtt5 native").unwrap());
}

#[test]
fn the_best_comes_first() {
    let said = terminal(&fixtures::run(), 120);
    let stored = section(&said, "closed load: guarantee in-memory / at-least-once");
    let place = |cell: &str| stored.find(cell).unwrap();
    assert!(place("redis-streams json") < place("redis-streams native"));
    assert!(place("redis-streams native") < place("nats-jetstream native"));
    assert!(place("nats-jetstream json") < place("null native (floor)"));
}

#[test]
fn both_floors_stand_in_every_group_and_in_no_ranking() {
    let said = terminal(&fixtures::run(), 120);
    assert_eq!(said.matches("\nnull native (floor)").count(), 6);
    assert_eq!(said.matches("\ntcp-relay native (floor)").count(), 6);
    for differences in said.split("Against the best").skip(1) {
        let table = differences.split("\n\n").next().unwrap();
        assert!(!table.contains("null") && !table.contains("tcp-relay"));
    }
}

#[test]
fn floors_without_a_server_beside_them_are_shown_all_the_same() {
    let mut run = fixtures::run();
    run.record.cells.retain(|cell| cell.key.bus == "null");
    let said = terminal(&run, 120);
    assert!(said.contains("Throughput under closed load: no server"));
    assert!(said.contains("null native (floor)"));
}

#[test]
fn other_conditions_make_another_group() {
    let mut run = fixtures::run();
    for cell in &mut run.record.cells {
        if cell.key.bus == "nats-core" && cell.key.envelope == "json" {
            cell.key.tuning = "tuned".to_owned();
        }
    }
    let said = terminal(&run, 120);
    let title = "Throughput under closed load: guarantee none / at-most-once";
    assert_eq!(said.matches(title).count(), 2);
    // A server's limits are no floor's.
    assert_eq!(said.matches("\ntcp-relay native (floor)").count(), 8);
}

#[test]
fn another_ack_window_makes_another_group() {
    let mut run = fixtures::run();
    for cell in &mut run.record.cells {
        if cell.key.bus == "nats-jetstream" {
            cell.key.ack_window = Some(20);
        }
    }
    let said = terminal(&run, 120);
    let title = "Throughput under closed load: guarantee in-memory / at-least-once";
    assert_eq!(said.matches(title).count(), 2);
    assert!(said.contains("· 20 unacked"));
}

#[test]
fn differences_are_told_with_their_correction_and_what_would_have_been_found() {
    let said = terminal(&fixtures::run(), 120);
    for word in [
        "no measurable difference (",
        "-74 % (",
        "too few trials",
        "not ranked: saturated",
        "smallest effect of interest: 5 % of delivered/s",
        "Benjamini and Hochberg",
        "would have been found with 80 % probability",
    ] {
        let unbroken = said.replace('\n', " ");
        assert!(unbroken.contains(word), "{word}");
    }
}

#[test]
fn every_link_of_the_page_leads_to_a_place_on_it() {
    let page = &example()["index.html"];
    let targets: BTreeSet<&str> = page
        .split("href=\"#")
        .skip(1)
        .map(|rest| rest.split_once('"').unwrap().0)
        .collect();
    assert!(targets.len() > 5, "{targets:?}");
    for target in targets {
        // What stands behind the question mark selects cells.
        let place = target.split('?').next().unwrap();
        assert!(page.contains(&format!("id=\"{place}\"")), "{target}");
    }
    for figure in page.split("<figure").skip(1) {
        let figure = figure.split("</figure>").next().unwrap();
        assert!(figure.contains("How this is made"), "{figure}");
    }
}

#[test]
fn what_is_recorded_of_each_trial_is_in_the_page() {
    let page = &example()["index.html"];
    for title in [
        "Counts beside the server's",
        "Servers' own counters",
        "What each side used",
        "Bytes on the wire for each message",
        "Machine, clock and client",
        "Cores of the servers",
    ] {
        assert!(page.contains(title), "{title}");
    }
    assert!(page.contains("lost and dropped by the server"));
}

#[test]
fn the_reasons_of_a_run_are_explained() {
    let files = example();
    for name in ["index.html", "report.md"] {
        assert!(
            files[name].contains("the wake lag's p99 is above 100 us"),
            "{name}"
        );
    }
    let said = terminal(&fixtures::run(), 120);
    assert!(said.contains("`busbench explain NAME`"));
}

#[test]
fn a_lossy_cell_shows_its_loss_beside_its_rate_and_is_not_ranked() {
    let rates = &example()["rates-3.svg"];
    assert!(rates.contains("Not ranked: messages were lost"));
    assert!(rates.contains("212,000/s, 1.25 % lost"));
    let page = &example()["index.html"];
    assert!(page.contains("redis-pubsub json (not ranked)"));
}

#[test]
fn a_cell_limited_by_the_machine_is_a_lower_bound() {
    let files = example();
    assert!(files["rates-2.svg"].contains("≥ 57,800/s"));
    assert!(files["index.html"].contains("<td class=\"number\">≥ 57,800</td>"));
    assert!(files["index.html"].contains("lower bound: limited by the machine"));
}

#[test]
fn a_saturated_cell_has_no_curve_and_is_named() {
    let page = &example()["index.html"];
    assert!(page.contains("Not drawn: redis-streams native (saturated)"));
}

#[test]
fn a_suspect_cell_is_marked_in_the_pictures_too() {
    assert!(example()["rates-1.svg"].contains("79,700/s, suspect"));
    assert!(example()["response-times-1.svg"].contains("mqtt5 json, suspect"));
}

#[test]
fn several_runs_share_a_page_and_no_id() {
    let files = files(&[fixtures::run(), fixtures::small_run()]);
    assert!(files.contains_key("run1-rates-1.svg"));
    assert!(files.contains_key("run2-response-times.svg"));
    let ids: Vec<&str> = files["index.html"]
        .split(" id=\"")
        .skip(1)
        .map(|rest| rest.split_once('"').unwrap().0)
        .collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len());
    assert!(files["index.html"].contains("href=\"#run-2\""));
}
