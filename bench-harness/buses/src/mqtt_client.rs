//! What both MQTT buses share: publisher and subscriber over a session of either version.
//!
//! rumqttc has a client that queues requests and an event loop that must be polled. A publisher's
//! event loop runs in a task of its own, as any service with rumqttc has it; a subscriber's is
//! polled by [`crate::Subscriber::deliver`] itself, so a subscriber that reads slowly holds the
//! server back through TCP and queues nothing here. rumqttc reconnects when it is polled after an
//! error; it never is.

mod answers;
mod publisher;
mod subscriber;

pub(crate) use publisher::{Client, MqttPublisher};
pub(crate) use subscriber::{MqttSubscriber, Reader};

use std::time::Duration;

use crate::error::Site;
use crate::{BusError, ClientSetting, Options, PublishMode, Qos};

/// What paho is set to by EdgeX.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// For the handshake, and for the server's part of leaving.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);
/// Room in a packet for topic, properties and headers beside the body.
const PACKET_OVERHEAD_BYTES: usize = 64 * 1024;

/// The settings that both buses' clients run with.
pub(crate) fn settings(options: &Options, inflight: u16) -> Vec<ClientSetting> {
    vec![
        ClientSetting::new("tcp_nodelay", true),
        ClientSetting::new("request_channel_messages", options.client_queue.max(1)),
        ClientSetting::new("inflight_messages", inflight),
        ClientSetting::new("max_packet_size_bytes", packet_bytes(options)),
        ClientSetting::new("keep_alive_ms", KEEP_ALIVE.as_millis()),
        ClientSetting::new("clean_session", true),
        ClientSetting::new("reconnect", false),
    ]
}

/// Largest packet that a client takes and sends.
pub(crate) fn packet_bytes(options: &Options) -> usize {
    options.body_bytes + PACKET_OVERHEAD_BYTES
}

/// Unacknowledged publishes that a client allows: the ack window, as far as packet ids reach.
pub(crate) fn inflight(options: &Options) -> u16 {
    u16::try_from(options.publish.ack_window().get()).unwrap_or(u16::MAX)
}

/// Whether the end of each publish is told: always but for QoS 0 that is not waited for.
fn is_acknowledged(options: &Options) -> bool {
    options.qos != Qos::AtMostOnce || options.publish == PublishMode::Edgex
}

/// rumqttc's own error, of either version.
pub(crate) type SessionError = Box<dyn std::error::Error + Send + Sync>;

/// What an event of rumqttc means.
#[derive(Debug)]
pub enum Progress<Message> {
    /// The server took the connection; with the unacknowledged publishes that it allows, if it
    /// says so.
    Connected(Option<u16>),
    /// The server took the subscription, at this QoS; or refused it.
    Subscribed(Result<u8, String>),
    /// A message arrived.
    Arrived(Message),
    /// A publish, with its packet id (0 with QoS 0), is in the socket.
    Written(u16),
    /// The server took a publish for good: `PUBACK` with QoS 1, `PUBCOMP` with QoS 2.
    Acknowledged(u16),
    /// The server refused a publish.
    Refused(u16, String),
    /// Our disconnect is in the socket.
    Left,
    /// Anything else.
    Other,
}

/// An event loop of rumqttc, of either version.
pub trait Session: Send + 'static {
    type Message: Send + 'static;

    /// Waits for the next event. Must not be called again after an error.
    fn next(
        &mut self,
    ) -> impl Future<Output = Result<Progress<Self::Message>, SessionError>> + Send;

    /// The next event if it is at hand already.
    fn buffered(&mut self) -> Option<Progress<Self::Message>>;
}

/// Polls a new session until the server has taken the connection. Returns the unacknowledged
/// publishes that the server allows, if it says so.
pub(crate) async fn connected<S: Session>(
    session: &mut S,
    site: &Site,
) -> Result<Option<u16>, BusError> {
    let handshake = async {
        loop {
            let progress = session.next().await;
            let progress = progress.map_err(|error| site.failed("connect", error))?;
            if let Progress::Connected(receive_maximum) = progress {
                return Ok(receive_maximum);
            }
        }
    };
    tokio::time::timeout(DEADLINE, handshake)
        .await
        .unwrap_or_else(|_| Err(site.timed_out("take the connection", DEADLINE)))
}

/// Polls a session that has been told to disconnect until the server has closed the connection,
/// which it does when it has worked through all that was sent.
pub(crate) async fn gone<S: Session>(session: &mut S) {
    let closed = async { while session.next().await.is_ok() {} };
    // A server that keeps the connection open has been told what there is to tell.
    let _ = tokio::time::timeout(DEADLINE, closed).await;
}
