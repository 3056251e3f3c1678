//! The attributes as MQTT 5 properties: what `EdgeX` could do, not what it does.
//!
//! Content type and correlation data have properties of their own (MQTT 5.0, sections 3.3.2.3.9 and
//! 3.3.2.3.6); the rest are user properties (3.3.2.3.7) under the envelope's own names.
//! A text of MQTT has at most 65 535 bytes and no U+0000 (1.5.4): a longer attribute, or one with
//! that character, cannot be carried.

use std::borrow::Cow;

use super::{each_query_text, error_code, push_query_param, utf8};
use crate::{DecodeError, Envelope, EnvelopeRef};

/// The name of the Correlation Data property in errors.
const CORRELATION_DATA: &str = "correlationData";
/// User property of the envelope's `apiVersion`.
pub const API_VERSION: &str = "apiVersion";
/// User property of the envelope's `errorCode`, in decimal.
pub const ERROR_CODE: &str = "errorCode";
/// User property of one query parameter, `key:value`; repeated for each.
pub const QUERY_PARAMS: &str = "queryParams";
/// User property of the envelope's `requestID`.
pub const REQUEST_ID: &str = "requestID";

/// Properties of one PUBLISH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Properties {
    /// The Content Type property.
    pub content_type: String,
    /// The Correlation Data property: the correlation id's text.
    pub correlation_data: Vec<u8>,
    /// User properties, in order.
    pub user_properties: Vec<(&'static str, String)>,
}

/// Gives each of an envelope's user properties, in order, without allocating but for query
/// parameters. Content type and correlation id stand in the envelope as their properties have them.
pub fn visit(envelope: &Envelope, mut visitor: impl FnMut(&'static str, &str)) {
    visitor(API_VERSION, &envelope.api_version);
    visitor(REQUEST_ID, &envelope.request_id);
    visitor(ERROR_CODE, itoa::Buffer::new().format(envelope.error_code));
    each_query_text(envelope, |text| visitor(QUERY_PARAMS, text));
}

/// An envelope's properties.
#[must_use]
pub fn properties(envelope: &Envelope) -> Properties {
    let mut user_properties = Vec::with_capacity(3 + envelope.query_params.len());
    visit(envelope, |name, value| {
        user_properties.push((name, value.to_owned()));
    });
    Properties {
        content_type: envelope.content_type.clone(),
        correlation_data: envelope.correlation_id.clone().into_bytes(),
        user_properties,
    }
}

/// Reads an envelope from the properties of a PUBLISH. What is missing is empty, a missing error
/// code is 0, and user properties of other names are skipped. The position in an error is that in
/// the property's value.
pub fn read<'a>(
    content_type: Option<&'a str>,
    correlation_data: Option<&'a [u8]>,
    user_properties: impl IntoIterator<Item = (&'a str, &'a str), IntoIter: Clone>,
) -> Result<EnvelopeRef<'a>, DecodeError> {
    let mut envelope = EnvelopeRef {
        content_type: Cow::Borrowed(content_type.unwrap_or_default()),
        correlation_id: Cow::Borrowed(utf8(
            CORRELATION_DATA,
            correlation_data.unwrap_or_default(),
        )?),
        ..EnvelopeRef::default()
    };
    let mut rest = user_properties.into_iter();
    while let Some((name, value)) = rest.next() {
        match name {
            API_VERSION => envelope.api_version = Cow::Borrowed(value),
            REQUEST_ID => envelope.request_id = Cow::Borrowed(value),
            ERROR_CODE => envelope.error_code = error_code(ERROR_CODE, Some(0), value)?,
            QUERY_PARAMS => {
                let following = rest.clone().map(|(name, _)| name);
                push_query_param(&mut envelope, QUERY_PARAMS, Some(0), value, following)?;
            }
            _ => {}
        }
    }
    Ok(envelope)
}

impl Properties {
    /// Bytes that the properties take in a PUBLISH, without the length in front of all of them:
    /// one for a property's identifier, two for each length (sections 1.5.4, 1.5.6, 1.5.7).
    #[must_use]
    pub fn wire_bytes(&self) -> usize {
        let users = self
            .user_properties
            .iter()
            .map(|(name, value)| 1 + 2 + name.len() + 2 + value.len());
        (1 + 2 + self.content_type.len())
            + (1 + 2 + self.correlation_data.len())
            + users.sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::{Properties, properties, read};
    use crate::{Envelope, Stamp};

    #[test]
    fn every_attribute_has_its_property() {
        let mut envelope = Envelope::of_event(Stamp::PLACEHOLDER, "application/json");
        envelope.query_params = vec![("a".to_owned(), "1".to_owned())];
        let expected = Properties {
            content_type: "application/json".to_owned(),
            correlation_data: Stamp::PLACEHOLDER.as_bytes().to_vec(),
            user_properties: vec![
                ("apiVersion", "v3".to_owned()),
                ("requestID", String::new()),
                ("errorCode", "0".to_owned()),
                ("queryParams", "a:1".to_owned()),
            ],
        };
        assert_eq!(properties(&envelope), expected);
        assert_eq!(expected.wire_bytes(), 19 + 39 + 17 + 14 + 15 + 19);
    }

    #[test]
    fn broken_properties_are_refused_with_their_name() {
        let pairs = |name, value| [(name, value)];
        let errors = [
            read(None, Some(b"id\xff"), []),
            read(None, None, pairs("errorCode", "one")),
            read(None, None, pairs("queryParams", "alone")),
        ]
        .map(|read| read.expect_err("refused").to_string());
        insta::assert_snapshot!(errors.join("\n"), @r"
        cannot read correlationData of the native envelope at byte 2: not UTF-8
        cannot read errorCode of the native envelope at byte 0: not a whole number
        cannot read queryParams of the native envelope at byte 0: a parameter without `:`
        ");
    }
}
