//! MQTT 5: Mosquitto, QoS 0, 1 and 2, through rumqttc's `v5` module.
//!
//! Measures what MQTT 5 would bring to EdgeX, none of whose clients speaks it: layout `native` has
//! the envelope in Content Type, Correlation Data and User Properties. Publishing and subscribing
//! are as in MQTT 3.1.1, but for one limit: a server tells how many unacknowledged publishes it
//! takes (Receive Maximum; Mosquitto says 20 unless told otherwise), which bounds the ack window.

use busbench_envelope::{DecodeError, Envelope, EnvelopeRef, Layout, Prepared, Stamp, native};
use bytes::Bytes;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    Packet, PubAckReason, PubRecReason, Publish, PublishProperties, SubscribeReasonCode,
};
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use rumqttc::{NetworkOptions, Outgoing as Out};

use crate::PublishObserver;
use crate::attributes::no_metadata;
use crate::error::Site;
use crate::mqtt_client::{self, Client, DEADLINE, KEEP_ALIVE, MqttPublisher, MqttSubscriber};
use crate::mqtt_client::{Progress, Reader, Session, SessionError};
use crate::outgoing::{Outgoing, StampText};
use crate::{Attributes, Bus, BusError, BusKind, ClientSetting, Delivery, Options, Qos};

const KIND: BusKind = BusKind::Mqtt5;

pub(crate) fn settings(options: &Options) -> Vec<ClientSetting> {
    mqtt_client::settings(options, mqtt_client::inflight(options))
}

/// MQTT 5.
#[derive(Debug)]
pub struct Mqtt5 {
    options: Options,
    site: Site,
}

impl Mqtt5 {
    fn client(&self, client_id: &str) -> (AsyncClient, Mqtt5Session) {
        let options = &self.options;
        let endpoint = &options.endpoint;
        let mut mqtt = MqttOptions::new(client_id, &endpoint.host, endpoint.port);
        let packet_bytes = mqtt_client::packet_bytes(options);
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        mqtt.set_keep_alive(KEEP_ALIVE)
            .set_clean_start(true)
            .set_max_packet_size(Some(u32::try_from(packet_bytes).unwrap_or(u32::MAX)))
            .set_outgoing_inflight_upper_limit(mqtt_client::inflight(options))
            .set_connection_timeout(DEADLINE.as_secs())
            .set_network_options(network);
        if let Some(login) = &endpoint.credentials {
            mqtt.set_credentials(&login.user, &login.password);
        }
        let (client, event_loop) = AsyncClient::new(mqtt, options.client_queue.max(1));
        (client, Mqtt5Session(event_loop))
    }

    fn qos(&self) -> QoS {
        match self.options.qos {
            Qos::AtMostOnce => QoS::AtMostOnce,
            Qos::AtLeastOnce => QoS::AtLeastOnce,
            Qos::ExactlyOnce => QoS::ExactlyOnce,
        }
    }
}

