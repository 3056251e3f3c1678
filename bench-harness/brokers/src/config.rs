//! The configuration that a server of ours is started with, whoever runs it.
//!
//! Only what a fresh, reachable, isolated server needs is set; the rest stays at the server's own
//! defaults, which is what `EdgeX` runs. Relative paths are relative to the server's own folder.

mod refused;
mod tuned;

use std::fmt::Write;
use std::net::IpAddr;

use crate::{ServerKind, Settings, Tuning};

pub(crate) use refused::refused_option;
pub(crate) use tuned::UNACKNOWLEDGED;

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
    /// Where NATS's monitoring listens, whose counters are read.
    pub(crate) monitor_port: Option<u16>,
}

/// What a message's size asks of NATS.
#[derive(Debug, Clone, Copy)]
struct NatsLimits {
    payload_bytes: usize,
    /// Where `max_payload` is beyond the default of `max_pending`.
    pending_bytes: Option<u64>,
}

/// The text of a server's configuration file.
pub(crate) fn configuration(kind: ServerKind, settings: &Settings, listen: Listen) -> String {
    match kind {
        ServerKind::Nats => nats(settings, listen),
        ServerKind::NatsJetstream => {
            nats(settings, listen) + "jetstream { store_dir: \"jetstream\" }\n"
        }
        ServerKind::Mosquitto => mosquitto(settings, listen),
        ServerKind::Redis => redis(settings, listen),
    }
}

fn nats(settings: &Settings, listen: Listen) -> String {
    let Listen { address, port, .. } = listen;
    let limits = NatsLimits::of(settings.message_bytes);
    let payload = limits.payload_bytes;
    let mut text = format!("host: \"{address}\"\nport: {port}\nmax_payload: {payload}\n");
    if let Some(monitor) = listen.monitor_port {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "http: \"{address}:{monitor}\"");
    }
    match (settings.tuning, limits.pending_bytes) {
        (Tuning::Tuned, _) => text += &tuned::nats(limits),
        (Tuning::Default, Some(pending)) => {
            let _ = writeln!(text, "max_pending: {pending}");
        }
        (Tuning::Default, None) => {}
    }
    text
}

impl NatsLimits {
    fn of(message_bytes: usize) -> Self {
        let largest = message_bytes.saturating_add(NATS_HEADER_BYTES);
        let payload_bytes = largest.max(NATS_PAYLOAD_BYTES);
        Self {
            payload_bytes,
            // Room for two, or one large message alone would make its reader a slow consumer.
            pending_bytes: (payload_bytes > NATS_PENDING_BYTES)
                .then(|| payload_bytes.saturating_mul(2) as u64),
        }
    }
}

/// The user stays root where it is: a server that changes its user loses the signal that ends it
/// with its parent, and listens to this host alone anyhow. Nagle's algorithm is off because every
/// client here turns it off too; `$SYS` is refreshed as often as Mosquitto can, each 2 seconds,
/// so that its counters can be read at the end of a trial.
fn mosquitto(settings: &Settings, listen: Listen) -> String {
    let Listen { address, port, .. } = listen;
    let text = format!(
        "listener {port} {address}\n\
         allow_anonymous true\n\
         user root\n\
         persistence false\n\
         log_dest stderr\n\
         set_tcp_nodelay true\n\
         sys_interval 1\n"
    );
    match settings.tuning {
        Tuning::Default => text,
        Tuning::Tuned => text + &tuned::mosquitto(),
    }
}

/// No snapshots and no append-only file: a fork in the middle of a window is not what a trial of a
/// message bus measures.
fn redis(settings: &Settings, listen: Listen) -> String {
    let Listen { address, port, .. } = listen;
    let text = format!(
        "bind {address}\n\
         port {port}\n\
         protected-mode no\n\
         save \"\"\n\
         appendonly no\n"
    );
    match settings.tuning {
        Tuning::Default => text,
        Tuning::Tuned => text + &tuned::redis(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn text(kind: ServerKind, settings: &Settings) -> String {
        let listen = Listen {
            address: Ipv4Addr::LOCALHOST.into(),
            port: 4222,
            monitor_port: Some(8222),
        };
        configuration(kind, settings, listen)
    }

    fn nats_with(message_bytes: usize) -> String {
        let settings = Settings {
            message_bytes,
            ..Settings::default()
        };
        text(ServerKind::Nats, &settings)
    }

    #[test]
    fn a_small_message_leaves_nats_its_default_limit() {
        assert_eq!(
            nats_with(1000),
            "host: \"127.0.0.1\"\nport: 4222\nmax_payload: 1048576\nhttp: \"127.0.0.1:8222\"\n"
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
    #[test]
    fn tuned_servers_are_given_the_same_bounds_and_nothing_else_changes() {
        let check = |kind, message_bytes, expected: &str| {
            let plain = Settings {
                message_bytes,
                ..Settings::default()
            };
            let tuned = Settings {
                tuning: Tuning::Tuned,
                ..plain.clone()
            };
            let added = text(kind, &tuned).replace(&text(kind, &plain), "");
            assert_eq!(added, expected, "{kind}");
        };
        let nats = "max_pending: 1073741824\nwrite_deadline: \"60s\"\n";
        check(ServerKind::Nats, 100, nats);
        check(
            ServerKind::Mosquitto,
            100,
            "max_queued_messages 1000000\n\
             max_queued_bytes 1073741824\n\
             max_inflight_messages 65535\n",
        );
        check(
            ServerKind::Redis,
            100,
            "client-output-buffer-limit normal 1073741824 1073741824 60\n\
             client-output-buffer-limit pubsub 1073741824 1073741824 60\n",
        );
    }

    #[test]
    fn a_tuned_nats_has_room_for_two_of_the_largest_messages_too() {
        let settings = Settings {
            message_bytes: 700 << 20,
            tuning: Tuning::Tuned,
            ..Settings::default()
        };
        let text = text(ServerKind::Nats, &settings);
        assert!(text.contains("max_pending: 1468014592\n"), "{text}");
        assert_eq!(text.matches("max_pending").count(), 1, "{text}");
    }
}
