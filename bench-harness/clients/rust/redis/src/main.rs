//! A service with redis-rs. Given `host:port`, it publishes one message and gets it back; without an
//! address it ends once the runtime has started.

use std::error::Error;
use std::time::Duration;

use futures_util::StreamExt;
use redis::AsyncCommands;

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1) {
        Some(address) => tokio::time::timeout(PATIENCE, round_trip(&address)).await?,
        None => Ok(()),
    }
}

async fn round_trip(address: &str) -> Result<(), Box<dyn Error>> {
    let channel = format!("busbench.client.{}", std::process::id());
    let url = match address.strip_prefix("tls://") {
        Some(address) => format!("rediss://{address}"),
        None => format!("redis://{address}"),
    };
    let client = redis::Client::open(url)?;
    let mut subscription = client.get_async_pubsub().await?;
    subscription.subscribe(&channel).await?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let () = connection.publish(&channel, "hello").await?;
    let message = subscription
        .on_message()
        .next()
        .await
        .ok_or("the subscription ended")?;
    match message.get_payload_bytes() {
        b"hello" => Ok(()),
        other => Err(format!("got {other:?}").into()),
    }
}
