//! How a container's port is reached.

use std::net::{IpAddr, Ipv4Addr};

use crate::{BrokerError, Environment};

use super::engine::Engine;

/// The way to a container's port, recorded with every result: a published port costs more than
/// half of a fast server's rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    /// The container uses the host's own network; the server listens on loopback.
    Host,
    /// The engine forwards a port of the host.
    Published,
}

impl Network {
    /// The host's network where the engine shares it with us; what the environment asks for first.
    pub(super) fn choose(environment: &Environment, engine: &Engine) -> Result<Self, BrokerError> {
        let asked = Self::asked(environment)?;
        let fitting = if engine.shares_network {
            Self::Host
        } else {
            Self::Published
        };
        Ok(asked.unwrap_or(fitting))
    }

    fn asked(environment: &Environment) -> Result<Option<Self>, BrokerError> {
        const VARIABLE: &str = "BUSBENCH_CONTAINER_NETWORK";
        match environment.get(VARIABLE) {
            None => Ok(None),
            Some("host") => Ok(Some(Self::Host)),
            Some("published") => Ok(Some(Self::Published)),
            Some(other) => Err(BrokerError::BadVariable {
                variable: VARIABLE.to_owned(),
                value: other.to_owned(),
                expected: "it may be host or published",
            }),
        }
    }

    /// What results call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Host => "host-network",
            Self::Published => "published-port",
        }
    }

    /// Where the server listens, as it sees it.
    pub(super) fn listen_address(self) -> IpAddr {
        match self {
            Self::Host => Ipv4Addr::LOCALHOST.into(),
            Self::Published => Ipv4Addr::UNSPECIFIED.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_that_is_none_is_refused_with_what_there_is() {
        let environment = |value| Environment::default().with("BUSBENCH_CONTAINER_NETWORK", value);
        let asked = Network::asked(&environment("published"));
        assert_eq!(asked.unwrap(), Some(Network::Published));
        let error = Network::asked(&environment("bridge")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "BUSBENCH_CONTAINER_NETWORK is `bridge`: it may be host or published"
        );
    }
}
