//! How fast each bus is through this crate's publishers and subscribers, and nothing else.
//!
//! ```text
//! cargo run --release -p busbench-buses --example rates -- BUS HOST PORT SECONDS WINDOW LAYOUT MODE QOS
//! ```
//!
//! A closed loop of one publisher and one subscriber with the message of the `yardstick` example,
//! which it is compared with; MODE is `edgex` or an ack window. It prints one line of JSON with the
//! deliveries per second, counted after a second of warm-up.

#[path = "yardstick/window.rs"]
mod window;

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use busbench_buses::{
    Attributes, Bus, BusError, BusKind, Delivery, EDGEX_MAX_ACK_PENDING, Endpoint, Mqtt3, Mqtt5,
    NatsCore, NatsJetstream, NullBus, Options, PublishMode, PublishObserver, Publisher, Qos,
    RedisPubsub, RedisStreams, Retention, Sink, Storage, SubscribeMode, Subscriber, TcpRelay,
};
use busbench_envelope::{Layout, PayloadSpec, Prepared, Stamp};

use window::Window;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

struct Silent;

impl PublishObserver for Silent {
    fn encode<T>(&mut self, _stamp: &Stamp, build: impl FnOnce() -> T) -> T {
        build()
    }

    fn handed_over(&mut self, _stamp: &Stamp) {}
    fn acked(&mut self, _stamp: &Stamp) {}
    fn failed(&mut self, _stamp: &Stamp, _error: &BusError) {}
}

struct Count(Window);

impl Sink for Count {
    fn arrived<A: Attributes>(&mut self, delivery: Delivery<'_, A>) {
        self.0.arrived(delivery.stamp_text);
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bus, host, port, seconds, window, layout, mode, qos] = arguments.as_slice() else {
        return Err("usage: rates BUS HOST PORT SECONDS WINDOW LAYOUT MODE QOS".into());
    };
    let layout: Layout = layout.parse()?;
    let spec: PayloadSpec = "1xInt32".parse()?;
    let (topic, message) = Prepared::of_spec(&spec, 1, 0, layout)?;
    let options = Options {
        endpoint: Endpoint {
            host: host.clone(),
            port: port.parse()?,
            credentials: None,
        },
        publish: match mode.as_str() {
            "edgex" => PublishMode::Edgex,
            ack_window => PublishMode::Pipelined {
                ack_window: ack_window.parse::<NonZeroU32>()?,
            },
        },
        subscribe: SubscribeMode::Lossless,
        qos: Qos::try_from(qos.parse::<u8>()?)?,
        storage: Storage::Memory,
        retention: Retention {
            messages: Some(100_000.try_into()?),
        },
        body_bytes: message.body.len(),
        client_queue: 2048,
        max_ack_pending: EDGEX_MAX_ACK_PENDING,
        null_order: None,
    };
    let window = Window::new(window.parse()?);
    let seconds = Duration::from_secs(seconds.parse()?);
    let (delivered, elapsed) = match bus.parse()? {
        BusKind::NatsCore => run::<NatsCore>(options, topic, message, window, seconds).await,
        BusKind::NatsJetstream => {
            run::<NatsJetstream>(options, topic, message, window, seconds).await
        }
        BusKind::Mqtt3 => run::<Mqtt3>(options, topic, message, window, seconds).await,
        BusKind::Mqtt5 => run::<Mqtt5>(options, topic, message, window, seconds).await,
        BusKind::RedisPubsub => run::<RedisPubsub>(options, topic, message, window, seconds).await,
        BusKind::RedisStreams => {
            run::<RedisStreams>(options, topic, message, window, seconds).await
        }
        BusKind::Null => run::<NullBus>(options, topic, message, window, seconds).await,
        BusKind::TcpRelay => run::<TcpRelay>(options, topic, message, window, seconds).await,
    }?;
    let rate = delivered as f64 / elapsed.as_secs_f64();
    report(&format!(
        r#"{{"bus":"{bus}","layout":"{layout}","mode":"{mode}","qos":{qos},"delivered":{delivered},"delivered_per_second":{rate:.0}}}"#
    ));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the one line that this program prints")]
fn report(line: &str) {
    println!("{line}");
}

async fn run<B: Bus>(
    options: Options,
    topic: String,
    message: Prepared,
    window: Window,
    length: Duration,
) -> Outcome<(u64, Duration)> {
    let bus = B::open(options).await?;
    let topics = [topic.clone()];
    let subscriber = bus.subscriber("rates-subscriber", "edgex/events/#", &topics, &message);
    let mut subscriber = subscriber.await?;
    let publisher = bus.publisher("rates-publisher", &topic, message).await?;
    let mut sink = Count(window.clone());
    let reading = tokio::spawn(async move {
        loop {
            if let Err(error) = subscriber.deliver(&mut sink).await {
                return error;
            }
        }
    });
    let writing = tokio::spawn(send(publisher, window.clone()));
    let measured = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (start, before) = (Instant::now(), window.delivered());
        tokio::time::sleep(length).await;
        (window.delivered() - before, start.elapsed())
    };
    tokio::select! {
        error = reading => Err(error?.into()),
        error = writing => Err(error?.into()),
        measured = measured => Ok(measured),
    }
}

/// Publishes for ever. While the window is full, what is held back goes and acknowledgements are
/// heard.
async fn send<P: Publisher>(mut publisher: P, window: Window) -> BusError {
    let start = Instant::now();
    let mut observer = Silent;
    let mut sent = 0_u64;
    loop {
        if window.has_room(sent) {
            let stamp = window.stamp(sent, start);
            sent += 1;
            if let Err(error) = publisher.publish(&stamp, &mut observer).await {
                return error;
            }
            continue;
        }
        if let Err(error) = publisher.flush(&mut observer).await {
            return error;
        }
        let heard = tokio::select! {
            () = window.room(sent) => Ok(()),
            heard = publisher.acknowledgements(&mut observer) => heard,
        };
        if let Err(error) = heard {
            return error;
        }
    }
}
