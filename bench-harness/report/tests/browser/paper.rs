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
    for heading in ["Throughput", "Response time", "Envelopes"] {
        assert_eq!(
            with.contains(heading),
            without.contains(heading),
            "{heading}"
        );
    }
}
