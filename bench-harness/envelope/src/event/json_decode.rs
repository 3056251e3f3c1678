//! Reads events from JSON.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::error::Form;
use crate::wire::json_read::{self, NumberOrText, Text, text_or_empty};
use crate::{AddEventRequest, Any, DecodeError, Encoding, Event, Reading, Value};

pub(super) fn request(bytes: &[u8]) -> Result<AddEventRequest<'_>, DecodeError> {
    let form = Form::Event(Encoding::Json);
    let request: RequestMembers<'_> = json_read::object(form, bytes)?;
    let event = request.event;
    let readings = event.readings.unwrap_or_default();
    Ok(AddEventRequest {
        api_version: request.api_version.0,
        request_id: text_or_empty(request.request_id),
        event: Event {
            api_version: event.api_version.0,
            id: event.id.0,
            device_name: event.device_name.0,
            profile_name: event.profile_name.0,
            source_name: event.source_name.0,
            origin: event.origin,
            readings: readings
                .into_iter()
                .map(reading)
                .collect::<Result<_, _>>()?,
            tags: event.tags.unwrap_or_default().0,
        },
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestMembers<'a> {
    #[serde(borrow)]
    api_version: Text<'a>,
    request_id: Option<Text<'a>>,
    event: EventMembers<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventMembers<'a> {
    #[serde(borrow)]
    api_version: Text<'a>,
    id: Text<'a>,
    device_name: Text<'a>,
    profile_name: Text<'a>,
    source_name: Text<'a>,
    origin: i64,
    readings: Option<Vec<ReadingMembers<'a>>>,
    tags: Option<TagMembers<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadingMembers<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(default)]
    origin: i64,
    device_name: Option<Text<'a>>,
    resource_name: Option<Text<'a>>,
    profile_name: Option<Text<'a>>,
    value_type: Text<'a>,
    units: Option<Text<'a>>,
    tags: Option<TagMembers<'a>>,
    binary_value: Option<Text<'a>>,
    media_type: Option<Text<'a>>,
    value: Option<NumberOrText<'a>>,
    object_value: Option<Any<'a>>,
}

fn reading(members: ReadingMembers<'_>) -> Result<Reading<'_>, DecodeError> {
    // EdgeX 3 writes an empty `value` beside an object or bytes.
    let value = if let Some(object) = members.object_value {
        Value::Object(object)
    } else if let Some(text) = members.binary_value {
        Value::Binary {
            bytes: binary(&text.0)?,
            media_type: text_or_empty(members.media_type),
        }
    } else if let Some(text) = members.value {
        Value::Text(text.0)
    } else {
        Value::Null
    };
    Ok(Reading {
        id: text_or_empty(members.id),
        origin: members.origin,
        device_name: text_or_empty(members.device_name),
        resource_name: text_or_empty(members.resource_name),
        profile_name: text_or_empty(members.profile_name),
        value_type: members.value_type.0,
        units: text_or_empty(members.units),
        tags: members.tags.unwrap_or_default().0,
        value,
    })
}

fn binary(base64: &str) -> Result<Cow<'static, [u8]>, DecodeError> {
    base64_simd::STANDARD
        .decode_to_vec(base64)
        .map(Cow::Owned)
        .map_err(|_| DecodeError {
            form: Form::Event(Encoding::Json),
            field: "binaryValue",
            position: None,
            reason: "not standard base64 with padding".to_owned(),
        })
}

#[derive(Default)]
struct TagMembers<'a>(Vec<(Cow<'a, str>, Any<'a>)>);

struct TagVisitor;

impl<'de> Visitor<'de> for TagVisitor {
    type Value = TagMembers<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map of tags")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut tags = Vec::new();
        while let Some((key, value)) = entries.next_entry::<Text<'_>, Any<'_>>()? {
            tags.push((key.0, value));
        }
        Ok(TagMembers(tags))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for TagMembers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TagVisitor)
    }
}
