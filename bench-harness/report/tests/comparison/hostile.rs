//! Names that nobody would choose, and more cells than anybody reads.

use busbench_report::comparison::{View, json, markdown};
use serde_json::Value;

use crate::json::parsed;
use crate::sides::{HOSTILE, benchmarks, hostile_sides, one_regressed};
use crate::texts::check;

/// Places of a character that no backslash takes its meaning from.
fn unescaped(line: &str, wanted: char) -> usize {
    let mut escaped = false;
    line.chars()
        .filter(|&character| {
            let counts = character == wanted && !escaped;
            escaped = character == '\\' && !escaped;
            counts
        })
        .count()
}

#[track_caller]
fn assert_no_markup(markdown: &str) {
    const OWN: [&str; 3] = ["<details>", "</details>", "<summary>"];
    let mut pipes = 0;
    for line in markdown.lines() {
        let own = OWN.iter().any(|tag| line.starts_with(tag));
        assert!(own || unescaped(line, '<') == 0, "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
        if line.starts_with("| ") {
            let of_line = unescaped(line, '|');
            assert!(pipes == 0 || pipes == of_line, "{line}");
            pipes = of_line;
        } else {
            pipes = 0;
        }
    }
    let counted = |tag: &str| markdown.lines().filter(|line| *line == tag).count();
    assert_eq!(counted("<details>"), counted("</details>"));
}

#[test]
fn no_name_becomes_markup_or_steers_a_terminal() {
    let sides = hostile_sides();
    check("hostile", &sides);
    let texts = sides.rendered();
    assert_no_markup(&texts.markdown);
    assert!(!texts.human.contains(['\u{1b}', '\u{202e}']));
    parsed(&sides);

    let mut refused = hostile_sides();
    refused.head().record.host.kernel.push_str("other");
    let texts = refused.rendered();
    assert_no_markup(&texts.markdown);
    assert!(texts.markdown.contains("- kernel: "));
    assert!(!texts.human.contains(['\u{1b}', '\u{202e}']));
    let lines = texts.human.lines().filter(|line| line.contains("kernel: "));
    assert_eq!(lines.count(), 1, "{}", texts.human);
}

#[test]
fn a_comparison_of_any_size_fits_a_step_summary() {
    let sides = hostile_sides();
    let mut comparison = sides.compared();
    let few = comparison.compared.clone();
    for number in 0..4_000 {
        for cell in &few {
            let mut another = cell.clone();
            another.name = format!("{number}{}", HOSTILE.repeat(4));
            comparison.compared.push(another);
        }
        comparison.alone.extend(comparison.alone.first().cloned());
    }
    let view = View {
        base: &sides.base,
        head: &sides.head,
        comparison: &comparison,
    };
    let markdown = markdown(&view);
    assert!(markdown.len() < 1 << 20, "{}", markdown.len());
    assert!(markdown.contains(" more do not fit here: they are in the JSON."));
    assert!(markdown.contains("### What was compared"));
    assert_no_markup(&markdown);
    let value: Value = serde_json::from_str(&json(&view)).unwrap();
    assert_eq!(
        value["cells"].as_array().unwrap().len(),
        comparison.compared.len()
    );
}

#[test]
fn markdown_ends_where_its_text_ends() {
    for sides in [one_regressed(), benchmarks(), hostile_sides()] {
        let markdown = sides.rendered().markdown;
        assert!(!markdown.ends_with("\n\n") && markdown.ends_with('\n'));
        assert!(!markdown.contains("\n\n\n"), "{markdown}");
        assert!(markdown.lines().all(|line| line.trim_end() == line));
    }
}
