//! How to read the numbers: what the figures of the page link to.

use maud::{Markup, html};

use crate::method::TOPICS;

/// The topics as a section, each at the place that [`link`] leads to.
pub(super) fn notes() -> Markup {
    html! {
        section id="method" {
            h2 { "How to read this" }
            p.small {
                "In full in docs/method.md of the repository. `busbench explain NAME` says what any name \
                 of this page means."
            }
            dl.facts {
                @for topic in &TOPICS {
                    dt id=(id(topic.anchor)) { (topic.title) }
                    dd { (topic.text) }
                }
            }
        }
    }
}

/// A link to a topic on this page, which works wherever the page lies.
pub(super) fn link(anchor: &str) -> Markup {
    html! { a.method href={ "#" (id(anchor)) } { "How this is made" } }
}

fn id(anchor: &str) -> String {
    format!("method-{anchor}")
}
