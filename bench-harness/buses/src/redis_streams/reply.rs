//! Reads what `XREAD` and `XREVRANGE` answer in RESP2, without copying it.
//!
//! `XREAD`: an array of `[stream, [entry, ...]]`, or nil. An entry is `[id, [field, value, ...]]`.
//! Source: <https://redis.io/docs/latest/commands/xread/>.

use busbench_envelope::{DecodeError, EnvelopeRef, Layout, Prepared, native};
use redis::Value;

use crate::{Attributes, Delivery};

/// One stream's part of an answer.
pub(super) struct Entries<'a> {
    pub(super) stream: &'a [u8],
    pub(super) entries: &'a [Value],
}

/// One entry.
pub(super) struct Entry<'a> {
    pub(super) id: &'a str,
    fields: &'a [Value],
}

/// The streams of an `XREAD`'s answer; none where it is nil.
pub(super) fn streams(answer: &Value) -> impl Iterator<Item = Entries<'_>> {
    array(answer).iter().filter_map(|stream| {
        let [Value::BulkString(stream), entries] = array(stream) else {
            return None;
        };
        Some(Entries {
            stream,
            entries: array(entries),
        })
    })
}

/// An entry of a stream.
pub(super) fn entry(value: &Value) -> Option<Entry<'_>> {
    let [Value::BulkString(id), fields] = array(value) else {
        return None;
    };
    Some(Entry {
        id: str::from_utf8(id).ok()?,
        fields: array(fields),
    })
}

/// The first entry's id of an `XREVRANGE`'s answer.
pub(super) fn first_id(answer: &Value) -> Option<&str> {
    array(answer).first().and_then(entry).map(|entry| entry.id)
}

impl<'a> Entry<'a> {
    /// The entry as the sink takes it; what is missing is empty.
    pub(super) fn delivery(&self, expected: &Prepared) -> Delivery<'a, Fields<'a>> {
        let body = self.field(native::redis::PAYLOAD);
        let stamp_text = match expected.layout {
            Layout::Native => self.field(native::redis::CORRELATION_ID),
            _ => expected.stamp_text(body),
        };
        Delivery {
            stamp_text,
            body,
            attributes: Fields(self.fields),
        }
    }

    fn field(&self, name: &str) -> &'a [u8] {
        let mut pairs = self.fields.chunks_exact(2);
        let value = pairs.find_map(|pair| match pair {
            [Value::BulkString(field), Value::BulkString(value)] if field == name.as_bytes() => {
                Some(value.as_slice())
            }
            _ => None,
        });
        value.unwrap_or_default()
    }
}

/// The fields of an entry that arrived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(&'a [Value]);

impl Attributes for Fields<'_> {
    fn envelope(&self) -> Result<EnvelopeRef<'_>, DecodeError> {
        let pairs = self.0.chunks_exact(2).filter_map(|pair| match pair {
            [Value::BulkString(field), Value::BulkString(value)] => {
                Some((str::from_utf8(field).ok()?, value.as_slice()))
            }
            _ => None,
        });
        let (envelope, _payload) = native::redis::read_pairs(pairs)?;
        Ok(envelope)
    }
}

fn array(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::{entry, first_id, streams};

    fn text(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn one_entry(id: &str, fields: &[&str]) -> Value {
        let fields = fields.iter().map(|field| text(field)).collect();
        Value::Array(vec![text(id), Value::Array(fields)])
    }

    #[test]
    fn an_answer_is_read_stream_by_stream_and_entry_by_entry() {
        let answer = Value::Array(vec![
            Value::Array(vec![
                text("gmm:a"),
                Value::Array(vec![
                    one_entry("1-0", &["payload", "x"]),
                    one_entry("1-1", &["correlationID", "c", "payload", "y"]),
                ]),
            ]),
            Value::Array(vec![
                text("gmm:b"),
                Value::Array(vec![one_entry("7-0", &["other", "z"])]),
            ]),
        ]);
        let read: Vec<_> = streams(&answer)
            .flat_map(|entries| {
                let stream = String::from_utf8_lossy(entries.stream).into_owned();
                entries.entries.iter().filter_map(entry).map(move |entry| {
                    let payload = String::from_utf8_lossy(entry.field("payload")).into_owned();
                    (stream.clone(), entry.id.to_owned(), payload)
                })
            })
            .collect();
        let expected = [
            ("gmm:a", "1-0", "x"),
            ("gmm:a", "1-1", "y"),
            ("gmm:b", "7-0", ""),
        ];
        let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(read, expected);
    }

    #[test]
    fn an_answer_of_another_shape_has_no_entries() {
        assert_eq!(streams(&Value::Nil).count(), 0);
        assert_eq!(streams(&Value::Array(vec![Value::Int(1)])).count(), 0);
        assert_eq!(first_id(&Value::Array(Vec::new())), None);
        let newest = Value::Array(vec![one_entry("9-9", &[])]);
        assert_eq!(first_id(&newest), Some("9-9"));
    }
}
