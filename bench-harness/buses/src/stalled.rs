//! A subscriber that stops reading: what a stopped process or a hung one is to its server.
//!
//! Client crates read their sockets in tasks of their own whatever the application does, so this is
//! a bare socket: it subscribes, and from then on nobody reads it. The kernel's buffers fill, then
//! the server's, up to the limit at which it drops messages or closes the connection. At the end
//! what was waiting is read, so that it can be told from what was lost for good.
//!
//! Only where the server pushes: a reader of Redis streams that does not read asks for nothing, and
//! JetStream sends 1000 messages and keeps the rest.

mod frames;

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use busbench_envelope::topic;
use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::error::Site;
use crate::{BusError, BusKind, Credentials, Options};

use frames::{Frame, Meaning};

/// For the handshake.
const DEADLINE: Duration = Duration::from_secs(5);

/// A subscribing connection that is not read.
#[derive(Debug)]
pub struct StalledSubscriber {
    bus: BusKind,
    socket: TcpStream,
    buffer: BytesMut,
}

/// What had been waiting for a subscriber that did not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadOut {
    /// Whole messages.
    pub messages: u64,
    /// Whether the server had closed the connection.
    pub closed: bool,
    /// Whether messages were still coming when the time was over.
    pub unfinished: bool,
}

impl BusKind {
    /// Why the bus cannot have a subscriber that stops reading; `None` where it can.
    #[must_use]
    pub const fn cannot_stall(self) -> Option<&'static str> {
        match self {
            Self::NatsCore | Self::Mqtt3 | Self::Mqtt5 | Self::RedisPubsub => None,
            Self::NatsJetstream => {
                Some("JetStream keeps what a subscriber does not read, so nothing is cut off")
            }
            Self::RedisStreams => {
                Some("a reader of Redis streams that does not read asks for nothing")
            }
            Self::Null | Self::TcpRelay => Some("there is no server that could cut it off"),
        }
    }
}

impl StalledSubscriber {
    /// Connects and subscribes to an EdgeX topic filter; returns when the server has confirmed.
    /// A bus that [`BusKind::cannot_stall`] gives an error.
    pub async fn connect(
        bus: BusKind,
        options: &Options,
        client_id: &str,
        filter: &str,
    ) -> Result<Self, BusError> {
        let site = Site::new(bus, &options.endpoint);
        if let Some(why) = bus.cannot_stall() {
            return Err(site.failed("stop reading", why));
        }
        let endpoint = &options.endpoint;
        let action = format!("subscribe to `{filter}` over a bare socket");
        let connected = async {
            let socket = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
            socket.set_nodelay(true)?;
            let mut stalled = Self {
                bus,
                socket,
                buffer: BytesMut::new(),
            };
            stalled.subscribe(options, client_id, filter).await?;
            Ok::<_, io::Error>(stalled)
        };
        match tokio::time::timeout(DEADLINE, connected).await {
            Ok(Ok(stalled)) => Ok(stalled),
            Ok(Err(error)) => Err(site.failed(action, error)),
            Err(_) => Err(site.timed_out(action, DEADLINE)),
        }
    }

    /// Reads at last what has been waiting in the socket and, where the connection is still open, in
    /// the server: until nothing has come for `quiet`, no longer than `limit`.
    pub async fn read_out(mut self, quiet: Duration, limit: Duration) -> ReadOut {
        let mut read_out = ReadOut::default();
        let reading = async {
            loop {
                let frame = tokio::time::timeout(quiet, self.next_frame()).await;
                match frame {
                    Ok(Ok(frame)) => match frame.meaning {
                        Meaning::Message { reply } => {
                            read_out.messages += 1;
                            self.answer(&reply).await;
                        }
                        Meaning::Released { reply } => self.answer(&reply).await,
                        _ => {}
                    },
                    Ok(Err(_)) => {
                        read_out.closed = true;
                        return;
                    }
                    Err(_) => return,
                }
            }
        };
        let reading = tokio::time::timeout(limit, reading).await;
        read_out.unfinished = reading.is_err();
        read_out
    }

