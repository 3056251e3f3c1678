//! NATS: `/varz`, `/connz` and `/jsz` of its monitoring.
//! (<https://docs.nats.io/running-a-nats-service/nats_admin/monitoring>)
//!
//! A server's own sums hold requests, acknowledgements and barriers beside the traffic, so messages
//! are told for each connection, by the name that its client gave itself. A server keeps the last
//! 10 000 connections that ended (`max_closed_clients`).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::http::get;
use super::{ConnectionCounters, Counters, CountersError, Pending, grown};

type Monitor = (String, u16);

/// Between two readings that are to be alike: a connection that ended a moment ago may still be
/// counted.
const SETTLE: Duration = Duration::from_millis(20);
/// More connections than a trial can have; the server's own default is 1024.
const CONNECTIONS: u32 = 65_536;

/// The sums of a whole server.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Totals {
    server_id: String,
    start: String,
    in_bytes: u64,
    out_bytes: u64,
    slow_consumers: u64,
}

#[derive(Debug, Deserialize)]
struct Connections {
    connections: Vec<Connection>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Connection {
    cid: u64,
    #[serde(default)]
    name: String,
    pending_bytes: u64,
    in_msgs: u64,
    out_msgs: u64,
    /// Of a connection that ended.
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Deserialize)]
struct Jetstream {
    #[serde(default)]
    account_details: Vec<Account>,
}

#[derive(Debug, Deserialize)]
struct Account {
    #[serde(default)]
    stream_detail: Vec<Stream>,
}

#[derive(Debug, Deserialize)]
struct Stream {
    name: String,
    state: StreamState,
}

#[derive(Debug, Deserialize)]
struct StreamState {
    last_seq: u64,
}

pub(super) async fn totals(monitor: &Monitor) -> Result<Totals, CountersError> {
    get(monitor, "/varz").await
}

pub(super) async fn since(
    monitor: &Monitor,
    before: &Totals,
    jetstream: bool,
) -> Result<Counters, CountersError> {
    let connections = settled(monitor).await?;
    let stored = if jetstream {
        stored(&get(monitor, "/jsz?accounts=true&streams=true").await?)
    } else {
        None
    };
    let after = totals(monitor).await?;
    let source = if jetstream {
        "/varz, /connz, /jsz"
    } else {
        "/varz, /connz"
    };
    if (&after.server_id, &after.start) != (&before.server_id, &before.start) {
        return Ok(Counters {
            source: source.to_owned(),
            restarted: Some(format!(
                "server {} of {} answers instead of {} of {}",
                after.server_id, after.start, before.server_id, before.start
            )),
            ..Counters::default()
        });
    }
    Ok(Counters {
        source: source.to_owned(),
        stored,
        cut_off: grown(Some(before.slow_consumers), Some(after.slow_consumers)),
        bytes_in: grown(Some(before.in_bytes), Some(after.in_bytes)),
        bytes_out: grown(Some(before.out_bytes), Some(after.out_bytes)),
        connections: connections
            .into_values()
            .filter(|connection| !connection.name.is_empty())
            .map(|connection| ConnectionCounters {
                name: connection.name,
                messages_in: connection.in_msgs,
                messages_out: connection.out_msgs,
                cut_off: Some(connection.reason).filter(|reason| is_cut_off(reason)),
            })
            .collect(),
        ..Counters::default()
    })
}

pub(super) async fn pending(monitor: &Monitor) -> Result<Pending, CountersError> {
    let open = connections(monitor, "open").await?.into_iter();
    Ok(Pending {
        bytes: Some(open.map(|connection| connection.pending_bytes).sum()),
        subscribers: None,
    })
}

/// Connections that are open now; monitoring has none.
pub(super) async fn connections_now(monitor: &Monitor) -> Result<u64, CountersError> {
    Ok(connections(monitor, "open").await?.len() as u64)
}

/// All connections, open and ended, once two readings of them are alike.
async fn settled(monitor: &Monitor) -> Result<BTreeMap<u64, Connection>, CountersError> {
    let mut last = all(monitor).await?;
    loop {
        tokio::time::sleep(SETTLE).await;
        let now = all(monitor).await?;
        if now == last {
            return Ok(now);
        }
        last = now;
    }
}

/// The open ones first: one that ends meanwhile is then found among those that ended.
async fn all(monitor: &Monitor) -> Result<BTreeMap<u64, Connection>, CountersError> {
    let mut all = BTreeMap::new();
    for state in ["open", "closed"] {
        for connection in connections(monitor, state).await? {
            all.insert(connection.cid, connection);
        }
    }
    Ok(all)
}

async fn connections(monitor: &Monitor, state: &str) -> Result<Vec<Connection>, CountersError> {
    let path = format!("/connz?state={state}&limit={CONNECTIONS}");
    let found: Connections = get(monitor, &path).await?;
    Ok(found.connections)
}

/// Messages that ever were in our stream, which is made anew for each trial; `None` without one.
fn stored(jetstream: &Jetstream) -> Option<u64> {
    jetstream
        .account_details
        .iter()
        .flat_map(|account| &account.stream_detail)
        .find(|stream| stream.name == "busbench")
        .map(|stream| stream.state.last_seq)
}

/// The server's words: `Slow Consumer (Pending Bytes)`, `Slow Consumer (Write Deadline)`.
fn is_cut_off(reason: &str) -> bool {
    reason.starts_with("Slow Consumer")
}

#[cfg(test)]
mod tests {
    use super::{Jetstream, is_cut_off, stored};

    #[test]
    fn only_our_own_stream_is_counted() {
        let check = |json: &str, expected| {
            let read: Jetstream = serde_json::from_str(json).unwrap();
            assert_eq!(stored(&read), expected, "{json}");
        };
        check(r#"{"streams": 0}"#, None);
        check(r#"{"account_details": [{"name": "$G"}]}"#, None);
        let two = r#"{"account_details": [{"stream_detail": [
            {"name": "theirs", "state": {"messages": 1, "last_seq": 7}},
            {"name": "busbench", "state": {"messages": 5, "first_seq": 6, "last_seq": 10}}]}]}"#;
        check(two, Some(10));
    }

    #[test]
    fn a_connection_that_its_client_closed_was_not_cut_off() {
        assert!(is_cut_off("Slow Consumer (Write Deadline)"));
        assert!(is_cut_off("Slow Consumer (Pending Bytes)"));
        assert!(!is_cut_off("Client Closed"));
        assert!(!is_cut_off(""));
    }
}
