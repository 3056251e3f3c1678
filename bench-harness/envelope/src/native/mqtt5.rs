//! The attributes as MQTT 5 properties: what `EdgeX` could do, not what it does.
//!
//! Content type and correlation data have properties of their own (MQTT 5.0, sections 3.3.2.3.9 and
//! 3.3.2.3.6); the rest are user properties (3.3.2.3.7) under the envelope's own names.

use super::query_texts;
use crate::Envelope;

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

/// An envelope's properties.
#[must_use]
pub fn properties(envelope: &Envelope) -> Properties {
    let mut user_properties = vec![
        (API_VERSION, envelope.api_version.clone()),
        (REQUEST_ID, envelope.request_id.clone()),
        (ERROR_CODE, envelope.error_code.to_string()),
    ];
    user_properties.extend(query_texts(envelope).map(|text| (QUERY_PARAMS, text)));
    Properties {
        content_type: envelope.content_type.clone(),
        correlation_data: envelope.correlation_id.clone().into_bytes(),
        user_properties,
    }
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
    use super::{Properties, properties};
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
}