    async fn subscribe(
        &mut self,
        options: &Options,
        client_id: &str,
        filter: &str,
    ) -> io::Result<()> {
        let login = options.endpoint.credentials.as_ref();
        match self.bus {
            BusKind::NatsCore => {
                let subject = topic::nats_subject(filter);
                let connect = nats_connect(client_id, login);
                let request = format!("{connect}SUB {subject} {client_id} 1\r\nPING\r\n");
                self.socket.write_all(request.as_bytes()).await?;
                self.confirmed(|meaning| matches!(meaning, Meaning::Confirmed))
                    .await
            }
            BusKind::Mqtt3 | BusKind::Mqtt5 => {
                let is_5 = self.bus == BusKind::Mqtt5;
                let connect = frames::mqtt_connect(client_id, login, is_5);
                self.socket.write_all(&connect).await?;
                self.confirmed(|meaning| matches!(meaning, Meaning::Connected))
                    .await?;
                let subscribe = frames::mqtt_subscribe(filter, options.qos.into(), is_5);
                self.socket.write_all(&subscribe).await?;
                self.confirmed(|meaning| matches!(meaning, Meaning::Confirmed))
                    .await
            }
            _ => {
                if let Some(login) = login {
                    let auth = match login.user.as_str() {
                        "" => frames::redis_command(&["AUTH", &login.password]),
                        user => frames::redis_command(&["AUTH", user, &login.password]),
                    };
                    self.socket.write_all(&auth).await?;
                    self.confirmed(|meaning| matches!(meaning, Meaning::Connected))
                        .await?;
                }
                for pattern in topic::redis_patterns(filter) {
                    let subscribe = frames::redis_command(&["PSUBSCRIBE", &pattern]);
                    self.socket.write_all(&subscribe).await?;
                    self.confirmed(|meaning| matches!(meaning, Meaning::Confirmed))
                        .await?;
                }
                Ok(())
            }
        }
    }

    /// Waits for the frame that says so.
    async fn confirmed(&mut self, is_it: impl Fn(&Meaning) -> bool) -> io::Result<()> {
        loop {
            match self.next_frame().await?.meaning {
                Meaning::Refused(reason) => return Err(io::Error::other(reason)),
                meaning if is_it(&meaning) => return Ok(()),
                _ => {}
            }
        }
    }

    /// Cancel safe: what was read stays in the buffer.
    async fn next_frame(&mut self) -> io::Result<Frame> {
        loop {
            if let Some(frame) = frames::next(self.bus, &self.buffer)? {
                self.buffer.advance(frame.bytes);
                return Ok(frame);
            }
            if self.socket.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// With QoS 1 and 2 the server sends the next only when the last was acknowledged.
    async fn answer(&mut self, reply: &[u8]) {
        if reply.is_empty() {
            return;
        }
        // A server that has closed the connection shows at the next reading.
        let _ = self.socket.write_all(reply).await;
    }
}

fn nats_connect(name: &str, login: Option<&Credentials>) -> String {
    let mut connect = format!(
        "CONNECT {{\"verbose\":false,\"pedantic\":false,\"headers\":true,\"name\":{}",
        json_string(name)
    );
    if let Some(login) = login {
        let (user, password) = (json_string(&login.user), json_string(&login.password));
        // Writing to a String cannot fail.
        let _ = write!(connect, ",\"user\":{user},\"pass\":{password}");
    }
    connect.push_str("}\r\n");
    connect
}

fn json_string(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{json_string, nats_connect};
    use crate::Credentials;

    #[test]
    fn a_login_is_quoted_as_json_wants_it() {
        assert_eq!(json_string("a\"b\\c\n"), r#""a\"b\\c\u000a""#);
        let login = Credentials {
            user: "me".to_owned(),
            password: "p\"w".to_owned(),
        };
        let connect = nats_connect("x", Some(&login));
        let expected = "\"name\":\"x\",\"user\":\"me\",\"pass\":\"p\\\"w\"}\r\n";
        assert!(connect.ends_with(expected), "{connect}");
    }
}
