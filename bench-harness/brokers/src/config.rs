//! The configuration that a server of ours is started with, whoever runs it.
//!
//! Only what a fresh, reachable, isolated server needs is set; the rest stays at the server's own
//! defaults, which is what `EdgeX` runs. Relative paths are relative to the server's own folder.

use std::fmt::Write;
use std::net::IpAddr;

use crate::{ServerKind, Settings};

/// The default of NATS's `max_payload`.
const NATS_PAYLOAD_BYTES: usize = 1 << 20;
/// NATS counts headers as payload; an `EdgeX` event's take 143 bytes.
const NATS_HEADER_BYTES: usize = 4096;
/// The default of NATS's `max_pending`, which no `max_payload` may exceed.
const NATS_PENDING_BYTES: usize = 64 << 20;

/// Where a server listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listen {
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
}

/// The text of a server's configuration file.
pub(crate) fn configuration(kind: ServerKind, settings: &Settings, listen: Listen) -> String {
    match kind {
        ServerKind::Nats => nats(settings, listen),
        ServerKind::NatsJetstream => {
            nats(settings, listen) + "jetstream { store_dir: \"jetstream\" }\n"
        }
        ServerKind::Mosquitto => mosquitto(listen),
        ServerKind::Redis => redis(listen),
    }
}

fn nats(settings: &Settings, listen: Listen) -> String {
    let Listen { address, port } = listen;
    let largest = settings.message_bytes.saturating_add(NATS_HEADER_BYTES);
    let payload = largest.max(NATS_PAYLOAD_BYTES);
    let mut text = format!("host: \"{address}\"\nport: {port}\nmax_payload: {payload}\n");
    if payload > NATS_PENDING_BYTES {
        // Room for two, or one large message alone would make its reader a slow consumer.
        let _ = writeln!(text, "max_pending: {}", payload.saturating_mul(2));
    }
    text
}

/// The user stays root where it is: a server that changes its user loses the signal that ends it
/// with its parent, and listens to this host alone anyhow. Nagle's algorithm is off because every
/// client here turns it off too; `$SYS` is refreshed each second so that its counters can be read
/// at the end of a trial.
fn mosquitto(listen: Listen) -> String {
    let Listen { address, port } = listen;
    format!(
        "listener {port} {address}\n\
         allow_anonymous true\n\
         user root\n\
         persistence false\n\
         log_dest stderr\n\
         set_tcp_nodelay true\n\
         sys_interval 1\n"
    )
}

/// No snapshots and no append-only file: a fork in the middle of a window is not what a trial of a
/// message bus measures.
fn redis(listen: Listen) -> String {
    let Listen { address, port } = listen;
    format!(
        "bind {address}\n\
         port {port}\n\
         protected-mode no\n\
         save \"\"\n\
         appendonly no\n"
    )
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn nats_with(message_bytes: usize) -> String {
        let listen = Listen {
            address: Ipv4Addr::LOCALHOST.into(),
            port: 4222,
        };
        let settings = Settings {
            message_bytes,
            ..Settings::default()
        };
        configuration(ServerKind::Nats, &settings, listen)
    }

    #[test]
    fn a_small_message_leaves_nats_its_default_limit() {
        assert_eq!(
            nats_with(1000),
            "host: \"127.0.0.1\"\nport: 4222\nmax_payload: 1048576\n"
        );
    }

    #[test]
    fn a_body_as_large_as_the_default_limit_still_leaves_room_for_headers() {
        assert!(nats_with(1 << 20).contains("max_payload: 1052672\n"));
    }

    #[test]
    fn a_message_larger_than_what_nats_may_hold_back_raises_that_too() {
        let text = nats_with(100 << 20);
        assert!(text.contains("max_payload: 104861696\n"), "{text}");
        assert!(text.contains("max_pending: 209723392\n"), "{text}");
    }
}
