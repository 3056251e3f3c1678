//! NATS: `INFO`, `CONNECT`, `PING`, `PONG`; with `JetStream` a request to its API too.
//! (<https://docs.nats.io/reference/reference-protocols/nats-protocol>)

use std::fmt::Write;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Bounded, Greeting, HandshakeError, Login, excerpt};

/// What of `INFO` is configuration and no secret.
const RECORDED: [&str; 8] = [
    "server_name",
    "go",
    "proto",
    "headers",
    "max_payload",
    "jetstream",
    "auth_required",
    "tls_required",
];

pub(super) async fn greet<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
    login: Option<&Login>,
    jetstream: bool,
) -> Result<Greeting, HandshakeError> {
    let first = line(stream).await?;
    let info: Value = first
        .strip_prefix("INFO ")
        .and_then(|json| serde_json::from_str(json).ok())
        .ok_or_else(|| foreign(&first))?;
    if info["tls_required"] == true {
        return Err(HandshakeError::Refused(
            "it wants TLS, which is not supported yet".to_owned(),
        ));
    }
    send(stream, &format!("CONNECT {}\r\nPING\r\n", connect(login))).await?;
    loop {
        let answer = line(stream).await?;
        match answer.split(' ').next() {
            Some("PONG") => break,
            // A server with a cluster tells of its peers at any time.
            Some("INFO" | "PING") => {}
            Some("-ERR") => return Err(HandshakeError::Refused(answer)),
            _ => return Err(foreign(&answer)),
        }
    }
    if jetstream {
        ask_jetstream(stream).await?;
    }
    let mut configuration = String::new();
    for name in RECORDED {
        if !info[name].is_null() {
            let _ = writeln!(configuration, "{name}: {}", info[name]);
        }
    }
    Ok(Greeting {
        version: info["version"].as_str().map(str::to_owned),
        configuration,
    })
}

fn connect(login: Option<&Login>) -> Value {
    let mut connect = json!({
        "verbose": false,
        "pedantic": false,
        "lang": "rust",
        "version": env!("CARGO_PKG_VERSION"),
        "name": "busbench handshake",
        "protocol": 1,
        "headers": true,
        "no_responders": true,
    });
    if let Some((user, password)) = login {
        connect["user"] = user.as_str().into();
        connect["pass"] = password.as_str().into();
    }
    connect
}

/// `JetStream` opens its API after the server has opened its port; an early request gets "no
/// responders" (`HMSG` with status 503).
async fn ask_jetstream<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
) -> Result<(), HandshakeError> {
    let inbox = format!("_INBOX.busbench.{}", std::process::id());
    let request = format!("SUB {inbox} 1\r\nPUB $JS.API.INFO {inbox} 0\r\n\r\n");
    send(stream, &request).await?;
    loop {
        let answer = line(stream).await?;
        let mut words = answer.split(' ');
        match words.next() {
            Some("MSG") => {
                let size: u64 = words
                    .next_back()
                    .and_then(|size| size.parse().ok())
                    .ok_or_else(|| foreign(&answer))?;
                let mut body = Vec::new();
                (&mut stream.reader)
                    .take(size)
                    .read_to_end(&mut body)
                    .await?;
                let body: Value = serde_json::from_slice(&body).map_err(|_| foreign(&answer))?;
                return match body["error"]["description"].as_str() {
                    None => Ok(()),
                    Some(error) => Err(HandshakeError::Refused(format!("JetStream: {error}"))),
                };
            }
            Some("HMSG") => {
                let reason = "JetStream does not answer: it is off, or not up yet";
                return Err(HandshakeError::Refused(reason.to_owned()));
            }
            Some("-ERR") => return Err(HandshakeError::Refused(answer)),
            Some("INFO" | "PING" | "PONG" | "+OK") => {}
            _ => return Err(foreign(&answer)),
        }
    }
}

async fn send<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
    text: &str,
) -> Result<(), HandshakeError> {
    stream.writer.write_all(text.as_bytes()).await?;
    Ok(stream.writer.flush().await?)
}

/// One line without its end.
async fn line<S: AsyncRead + AsyncWrite>(
    stream: &mut Bounded<S>,
) -> Result<String, HandshakeError> {
    let mut line = Vec::new();
    stream.reader.read_until(b'\n', &mut line).await?;
    if line.pop() != Some(b'\n') {
        return Err(foreign(&String::from_utf8_lossy(&line)));
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn foreign(got: &str) -> HandshakeError {
    HandshakeError::Foreign {
        protocol: "NATS",
        got: excerpt(got.as_bytes()),
    }
}
