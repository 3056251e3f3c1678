//! Reports of results that nobody would wish for: names that are code, names without end, and runs
//! in which little or nothing was measured. A browser opens the same pages in `tests/browser`.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

#[path = "support/rendered.rs"]
mod rendered;

use std::collections::BTreeSet;

use busbench_report::terminal;
use busbench_results::fixtures::{self, hostile};
use busbench_results::{Run, export};
use rendered::{Files, files};

fn is_picture(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "svg")))
}

/// Elements with their attributes; what stands inside of scripts and styles is left out. No text of
/// a page has a bare `<`, so that each begins a tag.
fn markup(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = page;
    while let Some((_, tag)) = rest.split_once('<') {
        let end = end_of_tag(tag);
        let (head, after) = tag.split_at(end);
        let name = head.split([' ', '\n', '/']).next().unwrap();
        found.insert(name.to_owned());
        found.extend(
            attributes(head)
                .iter()
                .map(|attribute| format!("{name} {attribute}")),
        );
        rest = match name {
            "script" | "style" => after.split_once(&format!("</{name}")).unwrap().1,
            _ => after,
        };
    }
    found
}

/// Where a tag ends: at the first `>` outside of quotes.
fn end_of_tag(tag: &str) -> usize {
    let mut is_quoted = false;
    tag.find(|character| {
        is_quoted ^= character == '"';
        character == '>' && !is_quoted
    })
    .unwrap()
}

/// Names of a tag's attributes, all of which have their values in double quotes or none.
fn attributes(tag: &str) -> Vec<String> {
    let outside: String = tag.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    outside
        .split([' ', '\n', '='])
        .skip(1)
        .filter(|name| !name.is_empty() && *name != "/")
        .map(str::to_owned)
        .collect()
}

/// All that our own pages are made of.
fn own_markup() -> BTreeSet<String> {
    [
        fixtures::run(),
        fixtures::envelope_run(),
        fixtures::only_invalid_run(),
    ]
    .into_iter()
    .flat_map(|run| markup(&files(&[run])["index.html"]))
    .collect()
}

/// Whether a screen obeys the character instead of showing it; ends of lines are ours.
fn steers(character: char) -> bool {
    (character.is_control() && character != '\n') || ('\u{202a}'..='\u{202e}').contains(&character)
}

/// Renders a run with this text in all its names: neither page nor pictures have an element or an
/// attribute that ours have not, and nothing that steers a screen is left of it.
#[track_caller]
fn check(text: &str) -> Files {
    let run = hostile(fixtures::run(), text);
    let said = terminal(&run, 110);
    let files = files(&[run]);
    let own = own_markup();
    let foreign: Vec<String> = markup(&files["index.html"])
        .difference(&own)
        .cloned()
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    let pictures: Vec<&String> = files.keys().filter(|name| is_picture(name)).collect();
    assert!(!pictures.is_empty());
    for name in pictures {
        let picture = roxmltree::Document::parse(&files[name]).unwrap();
        for element in picture.descendants().filter(roxmltree::Node::is_element) {
            let tag = element.tag_name().name();
            assert!(
                !matches!(tag, "script" | "img" | "foreignObject" | "a"),
                "{name}: {tag}"
            );
            let attributes = element.attributes().map(|attribute| attribute.name());
            let handlers: Vec<&str> = attributes.filter(|name| name.starts_with("on")).collect();
            assert!(handlers.is_empty(), "{name}: {handlers:?}");
        }
    }
    for (name, text) in &files {
        // Fields of the export are data, and stay what they were.
        if name != "cells.csv" {
            // To HTML, a carriage return is an end of a line.
            let steers = |one: char| steers(one) && (one != '\r' || name != "index.html");
            assert!(!text.contains(steers), "{name}");
        }
    }
    assert!(!said.contains(steers), "the terminal");
    files
}

#[test]
fn names_with_markup_stay_text() {
    let script = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&]]>";
    let files = check(script);
    let shown = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;";
    assert!(files["index.html"].contains(shown));
    assert!(files["report.md"].contains("\\<script\\>"));
    assert!(!files["report.md"].contains("\n<"));
    let titles = files.iter().filter(|(name, _)| is_picture(name));
    for (name, picture) in titles {
        let document = roxmltree::Document::parse(picture).unwrap();
        let mut texts = document.descendants().filter_map(|node| node.text());
        assert!(texts.any(|text| text.contains("<script>")), "{name}");
    }
}

#[test]
fn names_that_break_out_of_their_element_do_not() {
    for text in [
        "</script><script>alert(1)</script>",
        "</style></title></textarea></svg></pre></noscript><svg onload=alert(1)>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)' x='",
        "]]><script xmlns='http://www.w3.org/2000/svg'>alert(1)</script>",
        "--><!--<script>",
        "javascript:alert(1)//",
        "&lt;script&gt;&amp;quot;",
    ] {
        check(text);
    }
}

#[test]
fn characters_that_steer_a_screen_are_not_shown() {
    check("\u{1b}[31m\u{7}\u{0}\r\u{85}\u{9b}2J");
    check("\u{202e}gnp.exe\u{2066}\u{200f}\u{fffe}\u{ffff}");
}

