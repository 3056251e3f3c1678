//! What of a run was emulated.

use super::{Cell, RunRecord};

/// What of a run was not run by a CPU of its own architecture, as far as is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emulation {
    /// Whether the program that sends and measures was.
    pub harness: bool,
    /// The servers that were, in order of their names.
    pub servers: Vec<String>,
    /// Whether a server took part that was not.
    pub has_native_servers: bool,
}

impl RunRecord {
    /// What of it was emulated; `None` where nothing was.
    #[must_use]
    pub fn emulation(&self) -> Option<Emulation> {
        let is_emulated = |id: &&String| self.servers[*id].emulated;
        let servers: Vec<String> = self.servers.keys().filter(is_emulated).cloned().collect();
        let emulation = Emulation {
            harness: self.host.emulated,
            has_native_servers: servers.len() < self.servers.len(),
            servers,
        };
        (emulation.harness || !emulation.servers.is_empty()).then_some(emulation)
    }

    /// Whether anything that a cell's figures rest on was emulated: the harness or the cell's server.
    #[must_use]
    pub fn emulates(&self, cell: &Cell) -> bool {
        let server = cell.server.as_ref().and_then(|id| self.servers.get(id));
        self.host.emulated || server.is_some_and(|server| server.emulated)
    }
}

impl Emulation {
    /// What was, in a word or a few: `emulated`, `harness emulated`, `servers emulated`,
    /// `nats, redis emulated`.
    #[must_use]
    pub fn words(&self) -> String {
        match (self.harness, self.has_native_servers) {
            (true, false) => "emulated".to_owned(),
            (true, true) if self.servers.is_empty() => "harness emulated".to_owned(),
            (true, true) => format!("harness, {} emulated", self.servers.join(", ")),
            (false, true) => format!("{} emulated", self.servers.join(", ")),
            (false, false) => "servers emulated".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::comparison::conditions_that_differ;
    use crate::fixtures::{aarch64_run, emulated_run, emulated_servers_run, run};
    use crate::summarise;

    #[test]
    fn what_was_emulated_is_said_in_few_words() {
        let words = |run: crate::Run| run.record.emulation().map(|emulation| emulation.words());
        assert_eq!(words(run()), None);
        assert_eq!(words(aarch64_run()), None);
        assert_eq!(words(emulated_run()).as_deref(), Some("emulated"));
        let mut servers = emulated_servers_run();
        let some = "mosquitto, nats, nats-jetstream emulated";
        assert_eq!(words(servers.clone()).as_deref(), Some(some));
        servers.record.servers.retain(|_, server| server.emulated);
        assert_eq!(words(servers).as_deref(), Some("servers emulated"));
        let mut harness = run();
        harness.record.host.emulated = true;
        assert_eq!(words(harness.clone()).as_deref(), Some("harness emulated"));
        harness.record.servers.clear();
        assert_eq!(words(harness).as_deref(), Some("emulated"));
    }

    #[test]
    fn a_cell_is_emulated_where_its_own_server_is() {
        let run = emulated_servers_run();
        for cell in &run.record.cells {
            let expected = cell.server.is_some() && !cell.key.bus.starts_with("redis");
            assert_eq!(run.record.emulates(cell), expected, "{}", cell.id);
        }
    }

    #[test]
    fn a_row_says_so_and_stands_in_no_ranking_with_hardware() {
        let rows = summarise(&emulated_servers_run());
        let of = |bus: &str| rows.iter().find(|row| row.bus == bus).unwrap();
        let (emulated, native) = (of("nats-core"), of("redis-pubsub"));
        assert!(emulated.emulated && !native.emulated);
        assert!(conditions_that_differ(emulated, native).contains(&"emulated"));
    }
}
