//! Vectors of messages.

use std::borrow::Cow;

use busbench_envelope::codec::{self, EventEncoder};
use busbench_envelope::native::nats;
use busbench_envelope::{
    AddEventRequest, Encoding, Envelope, EnvelopeRef, Layout, Message, Payload, topic,
};

use crate::event;
use crate::vector::Vector;

pub(crate) fn check(vector: &Vector) -> Result<Vec<&'static str>, String> {
    let mut left_out = Vec::new();
    check_topic(vector)?;
    if vector.decode_only {
        left_out.push("not encoded: the vector holds for decoding only");
    } else {
        if vector.payload_exact {
            check_payload(vector)?;
        } else {
            left_out.push("payload not encoded: ours has other bytes of the same meaning");
        }
        if vector.byte_exact {
            check_encode(vector)?;
        } else {
            left_out.push("envelope not encoded: ours has other bytes of the same meaning");
        }
    }
    if vector.encode_only {
        left_out.push("not decoded: the vector holds for encoding only");
    } else {
        left_out.extend(check_decode(vector)?);
    }
    Ok(left_out)
}

fn check_topic(vector: &Vector) -> Result<(), String> {
    if vector.subject.is_empty() {
        return equal("the received topic", &vector.topic, &vector.received_topic);
    }
    let subject = topic::nats_subject(&vector.topic);
    equal("the subject", &subject, &vector.subject)?;
    let received = topic::nats_topic(&subject);
    equal("the received topic", &received, &vector.received_topic)
}

fn layout(vector: &Vector) -> Layout {
    match &*vector.codec {
        "cbor" => Layout::Cbor,
        "nats-native" => Layout::Native,
        "json-base64" => Layout::JsonBase64,
        _ if vector.edgex == "v3-layout" => Layout::JsonBase64,
        _ => Layout::Json,
    }
}

fn encoding(vector: &Vector) -> Encoding {
    Encoding::of_content_type(&vector.payload_content_type).unwrap_or(Encoding::Json)
}

/// The event that was encoded.
fn event_of(vector: &Vector) -> Result<Option<AddEventRequest<'_>>, String> {
    let Some(json) = &vector.event else {
        return Ok(None);
    };
    let mut request = event::request(json.get())?;
    event::sort_keys(&mut request).map_err(|error| error.to_string())?;
    if vector.optimized {
        request.event.optimize();
    }
    Ok(Some(request))
}

fn check_payload(vector: &Vector) -> Result<(), String> {
    let mut payload = Vec::new();
    if let Some(request) = event_of(vector)? {
        request
            .encode(encoding(vector), &mut payload)
            .map_err(|error| error.to_string())?;
    } else if let Some(json) = &vector.payload_json {
        event::any(json.get())?
            .encode(encoding(vector), &mut payload)
            .map_err(|error| error.to_string())?;
    } else {
        // Opaque bytes: nothing of ours encodes them.
        return Ok(());
    }
    same_bytes("the payload", &payload, &vector.payload)
}

fn check_encode(vector: &Vector) -> Result<(), String> {
    let layout = layout(vector);
    let envelope = vector.envelope()?;
    let bytes = Cow::Borrowed(&*vector.payload);
    let payload = match &*vector.payload_go_type {
        "nil" | "nil-bytes" => Payload::None,
        "bytes" => Payload::Bytes(bytes),
        "struct" | "map" => Payload::Encoded(bytes),
        "string" => Payload::Text(String::from_utf8_lossy(&vector.payload)),
        other => return Err(format!("unknown payload_go_type `{other}`")),
    };
    let mut body = Vec::new();
    let stamp_at =
        codec::encode(layout, &envelope, &payload, &mut body).map_err(|error| error.to_string())?;
    same_bytes("the body", &body, &vector.body)?;
    if let Some(start) = stamp_at {
        let end = start + envelope.correlation_id.len();
        let at_place = body.get(start..end).unwrap_or_default();
        same_bytes(
            "the text at the stamp's place",
            at_place,
            envelope.correlation_id.as_bytes(),
        )?;
    }
    same_bytes("the headers", &headers(vector, &envelope), &vector.headers)?;
    check_encode_event(vector, layout, &envelope)
}

/// The way from an event to a body, where `EdgeX`'s switches do not choose another encoding.
fn check_encode_event(vector: &Vector, layout: Layout, envelope: &Envelope) -> Result<(), String> {
    let Some(request) = event_of(vector)? else {
        return Ok(());
    };
    let chosen = EventEncoder::payload_encoding(layout, &request);
    if chosen != encoding(vector) || !vector.payload_exact {
        return Ok(());
    }
    let mut body = Vec::new();
    EventEncoder::default()
        .encode(layout, envelope, &request, &mut body)
        .map_err(|error| error.to_string())?;
    same_bytes("the body, encoded from the event,", &body, &vector.body)
}