#[test]
fn names_with_markdown_stay_text() {
    let files = check("\n\n# Won | **`all`** [x](javascript:alert(1)) ![y](z)\n| a |\n- ~~b~~ <b>");
    let document = &files["report.md"];
    for text in [
        "\n# Won",
        "**`all`**",
        "[x](",
        "![y](",
        "\n| a |",
        "<b>",
        "~~b~~",
    ] {
        assert!(!document.contains(text), "{text}");
    }
    let tables: BTreeSet<usize> = document
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.matches(" | ").count())
        .collect();
    let own: BTreeSet<usize> = self::files(&[fixtures::run()])["report.md"]
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.matches(" | ").count())
        .collect();
    assert!(tables.is_subset(&own), "{tables:?} and not {own:?}");
}

#[test]
fn names_of_ten_thousand_characters_are_shown_whole() {
    let name = "long-name-".repeat(1_000);
    let mut run = fixtures::small_run();
    run = hostile(run, &name);
    let files = files(&[run]);
    assert!(files["index.html"].contains(&name));
    for (name, text) in files.iter().filter(|(name, _)| is_picture(name)) {
        assert!(roxmltree::Document::parse(text).is_ok(), "{name}");
    }
}

#[test]
fn every_field_of_the_export_survives_quotes_commas_and_lines() {
    let text = "a \"quoted\", field\r\nof =two lines";
    let run = hostile(fixtures::run(), text);
    let rows = busbench_results::summarise(&run);
    let csv = export::to_csv(&rows).unwrap();
    assert_eq!(files(&[run])["cells.csv"], csv);
    let doubled = text.replace('"', "\"\"");
    assert!(
        csv.contains(&format!("\"nats-core{doubled}\"")),
        "{csv:.400}"
    );
}

#[test]
fn a_run_without_a_valid_trial_says_so() {
    let run = fixtures::only_invalid_run();
    let said = terminal(&run, 110);
    assert!(said.contains("No cell of this run has a valid trial"));
    let files = files(&[run]);
    assert!(files["index.html"].contains("No cell of this run has a valid trial"));
    assert!(files["index.html"].contains("invalid: clock jumped: went back by 3 s"));
    assert!(files["report.md"].contains("No cell of this run has a valid trial"));
    for subject in ["rates", "response-times", "cost"] {
        let drawn: Vec<&String> = files
            .keys()
            .filter(|name| name.starts_with(&format!("{subject}-")))
            .collect();
        assert!(
            drawn.iter().all(|name| name.starts_with("rates-over-time")),
            "{drawn:?}"
        );
    }
}

/// Checks what page, document and terminal say of a run, and that there is no picture of it.
#[track_caller]
fn check_words(run: Run, words: &[&str]) {
    let said = terminal(&run, 110).replace('\n', " ");
    assert!(said.contains(words[0]), "{said}");
    let files = files(&[run]);
    for name in ["index.html", "report.md"] {
        for words in words {
            assert!(files[name].contains(words), "{name}: {words}");
        }
    }
    assert_eq!(files.len(), 3, "{:?}", files.keys());
}

#[test]
fn a_run_without_anything_to_show_says_so() {
    check_words(
        fixtures::empty_run(),
        &["This run has no cell, so there is nothing to show"],
    );
    check_words(
        fixtures::only_impossible_run(),
        &[
            "No cell of this run has a valid trial",
            "not possible: no bus of this run can carry it",
        ],
    );
    check_words(
        fixtures::not_yet_run(),
        &["No cell of this run has a valid trial", "not run"],
    );
}

#[test]
fn no_verdict_stands_on_nothing() {
    for run in [
        fixtures::empty_run(),
        fixtures::only_impossible_run(),
        fixtures::not_yet_run(),
        fixtures::only_invalid_run(),
    ] {
        let page = &files(&[run])["index.html"];
        let verdicts: BTreeSet<&str> = page
            .split("<b class=\"claim-verdict ")
            .skip(1)
            .map(|rest| rest.split_once('"').unwrap().0)
            .collect();
        assert_eq!(verdicts, BTreeSet::from(["not-tested-yet"]));
        let answers = page.split("<p class=\"answer\"><strong>").skip(1);
        for answer in answers {
            let is_none = ["These runs have no cell", "This version"]
                .iter()
                .any(|none| answer.starts_with(none));
            assert!(is_none, "{answer:.80}");
        }
    }
}

#[test]
fn a_report_of_no_run_says_so() {
    let files = files(&[]);
    for name in ["index.html", "report.md"] {
        assert!(
            files[name].contains("This report was made from no run at all"),
            "{name}"
        );
    }
}

#[test]
fn trials_without_histograms_have_counts_and_no_times() {
    let files = files(&[fixtures::bare_run()]);
    let page = &files["index.html"];
    assert!(page.contains("Throughput under closed load"));
    assert!(!files.keys().any(|name| name.starts_with("response-times")));
    assert!(!files.keys().any(|name| name.starts_with("rates-over-time")));
    assert!(page.contains("No picture of response times: it needs a cell"));
}
