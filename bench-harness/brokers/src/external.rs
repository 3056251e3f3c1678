//! Somebody else's running servers: a gateway on the network, a managed service.

mod address;
mod file;

use std::collections::BTreeMap;
use std::net::{IpAddr, ToSocketAddrs};

use crate::counters::Before;
use crate::handshake::greet;
use crate::kind::Program;
use crate::server::{Server, recorded};
use crate::{
    BrokerError, CounterSource, Environment, Provider, ServerAddress, ServerInfo, ServerKind,
};

/// The addresses and logins of servers that run already.
#[derive(Debug)]
pub(crate) struct ExternalProvider {
    addresses: BTreeMap<Program, ServerAddress>,
    /// Host and port of NATS's monitoring, where the environment names it.
    monitor: Option<(String, u16)>,
}

impl ExternalProvider {
    /// Reads the addresses from the environment, or from the file that it names. What the
    /// environment says goes before what the file says.
    pub(crate) fn find(
        environment: &Environment,
        kinds: &[ServerKind],
    ) -> Result<Self, BrokerError> {
        let file = file::read(environment)?;
        let mut addresses = BTreeMap::new();
        for &kind in kinds {
            let entry = file.entry(kind.program());
            let address = address::resolve(environment, kind, entry)?;
            addresses.insert(kind.program(), address);
        }
        let monitor = address::monitor(environment)?;
        Ok(Self { addresses, monitor })
    }

    /// The addresses without logins, for a person to read.
    pub(crate) fn describe(&self) -> String {
        let addresses: Vec<String> = self
            .addresses
            .iter()
            .map(|(program, address)| address::url(*program, address))
            .collect();
        addresses.join(", ")
    }

    /// Greets the server. Fails at once where nothing answers: nobody is starting it.
    pub(crate) async fn start(&self, kind: ServerKind) -> Result<Server, BrokerError> {
        let address = self
            .addresses
            .get(&kind.program())
            .ok_or(BrokerError::NotChosen { server: kind })?;
        let greeting = greet(kind, address)
            .await
            .map_err(|error| BrokerError::Unreachable {
                server: kind,
                url: address::url(kind.program(), address),
                reason: error.to_string(),
            })?;
        let info = ServerInfo {
            kind,
            version: greeting.version.unwrap_or_else(|| "unknown".to_owned()),
            provider: Provider::External,
            network_path: network_path(&address.host).to_owned(),
            image: None,
            image_digest: None,
            architecture: None,
            emulator: None,
            binary: None,
            binary_sha256: None,
            configuration: recorded("", &greeting.configuration),
            limit: None,
        };
        let counters = CounterSource {
            kind,
            address: address.clone(),
            monitor: self.monitor.clone(),
            before: Before::Unknown,
        };
        Ok(Server::of_somebody_else(address.clone(), info, counters))
    }
}

/// Whether something still accepts connections there.
pub(crate) async fn accepts(address: &ServerAddress) -> bool {
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);
    let connect = tokio::net::TcpStream::connect((address.host.as_str(), address.port));
    matches!(tokio::time::timeout(PATIENCE, connect).await, Ok(Ok(_)))
}

fn network_path(host: &str) -> &'static str {
    let mut addresses = (host, 0).to_socket_addrs().into_iter().flatten();
    let is_loopback = match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => addresses.all(|address| address.ip().is_loopback()),
    };
    if is_loopback { "loopback" } else { "network" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_host_is_loopback() {
        for (host, path) in [
            ("127.0.0.1", "loopback"),
            ("127.1.2.3", "loopback"),
            ("::1", "loopback"),
            ("localhost", "loopback"),
            ("192.0.2.1", "network"),
        ] {
            assert_eq!(network_path(host), path, "{host}");
        }
    }
}
