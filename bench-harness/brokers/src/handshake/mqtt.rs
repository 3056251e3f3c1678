//! MQTT 3.1.1: `CONNECT`, `CONNACK`; the version from the retained `$SYS/broker/version`.
//! (OASIS, MQTT Version 3.1.1, sections 2 and 3)

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Bounded, Greeting, HandshakeError, Login, excerpt};

const CONNACK: u8 = 0x20;
const PUBLISH: u8 = 0x30;
const DISCONNECT: [u8; 2] = [0xE0, 0];
const KEEP_ALIVE_SECONDS: u16 = 10;
const VERSION_TOPIC: &str = "$SYS/broker/version";

/// A broker that keeps no `$SYS`, or keeps it from us, says nothing at all.
const VERSION_PATIENCE: Duration = Duration::from_millis(500);

pub(super) async fn greet<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
    login: Option<&Login>,
) -> Result<Greeting, HandshakeError> {
    stream.writer.write_all(&connect(login)).await?;
    stream.writer.flush().await?;
    let (kind, body) = packet(stream).await?;
    match (kind, body.as_slice()) {
        (CONNACK, [_, 0]) => {}
        (CONNACK, [_, code]) => return Err(HandshakeError::Refused(refusal(*code))),
        _ => return Err(foreign(&[kind])),
    }
    stream.writer.write_all(&subscribe(VERSION_TOPIC)).await?;
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

fn subscribe(topic: &str) -> Vec<u8> {
    let mut body = vec![0, 1];
    body.extend(string(topic));
    body.push(0);
    framed(0x82, body)
}

/// The text of the first message that arrives.
async fn retained<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
) -> Result<String, HandshakeError> {
    loop {
        let (kind, body) = packet(stream).await?;
        if kind & 0xF0 == PUBLISH {
            // Quality of service 0: the topic, then nothing but the payload.
            let payload = body.get(2 + VERSION_TOPIC.len()..).unwrap_or_default();
            return Ok(String::from_utf8_lossy(payload).into_owned());
        }
    }
}

async fn packet<S: AsyncRead + AsyncWrite>(
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
