//! Every cell, to be filtered, sorted, opened and taken along: the data as JSON, and one script that
//! draws them.

use maud::{Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::Report;
use crate::cells;
use crate::view::View;

/// Looks of the table.
pub(super) const STYLE: &str = include_str!("cells/cells.css");

/// The only script of a page. Its parts follow each other as if they were one file.
const SCRIPT: &str = concat!(
    include_str!("cells/numbers.js"),
    include_str!("cells/data.js"),
    include_str!("cells/elements.js"),
    include_str!("cells/chart.js"),
    include_str!("cells/opened.js"),
    include_str!("cells/filters.js"),
    include_str!("cells/export.js"),
    include_str!("cells/table.js"),
);

/// What a content security policy calls the script by, so that it allows this one and no other.
pub(super) fn script_source() -> String {
    let digest = base64_simd::STANDARD.encode_to_string(Sha256::digest(SCRIPT));
    format!("'sha256-{digest}'")
}

pub(super) fn section(report: &Report<'_>) -> Markup {
    let cells: usize = report.views.iter().map(|view| view.cells.len()).sum();
    html! {
        @if !report.views.iter().all(View::is_of_footprints) {
            section #cells aria-labelledby="cells-title" {
                h2 #cells-title { "Every cell" }
                @if cells == 0 {
                    p { "No run of this report has a cell." }
                } @else {
                    (table())
                    script type="application/json" id="cells-data" { (PreEscaped(&report.cells)) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }
}

fn table() -> Markup {
    html! {
        p {
            "One row for each point of the matrix, in the plan's order. A row opens to its trials, \
             what its verdict rests on, its server and its machine. Nothing here is a ranking: cells \
             of different guarantees, loads or machines stand side by side."
        }
        noscript {
            p {
                "The table needs scripts, which are off. The file cells.csv beside this page has every \
                 cell, one line each."
            }
        }
        // Where the script draws. The picture lends it the name of SVG's elements.
        div #cells-place {
            svg.chip #cells-drawing viewBox="0 0 10 10" aria-hidden="true" hidden {}
        }
        details {
            summary { "What the columns mean" }
            dl.facts {
                @for (title, meaning) in cells::glossary() { dt { (title) } dd { (meaning) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SCRIPT, STYLE};

    #[test]
    fn the_script_can_neither_end_its_element_nor_ask_for_anything() {
        for text in [
            "</",
            "<!--",
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "eval(",
            "Function(",
            "fetch(",
            "XMLHttpRequest",
            "import(",
            "localStorage",
            "sessionStorage",
            "cookie",
            "http:",
            "https:",
        ] {
            assert!(!SCRIPT.contains(text), "{text}");
        }
    }

    #[test]
    fn the_style_stays_in_its_element() {
        for text in ["<", "@import", "url("] {
            assert!(!STYLE.contains(text), "{text}");
        }
    }
}
