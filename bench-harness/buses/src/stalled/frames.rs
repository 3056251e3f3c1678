//! What stands in a socket: where a frame ends, and what it means. Enough of each protocol to
//! subscribe and to count.

use std::fmt::Write as _;
use std::io;

use crate::{BusKind, Credentials};

/// The beginning of a buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// Length.
    pub(super) bytes: usize,
    pub(super) meaning: Meaning,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The connection is taken.
    Connected,
    /// The subscription is taken.
    Confirmed,
    /// A message, with what is to be answered.
    Message {
        reply: Vec<u8>,
    },
    /// The second step of QoS 2.
    Released {
        reply: Vec<u8>,
    },
    Refused(String),
    Other,
}

/// The first frame of what a server sent; `None` where it is not whole yet.
pub(super) fn next(bus: BusKind, buffer: &[u8]) -> io::Result<Option<Frame>> {
    match bus {
        BusKind::NatsCore | BusKind::NatsJetstream => nats(buffer),
        BusKind::Mqtt3 | BusKind::Mqtt5 => mqtt(buffer),
        _ => redis(buffer),
    }
}

fn foreign() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it does not speak the protocol")
}

/// The end of the first line, its `\r\n` included, and the line without it.
fn line(buffer: &[u8]) -> Option<(usize, &[u8])> {
    let end = buffer.windows(2).position(|two| two == b"\r\n")?;
    Some((end + 2, &buffer[..end]))
}

fn number(text: &[u8]) -> io::Result<usize> {
    let text = std::str::from_utf8(text).map_err(|_| foreign())?;
    text.parse().map_err(|_| foreign())
}

fn nats(buffer: &[u8]) -> io::Result<Option<Frame>> {
    let Some((end, line)) = line(buffer) else {
        return Ok(None);
    };
    let mut words = line.split(|byte| *byte == b' ');
    let (bytes, meaning) = match words.next().unwrap_or_default() {
        b"MSG" | b"HMSG" => {
            let size = number(words.next_back().unwrap_or_default())?;
            let bytes = end + size + 2;
            if buffer.len() < bytes {
                return Ok(None);
            }
            (bytes, Meaning::Message { reply: Vec::new() })
        }
        b"PONG" => (end, Meaning::Confirmed),
        b"-ERR" => (
            end,
            Meaning::Refused(String::from_utf8_lossy(line).into_owned()),
        ),
        b"INFO" | b"PING" | b"+OK" => (end, Meaning::Other),
        _ => return Err(foreign()),
    };
    Ok(Some(Frame { bytes, meaning }))
}

fn mqtt(buffer: &[u8]) -> io::Result<Option<Frame>> {
    let mut length = 0_usize;
    let mut header = 1;
    loop {
        let Some(byte) = buffer.get(header) else {
            return Ok(None);
        };
        length |= usize::from(byte & 0x7F) << (7 * (header - 1));
        header += 1;
        if byte & 0x80 == 0 {
            break;
        }
        if header > 4 {
            return Err(foreign());
        }
    }
    let bytes = header + length;
    let (Some(body), Some(kind)) = (buffer.get(header..bytes), buffer.first()) else {
        return Ok(None);
    };
    let meaning = match (kind & 0xF0, body) {
        (0x20, [_, 0, ..]) => Meaning::Connected,
        (0x20, [_, code, ..]) => Meaning::Refused(format!("CONNACK code {code}")),
        (0x90, [.., code]) if *code > 2 => Meaning::Refused(format!("SUBACK code {code}")),
        (0x90, _) => Meaning::Confirmed,
        (0x30, [high, low, rest @ ..]) => {
            let topic_bytes = usize::from(u16::from_be_bytes([*high, *low]));
            let packet_id = rest.get(topic_bytes..).and_then(<[u8]>::first_chunk::<2>);
            let reply = match (kind >> 1 & 3, packet_id) {
                (0, _) => Vec::new(),
                (1, Some([high, low])) => vec![0x40, 2, *high, *low],
                (2, Some([high, low])) => vec![0x50, 2, *high, *low],
                _ => return Err(foreign()),
            };
            Meaning::Message { reply }
        }
        (0x60, [high, low, ..]) => Meaning::Released {
            reply: vec![0x70, 2, *high, *low],
        },
        _ => Meaning::Other,
    };
    Ok(Some(Frame { bytes, meaning }))
}

