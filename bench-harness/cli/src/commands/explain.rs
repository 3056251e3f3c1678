//! `busbench explain`.

use std::collections::BTreeMap;

use busbench_results::explain::{self, Explanation};

use crate::arguments::Explain;
use crate::exit::{DONE, Failure, USAGE};
use crate::output;

/// Lines of prose are no longer than this.
const WIDTH: usize = 80;

pub(crate) fn explain(arguments: &Explain) -> Result<u8, Failure> {
    let Some(name) = &arguments.name else {
        output::text(&list());
        return Ok(DONE);
    };
    let senses = explain::senses(name);
    if senses.is_empty() {
        return Err(unknown(name));
    }
    let texts: Vec<String> = senses.into_iter().map(text).collect();
    output::text(&texts.join("\n"));
    Ok(DONE)
}

/// Every name, by what it is the name of.
fn list() -> String {
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut places = BTreeMap::new();
    for explanation in explain::all() {
        let place = *places.entry(explanation.kind()).or_insert_with(|| {
            kinds.push((explanation.kind(), Vec::new()));
            kinds.len() - 1
        });
        kinds[place].1.push(explanation.name);
    }
    let kinds: Vec<String> = kinds
        .into_iter()
        .map(|(kind, names)| format!("{kind}\n{}", indented(&names.join(", "))))
        .collect();
    format!(
        "{}\nbusbench explain NAME explains one of them; columns of the export work, too.\n",
        kinds.join("\n")
    )
}

fn text(explanation: &Explanation) -> String {
    let mut text = format!(
        "{} ({})\n{}",
        explanation.name,
        explanation.kind(),
        indented(explanation.meaning)
    );
    let parts = [
        ("Where it comes from", explanation.taken),
        ("What to do", explanation.advice),
    ];
    for (title, part) in parts {
        if let Some(part) = part {
            text.push_str(&indented(&format!("{title}: {part}")));
        }
    }
    text
}

fn unknown(name: &str) -> Failure {
    let near = explain::near(name);
    let hint = if near.is_empty() {
        "`busbench explain` lists all names".to_owned()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    Failure::new(USAGE, format!("nothing is called {name:?}: {hint}"))
}

/// Text broken into lines at spaces, each two columns in.
fn indented(text: &str) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if length == 0 || length + 1 + width > WIDTH {
            lines.push_str(if length == 0 { "  " } else { "\n  " });
            length = 2 + width;
        } else {
            lines.push(' ');
            length += 1 + width;
        }
        lines.push_str(word);
    }
    lines + "\n"
}
