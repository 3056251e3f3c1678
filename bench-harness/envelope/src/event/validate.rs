//! What `EdgeX` refuses when it decodes an event.
//!
//! Source: `go-mod-core-contracts` v4.0.3: the struct tags of `dtos/event.go`, `dtos/reading.go` and
//! `dtos/common/base.go`, the order of `dtos/requests/event.go`, the list of types in
//! `common/utils.go`; a tag's meaning from `common/validator.go` and `go-playground/validator`
//! v10.30.2.

mod value;

use crate::wire::uuid_text;
use crate::{AddEventRequest, Reading};

/// An event that every `EdgeX` service refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot accept {field} of {}: {reason}", Place(*.reading))]
pub struct ValidationError {
    /// The field, by its name on the wire.
    pub field: &'static str,
    /// The reading that it belongs to, counted from 0; `None` for the event's and request's own.
    pub reading: Option<usize>,
    /// What is wrong with it.
    pub reason: &'static str,
}

struct Place(Option<usize>);

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(index) => write!(formatter, "reading {index}"),
            None => formatter.write_str("the event"),
        }
    }
}

impl AddEventRequest<'_> {
    /// Refuses what `EdgeX` refuses when it decodes an event; the first fault is told. An optimized
    /// event must be restored before ([`crate::Event::restore`]).
    ///
    /// Go then writes each type in `EdgeX`'s own case; here it stays as it was sent.
    ///
    /// Two things are stricter: Go takes digits grouped by `_` and hexadecimal floats, and it panics
    /// at an array of less than two characters. `EdgeX` writes none of them.
    pub fn validate(&self) -> Result<(), ValidationError> {
        let event = &self.event;
        let own = |field, fault: Option<&'static str>| refuse(field, None, fault);
        own("apiVersion", empty(&self.api_version))?;
        if !self.request_id.is_empty() {
            own("requestId", no_uuid(&self.request_id))?;
        }
        own("apiVersion", empty(&event.api_version))?;
        own("id", no_uuid(&event.id))?;
        own("deviceName", blank(&event.device_name))?;
        own("profileName", blank(&event.profile_name))?;
        own("sourceName", blank(&event.source_name))?;
        own("origin", zero(event.origin))?;
        own(
            "readings",
            event.readings.is_empty().then_some("there are none"),
        )?;
        for (index, reading) in event.readings.iter().enumerate() {
            for (field, fault) in faults(reading) {
                refuse(field, Some(index), fault)?;
            }
        }
        Ok(())
    }
}

/// Each field of a reading that has rules, with what is wrong with it. An id has none.
fn faults(reading: &Reading<'_>) -> [(&'static str, Option<&'static str>); 6] {
    let (value_field, value_fault) = value::fault(reading);
    [
        ("origin", zero(reading.origin)),
        ("deviceName", blank(&reading.device_name)),
        ("resourceName", blank(&reading.resource_name)),
        ("profileName", blank(&reading.profile_name)),
        ("valueType", value::type_fault(&reading.value_type)),
        (value_field, value_fault),
    ]
}

fn refuse(
    field: &'static str,
    reading: Option<usize>,
    fault: Option<&'static str>,
) -> Result<(), ValidationError> {
    fault.map_or(Ok(()), |reason| {
        Err(ValidationError {
            field,
            reading,
            reason,
        })
    })
}

fn empty(text: &str) -> Option<&'static str> {
    text.is_empty().then_some("it is missing or empty")
}

fn blank(name: &str) -> Option<&'static str> {
    name.trim().is_empty().then_some("it is missing or blank")
}

fn zero(origin: i64) -> Option<&'static str> {
    (origin == 0).then_some("it is missing or 0")
}

/// `EdgeX` takes lower-case digits only.
fn no_uuid(id: &str) -> Option<&'static str> {
    let bits = id.as_bytes().try_into().ok().and_then(uuid_text::read);
    bits.is_none().then_some("no UUID")
}

#[cfg(test)]
mod tests {
    use crate::{AddEventRequest, Any, Reading, Value, generate};

