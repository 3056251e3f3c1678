//! Bytes that try to take many times their own memory.

use allocation_counter::measure;
use busbench_envelope::native::{mqtt5, nats, redis};
use busbench_envelope::{AddEventRequest, Encoding, Layout, codec};

/// A decoder may take so many times its input, and a little for a short one.
const FACTOR: usize = 4;
const FLOOR_BYTES: usize = 4096;
/// Repetitions in a nasty input.
const MANY: usize = 20_000;

/// Decodes bytes in every way and tells which took too much.
#[track_caller]
fn check(name: &str, input: &[u8]) {
    let limit = (input.len() * FACTOR + FLOOR_BYTES) as u64;
    for layout in Layout::ALL {
        let peak = measure(|| drop(codec::decode(layout, input))).bytes_max;
        assert!(peak <= limit, "{name} as {layout}: {peak} of {limit} bytes");
    }
    for encoding in [Encoding::Json, Encoding::Cbor] {
        let peak = measure(|| drop(AddEventRequest::decode(encoding, input))).bytes_max;
        assert!(
            peak <= limit,
            "{name} as {encoding:?}: {peak} of {limit} bytes"
        );
    }
    let peak = measure(|| drop(nats::read_block(input))).bytes_max;
    assert!(peak <= limit, "{name} as headers: {peak} of {limit} bytes");
}