impl Bus for Mqtt5 {
    type Publisher = MqttPublisher<Mqtt5Client>;
    type Subscriber = MqttSubscriber<Mqtt5Reader>;

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
        let receive_maximum = mqtt_client::connected(&mut session, &self.site).await?;
        let client = Mqtt5Client {
            client,
            topic: topic.to_owned(),
            qos: self.qos(),
            properties: properties(&message),
        };
        let window = mqtt_client::inflight(&self.options).min(receive_maximum.unwrap_or(u16::MAX));
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
        let reader = Mqtt5Reader {
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

/// The envelope as properties, for a message that is not built anew; `None` in layouts that have it
/// in the body.
fn properties(message: &Prepared) -> Option<PublishProperties> {
    (message.layout == Layout::Native).then(|| built(&message.envelope))
}

/// The envelope as rumqttc takes properties: texts of their own.
fn built(envelope: &Envelope) -> PublishProperties {
    let properties = native::mqtt5::properties(envelope);
    let user_properties = properties.user_properties.into_iter();
    PublishProperties {
        content_type: Some(properties.content_type),
        correlation_data: Some(Bytes::from(properties.correlation_data)),
        user_properties: user_properties
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        ..PublishProperties::default()
    }
}

/// The publishing half of a client.
#[derive(Debug)]
pub struct Mqtt5Client {
    client: AsyncClient,
    topic: String,
    qos: QoS,
    properties: Option<PublishProperties>,
}

impl Mqtt5Client {
    /// A message's own properties and body.
    fn encode<O: PublishObserver>(
        &self,
        outgoing: &mut Outgoing,
        stamp: &Stamp,
        observer: &mut O,
    ) -> (Option<PublishProperties>, Bytes) {
        observer.encode(stamp, || {
            let body = outgoing.bytes(stamp);
            let properties = match outgoing.envelope() {
                Some(envelope) => Some(built(envelope)),
                None => self.stamped(stamp),
            };
            (properties, body)
        })
    }

    fn stamped(&self, stamp: &Stamp) -> Option<PublishProperties> {
        self.properties.as_ref().map(|properties| {
            let text = StampText::new(stamp);
            PublishProperties {
                correlation_data: Some(Bytes::copy_from_slice(text.as_bytes())),
                ..properties.clone()
            }
        })
    }
}

impl Client for Mqtt5Client {
    type Session = Mqtt5Session;

    async fn send<O: PublishObserver>(
        &self,
        outgoing: &mut Outgoing,
        stamp: &Stamp,
        observer: &mut O,
    ) -> bool {
        let Self {
            client, topic, qos, ..
        } = self;
        let (properties, body) = self.encode(outgoing, stamp, observer);
        let sent = match properties {
            None => client.publish_bytes(topic, *qos, false, body).await,
            Some(properties) => {
                let sent =
                    client.publish_bytes_with_properties(topic, *qos, false, body, properties);
                sent.await
            }
        };
        sent.is_ok()
    }

    fn try_send<O: PublishObserver>(
        &self,
        outgoing: &mut Outgoing,
        stamp: &Stamp,
        observer: &mut O,
    ) -> bool {
        let Self {
            client, topic, qos, ..
        } = self;
        let (properties, body) = self.encode(outgoing, stamp, observer);
        let sent = match properties {
            None => client.try_publish(topic, *qos, false, body),
            Some(properties) => {
                client.try_publish_with_properties(topic, *qos, false, body, properties)
            }
        };
        sent.is_ok()
    }

    async fn disconnect(&self) -> bool {
        self.client.disconnect().await.is_ok()
    }
}

/// The subscribing half of a client.
#[derive(Debug)]
pub struct Mqtt5Reader {
    client: AsyncClient,
    qos: QoS,
    expected: Prepared,
}

impl Reader for Mqtt5Reader {
    type Session = Mqtt5Session;
    type Attributes<'a> = Properties<'a>;

    fn delivery<'a>(&self, message: &'a Publish) -> Delivery<'a, Properties<'a>> {
        let stamp_text = match self.expected.layout {
            Layout::Native => message
                .properties
                .as_ref()
                .and_then(|properties| properties.correlation_data.as_deref())
                .unwrap_or_default(),
            _ => self.expected.stamp_text(&message.payload),
        };
        Delivery {
            stamp_text,
            body: &message.payload,
            attributes: Properties(message.properties.as_ref()),
        }
    }

    async fn subscribe(&self, filter: &str) -> bool {
        self.client.subscribe(filter, self.qos).await.is_ok()
    }

    fn try_disconnect(&self) -> bool {
        self.client.try_disconnect().is_ok()
    }
}

/// The properties of a message that arrived.
#[derive(Debug, Clone, Copy)]
pub struct Properties<'a>(Option<&'a PublishProperties>);

impl Attributes for Properties<'_> {
    fn envelope(&self) -> Result<EnvelopeRef<'_>, DecodeError> {
        let properties = self.0.ok_or_else(no_metadata)?;
        let users = properties.user_properties.iter();
        native::mqtt5::read(
            properties.content_type.as_deref(),
            properties.correlation_data.as_deref(),
            users.map(|(name, value)| (name.as_str(), value.as_str())),
        )
    }
}

/// A connection's event loop.
pub struct Mqtt5Session(EventLoop);

impl Session for Mqtt5Session {
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
        Event::Incoming(Packet::PubAck(ack)) => match ack.reason {
            PubAckReason::Success | PubAckReason::NoMatchingSubscribers => {
                Progress::Acknowledged(ack.pkid)
            }
            reason => Progress::Refused(ack.pkid, format!("the server answers {reason:?}")),
        },
        Event::Incoming(Packet::PubRec(ack)) => match ack.reason {
            PubRecReason::Success | PubRecReason::NoMatchingSubscribers => Progress::Other,
            reason => Progress::Refused(ack.pkid, format!("the server answers {reason:?}")),
        },
        Event::Incoming(Packet::PubComp(ack)) => Progress::Acknowledged(ack.pkid),
        Event::Outgoing(Out::Disconnect) => Progress::Left,
        Event::Incoming(Packet::ConnAck(ack)) => {
            let properties = ack.properties.as_ref();
            Progress::Connected(properties.and_then(|properties| properties.receive_max))
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
