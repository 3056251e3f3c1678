//! The attributes as fields of a Redis stream entry: what `EdgeX` could do, not what it does.
//!
//! The fields have the envelope's own names, and the payload stands under [`PAYLOAD`] after them.

use std::borrow::Cow;

use super::{each_query_text, error_code, push_query_param, utf8};
use crate::error::Form;
use crate::{DecodeError, Envelope, EnvelopeRef, Layout};

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

/// Gives each of an envelope's fields, in the order in which they are written, without the payload
/// and without allocating but for query parameters.
pub fn visit(envelope: &Envelope, mut visitor: impl FnMut(&'static str, &str)) {
    visitor(API_VERSION, &envelope.api_version);
    visitor(CORRELATION_ID, &envelope.correlation_id);
    visitor(REQUEST_ID, &envelope.request_id);
    visitor(ERROR_CODE, itoa::Buffer::new().format(envelope.error_code));
    visitor(CONTENT_TYPE, &envelope.content_type);
    each_query_text(envelope, |text| visitor(QUERY_PARAMS, text));
}

/// An envelope's fields, as [`visit`] gives them.
#[must_use]
pub fn fields(envelope: &Envelope) -> Vec<(&'static str, String)> {
    let mut fields = Vec::with_capacity(5 + envelope.query_params.len());
    visit(envelope, |name, value| {
        fields.push((name, value.to_owned()));
    });
    fields
}

/// Reads an envelope and its payload from the fields of an entry. Attributes that are missing are
/// empty, a missing error code is 0, and fields of other names are skipped; an entry without
/// payload is refused. The position in an error is that in the field's value.
pub fn read_pairs<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a [u8]), IntoIter: Clone>,
) -> Result<(EnvelopeRef<'a>, &'a [u8]), DecodeError> {
    let mut envelope = EnvelopeRef::default();
    let mut payload = None;
    let mut rest = fields.into_iter();
    while let Some((name, value)) = rest.next() {
        let text = |field| utf8(field, value);
        match name {
            PAYLOAD => payload = Some(value),
            API_VERSION => envelope.api_version = Cow::Borrowed(text(API_VERSION)?),
            CORRELATION_ID => envelope.correlation_id = Cow::Borrowed(text(CORRELATION_ID)?),
            REQUEST_ID => envelope.request_id = Cow::Borrowed(text(REQUEST_ID)?),
            CONTENT_TYPE => envelope.content_type = Cow::Borrowed(text(CONTENT_TYPE)?),
            ERROR_CODE => {
                envelope.error_code = error_code(ERROR_CODE, Some(0), text(ERROR_CODE)?)?;
            }
            QUERY_PARAMS => {
                let following = rest.clone().map(|(name, _)| name);
                let value = text(QUERY_PARAMS)?;
                push_query_param(&mut envelope, QUERY_PARAMS, Some(0), value, following)?;
            }
            _ => {}
        }
    }
    let payload =
        payload.ok_or_else(|| DecodeError::missing(Form::Envelope(Layout::Native), PAYLOAD))?;
    Ok((envelope, payload))
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
    use super::{fields, read_pairs, wire_bytes};
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

    #[test]
    fn a_broken_entry_is_refused_with_its_field() {
        let errors = [
            read_pairs([]),
            read_pairs([("requestID", &b"ok\xff"[..])]),
            read_pairs([("errorCode", &b"one"[..])]),
            read_pairs([("queryParams", &b"alone"[..])]),
        ]
        .map(|read| read.expect_err("refused").to_string());
        insta::assert_snapshot!(errors.join("\n"), @r"
        cannot read payload of the native envelope: it is missing
        cannot read requestID of the native envelope at byte 2: not UTF-8
        cannot read errorCode of the native envelope at byte 0: not a whole number
        cannot read queryParams of the native envelope at byte 0: a parameter without `:`
        ");
    }
}
