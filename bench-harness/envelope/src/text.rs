//! A text that is borrowed where it can be, in two words.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A text of an event: borrowed from the message that was decoded, or owned.
///
/// It is two words long where a `Cow` has three. A reading has eight texts, and an event of many
/// short readings must not take more than four times its bytes in memory.
#[derive(Clone)]
pub struct Text<'a>(Form<'a>);

#[derive(Clone)]
enum Form<'a> {
    Borrowed(&'a str),
    #[expect(clippy::box_collection, reason = "a box keeps the text at two words")]
    Owned(Box<String>),
}

impl Text<'_> {
    /// The text itself.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Form::Borrowed(text) => text,
            Form::Owned(text) => text,
        }
    }
}

impl Default for Text<'_> {
    fn default() -> Self {
        Self(Form::Borrowed(""))
    }
}

impl Deref for Text<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<'a> From<&'a str> for Text<'a> {
    #[inline]
    fn from(text: &'a str) -> Self {
        Self(Form::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Form::Owned(Box::new(text)))
    }
}

impl<'a> From<Cow<'a, str>> for Text<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        match text {
            Cow::Borrowed(text) => text.into(),
            Cow::Owned(text) => text.into(),
        }
    }
}

impl<'a> From<Text<'a>> for Cow<'a, str> {
    fn from(text: Text<'a>) -> Self {
        match text.0 {
            Form::Borrowed(text) => Cow::Borrowed(text),
            Form::Owned(text) => Cow::Owned(*text),
        }
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), formatter)
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text<'_> {}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::Text;

    #[test]
    fn a_text_is_two_words_long() {
        assert_eq!(size_of::<Text<'_>>(), 2 * size_of::<usize>());
    }

    #[test]
    fn a_text_is_the_same_borrowed_and_owned() {
        let (borrowed, owned) = (Text::from("text"), Text::from("text".to_owned()));
        assert_eq!(borrowed, owned);
        assert_eq!(owned, "text");
        assert_eq!(format!("{owned} {owned:?}"), "text \"text\"");
        assert!(matches!(Cow::from(borrowed), Cow::Borrowed("text")));
        assert!(matches!(Cow::from(owned), Cow::Owned(text) if text == "text"));
    }
}
