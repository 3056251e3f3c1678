//! MQTT 3.1.1: `CONNECT`, `CONNACK`; the version from the retained `$SYS/broker/version`.
//! (OASIS, MQTT Version 3.1.1, sections 2 and 3)

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Bounded, Greeting, HandshakeError, Login, excerpt};

/// Asks for a sign of life.
pub(crate) const PINGREQ: [u8; 2] = [0xC0, 0];
/// Says goodbye.
pub(crate) const DISCONNECT: [u8; 2] = [0xE0, 0];
const KEEP_ALIVE_SECONDS: u16 = 10;
const VERSION_TOPIC: &str = "$SYS/broker/version";

/// A broker that keeps no `$SYS`, or keeps it from us, says nothing at all.
const VERSION_PATIENCE: Duration = Duration::from_millis(500);

/// A packet from a broker; messages have quality of service 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Packet {
    /// `CONNACK` with its code.
    Connected(u8),
    /// `SUBACK` with a code for each filter; 0x80 refuses it.
    Subscribed(Vec<u8>),
    /// `PUBLISH`.
    Message {
        topic: String,
        payload: Vec<u8>,
        retained: bool,
    },
    /// `PINGRESP`.
    PingAnswered,
    /// Anything else, with its first byte.
    Other(u8),
}

pub(super) async fn greet<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
    login: Option<&Login>,
) -> Result<Greeting, HandshakeError> {
    log_in(stream, login).await?;
    stream
        .writer
        .write_all(&subscribe(&[VERSION_TOPIC]))
        .await?;
    stream.writer.flush().await?;
    let version = match tokio::time::timeout(VERSION_PATIENCE, retained(stream)).await {
        Ok(version) => Some(version?),
        Err(_) => None,
    };
    // The answer has been had; a broker that is quicker to close is none the worse.
    let _ = stream.writer.write_all(&DISCONNECT).await;
    let _ = stream.writer.shutdown().await;
    Ok(Greeting {
        version: version.map(|text| text.trim_start_matches("mosquitto version ").to_owned()),
        configuration: String::new(),
    })
}

/// Connects as a client without a name.
pub(crate) async fn log_in<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
    login: Option<&Login>,
) -> Result<(), HandshakeError> {
    stream.writer.write_all(&connect(login)).await?;
    stream.writer.flush().await?;
    match packet(stream).await? {
        Packet::Connected(0) => Ok(()),
        Packet::Connected(code) => Err(HandshakeError::Refused(refusal(code))),
        Packet::Other(kind) => Err(foreign(&[kind])),
        _ => Err(foreign(b"another packet than CONNACK")),
    }
}

fn connect(login: Option<&Login>) -> Vec<u8> {
    const CLEAN_SESSION: u8 = 0x02;
    const PASSWORD: u8 = 0x40;
    const USER: u8 = 0x80;
    let flags = CLEAN_SESSION | login.map_or(0, |_| USER | PASSWORD);
    let mut body = string("MQTT");
    body.extend([4, flags]);
    body.extend(KEEP_ALIVE_SECONDS.to_be_bytes());
    // An empty id: the broker makes one up, so that no other client's is taken over.
    body.extend(string(""));
    if let Some((user, password)) = login {
        body.extend(string(user));
        body.extend(string(password));
    }
    framed(0x10, body)
}

/// Asks for filters with quality of service 0.
pub(crate) fn subscribe(filters: &[&str]) -> Vec<u8> {
    let mut body = vec![0, 1];
    for filter in filters {
        body.extend(string(filter));
        body.push(0);
    }
    framed(0x82, body)
}

/// A message with quality of service 0.
pub(crate) fn publish(topic: &str, payload: &[u8]) -> Vec<u8> {
    framed(0x30, [string(topic), payload.to_vec()].concat())
}

/// The text of the first message that arrives.
async fn retained<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
) -> Result<String, HandshakeError> {
    loop {
        if let Packet::Message { payload, .. } = packet(stream).await? {
            return Ok(String::from_utf8_lossy(&payload).into_owned());
        }
    }
}

/// The next packet.
pub(crate) async fn packet<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
) -> Result<Packet, HandshakeError> {
    let (kind, body) = frame(stream).await?;
    Ok(match (kind & 0xF0, body.as_slice()) {
        (0x20, [_, code]) => Packet::Connected(*code),
        (0x90, [_, _, codes @ ..]) => Packet::Subscribed(codes.to_vec()),
        (0xD0, _) => Packet::PingAnswered,
        (0x30, [high, low, rest @ ..]) => {
            let topic_bytes = usize::from(u16::from_be_bytes([*high, *low]));
            let Some((topic, payload)) = rest.split_at_checked(topic_bytes) else {
                return Err(foreign(&body));
            };
            Packet::Message {
                topic: String::from_utf8_lossy(topic).into_owned(),
                payload: payload.to_vec(),
                retained: kind & 1 == 1,
            }
        }
        (0x20 | 0x30 | 0x90, _) => return Err(foreign(&[kind])),
        _ => Packet::Other(kind),
    })
}

async fn frame<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
) -> Result<(u8, Vec<u8>), HandshakeError> {
    let mut kind = [0];
    if stream.reader.read(&mut kind).await? == 0 {
        return Err(foreign(&[]));
    }
    let mut length = 0_u64;
    for shift in [0, 7, 14, 21] {
        let byte = stream.reader.read_u8().await?;
        length |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            let mut body = Vec::new();
            (&mut stream.reader)
                .take(length)
                .read_to_end(&mut body)
                .await?;
            return Ok((kind[0], body));
        }
    }
    Err(foreign(&kind))
}

/// Puts kind and length before a body; the length is in groups of 7 bits, the lowest first.
fn framed(kind: u8, body: Vec<u8>) -> Vec<u8> {
    let mut packet = vec![kind];
    let mut rest = body.len();
    while rest > 0x7F {
        packet.push(0x80 | low_7_bits(rest));
        rest >>= 7;
    }
    packet.push(low_7_bits(rest));
    packet.extend(body);
    packet
}

fn low_7_bits(number: usize) -> u8 {
    number.to_le_bytes()[0] & 0x7F
}

/// A string after its length. One longer than the protocol can carry is cut, and refused by the
/// broker as a wrong login.
fn string(text: &str) -> Vec<u8> {
    let bytes = &text.as_bytes()[..text.len().min(usize::from(u16::MAX))];
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

fn refusal(code: u8) -> String {
    match code {
        1 => "unacceptable protocol version".to_owned(),
        2 => "client identifier rejected".to_owned(),
        3 => "server unavailable".to_owned(),
        4 => "bad user name or password".to_owned(),
        5 => "not authorised".to_owned(),
        _ => format!("CONNACK code {code}"),
    }
}

fn foreign(got: &[u8]) -> HandshakeError {
    HandshakeError::Foreign {
        protocol: "MQTT",
        got: excerpt(got),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connect_is_laid_out_as_the_standard_says() {
        let packet = connect(Some(&("u".to_owned(), "pw".to_owned())));
        let expected = b"\x10\x13\x00\x04MQTT\x04\xC2\x00\x0A\x00\x00\x00\x01u\x00\x02pw";
        assert_eq!(packet, expected);
    }

    #[test]
    fn a_long_packet_has_a_length_of_two_bytes() {
        let packet = framed(0x10, vec![0; 321]);
        assert_eq!(packet[..3], [0x10, 0xC1, 0x02]);
        assert_eq!(packet.len(), 324);
    }
}
