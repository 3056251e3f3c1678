//! What the programs have in common, so that nothing but the client differs.

use std::error::Error;
use std::io::{Read, Write};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);

/// Why a program fails.
pub type Failure = Box<dyn Error>;

/// Makes the round trip where an address (`host:port`) was given.
///
/// # Errors
/// What the round trip says, or that it took too long.
pub async fn run(round_trip: impl AsyncFnOnce(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    if let Some(address) = std::env::args().nth(1) {
        tokio::time::timeout(PATIENCE, round_trip(&address)).await??;
    }
    if std::env::var_os("BUSBENCH_HOLD").is_some() {
        hold()?;
    }
    Ok(())
}

/// Says that all is done, and waits for the end of standard input: what the program holds can be looked
/// at meanwhile.
fn hold() -> std::io::Result<()> {
    std::io::stdout().write_all(b"done\n")?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
