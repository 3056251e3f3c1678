//! Makes events of a vector's plain JSON, without the decoder under test.

use std::borrow::Cow;

use busbench_envelope::{AddEventRequest, Any, DecodeError, Event, Object, Reading};
use busbench_envelope::{Tags, Text, Value};

type Members<'a> = Vec<(Cow<'a, str>, Any<'a>)>;

/// Reads the request that a vector gives as JSON.
pub(crate) fn request(json: &str) -> Result<AddEventRequest<'_>, String> {
    let mut request = members(any(json)?)?;
    let mut event = members(take(&mut request, "event").ok_or("no event")?)?;
    let readings = match take(&mut event, "readings") {
        None | Some(Any::Null) => Vec::new(),
        Some(Any::List(readings)) => readings
            .into_iter()
            .map(|value| reading(members(value)?))
            .collect::<Result<_, String>>()?,
        Some(other) => return Err(format!("readings are {other:?}")),
    };
    Ok(AddEventRequest {
        api_version: text(&mut request, "apiVersion")?,
        request_id: text(&mut request, "requestId")?,
        event: Event {
            api_version: text(&mut event, "apiVersion")?,
            id: text(&mut event, "id")?,
            device_name: text(&mut event, "deviceName")?,
            profile_name: text(&mut event, "profileName")?,
            source_name: text(&mut event, "sourceName")?,
            origin: origin(&mut event)?,
            readings,
            tags: tags(&mut event)?,
        },
    })
}

/// Reads JSON of any shape, its maps in the order of the text; `binaryValue` is bytes.
pub(crate) fn any(json: &str) -> Result<Any<'_>, String> {
    let mut value: Any<'_> = serde_json::from_str(json).map_err(|error| error.to_string())?;
    bytes_of_binary_values(&mut value)?;
    Ok(value)
}

/// The same request, its numbers and the order of its keys as every encoding leaves them: JSON does
/// not tell 1 from 1.0, and Go's maps have no order.
pub(crate) fn comparable(
    mut request: AddEventRequest<'_>,
) -> Result<AddEventRequest<'_>, DecodeError> {
    for_each_object(&mut request.event, numbers_as_floats)?;
    Ok(request)
}

/// Sorts the keys of all objects and tags, as Go's `encoding/json` writes them.
pub(crate) fn sort_keys(request: &mut AddEventRequest<'_>) -> Result<(), DecodeError> {
    for_each_object(&mut request.event, |_| {})
}

/// Sorts and changes the values of no fixed shape.
fn for_each_object(event: &mut Event<'_>, change: fn(&mut Any<'_>)) -> Result<(), DecodeError> {
    event.tags = changed_tags(&event.tags, change)?;
    for reading in &mut event.readings {
        reading.tags = changed_tags(&reading.tags, change)?;
        if let Value::Object(value) = &mut reading.value {
            let mut tree = value.to_any()?;
            tree.sort_keys();
            change(&mut tree);
            *value = tree.into();
        }
    }
    Ok(())
}

