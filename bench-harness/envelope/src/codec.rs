//! The layouts of a message: envelope and payload to bytes, and back.

mod cbor;
mod decode;
mod json;

use std::borrow::Cow;

use crate::{AddEventRequest, DecodeError, EncodeError, Encoding, Envelope, EnvelopeRef};
use crate::{Layout, Message, Payload};

/// Writes a message's body to the end of `out`, and returns where in `out` the text of the
/// correlation id begins; `None` in layout `native`, whose body is the payload alone.
///
/// An encoded payload must be encoded as its layout needs it: in CBOR for layout `cbor`, in JSON for
/// layout `json`; a CBOR payload goes into `json` as [`Payload::Bytes`].
pub fn encode(
    layout: Layout,
    envelope: &Envelope,
    payload: &Payload<'_>,
    out: &mut Vec<u8>,
) -> Result<Option<usize>, EncodeError> {
    match layout {
        Layout::Json => json::encode(envelope, out, |out| {
            json::inline(payload, out);
            Ok(())
        }),
        Layout::JsonBase64 => json::encode(envelope, out, |out| {
            json::base64(payload, out);
            Ok(())
        }),
        Layout::Cbor => cbor::encode(envelope, out, |out| {
            cbor::inline(payload, out);
            Ok(())
        }),
        Layout::Native => {
            out.extend_from_slice(payload.as_bytes());
            Ok(None)
        }
    }
}

/// Writes events in their envelopes, keeping a buffer from one to the next.
#[derive(Debug, Default)]
pub struct EventEncoder {
    scratch: Vec<u8>,
}

impl EventEncoder {
    /// How the event is encoded: as `EdgeX` chooses, but for layout `cbor`, where it is always CBOR.
    #[must_use]
    pub fn payload_encoding(layout: Layout, request: &AddEventRequest<'_>) -> Encoding {
        match layout {
            Layout::Cbor => Encoding::Cbor,
            Layout::Native | Layout::Json | Layout::JsonBase64 => Encoding::of_event(request),
        }
    }

