//! `EdgeX`'s headers on NATS.
//!
//! Source: `go-mod-messaging` v4.0.3, `internal/pkg/nats/marshaller.go`; the block's form is that of
//! nats.go v1.50, which sorts headers by name.

use std::borrow::Cow;

use super::{each_query_text, error_code, push_query_param, refused};
use crate::{DecodeError, Envelope, EnvelopeRef};

/// Header of the envelope's `apiVersion`.
pub const API_VERSION: &str = "ApiVersion";
/// Header of the envelope's `contentType`.
pub const CONTENT_TYPE: &str = "Content-Type";
/// Header of the envelope's `errorCode`, in decimal.
pub const ERROR_CODE: &str = "ErrorCode";
/// `JetStream`'s header for deduplication, which `EdgeX` sets with its option `ExactlyOnce`.
pub const MESSAGE_ID: &str = "Nats-Msg-Id";
/// Header of one query parameter, `key:value`; repeated for each.
pub const QUERY_PARAMS: &str = "QueryParams";
/// Header of the envelope's `requestID`.
pub const REQUEST_ID: &str = "RequestId";
/// Header of the envelope's `correlationID`.
pub const CORRELATION_ID: &str = "X-Correlation-ID";

const FIRST_LINE: &str = "NATS/1.0\r\n";

/// Gives each of an envelope's headers, sorted by name, without allocating but for query parameters
/// and line breaks. A line break in a value becomes a space and surrounding space is cut, as nats.go
/// does: NATS cannot carry either.
pub fn visit(envelope: &Envelope, mut visitor: impl FnMut(&'static str, &str)) {
    visitor(API_VERSION, &one_line(&envelope.api_version));
    visitor(CONTENT_TYPE, &one_line(&envelope.content_type));
    visitor(ERROR_CODE, itoa::Buffer::new().format(envelope.error_code));
    each_query_text(envelope, |text| visitor(QUERY_PARAMS, &one_line(text)));
    visitor(REQUEST_ID, &one_line(&envelope.request_id));
    visitor(CORRELATION_ID, &one_line(&envelope.correlation_id));
}

/// An envelope's headers, as [`visit`] gives them.
#[must_use]
pub fn fields(envelope: &Envelope) -> Vec<(&'static str, String)> {
    let mut fields = Vec::with_capacity(5 + envelope.query_params.len());
    visit(envelope, |name, value| {
        fields.push((name, value.to_owned()));
    });
    fields
}

/// Writes an envelope's header block to the end of `out`, as it stands on the wire before the body.
/// It allocates only as [`visit`] does and where `out` must grow.
pub fn write_block(envelope: &Envelope, out: &mut Vec<u8>) {
    out.extend_from_slice(FIRST_LINE.as_bytes());
    visit(envelope, |name, value| {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    });
    out.extend_from_slice(b"\r\n");
}

/// Bytes of what [`write_block`] writes.
#[must_use]
pub fn block_bytes(envelope: &Envelope) -> usize {
    let mut bytes = FIRST_LINE.len() + 2;
    visit(envelope, |name, value| {
        bytes += name.len() + 2 + value.len() + 2;
    });
    bytes
}

/// The id by which `JetStream` drops a repeated message, as `EdgeX` forms it.
#[must_use]
pub fn message_id(client_id: &str, envelope: &Envelope) -> String {
    format!("{client_id}-{}", envelope.correlation_id)
}

/// Headers as they stand on the wire before the body; nothing where there are none.
#[must_use]
pub fn block(fields: &[(&str, String)]) -> Vec<u8> {
    if fields.is_empty() {
        return Vec::new();
    }
    let mut block = FIRST_LINE.to_owned();
    for (name, value) in fields {
        block.extend([name, ": ", value, "\r\n"]);
    }
    block.push_str("\r\n");
    block.into_bytes()
}

/// Reads an envelope from a header block. Headers of other names are skipped; those that are
/// missing are empty, and a missing `ErrorCode` is 0.
///
/// A query parameter is split at its first `:` only: the Go code loses what follows a second one.
pub fn read_block(block: &[u8]) -> Result<EnvelopeRef<'_>, DecodeError> {
    let text = std::str::from_utf8(block)
        .map_err(|error| refused("headers", Some(error.valid_up_to()), "not UTF-8"))?;
    let lines = text
        .strip_prefix(FIRST_LINE)
        .ok_or_else(|| refused("headers", Some(0), "the block does not begin with NATS/1.0"))?;
    let mut envelope = EnvelopeRef::default();
    let mut position = FIRST_LINE.len();
    let mut rest = Lines { rest: lines };
    while let Some(line) = rest.next() {
        let Some(line_text) = line.strip_suffix("\r\n") else {
            return Err(refused(
                "headers",
                Some(position),
                "a line that does not end",
            ));
        };
        if line_text.is_empty() {
            return Ok(envelope);
        }
        let colon = memchr::memchr(b':', line_text.as_bytes())
            .ok_or_else(|| refused("headers", Some(position), "a header without `:`"))?;
        let (name, value) = line_text.split_at(colon);
        let value = value.strip_prefix(':').unwrap_or(value);
        let value = value.strip_prefix(' ').unwrap_or(value);
        let following = rest.clone().filter_map(|line| line.split(':').next());
        set(&mut envelope, name, value, Some(position), following)?;
        position += line.len();
    }
    Err(refused(
        "headers",
        Some(position),
        "the block ends without an empty line",
    ))
}

