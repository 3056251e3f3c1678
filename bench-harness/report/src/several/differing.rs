//! By which fields runs differ, in words and as a table.

use busbench_results::RunRecord;
use busbench_results::comparison::{DifferingField, fields_that_differ};

use crate::Report;

/// Longer values are cut off in the table; the section on the environment has them whole.
const LONGEST: usize = 40;

/// Of a hash, so much.
const OF_A_HASH: usize = 12;

/// Fields and their values, a column for each run.
pub(crate) struct Matrix {
    /// Name, then one value for each run.
    pub(crate) rows: Vec<(String, Vec<String>)>,
}

/// Every field by which the runs differ; `None` where they differ in none, or there is but one run.
pub(crate) fn differing(report: &Report<'_>) -> Option<Matrix> {
    let fields = fields(report);
    (!fields.is_empty()).then(|| Matrix {
        rows: fields
            .into_iter()
            .map(|field| {
                let values = field.values.iter();
                let values = values.map(|value| shown(value.as_deref())).collect();
                (field.name, values)
            })
            .collect(),
    })
}

/// What may and what may not be made of several runs, as sentences.
pub(crate) fn introduction(report: &Report<'_>) -> Vec<String> {
    let fields = fields(report);
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let mut sentences = vec![if names.is_empty() {
        "Figures of different runs stand side by side and are not ranked: the runs differ in \
         nothing that is recorded, but they were made at different times."
            .to_owned()
    } else {
        format!(
            "Figures of different runs stand side by side and are not ranked: they differ in {}.",
            listing(&names)
        )
    }];
    sentences
        .push("Every difference that this page claims is one between cells of one run.".to_owned());
    let numbered: Vec<String> = report
        .views
        .iter()
        .enumerate()
        .filter(|(_, view)| view.run.record.emulation().is_some())
        .map(|(index, _)| (index + 1).to_string())
        .collect();
    let numbers: Vec<&str> = numbered.iter().map(String::as_str).collect();
    let emulated = match numbers.len() {
        0 => None,
        1 => Some(("Run", "is")),
        _ => Some(("Runs", "are")),
    };
    if let Some((runs, are)) = emulated {
        sentences.push(format!(
            "{runs} {} {are} emulated: such times are the emulator's. They are marked, and say nothing \
             of hardware.",
            listing(&numbers)
        ));
    }
    sentences
}

/// A value as far as it fits: the first digits of a hash or commit, the beginning of a long text.
pub(super) fn shortened(value: &str) -> String {
    let is_hash = value.len() >= 40 && value.chars().all(|digit| digit.is_ascii_hexdigit());
    let length = if is_hash { OF_A_HASH } else { LONGEST };
    if value.chars().count() <= length {
        return value.to_owned();
    }
    value.chars().take(length).chain(['…']).collect()
}

fn fields(report: &Report<'_>) -> Vec<DifferingField> {
    let records: Vec<&RunRecord> = report.runs.iter().map(|run| &run.record).collect();
    fields_that_differ(&records)
}

fn shown(value: Option<&str>) -> String {
    value.map_or_else(|| "not known".to_owned(), shortened)
}

/// Names parted by commas, the last by "and".
fn listing(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{listing, shortened};

    #[test]
    fn names_are_listed_as_one_writes_them() {
        assert_eq!(listing(&["host"]), "host");
        assert_eq!(listing(&["host", "kernel"]), "host and kernel");
        assert_eq!(listing(&["host", "cores", "CPU"]), "host, cores and CPU");
    }

    #[test]
    fn hashes_are_cut_off_early_and_texts_late() {
        let hash = "9f".repeat(32);
        assert_eq!(shortened(&hash), "9f9f9f9f9f9f…");
        let text = "Intel(R) Xeon(R) Processor @ 2.60GHz";
        assert_eq!(shortened(text), text);
        assert_eq!(shortened(&"x".repeat(41)), format!("{}…", "x".repeat(40)));
    }
}
