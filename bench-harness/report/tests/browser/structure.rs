//! What those need who do not see the page: names, headings, links that lead somewhere.

use crate::reader::find_no_fault;
use crate::tab::Look;

#[test]
fn every_figure_has_text() {
    find_no_fault("figures", &[Look::WIDE, Look::NARROW]);
}

#[test]
fn every_id_is_there_once_and_every_link_leads_to_one() {
    find_no_fault("links", &[Look::WIDE]);
}

#[test]
fn headings_follow_each_other_below_one_title() {
    find_no_fault("headings", &[Look::WIDE]);
}

#[test]
fn everything_that_is_used_has_a_name() {
    find_no_fault("names", &[Look::WIDE]);
}