    fn request() -> AddEventRequest<'static> {
        generate(&"2xInt16".parse().expect("a spec"), 1, 0)
    }

    fn refusals(changes: &[fn(&mut AddEventRequest<'static>)]) -> String {
        let refusals: Vec<String> = changes
            .iter()
            .map(|change| {
                let mut request = request();
                change(&mut request);
                request.validate().expect_err("refused").to_string()
            })
            .collect();
        refusals.join("\n")
    }

    fn reading<'a>(request: &'a mut AddEventRequest<'static>) -> &'a mut Reading<'static> {
        &mut request.event.readings[1]
    }

    #[test]
    fn generated_events_are_valid() {
        for spec in [
            "1xBool",
            "100xInt16",
            "3xInt32",
            "9xFloat64",
            "2xString",
            "2xBinary:9",
            "2xObject",
        ] {
            let request = generate(&spec.parse().expect(spec), 7, 3);
            assert_eq!(request.validate(), Ok(()), "{spec}");
        }
    }

    #[test]
    fn an_event_without_what_edgex_requires_is_refused_with_the_field() {
        let changes: [fn(&mut AddEventRequest<'static>); 9] = [
            |request| request.api_version = "".into(),
            |request| request.request_id = "4BF7EAB8-BD56-4A07-A6C1-A7BC9449CF38".into(),
            |request| request.event.api_version = "".into(),
            |request| request.event.id = "".into(),
            |request| request.event.device_name = " \u{3000}".into(),
            |request| request.event.profile_name = "".into(),
            |request| request.event.source_name = "".into(),
            |request| request.event.origin = 0,
            |request| request.event.readings.clear(),
        ];
        insta::assert_snapshot!(refusals(&changes), @r"
        cannot accept apiVersion of the event: it is missing or empty
        cannot accept requestId of the event: no UUID
        cannot accept apiVersion of the event: it is missing or empty
        cannot accept id of the event: no UUID
        cannot accept deviceName of the event: it is missing or blank
        cannot accept profileName of the event: it is missing or blank
        cannot accept sourceName of the event: it is missing or blank
        cannot accept origin of the event: it is missing or 0
        cannot accept readings of the event: there are none
        ");
    }

    #[test]
    fn a_reading_without_what_edgex_requires_is_refused_with_its_index() {
        let changes: [fn(&mut AddEventRequest<'static>); 8] = [
            |request| reading(request).origin = 0,
            |request| reading(request).device_name = "".into(),
            |request| reading(request).resource_name = "".into(),
            |request| reading(request).profile_name = "\t".into(),
            |request| reading(request).value_type = "".into(),
            |request| reading(request).value_type = "Int128".into(),
            |request| reading(request).value = Value::Text("-32769".into()),
            |request| {
                reading(request).value_type = "Binary".into();
                reading(request).value = Value::Binary {
                    bytes: (&b"\0"[..]).into(),
                    media_type: "".into(),
                };
            },
        ];
        insta::assert_snapshot!(refusals(&changes), @r"
        cannot accept origin of reading 1: it is missing or 0
        cannot accept deviceName of reading 1: it is missing or blank
        cannot accept resourceName of reading 1: it is missing or blank
        cannot accept profileName of reading 1: it is missing or blank
        cannot accept valueType of reading 1: no type of EdgeX
        cannot accept valueType of reading 1: no type of EdgeX
        cannot accept value of reading 1: it does not match the valueType
        cannot accept mediaType of reading 1: it is missing or empty
        ");
    }

    #[test]
    fn what_edgex_does_not_require_is_accepted() {
        let changes: [fn(&mut AddEventRequest<'static>); 6] = [
            |request| request.request_id = "".into(),
            |request| reading(request).id = "".into(),
            |request| reading(request).value_type = "iNT16".into(),
            |request| reading(request).value = Value::Null,
            // By its type, its value is null.
            |request| reading(request).value = Value::Object(Any::Bool(true).into()),
            |request| {
                reading(request).value_type = "Object".into();
                reading(request).value = Value::Object(Any::Null.into());
            },
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut request = request();
            change(&mut request);
            assert_eq!(request.validate(), Ok(()), "change {index}");
        }
    }
}
