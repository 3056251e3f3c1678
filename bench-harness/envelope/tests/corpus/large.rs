//! Long inputs that are alike all through: work that is done again for each piece of them shows.

/// A target, what stands before, what is repeated, and what stands after.
type Shape = (&'static str, &'static [u8], &'static [u8], &'static [u8]);

const SHAPES: [Shape; 22] = [
    (
        "json",
        b"{\"correlationID\":\"",
        b"\\u00e9",
        b"\",\"payload\":1}",
    ),
    ("json", b"{\"correlationID\":\"", b"x", b"\",\"payload\":1}"),
    ("json", b"{\"correlationID\":\"x\",\"payload\":", b"[", b""),
    (
        "json",
        b"{\"correlationID\":\"x\",\"payload\":[",
        b"\n\"\\\":\",",
        b"1]",
    ),
    (
        "json",
        b"{\"correlationID\":\"x\",\"payload\":\"",
        b"\\\"",
        b"\"}",
    ),
    ("json", b"{", b"\"payload\":0,", b"\"correlationID\":\"x\"}"),
    (
        "json",
        b"{\"correlationID\":\"x\",\"payload\":0,\"queryParams\":{\"\":\"\"",
        b",\"\":\"\"",
        b"}}",
    ),
    ("json", b"", b"\n", b"{\"errorCode\":\"\"}"),
    (
        "json_base64",
        b"{\"correlationID\":\"x\",\"payload\":\"",
        b"AAAA",
        b"\"}",
    ),
    (
        "json_base64",
        b"{\"correlationID\":\"x\",\"payload\":\"",
        b"AAA\\u0041",
        b"\"}",
    ),
    (
        "cbor",
        b"\xa2\x6dcorrelationID\x61x\x67payload",
        b"\x81",
        b"\x01",
    ),
    (
        "cbor",
        b"\xa2\x6dcorrelationID\x61x\x67payload",
        b"\x9f",
        b"",
    ),
    (
        "cbor",
        b"\xa2\x6dcorrelationID\x61x\x67payload\x7f",
        b"\x61a",
        b"\xff",
    ),
    ("cbor", b"\xbf", b"\x60\x01", b"\x6dcorrelationID\x61x\xff"),
    ("nats", b"NATS/1.0\r\n", b":\r\n", b"\r\n"),
    ("nats", b"NATS/1.0\r\nApiVersion: ", b"\r", b"\r\n\r\n"),
    (
        "event_json",
        b"{\"event\":{\"readings\":[{\"objectValue\":",
        b"{\"\":",
        b"",
    ),
    (
        "event_json",
        b"{\"event\":{\"readings\":[{\"valueType\":\"\"}",
        b",{\"valueType\":\"\"}",
        b"]}}",
    ),
    (
        "event_json",
        b"{\"event\":{\"tags\":{\"a\":[0",
        b",0",
        b"]}}}",
    ),
    (
        "event_cbor",
        b"\xa1\x65event\xa1\x68readings\x9f",
        b"\xa0",
        b"\xff",
    ),
    (
        "event_cbor",
        b"\xa1\x65event\xa1\x64tags\xa1\x60\x9f",
        b"\x00",
        b"\xff",
    ),
    ("topic", b"", b"/", b""),
];

/// Each shape, about `bytes` long.
pub(crate) fn inputs(bytes: usize) -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    SHAPES
        .into_iter()
        .map(move |(target, before, piece, after)| {
            let middle = piece.repeat(bytes / piece.len());
            (target, [before, &middle, after].concat())
        })
}
