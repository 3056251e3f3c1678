//! A service with redis-rs. Given `host:port`, it publishes one message and gets it back; without an
//! address it ends once the runtime has started.

use client_service::Failure;
use futures_util::StreamExt;
use redis::AsyncCommands;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    client_service::run(round_trip).await
}

async fn round_trip(address: &str) -> Result<(), Failure> {
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
