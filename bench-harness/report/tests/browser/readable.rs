//! Text stands out from what is behind it.

use crate::devtools::Browser;
use crate::reader::{CONTRAST, find_no_fault, with_browser};
use crate::tab::{Look, Tab};

#[test]
fn text_has_a_contrast_of_4_5_in_light_and_dark() {
    let looks = [
        Look::WIDE,
        Look::NARROW,
        Look::DARK,
        Look::NARROW_AND_DARK,
        Look::PRINTED,
    ];
    find_no_fault("contrast", &looks);
}

/// Checks that a text on such a page is called too faint, or is not.
#[track_caller]
fn check(browser: &mut Browser, page: &str, is_faint: bool) {
    let address = format!("data:text/html,{page}");
    let mut tab = Tab::open(browser, &address, Look::WIDE).unwrap();
    let faults = tab.faults(CONTRAST).unwrap();
    assert_eq!(!faults.is_empty(), is_faint, "{page}: {faults:?}");
}

#[test]
fn the_contrast_is_that_of_what_is_seen() {
    with_browser(|browser| {
        for page in [
            "<p>black on white",
            "<p style='color:rgb(117,117,117)'>just enough",
            "<div style='background:rgba(0,0,0,.9)'><p style='color:white'>white on black",
            "<svg><rect width=99 height=99 /><text y=20 fill='silver'>clear",
            "<p hidden style='color:silver'>not seen",
        ] {
            check(browser, page, false);
        }
        for page in [
            "<p style='color:rgb(120,120,120)'>a little too faint",
            "<div style='background:black'><p>black on black",
            "<div style='opacity:.4'><p>faded",
            "<svg><text y=20 fill='silver'>faint",
            "<details><summary>more</summary><p style='color:silver'>folded",
            "<input placeholder=none style='color:silver' value=faint>",
        ] {
            check(browser, page, true);
        }
    });
}