    /// Writes an event's body to the end of `out`; returns what [`encode`] does. The envelope's
    /// content type should be that of [`Self::payload_encoding`].
    pub fn encode(
        &mut self,
        layout: Layout,
        envelope: &Envelope,
        request: &AddEventRequest<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Option<usize>, EncodeError> {
        let encoding = Self::payload_encoding(layout, request);
        self.encode_as(layout, encoding, envelope, request, out)
    }

    /// The same with an encoding of the event that somebody else chose, as
    /// `EDGEX_ENCODE_ALL_EVENTS_CBOR` does. Layout `cbor` takes CBOR only.
    pub fn encode_as(
        &mut self,
        layout: Layout,
        encoding: Encoding,
        envelope: &Envelope,
        request: &AddEventRequest<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Option<usize>, EncodeError> {
        match (layout, encoding) {
            (Layout::Json, Encoding::Json) => {
                json::encode(envelope, out, |out| request.encode(encoding, out))
            }
            (Layout::Json | Layout::JsonBase64, _) => {
                self.scratch.clear();
                request.encode(encoding, &mut self.scratch)?;
                let payload = Payload::Bytes(Cow::Borrowed(&self.scratch));
                encode(Layout::JsonBase64, envelope, &payload, out)
            }
            (Layout::Cbor, _) => {
                cbor::encode(envelope, out, |out| request.encode(Encoding::Cbor, out))
            }
            (Layout::Native, _) => {
                request.encode(encoding, out)?;
                Ok(None)
            }
        }
    }
}

/// Reads a message's body, borrowing from it what holds no escape. A payload's base64 is left to the
/// receiver ([`Message::read_into`]). In layout `native` it is the payload alone, and the envelope is left at
/// its default: the protocol's headers hold it ([`crate::native`]).
pub fn decode(layout: Layout, body: &[u8]) -> Result<Message<'_>, DecodeError> {
    match layout {
        Layout::Json | Layout::JsonBase64 => decode::json(layout, body),
        Layout::Cbor => decode::cbor(body),
        Layout::Native => Ok(Message {
            envelope: EnvelopeRef::default(),
            payload: Payload::Bytes(Cow::Borrowed(body)),
            payload_at: 0,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::decode;
    use crate::{AddEventRequest, Encoding, Layout};

    fn refusals(layout: Layout, bodies: &[&[u8]]) -> String {
        let refusals: Vec<String> = bodies
            .iter()
            .map(|body| decode(layout, body).expect_err("refused").to_string())
            .collect();
        refusals.join("\n")
    }

    #[test]
    fn a_broken_json_envelope_is_refused_with_its_place() {
        let bodies: [&[u8]; 7] = [
            b"",
            b"[]",
            b"{\"apiVersion\":\"v3\"",
            b"{\"apiVersion\":3}",
            b"{\"apiVersion\":\"v3\",\"errorCode\":\"0\"}",
            b"{\"apiVersion\":\"v3\",\"payload\":null}",
            b"{\"correlationID\":\"x\"}\nmore",
        ];
        insta::assert_snapshot!(refusals(Layout::Json, &bodies), @r"
        cannot read body of the json envelope at byte 0: the input ends too early
        cannot read body of the json envelope at byte 0: no JSON object
        cannot read body of the json envelope at byte 18: the input ends too early
        cannot read apiVersion of the json envelope at byte 14: no string
        cannot read errorCode of the json envelope at byte 31: no whole number
        cannot read correlationID of the json envelope: it is missing
        cannot read body of the json envelope at byte 22: more bytes follow
        ");
    }

    #[test]
    fn a_broken_cbor_envelope_is_refused_with_its_place() {
        let bodies: [&[u8]; 6] = [
            b"",
            b"\x80",
            b"\xa1japiVersion\x03",
            b"\xa1japiVersionbv3",
            b"\xa2japiVersionbv3icorrelat",
            b"\xa0\x00",
        ];
        insta::assert_snapshot!(refusals(Layout::Cbor, &bodies), @r"
        cannot read body of the cbor envelope at byte 0: the input ends too early
        cannot read body of the cbor envelope at byte 0: no map
        cannot read apiVersion of the cbor envelope at byte 12: no text
        cannot read correlationID of the cbor envelope: it is missing
        cannot read body of the cbor envelope at byte 16: the input ends too early
        cannot read body of the cbor envelope at byte 1: more bytes follow
        ");
    }

    #[test]
    fn a_broken_event_is_refused_with_its_place() {
        let table: [(Encoding, &[u8]); 5] = [
            (Encoding::Json, b"{\"apiVersion\":\"v3\",\"event\":{\"origin\":\"now\"}}"),
            (
                Encoding::Json,
                b"{\"apiVersion\":\"v3\",\"event\":{\"apiVersion\":\"v3\",\"id\":\"\",\"deviceName\":\"\",\
                \"profileName\":\"\",\"sourceName\":\"\",\"origin\":1,\"readings\":[{\"valueType\":\"Binary\",\
                \"binaryValue\":\"*\"}]}}",
            ),
            (Encoding::Cbor, b"\xa1eevent\xa1forigincnow"),
            (Encoding::Cbor, b"\xa1japiVersionbv3"),
            (Encoding::Cbor, b"\xa1eevent\xa1hreadings\x81\xa1evalue\x81\x01"),
        ];
        let refusals: Vec<String> = table
            .into_iter()
            .map(|(encoding, bytes)| {
                let refused = AddEventRequest::decode(encoding, bytes).expect_err("refused");
                refused.to_string()
            })
            .collect();
        insta::assert_snapshot!(refusals.join("\n"), @r"
        cannot read origin of the JSON event at byte 37: no whole number
        cannot read binaryValue of the JSON event at byte 163: not standard base64 with padding
        cannot read origin of the CBOR event at byte 15: no whole number
        cannot read event of the CBOR event: it is missing
        cannot read value of the CBOR event at byte 25: neither a text nor a number
        ");
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let deep = [&b"\xa1eevent\xa1dtags\xa1aa"[..], &[0x81; 10_000]].concat();
        let error = AddEventRequest::decode(Encoding::Cbor, &deep).expect_err("refused");
        insta::assert_snapshot!(error, @"cannot read tags of the CBOR event at byte 48: nested too deep");
        let deep = [&b"{\"event\":{\"tags\":{\"a\":"[..], &[b'['; 10_000]].concat();
        let error = AddEventRequest::decode(Encoding::Json, &deep).expect_err("refused");
        insta::assert_snapshot!(error, @"cannot read tags of the JSON event at byte 121: nested too deep");
    }

    #[test]
    fn an_error_names_its_field_and_byte_whatever_stands_before() {
        let table: [&[u8]; 14] = [
            b"{\"event\":{\"id\":\"\\\"tags\\\":\",\"origin\":1.5}}",
            b"{\n\"event\": {\n\"readings\": [\n{\"value\": []}\n]}}",
            b"{\"event\":{\"readings\":[{\"units\":\"m\"},7]}}",
            b"{\"event\":{\"readings\":[{\"valueType\":\"\\x\"}]}}",
            b"{\"event\":{\"readings\":[{\"valueType\":\"\\u00g0\"}]}}",
            b"{\"event\":{\"readings\":[{\"objectValue\":{\"a\" 1}}]}}",
            b"{\"event\":{\"readings\":[{\"binaryValue\":\"AAA*\"}]}}",
            b"{\"event\":{\"tags\":[]}}",
            b"{\"event\":{\"tags\":{\"a\":01}}}",
            b"{\"event\":{\"sourceName\":\"a\tb\"}}",
            b"{\"event\":{\"sourceName\":\"a\xffb\"}}",
            b"{\"event\":{\"origin\":9223372036854775808}}",
            b"{\"event\":{},\"unknown\":tru}",
            b"{\"event\":{}}}",
        ];
        let errors: Vec<String> = table
            .into_iter()
            .map(|bytes| {
                let refused = AddEventRequest::decode(Encoding::Json, bytes);
                let error = refused.expect_err("refused");
                let at = error.position.expect("a byte");
                let rest = bytes[at..].escape_ascii();
                format!("{error} <- {rest}")
            })
            .collect();
        insta::assert_snapshot!(errors.join("\n"), @r#"
        cannot read origin of the JSON event at byte 36: no whole number of 64 bits <- 1.5}}
        cannot read value of the JSON event at byte 37: neither a text nor a number <- []}\n]}}
        cannot read readings of the JSON event at byte 36: no JSON object <- 7]}}
        cannot read valueType of the JSON event at byte 36: an escape that JSON lacks <- \\x\"}]}}
        cannot read valueType of the JSON event at byte 36: no four hexadecimal digits after `\u` <- \\u00g0\"}]}}
        cannot read objectValue of the JSON event at byte 42: no colon after a key <- 1}}]}}
        cannot read binaryValue of the JSON event at byte 41: not standard base64 with padding <- *\"}]}}
        cannot read tags of the JSON event at byte 17: no JSON object <- []}}
        cannot read tags of the JSON event at byte 23: neither a comma nor the end of a list or object <- 1}}}
        cannot read sourceName of the JSON event at byte 25: a control character in a string <- \tb\"}}
        cannot read sourceName of the JSON event at byte 25: not UTF-8 <- \xffb\"}}
        cannot read origin of the JSON event at byte 19: no whole number of 64 bits <- 9223372036854775808}}
        cannot read body of the JSON event at byte 22: no JSON value <- tru}
        cannot read body of the JSON event at byte 12: more bytes follow <- }
        "#);
    }

    #[test]
    fn an_error_in_cbor_names_its_field_and_byte() {
        let table: [&[u8]; 9] = [
            b"\xa1\x65event\xa1\x62id\x62a\xff",
            b"\xa1\x65event\xa1\x68readings\x82\xa0\x07",
            b"\xa1\x65event\xa1\x68readings\x81\xa1\x6bbinaryValue\x61a",
            b"\xa1\x65event\xa1\x68readings\x81\xa1\x6bobjectValue\xa1\x61a\x1c",
            b"\xa1\x65event\xa1\x66origin\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xa1\x65event\xa1\x64tags\xa1\x01\x01",
            b"\xa1\x65event\xa1\x64tags\x80",
            b"\xa1\x62\xff\xff\x01",
            b"\xa1\x65event\xa1\x62id\x7f\x61a\x41b\xff",
        ];
        let errors: Vec<String> = table
            .into_iter()
            .map(|bytes| {
                let refused = AddEventRequest::decode(Encoding::Cbor, bytes);
                refused.expect_err("refused").to_string()
            })
            .collect();
        insta::assert_snapshot!(errors.join("\n"), @r"
        cannot read id of the CBOR event at byte 13: not UTF-8
        cannot read readings of the CBOR event at byte 19: no map
        cannot read binaryValue of the CBOR event at byte 31: no bytes
        cannot read objectValue of the CBOR event at byte 34: no CBOR value
        cannot read origin of the CBOR event at byte 15: no whole number of 64 bits
        cannot read tags of the CBOR event at byte 14: no text
        cannot read tags of the CBOR event at byte 13: no map
        cannot read body of the CBOR event at byte 4: a key that is not UTF-8
        cannot read id of the CBOR event at byte 14: a piece of another kind
        ");
    }
}
