//! What the measurements favour, by deployment question.

use maud::{Markup, html};

use crate::Report;

pub(super) fn section(_report: &Report<'_>) -> Markup {
    html! {}
}
