//! Seeds that a hostile sender would try.

use super::{Seeds, add as put};

const DEEP: usize = 10_000;

/// Values that JSON readers stumble over.
const JSON_VALUES: [&str; 20] = [
    "1e999999",
    "-1e999999",
    "1e-999999",
    "123456789012345678901234567890",
    "-9223372036854775809",
    "18446744073709551615",
    "0.1000000000000000055511151231257827021181583404541015625",
    "-0",
    r#""\ud800""#,
    r#""\udc00\ud800""#,
    r#""\ud83d\ude00""#,
    r#""\u0000""#,
    r#""\"\\\/\b\f\n\r\t""#,
    "\"\u{2028}\u{2029}\u{7f}\"",
    "[[],[],{},{},[[[]]]]",
    "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
    r#"{"":{"":{"":null}}}"#,
    r#"{"a":1,"a":2,"a":3}"#,
    r#""=""#,
    "null",
];

/// Items that CBOR readers stumble over.
const CBOR_VALUES: [&[u8]; 18] = [
    // Lengths of 2^63 and 2^64 - 1: text, bytes, array, map.
    b"\x7b\x80\x00\x00\x00\x00\x00\x00\x00",
    b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x9b\x80\x00\x00\x00\x00\x00\x00\x00",
    b"\xbb\x80\x00\x00\x00\x00\x00\x00\x00",
    b"\x9a\xff\xff\xff\xff",
    // Indefinite lengths: map, array, text, bytes; one within the other; one without an end.
    b"\xbf\x61a\x01\xff",
    b"\x9f\x01\x02\xff",
    b"\x7f\x61a\x61b\xff",
    b"\x5f\x41a\x41b\xff",
    b"\x7f\x7f\x61a\xff\xff",
    b"\x9f\x9f\x9f",
    // Numbers: 2^64 - 1, -2^64, NaN with a payload, half floats.
    b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xfb\x7f\xf8\x00\x00\x00\x00\x00\x01",
    b"\xf9\x7c\x00",
    // A tag, a simple value, a text that is no UTF-8.
    b"\xc1\x1a\x51\x4b\x67\xb0",
    b"\xf8\xff",
    b"\x62\xc3\x28",
];

/// Adds all of them.
pub(crate) fn add(seeds: &mut Seeds) {
    json(seeds);
    cbor(seeds);
    headers(seeds);
    texts(seeds);
}

