//! MQTT 3.1.1: Mosquitto, QoS 0, 1 and 2, through rumqttc.
//!
//! Measures the bus that EdgeX 4 uses by default. A publish in `edgex` mode waits for paho's token:
//! QoS 0 until it is written to the socket, 1 for `PUBACK`, 2 for `PUBCOMP`; in `pipelined` mode
//! QoS 0 waits for room in the client's channel only, and 1 and 2 have up to an ack window in
//! flight, with QoS 2 at most 20. A subscriber subscribes with the same QoS and reads in order; `edgex` and `lossless` are
//! the same. The protocol has no headers, so it cannot carry layout `native`.

use busbench_envelope::{Prepared, Stamp};
use rumqttc::{
    AsyncClient, ConnectReturnCode, Event, EventLoop, MqttOptions, NetworkOptions, Outgoing as Out,
    Packet, Publish, QoS, SubscribeReasonCode,
};

use crate::PublishObserver;
use crate::error::Site;
use crate::mqtt_client::{self, Client, DEADLINE, KEEP_ALIVE, MqttPublisher, MqttSubscriber};
use crate::mqtt_client::{Progress, Reader, Session, SessionError};
use crate::outgoing::Outgoing;
use crate::{Bus, BusError, BusKind, ClientSetting, Delivery, NoAttributes, Options, Qos};

const KIND: BusKind = BusKind::Mqtt3;
/// Unfinished publishes with QoS 2 that Mosquitto takes from a client unless told otherwise
/// (`max_inflight_messages`). A client with one more is cut off (Mosquitto 2.0.11, measured), and
/// MQTT 3.1.1 lets no server say so beforehand. QoS 1 has no such limit.
const MOST_UNFINISHED: u16 = 20;

pub(crate) fn settings(options: &Options) -> Vec<ClientSetting> {
    let mut settings = mqtt_client::settings(options, inflight(options));
    settings.push(ClientSetting::new("flush_timeout_ms", DEADLINE.as_millis()));
    settings
}

fn inflight(options: &Options) -> u16 {
    let window = mqtt_client::inflight(options);
    match options.qos {
        Qos::ExactlyOnce => window.min(MOST_UNFINISHED),
        _ => window,
    }
}

/// MQTT 3.1.1.
#[derive(Debug)]
pub struct Mqtt3 {
    options: Options,
    site: Site,
}

impl Mqtt3 {
    fn client(&self, client_id: &str) -> (AsyncClient, Mqtt3Session) {
        let options = &self.options;
        let endpoint = &options.endpoint;
        let mut mqtt = MqttOptions::new(client_id, &endpoint.host, endpoint.port);
        let packet_bytes = mqtt_client::packet_bytes(options);
        mqtt.set_keep_alive(KEEP_ALIVE)
            .set_clean_session(true)
            .set_max_packet_size(packet_bytes, packet_bytes)
            .set_inflight(inflight(options));
        if let Some(login) = &endpoint.credentials {
            mqtt.set_credentials(&login.user, &login.password);
        }
        let (client, mut event_loop) = AsyncClient::new(mqtt, options.client_queue.max(1));
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        network.set_connection_timeout(DEADLINE.as_secs());
        event_loop.set_network_options(network);
        (client, Mqtt3Session(event_loop))
    }

    fn qos(&self) -> QoS {
        match self.options.qos {
            Qos::AtMostOnce => QoS::AtMostOnce,
            Qos::AtLeastOnce => QoS::AtLeastOnce,
            Qos::ExactlyOnce => QoS::ExactlyOnce,
        }
    }
}

impl Bus for Mqtt3 {
    type Publisher = MqttPublisher<Mqtt3Client>;
    type Subscriber = MqttSubscriber<Mqtt3Reader>;

    async fn open(options: Options) -> Result<Self, BusError> {
        let site = Site::new(KIND, &options.endpoint);
        let bus = Self { options, site };
        let (_client, mut session) = bus.client("busbench-open");
        mqtt_client::connected(&mut session, &bus.site).await?;
        Ok(bus)
    }