/// RESP2: a simple reply, or an array of strings and numbers.
fn redis(buffer: &[u8]) -> io::Result<Option<Frame>> {
    let Some((end, first)) = line(buffer) else {
        return Ok(None);
    };
    let (items, meaning) = match first.split_first() {
        Some((b'*', count)) => (number(count)?, None),
        Some((b'-', error)) => {
            let error = String::from_utf8_lossy(error).into_owned();
            (0, Some(Meaning::Refused(error)))
        }
        Some((b'+', _)) => (0, Some(Meaning::Connected)),
        _ => return Err(foreign()),
    };
    let mut bytes = end;
    let mut kind: Option<&[u8]> = None;
    for _ in 0..items {
        let Some((end, head)) = line(&buffer[bytes..]) else {
            return Ok(None);
        };
        let start = bytes + end;
        bytes = match head.split_first() {
            Some((b'$', size)) => start + number(size)? + 2,
            Some((b':', _)) => start,
            _ => return Err(foreign()),
        };
        if buffer.len() < bytes {
            return Ok(None);
        }
        kind = kind.or(Some(&buffer[start..bytes]));
    }
    let meaning = meaning.unwrap_or(match kind {
        Some(b"pmessage\r\n") => Meaning::Message { reply: Vec::new() },
        Some(b"psubscribe\r\n") => Meaning::Confirmed,
        _ => Meaning::Other,
    });
    Ok(Some(Frame { bytes, meaning }))
}

/// MQTT's `CONNECT` with a clean session and without keep-alive, which a subscriber that sends
/// nothing would not hold.
pub(super) fn mqtt_connect(client_id: &str, login: Option<&Credentials>, is_5: bool) -> Vec<u8> {
    const CLEAN: u8 = 0x02;
    const USER_AND_PASSWORD: u8 = 0xC0;
    let flags = CLEAN | login.map_or(0, |_| USER_AND_PASSWORD);
    let mut body = mqtt_string("MQTT");
    body.extend([if is_5 { 5 } else { 4 }, flags, 0, 0]);
    if is_5 {
        body.push(0);
    }
    body.extend(mqtt_string(client_id));
    if let Some(login) = login {
        body.extend(mqtt_string(&login.user));
        body.extend(mqtt_string(&login.password));
    }
    mqtt_frame(0x10, &body)
}

pub(super) fn mqtt_subscribe(filter: &str, qos: u8, is_5: bool) -> Vec<u8> {
    let mut body = vec![0, 1];
    if is_5 {
        body.push(0);
    }
    body.extend(mqtt_string(filter));
    body.push(qos);
    mqtt_frame(0x82, &body)
}

/// A string longer than the protocol can carry is cut, and refused by the server.
fn mqtt_string(text: &str) -> Vec<u8> {
    let bytes = &text.as_bytes()[..text.len().min(usize::from(u16::MAX))];
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

fn mqtt_frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = vec![kind];
    let mut rest = body.len();
    while rest > 0x7F {
        frame.push(0x80 | low_7_bits(rest));
        rest >>= 7;
    }
    frame.push(low_7_bits(rest));
    frame.extend(body);
    frame
}

fn low_7_bits(number: usize) -> u8 {
    number.to_le_bytes()[0] & 0x7F
}

