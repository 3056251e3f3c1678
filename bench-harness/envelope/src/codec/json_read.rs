//! Reads envelopes from JSON.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::Form;
use crate::wire::json_read::{self, Text, text_or_empty};
use crate::{DecodeError, EnvelopeRef, Layout, Message, Payload};

pub(super) fn decode(layout: Layout, body: &[u8]) -> Result<Message<'_>, DecodeError> {
    let form = Form::Envelope(layout);
    let members: Members<'_> = json_read::object(form, body)?;
    let payload = match members.payload.map(RawValue::get) {
        None => Payload::None,
        Some(text) if text.starts_with('"') => {
            let text: Text<'_> = serde_json::from_str(text).map_err(|error| DecodeError {
                form,
                field: "payload",
                position: None,
                reason: error.to_string(),
            })?;
            Payload::Text(text.0)
        }
        Some(value) => Payload::Encoded(Cow::Borrowed(value.as_bytes())),
    };
    Ok(Message {
        envelope: EnvelopeRef {
            api_version: required(form, members.api_version, "apiVersion")?,
            correlation_id: required(form, members.correlation_id, "correlationID")?,
            request_id: text_or_empty(members.request_id),
            error_code: members.error_code,
            content_type: text_or_empty(members.content_type),
            query_params: members.query_params.unwrap_or_default().0,
        },
        payload,
    })
}

fn required<'a>(
    form: Form,
    text: Option<Text<'a>>,
    field: &'static str,
) -> Result<Cow<'a, str>, DecodeError> {
    text.map(|text| text.0)
        .ok_or_else(|| DecodeError::missing(form, field))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members<'a> {
    #[serde(borrow)]
    api_version: Option<Text<'a>>,
    #[serde(rename = "correlationID")]
    correlation_id: Option<Text<'a>>,
    #[serde(rename = "requestID")]
    request_id: Option<Text<'a>>,
    #[serde(default)]
    error_code: i64,
    payload: Option<&'a RawValue>,
    content_type: Option<Text<'a>>,
    query_params: Option<QueryParams<'a>>,
}

#[derive(Default)]
struct QueryParams<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

struct QueryParamsVisitor;

impl<'de> Visitor<'de> for QueryParamsVisitor {
    type Value = QueryParams<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut params = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Text<'_>, Text<'_>>()? {
            params.push((key.0, value.0));
        }
        Ok(QueryParams(params))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for QueryParams<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(QueryParamsVisitor)
    }
}
