//! Where and with what the runs were made, and what may not be compared between them.

use maud::{Markup, html};

use crate::Report;

pub(super) fn section(_report: &Report<'_>) -> Markup {
    html! {}
}
