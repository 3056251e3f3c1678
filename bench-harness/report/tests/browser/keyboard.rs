//! The page without a mouse.

use crate::reader::{page, with_browser};
use crate::tab::{Look, Tab};

/// So many stops are looked at: more than the kinds of things that take the focus.
const STOPS: usize = 60;

#[test]
fn what_has_the_focus_shows_it() {
    with_browser(|browser| {
        for look in [Look::WIDE, Look::DARK] {
            let mut tab = Tab::open(browser, &page("several").address(), look).unwrap();
            let mut seen = 0;
            for _ in 0..STOPS {
                tab.press("Tab").unwrap();
                let stop = tab.evaluate(&format!("({})()", include_str!("scripts/focus.js")));
                let stop = stop.unwrap();
                if stop["what"].is_null() {
                    break;
                }
                seen += 1;
                assert_eq!(stop["is_shown"], true, "{look}: {stop}");
            }
            assert!(seen > 10, "only {seen} stops");
        }
    });
}
