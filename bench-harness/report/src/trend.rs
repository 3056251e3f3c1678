//! Where the figures of a history change: for a terminal, and as one page with pictures.

mod names;
mod summary;
mod table;

use busbench_results::history::Trends;

use crate::RenderError;
use crate::html;
use crate::terminal::{printable, wrapped, write_table};

pub(crate) use summary::Summary;
pub(crate) use table::{changes_of, commit};

/// The changes as a table for a terminal in at most `width` columns, then what was looked at. No
/// colours.
#[must_use]
pub fn terminal(trends: &Trends, width: u16) -> String {
    let summary = Summary::of(trends);
    let mut text = String::new();
    let paragraph = |text: &mut String, sentence: &str| {
        text.push_str(&wrapped(sentence, usize::from(width), ""));
        text.push('\n');
    };
    if !summary.changes.rows.is_empty() {
        write_table(&mut text, &summary.changes, width);
        text.push('\n');
    }
    for sentence in &summary.sentences {
        paragraph(&mut text, sentence);
    }
    printable(&text)
}

/// The files of a report on a history, by name: `index.html`, which holds everything.
pub fn page(trends: &Trends) -> Result<Vec<(String, Vec<u8>)>, RenderError> {
    let page = html::trend::page(&Summary::of(trends))?;
    Ok(vec![("index.html".to_owned(), page.into_bytes())])
}
