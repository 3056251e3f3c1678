//! A column of texts in few bytes.

use std::collections::HashMap;

use serde::Serialize;

/// What separates the texts of a list; a column with it in a text is no list.
const SEPARATOR: char = '|';

/// A column of texts, in the shortest of its forms.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Packed {
    /// All are the same.
    One {
        /// The text of each.
        one: String,
    },
    /// Few are repeated often.
    Words {
        /// Each once, in the order of their first place.
        words: Vec<String>,
        /// For each entry, the place of its text among them.
        at: Vec<usize>,
    },
    /// Many differ.
    List {
        /// Joined by [`SEPARATOR`].
        list: String,
    },
}

impl Packed {
    pub(super) fn of<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        // The map only finds places; their order is that of the texts.
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut words: Vec<&str> = Vec::new();
        let at: Vec<usize> = texts
            .map(|text| {
                *places.entry(text).or_insert_with(|| {
                    words.push(text);
                    words.len() - 1
                })
            })
            .collect();
        if let [] | [_] = words[..] {
            return Self::One {
                one: words.first().copied().unwrap_or_default().to_owned(),
            };
        }
        let in_words = words.iter().map(|word| word.len() + 3).sum::<usize>()
            + at.iter().map(|place| digits(*place) + 1).sum::<usize>();
        let in_list: usize = at.iter().map(|place| words[*place].len() + 1).sum();
        if in_list < in_words && !words.iter().any(|word| word.contains(SEPARATOR)) {
            let texts: Vec<&str> = at.iter().map(|place| words[*place]).collect();
            return Self::List {
                list: texts.join(&SEPARATOR.to_string()),
            };
        }
        Self::Words {
            words: words.into_iter().map(str::to_owned).collect(),
            at,
        }
    }
}

fn digits(number: usize) -> usize {
    number
        .checked_ilog10()
        .map_or(1, |digits| digits as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::Packed;

    #[track_caller]
    fn check(texts: &[&str], json: &str) {
        let packed = Packed::of(texts.iter().copied());
        assert_eq!(serde_json::to_string(&packed).unwrap(), json);
    }

    #[test]
    fn a_column_takes_its_shortest_form() {
        check(&[], r#"{"one":""}"#);
        check(&["nats", "nats", "nats"], r#"{"one":"nats"}"#);
        check(
            &["nats-core", "mqtt5", "nats-core", "mqtt5"],
            r#"{"words":["nats-core","mqtt5"],"at":[0,1,0,1]}"#,
        );
        check(&["1.5", "2.5", "", "3.5"], r#"{"list":"1.5|2.5||3.5"}"#);
    }

    #[test]
    fn a_text_with_the_separator_is_in_no_list() {
        check(&["1|2", "3"], r#"{"words":["1|2","3"],"at":[0,1]}"#);
    }
}
