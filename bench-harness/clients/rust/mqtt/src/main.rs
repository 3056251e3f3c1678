//! A service with rumqttc, MQTT 3.1.1. Given `host:port`, it publishes one message and gets it back;
//! without an address it ends once the runtime has started.

use client_service::Failure;
use rumqttc::{AsyncClient, Event, MqttOptions, NetworkOptions, Packet, QoS};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    client_service::run(round_trip).await
}

async fn round_trip(address: &str) -> Result<(), Failure> {
    let topic = format!("busbench/client/{}", std::process::id());
    let (client, mut events) = AsyncClient::new(options(address)?, 10);
    // As every client here, and unlike rumqttc's default.
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    events.set_network_options(network);
    client.subscribe(&topic, QoS::AtMostOnce).await?;
    loop {
        match events.poll().await? {
            Event::Incoming(Packet::SubAck(_)) => {
                client
                    .publish(&topic, QoS::AtMostOnce, false, "hello")
                    .await?;
            }
            Event::Incoming(Packet::Publish(message)) if message.payload == "hello" => {
                return Ok(());
            }
            Event::Incoming(Packet::Publish(message)) => {
                return Err(format!("got {:?}", message.payload).into());
            }
            _ => {}
        }
    }
}

fn options(address: &str) -> Result<MqttOptions, Failure> {
    let plain = address.strip_prefix("tls://").unwrap_or(address);
    let (host, port) = plain
        .rsplit_once(':')
        .ok_or("the address is not host:port")?;
    let name = format!("busbench-client-{}", std::process::id());
    #[allow(unused_mut, reason = "TLS alone changes it")]
    let mut options = MqttOptions::new(name, host, port.parse()?);
    #[cfg(feature = "tls")]
    if address.starts_with("tls://") {
        options.set_transport(rumqttc::Transport::tls_with_default_config());
    }
    Ok(options)
}
