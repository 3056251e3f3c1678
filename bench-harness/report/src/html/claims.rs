//! The claims of the proposal, each with its verdict.

use maud::{Markup, html};

use crate::Report;

pub(super) fn section(_report: &Report<'_>) -> Markup {
    html! {}
}
