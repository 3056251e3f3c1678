//! The cores that each side of a trial could have had, where they are apart.

use busbench_buses::BusKind;
use busbench_results::Isolation;

use crate::trial::cost::OwnBusy;

/// Cores of both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::trial) struct OwnCores {
    /// `None`: there is no server.
    pub(in crate::trial) server: Option<OwnCoresOf>,
    pub(in crate::trial) client: OwnCoresOf,
}

/// One side's cores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::trial) struct OwnCoresOf {
    pub(in crate::trial) cores: usize,
    /// Share of them that was busy, whoever used them, 0 to 1.
    pub(in crate::trial) busy: Option<f64>,
}

impl OwnCores {
    /// The cores of a trial on a bus. A floor has no server; the relay's threads are the harness's,
    /// on the servers' cores, so the harness could have had all of them.
    pub(in crate::trial) fn of(isolation: &Isolation, bus: BusKind, busy: Option<OwnBusy>) -> Self {
        let server = OwnCoresOf {
            cores: isolation.server_cpus.len(),
            busy: busy.and_then(|busy| busy.server),
        };
        let client = OwnCoresOf {
            cores: isolation.generator_cpus.len(),
            busy: busy.and_then(|busy| busy.client),
        };
        match bus {
            BusKind::Null => Self {
                server: None,
                client,
            },
            BusKind::TcpRelay => Self {
                server: None,
                client: OwnCoresOf {
                    cores: client.cores + server.cores,
                    busy: None,
                },
            },
            _ => Self {
                server: Some(server),
                client,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_has_no_server_and_the_relay_works_on_both_sides() {
        let isolation = Isolation {
            server_cpus: vec![2],
            generator_cpus: vec![0, 1],
        };
        let busy = OwnBusy {
            server: Some(0.25),
            client: Some(0.5),
        };
        let check = |bus, server: Option<usize>, client| {
            let cores = OwnCores::of(&isolation, bus, Some(busy));
            let found = (cores.server.map(|side| side.cores), cores.client.cores);
            assert_eq!(found, (server, client), "{bus}");
        };
        check(BusKind::NatsCore, Some(1), 2);
        check(BusKind::Null, None, 2);
        check(BusKind::TcpRelay, None, 3);
        let nats = OwnCores::of(&isolation, BusKind::NatsCore, Some(busy));
        assert_eq!(nats.server.unwrap().busy, Some(0.25));
        assert_eq!(nats.client.busy, Some(0.5));
    }
}
