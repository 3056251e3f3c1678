//! The page is one file: it asks for no other, and complains of nothing.

use crate::devtools::Event;
use crate::reader::{find_no_fault, with_browser};
use crate::tab::{Look, Tab};

#[test]
fn a_page_asks_for_no_other_file_and_complains_of_nothing() {
    let looks = [Look::WIDE, Look::NARROW, Look::DARK, Look::PRINTED];
    find_no_fault("events", &looks);
}

#[test]
fn a_request_and_a_complaint_would_be_seen() {
    with_browser(|browser| {
        let address = "data:text/html,<img src='file:///nowhere.png'>\
             <script>console.warn('w'); alert(1); nothing()</script>";
        let mut tab = Tab::open(browser, address, Look::WIDE).unwrap();
        let events = tab.take_events().unwrap();
        let faults: Vec<String> = events.iter().filter_map(Event::fault).collect();
        for kind in ["console", "exception", "browser", "dialog", "request"] {
            let said = |fault: &String| fault.starts_with(kind);
            assert!(faults.iter().any(said), "{kind}: {faults:?}");
        }
    });
}
