//! One line of a vector file.

use std::collections::BTreeMap;

use busbench_envelope::Envelope;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Fields of all kinds of vectors; `README.md` beside the files says what they mean.
#[derive(Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent fact of the vector"
)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) codec: String,
    pub(crate) topic: String,

    // Messages.
    #[serde(default)]
    pub(crate) edgex: String,
    #[serde(default)]
    pub(crate) subject: String,
    #[serde(default)]
    pub(crate) received_topic: String,
    pub(crate) envelope: Option<Attributes>,
    #[serde(default)]
    pub(crate) payload_go_type: String,
    #[serde(default)]
    pub(crate) payload_content_type: String,
    #[serde(default, rename = "payload_b64", deserialize_with = "base64")]
    pub(crate) payload: Vec<u8>,
    pub(crate) event: Option<Box<RawValue>>,
    pub(crate) event_decoded: Option<Box<RawValue>>,
    pub(crate) payload_json: Option<Box<RawValue>>,
    #[serde(default)]
    pub(crate) optimized: bool,
    #[serde(default, rename = "headers_b64", deserialize_with = "base64")]
    pub(crate) headers: Vec<u8>,
    #[serde(default, rename = "body_b64", deserialize_with = "base64")]
    pub(crate) body: Vec<u8>,
    pub(crate) nats_client_id: Option<String>,
    #[serde(default)]
    pub(crate) payload_exact: bool,
    #[serde(default)]
    pub(crate) byte_exact: bool,
    #[serde(default)]
    pub(crate) encode_only: bool,
    #[serde(default)]
    pub(crate) decode_only: bool,
    pub(crate) go_decode_error: Option<String>,

    // Topics.
    pub(crate) direction: Option<String>,
    pub(crate) op: Option<String>,
    pub(crate) back: Option<String>,
    #[serde(default)]
    pub(crate) channel_or_patterns: Vec<String>,
}

/// The attributes of an envelope.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attributes {
    api_version: String,
    #[serde(rename = "correlationID")]
    correlation_id: String,
    #[serde(rename = "requestID")]
    request_id: String,
    error_code: i64,
    content_type: String,
    query_params: BTreeMap<String, String>,
}

impl Vector {
    pub(crate) fn envelope(&self) -> Result<Envelope, String> {
        let attributes = self.envelope.as_ref().ok_or("no envelope")?;
        Ok(Envelope {
            api_version: attributes.api_version.clone(),
            correlation_id: attributes.correlation_id.clone(),
            request_id: attributes.request_id.clone(),
            error_code: attributes.error_code,
            content_type: attributes.content_type.clone(),
            query_params: attributes.query_params.clone().into_iter().collect(),
        })
    }
}

fn base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    base64_simd::STANDARD
        .decode_to_vec(text)
        .map_err(serde::de::Error::custom)
}
