//! Redis: `INFO` and `CLIENT LIST`.
//! (<https://redis.io/docs/latest/commands/info/>, <https://redis.io/docs/latest/commands/client-list/>)
//!
//! A server counts the commands that it is sent, not the messages that it sends to subscribers.

use tokio::net::TcpStream;

use super::{Counters, CountersError, Pending, grown};
use crate::ServerAddress;
use crate::handshake::Bounded;
use crate::handshake::redis::{Reply, ask, log_in};

const SOURCE: &str = "INFO, CLIENT LIST";

/// The counters of a server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Totals {
    run_id: String,
    /// `PUBLISH` and `XADD` commands.
    messages_in: u64,
    /// `XADD` commands that did what they should.
    stored: u64,
    bytes_in: Option<u64>,
    bytes_out: Option<u64>,
    /// Counted by later servers than 7.0.
    cut_off: Option<u64>,
}

pub(super) async fn totals(address: &ServerAddress) -> Result<Totals, CountersError> {
    let mut connection = Connection::open(address).await?;
    let mut totals = Totals::default();
    // Each section of its own: `INFO` takes several only since 7.0.
    for section in ["server", "stats", "commandstats"] {
        let text = connection.text(&["INFO", section]).await?;
        totals.read(&text);
    }
    if totals.run_id.is_empty() || totals.bytes_in.is_none() {
        return Err(connection.unreadable("INFO", "it lacks `run_id` or `total_net_input_bytes`"));
    }
    Ok(totals)
}

pub(super) async fn since(
    address: &ServerAddress,
    before: &Totals,
) -> Result<Counters, CountersError> {
    let after = totals(address).await?;
    if after.run_id != before.run_id {
        return Ok(Counters {
            source: SOURCE.to_owned(),
            restarted: Some(format!(
                "run_id {} instead of {}",
                after.run_id, before.run_id
            )),
            ..Counters::default()
        });
    }
    Ok(Counters {
        source: SOURCE.to_owned(),
        messages_in: grown(Some(before.messages_in), Some(after.messages_in)),
        stored: grown(Some(before.stored), Some(after.stored)),
        cut_off: grown(before.cut_off, after.cut_off),
        bytes_in: grown(before.bytes_in, after.bytes_in),
        bytes_out: grown(before.bytes_out, after.bytes_out),
        ..Counters::default()
    })
}

pub(super) async fn pending(address: &ServerAddress) -> Result<Pending, CountersError> {
    let mut connection = Connection::open(address).await?;
    let list = connection
        .text(&["CLIENT", "LIST", "TYPE", "pubsub"])
        .await?;
    Ok(waiting(&list))
}

/// Clients that are connected now, but for this connection (`connected_clients`).
pub(super) async fn connections(address: &ServerAddress) -> Result<u64, CountersError> {
    let mut connection = Connection::open(address).await?;
    let text = connection.text(&["INFO", "clients"]).await?;
    let connected = text
        .lines()
        .find_map(|line| line.strip_prefix("connected_clients:"))
        .and_then(|number| number.trim().parse::<u64>().ok());
    connected
        .map(|connected| connected.saturating_sub(1))
        .ok_or_else(|| connection.unreadable("INFO clients", "it lacks `connected_clients`"))
}

/// What the output buffers of subscribers hold (`omem`), one client a line.
fn waiting(list: &str) -> Pending {
    let clients = list.lines().filter(|line| !line.trim().is_empty());
    let bytes = |line: &str| {
        let field = line
            .split(' ')
            .find_map(|field| field.strip_prefix("omem="))?;
        field.parse::<u64>().ok()
    };
    Pending {
        bytes: clients.clone().map(bytes).sum(),
        subscribers: Some(clients.count() as u64),
    }
}

