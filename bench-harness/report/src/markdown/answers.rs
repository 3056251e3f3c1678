//! What the measurements favour, by deployment question.

use super::{escaped, line, method, write_table};
use crate::Report;
use crate::answers::{CLIENTS, Card, Headline, TITLE};

/// A section for each question; nothing without a run.
pub(super) fn write(text: &mut String, report: &Report<'_>) {
    if report.answers.is_empty() {
        return;
    }
    line(text, &format!("# {TITLE}\n"));
    let made = method("answers");
    line(text, &format!("{CLIENTS} How it is made: {made}.\n"));
    for answer in &report.answers {
        card(text, answer);
    }
}

fn card(text: &mut String, card: &Card) {
    line(text, &format!("## {}\n", card.title));
    line(text, &format!("{}\n", card.why));
    for headline in &card.headlines {
        line(text, &format!("- {}", sentence(headline)));
    }
    text.push('\n');
    for note in &card.notes {
        line(text, &format!("{}\n", escaped(note)));
    }
    for (about, sentence) in &card.layouts {
        line(
            text,
            &format!("- **{}**: {}", escaped(about), escaped(sentence)),
        );
    }
    if !card.layouts.is_empty() {
        text.push('\n');
    }
    if let Some(table) = &card.table {
        write_table(text, table);
    }
    let mut ending = vec![format!("What would change it: {}", card.would_change)];
    ending.extend(card.machines.as_deref().map(escaped));
    let scenario = card.scenario.as_ref();
    ending.extend(scenario.map(|scenario| format!("To measure it: `{scenario}`.")));
    line(text, &format!("{}\n", ending.join(" ")));
}

fn sentence(headline: &Headline) -> String {
    let mut parts = Vec::new();
    if !headline.favoured.is_empty() {
        parts.push(format!("**{}**", escaped(&headline.favoured)));
    }
    for text in [&headline.others, &headline.under] {
        if !text.is_empty() {
            parts.push(format!("{}.", escaped(text)));
        }
    }
    parts.join(" ")
}