fn changed_tags<'a>(tags: &Tags<'a>, change: fn(&mut Any<'_>)) -> Result<Tags<'a>, DecodeError> {
    let mut list = tags.to_list()?;
    list.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (_, value) in &mut list {
        value.sort_keys();
        change(value);
    }
    Ok(list.into())
}

/// Sets each of the expected origins to the actual one where both are the same float64, and says
/// whether any was another. The Go code that wrote some vectors took origins through float64.
pub(crate) fn round_origins_as(
    expected: &mut AddEventRequest<'_>,
    actual: &AddEventRequest<'_>,
) -> bool {
    let mut rounded = false;
    let mut set = |expected: &mut i64, actual: i64| {
        if *expected != actual && (*expected as f64).to_bits() == (actual as f64).to_bits() {
            *expected = actual;
            rounded = true;
        }
    };
    set(&mut expected.event.origin, actual.event.origin);
    let readings = expected.event.readings.iter_mut();
    for (expected, actual) in readings.zip(&actual.event.readings) {
        set(&mut expected.origin, actual.origin);
    }
    rounded
}

fn numbers_as_floats(value: &mut Any<'_>) {
    match value {
        Any::Unsigned(number) => *value = Any::Float(*number as f64),
        Any::Signed(number) => *value = Any::Float(*number as f64),
        Any::List(values) => values.iter_mut().for_each(numbers_as_floats),
        Any::Map(members) => {
            for (_, value) in members {
                numbers_as_floats(value);
            }
        }
        _ => {}
    }
}

fn bytes_of_binary_values(value: &mut Any<'_>) -> Result<(), String> {
    match value {
        Any::List(values) => values.iter_mut().try_for_each(bytes_of_binary_values),
        Any::Map(members) => members.iter_mut().try_for_each(|(key, value)| {
            match value {
                Any::Text(text) if key == "binaryValue" => {
                    let bytes = base64_simd::STANDARD.decode_to_vec(text.as_bytes());
                    *value = Any::Bytes(Cow::Owned(bytes.map_err(|error| error.to_string())?));
                }
                _ => bytes_of_binary_values(value)?,
            }
            Ok(())
        }),
        _ => Ok(()),
    }
}

fn reading(mut members: Members<'_>) -> Result<Reading<'_>, String> {
    let media_type = text(&mut members, "mediaType")?;
    let object = take(&mut members, "objectValue");
    let binary = take(&mut members, "binaryValue");
    let simple = take(&mut members, "value");
    let value = match (object, binary, simple) {
        (None | Some(Any::Null), None | Some(Any::Null), None | Some(Any::Null)) => {
            if media_type.is_empty() {
                Value::Null
            } else {
                Value::Binary {
                    bytes: Cow::default(),
                    media_type,
                }
            }
        }
        (Some(object), _, _) => Value::Object(Object::from(object)),
        (_, Some(Any::Bytes(bytes)), _) => Value::Binary { bytes, media_type },
        (_, _, Some(Any::Text(text))) => Value::Text(text.into()),
        (_, _, Some(Any::Unsigned(number))) => Value::Text(number.to_string().into()),
        (_, _, Some(Any::Float(number))) => Value::Text(number.to_string().into()),
        (_, binary, simple) => return Err(format!("no value in {binary:?} or {simple:?}")),
    };
    Ok(Reading {
        id: text(&mut members, "id")?,
        origin: origin(&mut members)?,
        device_name: text(&mut members, "deviceName")?,
        resource_name: text(&mut members, "resourceName")?,
        profile_name: text(&mut members, "profileName")?,
        value_type: text(&mut members, "valueType")?,
        units: text(&mut members, "units")?,
        tags: tags(&mut members)?,
        value,
    })
}

fn members(value: Any<'_>) -> Result<Members<'_>, String> {
    match value {
        Any::Map(members) => Ok(members),
        other => Err(format!("{other:?} is no map")),
    }
}

fn take<'a>(members: &mut Members<'a>, key: &str) -> Option<Any<'a>> {
    let at = members.iter().position(|(name, _)| name == key)?;
    Some(members.remove(at).1)
}

fn text<'a>(members: &mut Members<'a>, key: &str) -> Result<Text<'a>, String> {
    match take(members, key) {
        None => Ok(Text::default()),
        Some(Any::Text(text)) => Ok(text.into()),
        Some(other) => Err(format!("{key} is {other:?}")),
    }
}

fn origin(members: &mut Members<'_>) -> Result<i64, String> {
    match take(members, "origin") {
        None => Ok(0),
        Some(Any::Signed(origin)) => Ok(origin),
        Some(Any::Unsigned(origin)) => i64::try_from(origin).map_err(|error| error.to_string()),
        Some(other) => Err(format!("origin is {other:?}")),
    }
}

fn tags<'a>(members: &mut Members<'a>) -> Result<Tags<'a>, String> {
    match take(members, "tags") {
        None => Ok(Tags::default()),
        Some(Any::Map(tags)) => Ok(tags.into()),
        Some(other) => Err(format!("tags are {other:?}")),
    }
}
