//! The yardstick: how fast the client crates are without the harness.
//!
//! ```text
//! cargo run --release -p busbench-buses --example yardstick -- BUS HOST PORT SECONDS WINDOW
//! ```
//!
//! A bare closed loop, written by hand for each crate: it copies a message for each send, stamps it
//! with a clock reading, reads the stamp on arrival, and records nothing. Client, settings, message
//! (the 1-reading Int32 event as v4 JSON, 660 B) and window are those of the harness. It prints one
//! line of JSON with the deliveries per second, counted after a second of warm-up.

mod window;

use std::time::{Duration, Instant};

use async_nats::{ConnectOptions, Subject};
use busbench_envelope::{Layout, PayloadSpec, Prepared, topic};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use redis::io::tcp::TcpSettings;
use redis::{AsyncConnectionConfig, Client, IntoConnectionInfo};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, NetworkOptions, Packet, QoS};

use window::Window;

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// As the runner sets them.
const CLIENT_QUEUE: usize = 2048;
const SUBSCRIPTION_CAPACITY: usize = 65_536;
const PIPELINE_COMMANDS: u64 = 100;
const PIPELINES: usize = 4;

/// The message, where it goes, and the loop's state.
#[derive(Debug, Clone)]
struct Setup {
    host: String,
    port: u16,
    topic: String,
    message: Prepared,
    window: Window,
    window_messages: u64,
    start: Instant,
}

impl Setup {
    /// A fresh copy.
    fn copy(&self, number: u64) -> Vec<u8> {
        let mut body = self.message.body.clone();
        let stamp = self.window.stamp(number, self.start);
        self.message.stamp(&mut body, &stamp);
        body
    }

    fn arrived(&self, body: &[u8]) {
        self.window.arrived(self.message.stamp_text(body));
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bus, host, port, seconds, window] = arguments.as_slice() else {
        return Err("usage: yardstick BUS HOST PORT SECONDS WINDOW".into());
    };
    let spec: PayloadSpec = "1xInt32".parse()?;
    let (topic, message) = Prepared::of_spec(&spec, 1, 0, Layout::Json)?;
    let setup = Setup {
        host: host.clone(),
        port: port.parse()?,
        topic,
        message,
        window: Window::new(window.parse()?),
        window_messages: window.parse()?,
        start: Instant::now(),
    };
    let seconds: u64 = seconds.parse()?;
    let running = match bus.as_str() {
        "nats-core" => tokio::spawn(nats_core(setup.clone())),
        "redis-pubsub" => tokio::spawn(redis_pubsub(setup.clone())),
        "mqtt3" => tokio::spawn(mqtt3(setup.clone())),
        _ => return Err("BUS is nats-core, redis-pubsub or mqtt3".into()),
    };
    let measured = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (start, before) = (Instant::now(), setup.window.delivered());
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let delivered = setup.window.delivered() - before;
        (delivered, start.elapsed().as_secs_f64())
    };
    tokio::select! {
        ended = running => ended?,
        (delivered, seconds) = measured => {
            let rate = delivered as f64 / seconds;
            report(&format!(
                r#"{{"bus":"{bus}","window":{window},"delivered":{delivered},"seconds":{seconds:.3},"delivered_per_second":{rate:.0}}}"#
            ));
            Ok(())
        }
    }
}

#[expect(clippy::print_stdout, reason = "the one line that this program prints")]
fn report(line: &str) {
    println!("{line}");
}

