//! The attributes as fields of a Redis stream entry: what `EdgeX` could do, not what it does.
//!
//! The fields have the envelope's own names, and the payload stands under [`PAYLOAD`] after them.

use super::query_texts;
use crate::Envelope;

/// Field of the envelope's `apiVersion`.
pub const API_VERSION: &str = "apiVersion";
/// Field of the envelope's `correlationID`.
pub const CORRELATION_ID: &str = "correlationID";
/// Field of the envelope's `requestID`.
pub const REQUEST_ID: &str = "requestID";
/// Field of the envelope's `errorCode`, in decimal.
pub const ERROR_CODE: &str = "errorCode";
/// Field of the envelope's `contentType`.
pub const CONTENT_TYPE: &str = "contentType";
/// Field of one query parameter, `key:value`; repeated for each.
pub const QUERY_PARAMS: &str = "queryParams";
/// Field of the payload's bytes.
pub const PAYLOAD: &str = "payload";

/// An envelope's fields, in the order in which they are written, without the payload.
#[must_use]
pub fn fields(envelope: &Envelope) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        (API_VERSION, envelope.api_version.clone()),
        (CORRELATION_ID, envelope.correlation_id.clone()),
        (REQUEST_ID, envelope.request_id.clone()),
        (ERROR_CODE, envelope.error_code.to_string()),
        (CONTENT_TYPE, envelope.content_type.clone()),
    ];
    fields.extend(query_texts(envelope).map(|text| (QUERY_PARAMS, text)));
    fields
}

/// Bytes that the fields and the payload's name take in an `XADD`: each is a bulk string of RESP,
/// `$<length>\r\n<bytes>\r\n`.
#[must_use]
pub fn wire_bytes(fields: &[(&str, String)]) -> usize {
    let attributes = fields
        .iter()
        .map(|(name, value)| bulk_string_bytes(name.len()) + bulk_string_bytes(value.len()));
    attributes.sum::<usize>() + bulk_string_bytes(PAYLOAD.len())
}

fn bulk_string_bytes(length: usize) -> usize {
    let digits = length.checked_ilog10().unwrap_or(0) as usize + 1;
    1 + digits + 2 + length + 2
}

#[cfg(test)]
mod tests {
    use super::{fields, wire_bytes};
    use crate::{Envelope, Stamp};

    #[test]
    fn every_attribute_has_its_field() {
        let mut envelope = Envelope::of_event(Stamp::PLACEHOLDER, "application/json");
        envelope.query_params = vec![("a".to_owned(), "1".to_owned())];
        let expected = [
            ("apiVersion", "v3"),
            ("correlationID", Stamp::PLACEHOLDER),
            ("requestID", ""),
            ("errorCode", "0"),
            ("contentType", "application/json"),
            ("queryParams", "a:1"),
        ];
        assert_eq!(
            fields(&envelope),
            expected.map(|(name, value)| (name, value.to_owned()))
        );
    }

    #[test]
    fn wire_bytes_are_those_of_resp() {
        let fields = [("errorCode", "0".to_owned()), ("requestID", String::new())];
        let resp = "$9\r\nerrorCode\r\n$1\r\n0\r\n$9\r\nrequestID\r\n$0\r\n\r\n$7\r\npayload\r\n";
        assert_eq!(wire_bytes(&fields), resp.len());
    }
}
