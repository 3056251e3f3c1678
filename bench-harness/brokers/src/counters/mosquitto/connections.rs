//! How many clients are connected, from `$SYS`.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::super::{CounterSource, CountersError};
use super::SOURCE;
use crate::handshake::mqtt::{self, Packet};
use crate::handshake::{Bounded, HandshakeError};

const CONNECTED: &str = "$SYS/broker/clients/connected";

/// Clients that are connected, as told last. The reader is not among them.
pub(in super::super) async fn connections(source: &CounterSource) -> Result<u64, CountersError> {
    told(source)
        .await
        .map_err(|error| CountersError::Unreadable {
            what: SOURCE.to_owned(),
            address: source.address.to_string(),
            reason: error.to_string(),
        })
}

async fn told(source: &CounterSource) -> Result<u64, HandshakeError> {
    let address = &source.address;
    let stream = TcpStream::connect((address.host.as_str(), address.port)).await?;
    let mut stream = Bounded::new(stream);
    mqtt::log_in(&mut stream, address.login.as_ref()).await?;
    stream
        .writer
        .write_all(&mqtt::subscribe(&[CONNECTED]))
        .await?;
    stream.writer.flush().await?;
    // A retained value is from before this connection. Where there is none, this connection changes
    // the value, so that it is told anew.
    let (payload, is_retained) = loop {
        match mqtt::packet(&mut stream).await? {
            Packet::Subscribed(codes) if codes.iter().any(|code| *code > 2) => {
                let reason = "it does not let this login read $SYS".to_owned();
                return Err(HandshakeError::Refused(reason));
            }
            Packet::Message {
                payload, retained, ..
            } => break (payload, retained),
            _ => {}
        }
    };
    // The answer has been had; a broker that is quicker to close is none the worse.
    let _ = stream.writer.write_all(&mqtt::DISCONNECT).await;
    let text = String::from_utf8_lossy(&payload);
    let connected: u64 = text.trim().parse().map_err(|_| HandshakeError::Foreign {
        protocol: "Mosquitto's $SYS",
        got: format!("{CONNECTED} is `{text}`"),
    })?;
    Ok(connected.saturating_sub(u64::from(!is_retained)))
}
