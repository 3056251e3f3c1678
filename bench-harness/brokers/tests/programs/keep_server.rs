//! Starts a server and ends without stopping it, for the tests of what that leaves behind.
//!
//! `keep-server PROVIDER KIND RUN exit|wait`: says `started PID...` when the server is ready, then
//! calls `process::exit`, or waits to be killed.

use std::io::{Write, stdout};
use std::time::Duration;

use busbench_brokers::{ProviderChoice, RunLabel, ServerKind, Servers, Settings};

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [provider, kind, run, end] = arguments.as_slice() else {
        return Err("usage: keep-server PROVIDER KIND RUN exit|wait".into());
    };
    let provider = match provider.as_str() {
        "container" => ProviderChoice::Container,
        "process" => ProviderChoice::Process,
        other => return Err(format!("unknown provider {other}").into()),
    };
    let kind = ServerKind::ALL
        .into_iter()
        .find(|known| known.name() == kind);
    let kind = kind.ok_or("unknown kind of server")?;
    let servers = Servers::choose(provider, &[kind], &RunLabel::new(run)).await?;
    let server = servers.start(kind, &Settings::default()).await?;
    let ids: Vec<String> = server.process_ids().iter().map(u32::to_string).collect();
    writeln!(stdout(), "started {}", ids.join(" "))?;
    stdout().flush()?;
    if end == "exit" {
        std::process::exit(0);
    }
    tokio::time::sleep(Duration::from_secs(600)).await;
    server.stop().await?;
    Ok(())
}