fn json(seeds: &mut Seeds) {
    let deep_list = ["[".repeat(DEEP), "]".repeat(DEEP)].concat();
    let deep_map = [r#"{"a":"#.repeat(DEEP), "1".to_owned(), "}".repeat(DEEP)].concat();
    let many_zeros = format!("[{}0]", "0,".repeat(2000));
    let values = JSON_VALUES.into_iter();
    for value in values.chain([&*deep_list, &*deep_map, &*many_zeros]) {
        for target in ["json", "json_base64"] {
            let start = r#"{"apiVersion":"v3","correlationID":"x","payload":"#;
            put(seeds, target, [start, value, "}"].concat());
            put(
                seeds,
                target,
                format!("{{\"correlationID\":{value},\"payload\":1}}"),
            );
            put(
                seeds,
                target,
                format!("{{\"queryParams\":{{\"a\":{value}}}}}"),
            );
            put(
                seeds,
                target,
                format!("{{{value}:1,\"errorCode\":{value}}}"),
            );
        }
        for reading in [
            format!(r#"{{"valueType":"Object","objectValue":{value}}}"#),
            format!(r#"{{"valueType":"Int8","value":{value}}}"#),
            format!(r#"{{"valueType":"Binary","binaryValue":{value},"mediaType":{value}}}"#),
            format!(r#"{{"valueType":"Bool","tags":{{"a":{value}}},"origin":1}}"#),
        ] {
            put(seeds, "event_json", event_json(&reading));
        }
    }
    let members = (0..1000).map(|number| format!("\"{number}\":\"\""));
    let members = members.collect::<Vec<_>>().join(",");
    for target in ["json", "json_base64"] {
        let start = r#"{"correlationID":"x","payload":1,"queryParams":{"#;
        put(seeds, target, [start, &members, "}}"].concat());
    }
    let tags = format!("{{\"valueType\":\"Bool\",\"value\":\"true\",\"tags\":{{{members}}}}}");
    put(seeds, "event_json", event_json(&tags));
    let empty = vec![r#"{"valueType":""}"#; 1000].join(",");
    put(seeds, "event_json", event_json(&empty));
    put(seeds, "event_json", event_json(&vec!["{}"; 1000].join(",")));
    put(seeds, "event_json", r#"{"event":{"event":{}},"event":{}}"#);
    for target in ["json", "json_base64", "event_json"] {
        put(seeds, target, "");
        put(seeds, target, b"\xef\xbb\xbf{}".as_slice());
        put(
            seeds,
            target,
            b"{\"correlationID\":\"\xff\xc0\x80\xed\xa0\x80\"}".as_slice(),
        );
        put(seeds, target, [" ".repeat(5000), "{".to_owned()].concat());
    }
}

fn event_json(readings: &str) -> String {
    [
        r#"{"apiVersion":"v3","requestId":"","event":{"apiVersion":"v3","id":"","deviceName":"d","#,
        r#""profileName":"p","sourceName":"s","origin":1,"readings":["#,
        readings,
        "]}}",
    ]
    .concat()
}

fn cbor(seeds: &mut Seeds) {
    let deep_list = [&[0x81; DEEP][..], b"\x01"].concat();
    let deep_map = [&b"\xa1\x61a".repeat(DEEP)[..], b"\x01"].concat();
    let deep_tag = [&[0xc1; DEEP][..], b"\x01"].concat();
    let deep_open = vec![0x9f; DEEP];
    let many_zeros = [&b"\x99\x0f\xa0"[..], &[0; 4000]].concat();
    let long = [
        &deep_list[..],
        &deep_map,
        &deep_tag,
        &deep_open,
        &many_zeros,
    ];
    for value in CBOR_VALUES.into_iter().chain(long) {
        put(
            seeds,
            "cbor",
            [&b"\xa2\x6dcorrelationID\x61x\x67payload"[..], value].concat(),
        );
        put(
            seeds,
            "cbor",
            [&b"\xa2\x6dcorrelationID"[..], value, b"\x67payload\x01"].concat(),
        );
        put(
            seeds,
            "cbor",
            [&b"\xa1\x6bqueryParams\xa1\x61a"[..], value].concat(),
        );
        put(
            seeds,
            "cbor",
            [&b"\xa2"[..], value, b"\x01\x69errorCode", value].concat(),
        );
        for name in [
            &b"\x6bobjectValue"[..],
            b"\x65value",
            b"\x6bbinaryValue",
            b"\x64tags",
        ] {
            let reading = [&b"\xa2\x69valueType\x66Object"[..], name, value].concat();
            put(seeds, "event_cbor", event_cbor(1, &reading));
        }
    }
    let members = [&b"\xb9\x03\xe8"[..], &b"\x60".repeat(2000)].concat();
    let start = b"\xa3\x6dcorrelationID\x61x\x67payload\x01\x6bqueryParams";
    put(seeds, "cbor", [&start[..], &members].concat());
    let tags = [&b"\xa2\x69valueType\x64Bool\x64tags"[..], &members].concat();
    put(seeds, "event_cbor", event_cbor(1, &tags));
    put(
        seeds,
        "event_cbor",
        event_cbor(1000, &b"\xa1\x69valueType\x60".repeat(1000)),
    );
    put(seeds, "event_cbor", event_cbor(1000, &[0xa0; 1000]));
    put(seeds, "event_cbor", event_cbor(u16::MAX, b"\xa0"));
    for target in ["cbor", "event_cbor"] {
        put(seeds, target, "");
        put(seeds, target, [0xa0]);
        put(seeds, target, [0xff]);
    }
}

fn event_cbor(count: u16, readings: &[u8]) -> Vec<u8> {
    [
        &b"\xa3\x6aapiVersion\x62v3\x69requestId\x60\x65event\xa7\x6aapiVersion\x62v3\x62id\x60"[..],
        b"\x6adeviceName\x61d\x6bprofileName\x61p\x6asourceName\x61s\x66origin\x01\x68readings\x99",
        &count.to_be_bytes(),
        readings,
    ]
    .concat()
}

fn headers(seeds: &mut Seeds) {
    for lines in [
        "",
        "\r\n",
        "ApiVersion: v3\r\nApiVersion: v2\r\n\r\n",
        "ApiVersion:\r\n\r\n",
        "ApiVersion: a\rb\nc\r\n\r\n",
        "QueryParams: a:1:2\r\nQueryParams: :\r\nQueryParams: alone\r\n\r\n",
        "QueryParams: a : 1 \r\nQueryParams:\u{a0}b:\u{2003}2\u{3000}\r\n\r\n",
        "ErrorCode: 9223372036854775808\r\n\r\n",
        "ErrorCode: +1\r\n\r\n",
        "X-Correlation-ID: \0\r\n\r\n",
        ": no name\r\n\r\n",
    ] {
        put(seeds, "nats", ["NATS/1.0\r\n", lines].concat());
    }
    put(seeds, "nats", "NATS/1.0 503 No Responders\r\n\r\n");
    put(
        seeds,
        "nats",
        ["NATS/1.0\r\n", &"QueryParams::\r\n".repeat(2000), "\r\n"].concat(),
    );
    put(
        seeds,
        "nats",
        b"NATS/1.0\r\nApiVersion: \xff\r\n\r\n".as_slice(),
    );

    let parameters = b"\xffqueryParams\xff:".repeat(2000);
    put(
        seeds,
        "mqtt5",
        [&b"a/b\xff\xc3\x28"[..], &parameters].concat(),
    );
    put(seeds, "mqtt5", [&b"\xff"[..], &parameters].concat());
    put(
        seeds,
        "mqtt5",
        b"\xff\xfferrorCode\xff-9223372036854775809".as_slice(),
    );
    put(seeds, "mqtt5", b"\xff\xffqueryParams\xffalone".as_slice());
    put(
        seeds,
        "redis",
        [&b"payload\xff{}"[..], &parameters].concat(),
    );
    put(seeds, "redis", b"payload\xff1\xffpayload\xff2".as_slice());
    put(
        seeds,
        "redis",
        b"correlationID\xff\xc3\x28\xffpayload\xff".as_slice(),
    );
    put(
        seeds,
        "redis",
        b"errorCode\xff1e3\xffpayload\xff".as_slice(),
    );
}

fn texts(seeds: &mut Seeds) {
    for text in [
        "00000000-0000-8000-8000-000000000000",
        "ffffffff-ffff-8fff-bfff-ffffffffffff",
    ] {
        put(seeds, "stamp", text);
        put(seeds, "stamp", text.to_uppercase());
        put(seeds, "stamp", text.replace('-', "+"));
    }
    for text in [
        "",
        "/",
        "+/#",
        "a/+/b/#",
        "*.>",
        "a.b/c",
        "é/\u{1f600}",
        "a\0b\r\n",
        "#/+",
    ] {
        put(seeds, "topic", text);
    }
    put(seeds, "topic", "/".repeat(5000));
    for text in [
        "1xBool",
        "100xInt16",
        "5xFloat64",
        "3xObject",
        "2xString",
        "1xBinary:16384",
        "255xBinary:4294967295",
        "0xInt32",
        "+1xInt32",
        "1xInt32:",
        "x",
    ] {
        put(seeds, "payload_spec", text);
    }
}