pub(super) fn redis_command(words: &[&str]) -> Vec<u8> {
    let mut command = format!("*{}\r\n", words.len());
    for word in words {
        // Writing to a String cannot fail.
        let _ = write!(command, "${}\r\n{word}\r\n", word.len());
    }
    command.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Meaning, mqtt_connect, mqtt_subscribe, next, redis_command};
    use crate::BusKind;

    /// Every beginning of the frame is not whole, and the whole is, whatever follows.
    fn check(bus: BusKind, frame: &[u8], meaning: &Meaning) {
        for end in 0..frame.len() {
            let found = next(bus, &frame[..end]).unwrap();
            assert_eq!(found, None, "{:?}", frame[..end].escape_ascii());
        }
        let followed = [frame, b"+"].concat();
        let found = next(bus, &followed).unwrap().unwrap();
        assert_eq!((found.bytes, &found.meaning), (frame.len(), meaning));
    }

    fn message(reply: &[u8]) -> Meaning {
        Meaning::Message {
            reply: reply.to_vec(),
        }
    }

    #[test]
    fn frames_of_nats_are_told_apart() {
        let bus = BusKind::NatsCore;
        check(bus, b"MSG a.b 1 5\r\nx\r\nyz\r\n", &message(b""));
        check(bus, b"MSG a.b 1 reply 0\r\n\r\n", &message(b""));
        check(
            bus,
            b"HMSG a 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
            &message(b""),
        );
        check(bus, b"PONG\r\n", &Meaning::Confirmed);
        check(bus, b"INFO {\"a\":1}\r\n", &Meaning::Other);
        let refused = Meaning::Refused("-ERR 'no'".to_owned());
        check(bus, b"-ERR 'no'\r\n", &refused);
        assert!(next(bus, b"HTTP/1.0 200 OK\r\n").is_err());
    }

    #[test]
    fn frames_of_mqtt_are_told_apart_and_answered() {
        let bus = BusKind::Mqtt5;
        check(bus, &[0x20, 2, 0, 0], &Meaning::Connected);
        check(bus, &[0x20, 3, 0, 0, 0], &Meaning::Connected);
        check(bus, &[0x90, 3, 0, 1, 1], &Meaning::Confirmed);
        check(
            bus,
            &[0x90, 3, 0, 1, 0x80],
            &Meaning::Refused("SUBACK code 128".to_owned()),
        );
        check(bus, b"\x30\x04\x00\x01ax", &message(b""));
        check(
            bus,
            b"\x32\x05\x00\x01a\x00\x07",
            &message(b"\x40\x02\x00\x07"),
        );
        check(
            bus,
            b"\x34\x05\x00\x01a\x00\x07",
            &message(b"\x50\x02\x00\x07"),
        );
        let released = Meaning::Released {
            reply: vec![0x70, 2, 0, 7],
        };
        check(bus, &[0x62, 2, 0, 7], &released);
        let mut long = b"\x30\xc8\x01\x00\x01a".to_vec();
        long.resize(3 + 200, b'x');
        check(bus, &long, &message(b""));
        assert!(next(bus, &[0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1]).is_err());
    }

    #[test]
    fn frames_of_redis_are_told_apart() {
        let bus = BusKind::RedisPubsub;
        let pmessage = b"*4\r\n$8\r\npmessage\r\n$3\r\na.*\r\n$3\r\na.b\r\n$4\r\n\r\n\r\n\r\n";
        check(bus, pmessage, &message(b""));
        let subscribed = b"*3\r\n$10\r\npsubscribe\r\n$3\r\na.*\r\n:1\r\n";
        check(bus, subscribed, &Meaning::Confirmed);
        check(bus, b"+OK\r\n", &Meaning::Connected);
        let refused = Meaning::Refused("NOPERM x".to_owned());
        check(bus, b"-NOPERM x\r\n", &refused);
        assert!(next(bus, b"$1\r\nx\r\n").is_err());
        let command = redis_command(&["AUTH", "pw"]);
        assert_eq!(command, b"*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n");
    }

    #[test]
    fn mqtt_5_has_properties_where_3_has_none() {
        let connect = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01x";
        assert_eq!(mqtt_connect("x", None, false), connect);
        let connect = b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01x";
        assert_eq!(mqtt_connect("x", None, true), connect);
        assert_eq!(
            mqtt_subscribe("a", 1, false),
            b"\x82\x06\x00\x01\x00\x01a\x01"
        );
        assert_eq!(
            mqtt_subscribe("a", 1, true),
            b"\x82\x07\x00\x01\x00\x00\x01a\x01"
        );
    }
}
