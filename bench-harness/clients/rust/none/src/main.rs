//! A service without a bus: the runtime starts, and it ends.
//!
//! What the other programs are larger and slower by is the cost of their client.

use client_service::Failure;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    client_service::run(async |_| Ok(())).await
}