fn headers(vector: &Vector, envelope: &Envelope) -> Vec<u8> {
    let mut fields = match &*vector.codec {
        "nats-native" => nats::fields(envelope),
        _ => Vec::new(),
    };
    if let Some(client_id) = &vector.nats_client_id {
        fields.push((nats::MESSAGE_ID, nats::message_id(client_id, envelope)));
        fields.sort_by_key(|(name, _)| *name);
    }
    nats::block(&fields)
}

/// No vector takes more than four times its bytes and 4 kB in memory.
fn check_memory(vector: &Vector) -> Result<(), String> {
    let within = |input: &[u8], decode: &mut dyn FnMut()| {
        let limit = (4 * input.len() + 4096) as u64;
        let peak = allocation_counter::measure(decode).bytes_max;
        if peak > limit {
            return Err(format!("decoding takes {peak} of {limit} bytes"));
        }
        Ok(())
    };
    let layout = layout(vector);
    within(&vector.body, &mut || {
        drop(codec::decode(layout, &vector.body));
    })?;
    within(&vector.headers, &mut || {
        drop(nats::read_block(&vector.headers));
    })?;
    let (encoding, payload) = (encoding(vector), &vector.payload);
    within(payload, &mut || {
        drop(AddEventRequest::decode(encoding, payload));
    })
}

fn check_decode(vector: &Vector) -> Result<Option<&'static str>, String> {
    check_memory(vector)?;
    let layout = layout(vector);
    let mut message = codec::decode(layout, &vector.body).map_err(|error| error.to_string())?;
    if layout == Layout::Native {
        message.envelope = nats::read_block(&vector.headers).map_err(|error| error.to_string())?;
    }
    let Message {
        envelope, payload, ..
    } = message;
    check_envelope(vector, envelope)?;
    let bytes = match (&*vector.payload_go_type, payload) {
        ("nil" | "nil-bytes", Payload::None) => Cow::default(),
        ("nil" | "nil-bytes", other) if layout != Layout::Native => {
            return Err(format!("no payload is decoded as {other:?}"));
        }
        ("string", payload) => Cow::Owned(payload.into_text(layout).into_owned().into_bytes()),
        (_, payload) => payload
            .into_encoded(layout)
            .map_err(|error| error.to_string())?,
    };
    same_bytes("the decoded payload", &bytes, &vector.payload)?;
    let Some(expected) = vector.event_decoded.as_ref().or(vector.event.as_ref()) else {
        return Ok(None);
    };
    let mut expected = comparable(event::request(expected.get())?)?;
    let mut request =
        AddEventRequest::decode(encoding(vector), &bytes).map_err(|error| error.to_string())?;
    if vector.optimized {
        request.event.restore();
    }
    // What Go's own decoder took is valid here too.
    if vector.go_decode_error.is_none() {
        request.validate().map_err(|error| error.to_string())?;
    }
    let request = comparable(request)?;
    let rounded = !vector.payload_exact && event::round_origins_as(&mut expected, &request);
    if request != expected {
        return Err(format!(
            "the event is decoded as {request:?} instead of {expected:?}"
        ));
    }
    Ok(rounded.then_some("origin compared as float64: the vector's JSON gives it rounded"))
}

fn comparable(request: AddEventRequest<'_>) -> Result<AddEventRequest<'_>, String> {
    event::comparable(request).map_err(|error| error.to_string())
}

fn check_envelope(vector: &Vector, decoded: EnvelopeRef<'_>) -> Result<(), String> {
    let (decoded, expected) = (decoded.into_owned(), vector.envelope()?);
    if decoded != expected {
        return Err(format!(
            "the envelope is decoded as {decoded:?} instead of {expected:?}"
        ));
    }
    Ok(())
}

pub(crate) fn equal(what: &str, actual: &str, expected: &str) -> Result<(), String> {
    if actual != expected {
        return Err(format!("{what} is `{actual}` instead of `{expected}`"));
    }
    Ok(())
}

fn same_bytes(what: &str, actual: &[u8], expected: &[u8]) -> Result<(), String> {
    if actual == expected {
        return Ok(());
    }
    let mut pairs = actual.iter().zip(expected);
    let at = pairs
        .position(|(one, other)| one != other)
        .unwrap_or(actual.len().min(expected.len()));
    let around = |bytes: &[u8]| {
        let end = (at + 30).min(bytes.len());
        let shown = bytes.get(at.saturating_sub(10)..end).unwrap_or_default();
        shown.escape_ascii().to_string()
    };
    Err(format!(
        "{what} has {} bytes instead of {} and differs at byte {at}: `{}` instead of `{}`",
        actual.len(),
        expected.len(),
        around(actual),
        around(expected)
    ))
}
