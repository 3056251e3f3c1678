//! A service with async-nats. Given `host:port`, it publishes one message and gets it back; without
//! an address it ends once the runtime has started.

use client_service::Failure;
use futures_util::StreamExt;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    client_service::run(round_trip).await
}

async fn round_trip(address: &str) -> Result<(), Failure> {
    let subject = format!("busbench.client.{}", std::process::id());
    let client = async_nats::connect(address).await?;
    let mut subscription = client.subscribe(subject.clone()).await?;
    client.publish(subject, "hello".into()).await?;
    let message = subscription.next().await.ok_or("the subscription ended")?;
    match &*message.payload {
        b"hello" => Ok(()),
        other => Err(format!("got {other:?}").into()),
    }
}