fn json_event(readings: &str) -> String {
    format!(r#"{{"event":{{"readings":[{readings}]}}}}"#)
}

fn json_envelope(rest: &str) -> String {
    format!(r#"{{"apiVersion":"v3","correlationID":"",{rest}}}"#)
}

fn repeated(part: &str) -> String {
    let all = part.repeat(MANY);
    all.trim_end_matches(',').to_owned()
}

#[test]
fn nasty_json_takes_no_more_than_four_times_its_bytes() {
    let long = "x".repeat(1000);
    let readings = [
        "{},",
        r#"{"valueType":""},"#,
        r#"{"id":"\n","units":"\n"},"#,
        r#"{"value":"\n","value":"\n","value":"\n"},"#,
        r#"{"binaryValue":"AAAA","binaryValue":"AAAA"},"#,
        r#"{"objectValue":[0,0,0,0],"tags":{"":0}},"#,
        r#"{"\n":0,"\n":0},"#,
    ];
    for part in readings {
        check(part, json_event(&repeated(part)).as_bytes());
        let first_is_long = format!(r#"{{"id":"{long}"}},{}"#, repeated(part));
        check(part, json_event(&first_is_long).as_bytes());
    }
    let object = format!(r#"{{"objectValue":[{}]}}"#, repeated("0,"));
    check("a list of numbers", json_event(&object).as_bytes());
    let nested = format!(r#"{{"objectValue":{}"#, "[".repeat(MANY));
    check("lists in lists", json_event(&nested).as_bytes());
    for params in [r#""":"","#, r#""\n":"\n","#, r#""\u0000":"""#] {
        let envelope = json_envelope(&format!(r#""queryParams":{{{}}}"#, repeated(params)));
        check(params, envelope.as_bytes());
    }
    let twice = json_envelope(&repeated(r#""queryParams":{"":"","":""},"#));
    check("query parameters again and again", twice.as_bytes());
    let escaped = json_envelope(&format!(r#""payload":"{}""#, repeated("\\n")));
    check("an escaped payload", escaped.as_bytes());
}

#[test]
fn nasty_cbor_takes_no_more_than_four_times_its_bytes() {
    let event = |readings: &[u8]| [b"\xa1\x65event\xa1\x68readings", readings].concat();
    let readings: [&[u8]; 8] = [
        b"\xa0",
        b"\xbf\xff",
        b"\xa1\x69valueType\x60",
        b"\xa1\x65value\xf9\x7b\xff",
        b"\xa1\x65value\x7f\x60\xff",
        b"\xa1\x6bbinaryValue\x5f\x41\x00\xff",
        b"\xa1\x7f\x60\xff\x00",
        b"\xa1\x6bobjectValue\x84\x00\x00\x00\x00",
    ];
    for part in readings {
        let name = part.escape_ascii().to_string();
        let open = [b"\x9f", &*part.repeat(MANY), b"\xff"].concat();
        check(&name, &event(&open));
        let definite = [b"\x99\x4e\x20", &*part.repeat(MANY)].concat();
        check(&name, &event(&definite));
    }
    check(
        "a list that says it is long",
        &event(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
    );
    check(
        "a list that says it is longer",
        &event(b"\x9a\x00\x10\x00\x00\xa0"),
    );
    check(
        "a text that says it is long",
        b"\xa1\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
    );
    check(
        "lists in lists",
        &event(&[b"\xa1\x64tags\xa1\x60", &*b"\x9f".repeat(MANY)].concat()),
    );
    check(
        "tags in tags",
        &[b"\xa1\x60", &*b"\xc1".repeat(MANY)].concat(),
    );
    let pieces = [b"\xa1\x67payload\x7f", &*b"\x61a".repeat(MANY), b"\xff"].concat();
    check("a text in pieces", &pieces);
    for params in [&b"\x60\x60"[..], b"\x7f\x60\xff\x60"] {
        let name = params.escape_ascii().to_string();
        let open = [b"\xa1\x6bqueryParams\xbf", &*params.repeat(MANY), b"\xff"].concat();
        check(&name, &open);
    }
}

#[test]
fn nasty_attributes_take_no_more_than_four_times_their_bytes() {
    let block = format!("NATS/1.0\r\n{}\r\n", "QueryParams::\r\n".repeat(MANY));
    check("query parameters", block.as_bytes());
    let pairs = || std::iter::repeat_n(("QueryParams", ":"), MANY);
    let limit = (MANY * "QueryParams:".len() * FACTOR + FLOOR_BYTES) as u64;
    let on_nats = measure(|| drop(nats::read_pairs(pairs()))).bytes_max;
    let pairs = || std::iter::repeat_n(("queryParams", ":"), MANY);
    let on_mqtt5 = measure(|| drop(mqtt5::read(None, None, pairs()))).bytes_max;
    let fields = || pairs().map(|(name, value)| (name, value.as_bytes()));
    let on_redis = measure(|| drop(redis::read_pairs(fields()))).bytes_max;
    for peak in [on_nats, on_mqtt5, on_redis] {
        assert!(peak <= limit, "{peak} of {limit} bytes");
    }
}

#[test]
fn what_would_take_more_is_refused_with_the_reason() {
    let json = json_event(&repeated("{},"));
    let error = AddEventRequest::decode(Encoding::Json, json.as_bytes()).expect_err("refused");
    insta::assert_snapshot!(error, @"cannot read readings of the JSON event at byte 24: it would take more memory than 4 times its bytes");
    let cbor = b"\xa1\x65event\xa1\x68readings\x9b\xff\xff\xff\xff\xff\xff\xff\xff\xa0";
    let error = AddEventRequest::decode(Encoding::Cbor, cbor).expect_err("refused");
    insta::assert_snapshot!(error, @"cannot read readings of the CBOR event at byte 27: it would take more memory than 4 times its bytes");
}

/// An optimized event of several readings has at least a resource, a type and a value in each.
#[test]
fn the_smallest_readings_of_edgex_are_not_refused() {
    let least = r#"{"resourceName":"r","valueType":"Bool","value":"true"},"#;
    let json = json_event(&repeated(least));
    let read = AddEventRequest::decode(Encoding::Json, json.as_bytes()).expect("an event");
    assert_eq!(read.event.readings.len(), MANY);
    let mut cbor = Vec::new();
    read.encode(Encoding::Cbor, &mut cbor).expect("an event");
    let read = AddEventRequest::decode(Encoding::Cbor, &cbor).expect("an event");
    assert_eq!(read.event.readings.len(), MANY);
}
