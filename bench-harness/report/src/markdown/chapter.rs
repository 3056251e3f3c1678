//! The chapter on envelopes.

use super::{escaped, line, method, pictures, write_table};
use crate::envelopes::Chapter;
use crate::figure::{Gallery, Subject};
use crate::table::Table;

/// The chapter with the pictures of times.
pub(super) fn write(text: &mut String, chapter: &Chapter, gallery: &Gallery) {
    line(text, "## Envelopes\n");
    for paragraph in &chapter.introduction {
        line(text, &format!("{}\n", escaped(paragraph)));
    }
    sentences(text, &chapter.findings);
    if let Some(why) = chapter.no_picture {
        line(text, &format!("{}\n", escaped(why)));
    }
    pictures(text, gallery, Subject::Breakdown);
    for table in chapter.times.iter().chain(&chapter.glance) {
        titled(text, table);
    }
    for of_bus in &chapter.gains {
        let bus = escaped(&of_bus.bus);
        line(text, &format!("### What native gains: {bus}\n"));
        for table in &of_bus.tables {
            line(text, &format!("{}:\n", escaped(&table.title)));
            write_table(text, table);
        }
    }
    if let Some(marshalling) = &chapter.marshalling {
        line(text, &format!("### {}\n", marshalling.table.title));
        line(text, &format!("{}\n", marshalling.introduction));
        sentences(text, &marshalling.findings);
        write_table(text, &marshalling.table);
    }
    if let Some(note) = &chapter.note {
        let made = method("envelopes");
        line(
            text,
            &format!("{} How it is made: {made}.\n", escaped(note)),
        );
    }
    for bytes in &chapter.bytes {
        titled(text, bytes);
    }
}

fn titled(text: &mut String, table: &Table) {
    line(text, &format!("### {}\n", escaped(&table.title)));
    write_table(text, table);
}

fn sentences(text: &mut String, sentences: &[(String, String)]) {
    for (about, sentence) in sentences {
        line(
            text,
            &format!("- **{}**: {}", escaped(about), escaped(sentence)),
        );
    }
    if !sentences.is_empty() {
        text.push('\n');
    }
}