impl Totals {
    /// Takes what a section of `INFO` says.
    fn read(&mut self, section: &str) {
        for (name, value) in section.lines().filter_map(|line| line.split_once(':')) {
            let number = || value.trim().parse::<u64>().ok();
            match name {
                "run_id" => value.trim().clone_into(&mut self.run_id),
                "total_net_input_bytes" => self.bytes_in = number(),
                "total_net_output_bytes" => self.bytes_out = number(),
                "client_output_buffer_limit_disconnections" => self.cut_off = number(),
                "cmdstat_publish" => self.messages_in += field(value, "calls"),
                "cmdstat_xadd" => {
                    let calls = field(value, "calls");
                    self.messages_in += calls;
                    self.stored = calls.saturating_sub(field(value, "failed_calls"));
                }
                _ => {}
            }
        }
    }
}

/// A number in `calls=5,usec=26,failed_calls=0`. A command that was never called has no line at all.
fn field(value: &str, name: &str) -> u64 {
    value
        .trim()
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .and_then(|(_, number)| number.parse().ok())
        .unwrap_or(0)
}

struct Connection {
    stream: Bounded<TcpStream>,
    address: String,
}

impl Connection {
    async fn open(address: &ServerAddress) -> Result<Self, CountersError> {
        let failed = |reason: String| CountersError::Unreadable {
            what: "INFO".to_owned(),
            address: address.to_string(),
            reason,
        };
        let stream = TcpStream::connect((address.host.as_str(), address.port))
            .await
            .map_err(|error| failed(error.to_string()))?;
        let mut stream = Bounded::new(stream);
        log_in(&mut stream, address.login.as_ref())
            .await
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            stream,
            address: address.to_string(),
        })
    }

    /// The text that a command answers.
    async fn text(&mut self, command: &[&str]) -> Result<String, CountersError> {
        match ask(&mut self.stream, command).await {
            Ok(Reply::Text(text)) => Ok(text),
            Ok(Reply::Error(error)) => Err(self.unreadable(&command.join(" "), &error)),
            Ok(Reply::List(_)) => Err(self.unreadable(&command.join(" "), "it answers a list")),
            Err(error) => Err(self.unreadable(&command.join(" "), &error.to_string())),
        }
    }

    fn unreadable(&self, what: &str, reason: &str) -> CountersError {
        CountersError::Unreadable {
            what: what.to_owned(),
            address: self.address.clone(),
            reason: reason.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Totals, waiting};
    use crate::Pending;

    #[test]
    fn info_tells_what_was_published_and_what_was_stored() {
        let mut totals = Totals::default();
        totals.read("# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\n");
        totals.read(
            "# Stats\r\ntotal_net_input_bytes:25\r\ntotal_net_output_bytes:7\r\nevicted_clients:0\r\n",
        );
        totals.read(
            "# Commandstats\r\n\
             cmdstat_publish:calls=4000,usec=28431,usec_per_call=7.11,rejected_calls=0,failed_calls=0\r\n\
             cmdstat_xadd:calls=10,usec=1,usec_per_call=0.10,rejected_calls=1,failed_calls=3\r\n",
        );
        let expected = Totals {
            run_id: "abc".to_owned(),
            messages_in: 4010,
            stored: 7,
            bytes_in: Some(25),
            bytes_out: Some(7),
            cut_off: None,
        };
        assert_eq!(totals, expected);
    }

    #[test]
    fn the_list_of_clients_tells_what_waits_for_them() {
        let list = "id=13 addr=127.0.0.1:47642 oll=198 omem=4059792 tot-mem=4097448 cmd=psubscribe\n\
                    id=14 addr=127.0.0.1:47643 oll=0 omem=0 tot-mem=1 cmd=psubscribe\n";
        let expected = Pending {
            bytes: Some(4_059_792),
            subscribers: Some(2),
        };
        assert_eq!(waiting(list), expected);
        let none = Pending {
            bytes: Some(0),
            subscribers: Some(0),
        };
        assert_eq!(waiting(""), none);
        assert_eq!(
            waiting("id=1 addr=x\n").bytes,
            None,
            "nothing is made a zero"
        );
    }
}
