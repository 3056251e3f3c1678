//! Seeds from the golden vectors: every message by its codec, its headers, its payload, its names.

use std::fs;
use std::path::Path;

use busbench_envelope::Envelope;
use busbench_envelope::native::{mqtt5, redis};
use serde_json::Value;

use super::super::target::SEPARATOR;
use super::{Seeds, add as put};

/// Adds the seeds of each `*.jsonl` of `folder`.
pub(crate) fn add(folder: &Path, seeds: &mut Seeds) -> Result<(), String> {
    let unreadable = |error| format!("cannot read {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_none_or(|extension| extension != "jsonl")
        {
            continue;
        }
        let text = fs::read_to_string(&path);
        let text = text.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        for line in text.lines() {
            let vector: Value = serde_json::from_str(line)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            add_vector(&vector, seeds)?;
        }
    }
    Ok(())
}

fn add_vector(vector: &Value, seeds: &mut Seeds) -> Result<(), String> {
    for name in ["topic", "subject", "back"] {
        if let Some(topic) = vector[name].as_str() {
            put(seeds, "topic", topic);
        }
    }
    let (body, headers) = (bytes(vector, "body_b64")?, bytes(vector, "headers_b64")?);
    let codec = vector["codec"].as_str().unwrap_or_default();
    match codec {
        "json-base64" => put(seeds, "json_base64", body),
        "cbor" => put(seeds, "cbor", body),
        "nats-native" => put(seeds, "nats", headers),
        "nats-json" if vector["edgex"] == "v3-layout" => put(seeds, "json_base64", body),
        "json" | "nats-json" => put(seeds, "json", body),
        _ => return Ok(()),
    }
    let payload = bytes(vector, "payload_b64")?;
    if vector["payload_kind"] == "event" {
        let target = match vector["payload_content_type"].as_str() {
            Some("application/cbor") => "event_cbor",
            _ => "event_json",
        };
        put(seeds, target, payload.clone());
    }
    let envelope = envelope(&vector["envelope"]);
    put(seeds, "stamp", &*envelope.correlation_id);
    put(seeds, "mqtt5", mqtt5_input(&envelope));
    put(seeds, "redis", redis_input(&envelope, &payload));
    Ok(())
}

fn bytes(vector: &Value, name: &str) -> Result<Vec<u8>, String> {
    base64_simd::STANDARD
        .decode_to_vec(vector[name].as_str().unwrap_or_default())
        .map_err(|error| format!("cannot read {name} of {}: {error}", vector["name"]))
}

fn envelope(value: &Value) -> Envelope {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let parameters = value["queryParams"].as_object();
    Envelope {
        api_version: text("apiVersion"),
        correlation_id: text("correlationID"),
        request_id: text("requestID"),
        error_code: value["errorCode"].as_i64().unwrap_or_default(),
        content_type: text("contentType"),
        query_params: parameters
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect(),
    }
}

fn mqtt5_input(envelope: &Envelope) -> Vec<u8> {
    let properties = mqtt5::properties(envelope);
    let mut pieces = vec![
        properties.content_type.into_bytes(),
        properties.correlation_data,
    ];
    for (name, value) in properties.user_properties {
        pieces.push(name.into());
        pieces.push(value.into_bytes());
    }
    pieces.join(&SEPARATOR)
}

fn redis_input(envelope: &Envelope, payload: &[u8]) -> Vec<u8> {
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    for (name, value) in redis::fields(envelope) {
        pieces.push(name.into());
        pieces.push(value.into_bytes());
    }
    pieces.push(redis::PAYLOAD.into());
    pieces.push(payload.to_vec());
    pieces.join(&SEPARATOR)
}
