//! What servers and client programs take before any message flows.

use super::{escaped, line, list, method, picture, write_table};
use crate::Report;

const ANCHOR: &str = "footprint";

/// Nothing where no run has a footprint.
pub(super) fn write(text: &mut String, report: &Report<'_>) {
    let Some(chapter) = &report.footprints else {
        return;
    };
    line(text, "# Footprint\n");
    let introduction = escaped(&chapter.introduction.join(" "));
    let made = method(ANCHOR);
    line(text, &format!("{introduction} How it is made: {made}.\n"));
    for figure in &chapter.figures {
        picture(text, figure);
    }
    for table in &chapter.tables {
        line(text, &format!("## {}\n", escaped(&table.title)));
        write_table(text, table);
    }
    list(text, "Worth knowing of footprints", &chapter.notes);
    list(text, "Footprints that were not taken", &chapter.unmeasured);
}