async fn nats_core(setup: Setup) -> Outcome {
    let connect = || {
        ConnectOptions::new()
            .client_capacity(CLIENT_QUEUE)
            .subscription_capacity(SUBSCRIPTION_CAPACITY)
            .connect(format!("{}:{}", setup.host, setup.port))
    };
    let subscribing = connect().await?;
    let subject = topic::nats_subject("edgex/events/#");
    let mut messages = subscribing
        .queue_subscribe(subject, "yardstick".into())
        .await?;
    subscribing.flush().await?;
    let publishing = connect().await?;
    let reader = setup.clone();
    tokio::spawn(async move {
        while let Some(message) = messages.next().await {
            reader.arrived(&message.payload);
        }
    });
    let subject = Subject::from(topic::nats_subject(&setup.topic));
    for number in 0.. {
        setup.window.room(number).await;
        let body = Bytes::from(setup.copy(number));
        publishing.publish(subject.clone(), body).await?;
    }
    Ok(())
}

async fn redis_pubsub(setup: Setup) -> Outcome {
    let info = (setup.host.as_str(), setup.port).into_connection_info()?;
    let client = Client::open(info.set_tcp_settings(TcpSettings::default().set_nodelay(true)))?;
    let mut subscribing = client.get_async_pubsub().await?;
    subscribing
        .psubscribe(topic::redis_patterns("edgex/events/#"))
        .await?;
    let config = AsyncConnectionConfig::new()
        .set_response_timeout(Some(Duration::from_secs(5)))
        .set_pipeline_buffer_size(CLIENT_QUEUE);
    let publishing = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    let reader = setup.clone();
    tokio::spawn(async move {
        let mut messages = subscribing.into_on_message();
        while let Some(message) = messages.next().await {
            reader.arrived(message.get_payload_bytes());
        }
    });
    let channel = topic::redis_channel(&setup.topic);
    let commands = PIPELINE_COMMANDS.min(setup.window_messages);
    let mut in_flight = FuturesOrdered::new();
    let mut number = 0;
    loop {
        if in_flight.len() == PIPELINES {
            in_flight.next().await.transpose()?;
        }
        // The whole pipeline goes at once, so it needs room for its last command.
        setup.window.room(number + commands - 1).await;
        let mut pipeline = redis::Pipeline::with_capacity(usize::try_from(commands)?);
        for _ in 0..commands {
            pipeline.publish(&channel, setup.copy(number)).ignore();
            number += 1;
        }
        let mut connection = publishing.clone();
        in_flight.push_back(tokio::spawn(async move {
            pipeline.query_async::<()>(&mut connection).await
        }));
    }
}

async fn mqtt3(setup: Setup) -> Outcome {
    let connect = |id: &str| -> (AsyncClient, EventLoop) {
        let mut options = MqttOptions::new(id, &setup.host, setup.port);
        let packet_bytes = setup.message.body.len() + 64 * 1024;
        options
            .set_keep_alive(Duration::from_secs(10))
            .set_max_packet_size(packet_bytes, packet_bytes);
        let (client, mut event_loop) = AsyncClient::new(options, CLIENT_QUEUE);
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        event_loop.set_network_options(network);
        (client, event_loop)
    };
    let (subscribing, mut arriving) = connect("yardstick-subscriber");
    subscribing
        .subscribe("edgex/events/#", QoS::AtMostOnce)
        .await?;
    while !matches!(arriving.poll().await?, Event::Incoming(Packet::SubAck(_))) {}
    let (publishing, mut leaving) = connect("yardstick-publisher");
    let reader = setup.clone();
    let arriving = tokio::spawn(async move {
        loop {
            if let Event::Incoming(Packet::Publish(message)) = arriving.poll().await? {
                reader.arrived(&message.payload);
            }
        }
    });
    let leaving: tokio::task::JoinHandle<Outcome> = tokio::spawn(async move {
        loop {
            leaving.poll().await?;
        }
    });
    let sending = async {
        for number in 0.. {
            setup.window.room(number).await;
            let body = Bytes::from(setup.copy(number));
            publishing
                .publish_bytes(setup.topic.as_str(), QoS::AtMostOnce, false, body)
                .await?;
        }
        Ok(())
    };
    tokio::select! {
        ended = arriving => ended?,
        ended = leaving => ended?,
        ended = sending => ended,
    }
}
