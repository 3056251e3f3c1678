//! A service with async-nats. Given `host:port`, it publishes one message and gets it back; without
//! an address it ends once the runtime has started.

use std::error::Error;
use std::time::Duration;

use futures_util::StreamExt;

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1) {
        Some(address) => tokio::time::timeout(PATIENCE, round_trip(&address)).await?,
        None => Ok(()),
    }
}

async fn round_trip(address: &str) -> Result<(), Box<dyn Error>> {
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
