//! The page on paper, and where scripts are not run.

use crate::reader::{find_no_fault, page, with_browser};
use crate::tab::{Look, Tab};

#[test]
fn nothing_is_cut_off_on_paper() {
    find_no_fault("cut off", &[Look::PRINTED]);
}

/// The text that a reader sees.
fn text(look: Look) -> String {
    let mut text = String::new();
    with_browser(|browser| {
        let mut tab = Tab::open(browser, &page("several").address(), look).unwrap();
        let shown = tab.evaluate("document.body.innerText").unwrap();
        shown.as_str().unwrap().clone_into(&mut text);
    });
    text
}

#[test]
fn answers_claims_and_tables_need_no_script() {
    let (with, without) = (text(Look::WIDE), text(Look::WITHOUT_SCRIPTS));
    if with.is_empty() {
        // There is no browser.
        return;
    }
    let (read, cells) = without.split_once("Every cell\n\n").unwrap();
    assert!(
        read.len() > 5_000 && with.contains(read),
        "the page differs above its cells"
    );
    for part in [
        "The answer",
        "The claims, tested",
        "Throughput",
        "Envelopes",
    ] {
        assert!(read.contains(part), "{part}");
    }
    assert!(cells.contains("cells.csv beside this page"));
    assert!(!with.contains("cells.csv beside this page"));
}
