//! Nothing runs out of the page.

use crate::reader::find_no_fault;
use crate::tab::Look;

#[test]
fn no_page_scrolls_sideways() {
    find_no_fault("sideways", &[Look::WIDE, Look::NARROW]);
}
