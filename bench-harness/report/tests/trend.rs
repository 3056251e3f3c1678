//! A history for a terminal and as a page.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

use std::sync::LazyLock;

use busbench_report::trend::{page, terminal};
use busbench_results::fixtures;
use busbench_results::history::{
    HistoryLine, NonNegative, TrendOptions, Trends, series_of, trends,
};

/// Made up once: it takes a while.
static NIGHTS: LazyLock<Vec<HistoryLine>> = LazyLock::new(fixtures::history);

fn found(lines: Vec<HistoryLine>) -> Trends {
    trends(&series_of(lines), &TrendOptions::default())
}

fn page_of(lines: Vec<HistoryLine>) -> String {
    let mut files = page(&found(lines)).unwrap();
    assert_eq!(files.len(), 1);
    let (name, bytes) = files.remove(0);
    assert_eq!(name, "index.html");
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_table_is_as_it_was() {
    insta::assert_snapshot!(terminal(&found(NIGHTS.clone()), 120));
}

#[test]
fn a_narrow_terminal_has_a_narrow_table() {
    let table = terminal(&found(NIGHTS.clone()), 60);
    let widest = table.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(60), "{table}");
}

#[test]
fn a_picture_is_as_it_was() {
    let page = page_of(NIGHTS.clone());
    let id = "aria-labelledby=\"series-4-delivered_per_second-wide-title\"";
    let at = page.find(id).unwrap();
    let start = page[..at].rfind("<svg").unwrap();
    let end = at + page[at..].find("</svg>").unwrap();
    // One element on each line.
    insta::assert_snapshot!(page[start..end].replace("><", ">\n<"));
}

#[test]
fn every_series_is_on_the_page_and_each_change_has_its_commit() {
    let page = page_of(NIGHTS.clone());
    for words in [
        "nats-core native closed 256",
        "nats-jetstream native closed 256",
        "too short: 6 of 10 points",
        "no change",
        "a80b23b08 -&gt; ad22bfec2",
        "server 7.0.15 -&gt; 7.2.4",
        "1: -12 % ad22bfe",
        "drift of 2 steps",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("<script"));
}

#[test]
fn pages_are_made_of_whatever_a_history_holds() {
    let hostile = "</title><script>alert(1)</script>\u{202e}\u{0}";
    let mut lines = NIGHTS.clone();
    for line in &mut lines {
        line.series.cell.bus.push_str(hostile);
        line.series.host.name = hostile.to_owned();
        line.series.scenario = hostile.to_owned();
        line.run.push_str(hostile);
        line.tool.commit = line
            .tool
            .commit
            .as_ref()
            .map(|commit| format!("{commit}-{hostile}"));
        line.server_version = line
            .server_version
            .as_ref()
            .map(|of| format!("{of}{hostile}"));
    }
    let page = page_of(lines.clone());
    assert!(!page.contains("<script>"));
    assert!(!page.contains('\u{202e}'));
    assert!(!terminal(&found(lines), 120).contains('\u{202e}'));

    let mut vast = NIGHTS.clone();
    for (number, line) in (0_i32..).zip(&mut vast) {
        let rate = 10_f64.powi(number % 600 - 300);
        line.measured.delivered_per_second = NonNegative::try_from(rate).ok();
        line.started_unix_ms = u64::MAX;
        line.tool.commit = None;
    }
    page_of(vast);
    assert!(page_of(Vec::new()).contains("No series has enough points"));
}