/// Lines with their ends.
#[derive(Clone)]
struct Lines<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.rest.as_bytes());
        let (line, rest) = self.rest.split_at(end.map_or(self.rest.len(), |at| at + 1));
        self.rest = rest;
        Some(line)
    }
}

/// Reads an envelope from headers that a client library has taken apart, by the rules of
/// [`read_block`]. Errors have no position.
pub fn read_pairs<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a str), IntoIter: Clone>,
) -> Result<EnvelopeRef<'a>, DecodeError> {
    let mut envelope = EnvelopeRef::default();
    let mut rest = headers.into_iter();
    while let Some((name, value)) = rest.next() {
        let following = rest.clone().map(|(name, _)| name);
        set(&mut envelope, name, value, None, following)?;
    }
    Ok(envelope)
}

/// Sets what a header says. `following` are the names of the headers after it.
fn set<'a, 'n>(
    envelope: &mut EnvelopeRef<'a>,
    name: &str,
    value: &'a str,
    position: Option<usize>,
    following: impl Iterator<Item = &'n str>,
) -> Result<(), DecodeError> {
    let value = trimmed(value);
    match name {
        API_VERSION => envelope.api_version = Cow::Borrowed(value),
        CONTENT_TYPE => envelope.content_type = Cow::Borrowed(value),
        REQUEST_ID => envelope.request_id = Cow::Borrowed(value),
        CORRELATION_ID => envelope.correlation_id = Cow::Borrowed(value),
        ERROR_CODE => envelope.error_code = error_code(ERROR_CODE, position, value)?,
        QUERY_PARAMS => push_query_param(envelope, QUERY_PARAMS, position, value, following)?,
        _ => {}
    }
    Ok(())
}

fn one_line(value: &str) -> Cow<'_, str> {
    let has_breaks = value
        .bytes()
        .fold(false, |seen, byte| seen | matches!(byte, b'\r' | b'\n'));
    if has_breaks {
        return Cow::Owned(value.replace(['\r', '\n'], " ").trim().to_owned());
    }
    Cow::Borrowed(trimmed(value))
}

/// Cuts surrounding space. Most values have none, which their first and last bytes tell.
fn trimmed(value: &str) -> &str {
    match value.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => value,
        _ => value.trim(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::{block, fields, read_block};
    use crate::{Envelope, Stamp};

    #[test]
    fn an_events_block_has_the_143_bytes_that_were_measured() {
        let envelope = Envelope::of_event(Stamp::PLACEHOLDER, "application/json");
        assert_eq!(block(&fields(&envelope)).len(), 143);
    }

    #[test]
    fn a_broken_block_is_refused_with_its_place() {
        let errors: Vec<String> = [
            "",
            "NATS/1.0\r\nApiVersion: v3\r\n",
            "NATS/1.0\r\nApiVersion: v3",
            "NATS/1.0\r\nApiVersion\r\n\r\n",
            "NATS/1.0\r\nApiVersion: v3\r\nErrorCode: one\r\n\r\n",
            "NATS/1.0\r\nQueryParams: alone\r\n\r\n",
        ]
        .into_iter()
        .map(|text| read_block(text.as_bytes()).expect_err(text).to_string())
        .collect();
        insta::assert_snapshot!(errors.join("\n"), @r"
        cannot read headers of the native envelope at byte 0: the block does not begin with NATS/1.0
        cannot read headers of the native envelope at byte 26: the block ends without an empty line
        cannot read headers of the native envelope at byte 10: a line that does not end
        cannot read headers of the native envelope at byte 10: a header without `:`
        cannot read ErrorCode of the native envelope at byte 26: not a whole number
        cannot read QueryParams of the native envelope at byte 10: a parameter without `:`
        ");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn an_envelope_comes_back_from_its_block(
            correlation_id in "[!-~]{0,40}",
            request_id in "[!-~]{0,40}",
            content_type in "[a-z]{1,9}/[a-z]{1,9}",
            error_code: i64,
            query in proptest::collection::btree_map("[a-zü-]{1,8}", "[!-~é]([ -~]{0,6}[!-~])?", 0..4),
        ) {
            let envelope = Envelope {
                api_version: "v3".to_owned(),
                correlation_id,
                request_id,
                error_code,
                content_type,
                query_params: query.into_iter().collect(),
            };
            let bytes = block(&fields(&envelope));
            let read = read_block(&bytes).expect("a block");
            prop_assert_eq!(read.into_owned(), envelope);
        }
    }
}