    async fn publisher(
        &self,
        client_id: &str,
        topic: &str,
        message: Prepared,
    ) -> Result<Self::Publisher, BusError> {
        let (client, mut session) = self.client(client_id);
        mqtt_client::connected(&mut session, &self.site).await?;
        let client = Mqtt3Client {
            client,
            topic: topic.to_owned(),
            qos: self.qos(),
        };
        let window = inflight(&self.options);
        let outgoing = Outgoing::new(message);
        let site = self.site.clone();
        Ok(MqttPublisher::start(
            &self.options,
            client,
            session,
            outgoing,
            site,
            window,
        ))
    }

    async fn subscriber(
        &self,
        client_id: &str,
        filter: &str,
        _topics: &[String],
        expected: &Prepared,
    ) -> Result<Self::Subscriber, BusError> {
        let (client, mut session) = self.client(client_id);
        mqtt_client::connected(&mut session, &self.site).await?;
        let reader = Mqtt3Reader {
            client,
            qos: self.qos(),
            expected: expected.clone(),
        };
        let qos = self.options.qos.into();
        MqttSubscriber::start(reader, session, filter, qos, self.site.clone()).await
    }

    async fn close(self) -> Result<(), BusError> {
        Ok(())
    }
}

/// The publishing half of a client.
#[derive(Debug)]
pub struct Mqtt3Client {
    client: AsyncClient,
    topic: String,
    qos: QoS,
}

impl Client for Mqtt3Client {
    type Session = Mqtt3Session;

    async fn send<O: PublishObserver>(
        &self,
        outgoing: &mut Outgoing,
        stamp: &Stamp,
        observer: &mut O,
    ) -> bool {
        let body = observer.encode(stamp, || outgoing.bytes(stamp));
        let topic = self.topic.as_str();
        let sent = self.client.publish_bytes(topic, self.qos, false, body);
        sent.await.is_ok()
    }

    fn try_send<O: PublishObserver>(
        &self,
        outgoing: &mut Outgoing,
        stamp: &Stamp,
        observer: &mut O,
    ) -> bool {
        let body = observer.encode(stamp, || outgoing.vec(stamp));
        let topic = self.topic.as_str();
        let sent = self.client.try_publish(topic, self.qos, false, body);
        sent.is_ok()
    }

    async fn disconnect(&self) -> bool {
        self.client.disconnect().await.is_ok()
    }
}

/// The subscribing half of a client.
#[derive(Debug)]
pub struct Mqtt3Reader {
    client: AsyncClient,
    qos: QoS,
    expected: Prepared,
}

impl Reader for Mqtt3Reader {
    type Session = Mqtt3Session;
    type Attributes<'a> = NoAttributes;

    fn delivery<'a>(&self, message: &'a Publish) -> Delivery<'a> {
        Delivery {
            stamp_text: self.expected.stamp_text(&message.payload),
            body: &message.payload,
            attributes: NoAttributes,
        }
    }

    async fn subscribe(&self, filter: &str) -> bool {
        self.client.subscribe(filter, self.qos).await.is_ok()
    }

    fn try_disconnect(&self) -> bool {
        self.client.try_disconnect().is_ok()
    }
}

/// A connection's event loop.
pub struct Mqtt3Session(EventLoop);

impl Session for Mqtt3Session {
    type Message = Publish;

    async fn next(&mut self) -> Result<Progress<Publish>, SessionError> {
        Ok(progress(self.0.poll().await?))
    }

    fn buffered(&mut self) -> Option<Progress<Publish>> {
        self.0.state.events.pop_front().map(progress)
    }
}

fn progress(event: Event) -> Progress<Publish> {
    match event {
        Event::Incoming(Packet::Publish(message)) => Progress::Arrived(message),
        Event::Outgoing(Out::Publish(packet_id)) => Progress::Written(packet_id),
        Event::Incoming(Packet::PubAck(ack)) => Progress::Acknowledged(ack.pkid),
        Event::Incoming(Packet::PubComp(ack)) => Progress::Acknowledged(ack.pkid),
        Event::Outgoing(Out::Disconnect) => Progress::Left,
        // rumqttc hands out no other code here: it fails `poll` itself.
        Event::Incoming(Packet::ConnAck(ack)) if ack.code == ConnectReturnCode::Success => {
            Progress::Connected(None)
        }
        Event::Incoming(Packet::SubAck(ack)) => {
            Progress::Subscribed(match ack.return_codes.as_slice() {
                [SubscribeReasonCode::Success(qos)] => Ok(*qos as u8),
                codes => Err(format!("the server answers {codes:?}")),
            })
        }
        _ => Progress::Other,
    }
}
