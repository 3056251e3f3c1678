//! Reads JSON strings, borrowing what holds no escape.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use crate::DecodeError;
use crate::error::Form;

/// A string. `Cow`'s own `Deserialize` always copies.
#[derive(Debug, Default)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

/// A string, or a number taken as its text.
#[derive(Debug)]
pub(crate) struct NumberOrText<'a>(pub(crate) Cow<'a, str>);

struct TextVisitor {
    numbers: bool,
}

impl TextVisitor {
    fn number<E: de::Error>(&self, number: impl fmt::Display) -> Result<Cow<'static, str>, E> {
        if self.numbers {
            Ok(Cow::Owned(number.to_string()))
        } else {
            Err(E::custom(format!(
                "the number {number} where a string belongs"
            )))
        }
    }
}

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        self.number(number)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        self.number(number)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        self.number(number)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let visitor = TextVisitor { numbers: false };
        deserializer.deserialize_str(visitor).map(Self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for NumberOrText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let visitor = TextVisitor { numbers: true };
        deserializer.deserialize_any(visitor).map(Self)
    }
}

/// The text of an optional string; empty where there is none.
pub(crate) fn text_or_empty(text: Option<Text<'_>>) -> Cow<'_, str> {
    text.unwrap_or_default().0
}

/// Reads the members of an object. Serde's derived code would take an array of them too.
pub(crate) fn object<'a, T: Deserialize<'a>>(
    form: Form,
    input: &'a [u8],
) -> Result<T, DecodeError> {
    let start = input.iter().position(|byte| !byte.is_ascii_whitespace());
    if let Some(position) = start
        && input.get(position) != Some(&b'{')
    {
        return Err(DecodeError {
            form,
            field: "body",
            position: Some(position),
            reason: "no JSON object".to_owned(),
        });
    }
    serde_json::from_slice(input).map_err(|error| DecodeError::json(form, input, &error))
}
