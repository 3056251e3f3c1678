//! The reader against `serde_json`: both take the same texts and read the same values.

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::Index;
use serde::de::IgnoredAny;

use super::JsonReader;
use crate::wire::source::{Read, Source};

/// JSON, most of it with something broken in it.
fn nearly_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?",
        "\"([a-zé😀 ]|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4}){0,12}\"",
        "[\\x00-\\x7f]{0,4}",
    ];
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(" ,"))),
            proptest::collection::vec(inner, 0..4).prop_map(|items| {
                let members = items.iter().map(|item| format!("\"k\\n\": {item}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    });
    let edit = (any::<Index>(), "[\\[\\]{}\",:\\\\u0-9a-f.eE+ \\n-]?");
    (value, proptest::collection::vec(edit, 0..2)).prop_map(|(mut text, edits)| {
        for (at, replacement) in edits {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            if places.is_empty() {
                continue;
            }
            let start = *at.get(&places);
            let width = text[start..].chars().next().map_or(0, char::len_utf8);
            text.replace_range(start..start + width, &replacement);
        }
        text
    })
}

fn whole<'a, T>(text: &'a str, read: impl FnOnce(&mut JsonReader<'a>) -> Read<T>) -> Option<T> {
    let mut reader = JsonReader::new(text.as_bytes());
    let value = read(&mut reader).ok()?;
    reader.end().ok()?;
    Some(value)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_same_texts_are_json(text in nearly_json()) {
        let expected = serde_json::from_str::<IgnoredAny>(&text).is_ok();
        prop_assert_eq!(whole(&text, JsonReader::raw).is_some(), expected, "{}", text);
    }

    #[test]
    fn the_same_numbers_are_read(text in "-?(0|[1-9])?[0-9]{0,20}(\\.0)?(e1)?") {
        // To serde it is a float, to Go the whole number 0.
        let expected = if text == "-0" { Some(0) } else { serde_json::from_str(&text).ok() };
        prop_assert_eq!(whole(&text, JsonReader::integer), expected, "{}", text);
    }

    /// Half of a surrogate pair is an error to serde.
    #[test]
    fn the_same_strings_are_read(
        text in "\"([a-zé😀<]{0,9}(\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-c][0-9a-fA-F]{3}|\\\\ud83d\\\\ude0[0-9a-f])?){0,6}\"",
    ) {
        let expected: String = serde_json::from_str(&text)?;
        let read = whole(&text, JsonReader::text);
        prop_assert_eq!(read.as_deref(), Some(&*expected));
    }
}
