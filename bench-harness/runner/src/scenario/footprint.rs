//! A scenario of footprints: what servers and client programs take before any message flows.

use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;
use std::time::Duration;

use busbench_brokers::{Provider, ServerKind};
use serde::{Deserialize, Serialize};

use super::overrides::{OverrideError, followed, names, one};
use super::text::{self, duration};

/// The keys that `--set` knows of such a scenario, which are their places in its file.
pub const FOOTPRINT_KEYS: [&str; 8] = [
    "footprint.servers",
    "footprint.providers",
    "footprint.clients",
    "footprint.idle_clients",
    "footprint.settle",
    "footprint.window",
    "trials",
    "seed",
];

/// A scenario of footprints with the name of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FootprintScenario {
    /// The file's name without `.toml`.
    pub name: String,
    /// Where it was read from.
    pub path: PathBuf,
    /// What it says.
    pub file: FootprintFile,
}

/// A scenario of footprints as its file says it, defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FootprintFile {
    /// The question that the scenario answers, one sentence.
    pub question: String,
    /// Seed of the order of trials.
    pub seed: u64,
    /// Trials of each server and client program.
    pub trials: NonZeroU32,
    /// Whose footprints, and how they are taken.
    pub footprint: Footprint,
}

/// Whose footprints, and how they are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Footprint {
    /// Servers, each with its own configuration.
    pub servers: Vec<ServerKind>,
    /// How they are started; one cell for each.
    #[serde(default = "defaults::providers")]
    pub providers: Vec<FootprintProvider>,
    /// Whether client programs are measured too, where `scripts/clients` has built them.
    #[serde(default = "defaults::clients")]
    pub clients: bool,
    /// Clients that are connected and subscribed, with nothing to receive.
    #[serde(default = "defaults::idle_clients")]
    pub idle_clients: NonZeroU16,
    /// Time before each window: what a start or a connection has begun comes to rest.
    #[serde(with = "text::duration", default = "defaults::settle")]
    pub settle: Duration,
    /// How long CPU time is counted, without clients and with them.
    #[serde(with = "text::duration", default = "defaults::window")]
    pub window: Duration,
}

/// How a server whose footprint is taken is started. Of somebody else's server nothing can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FootprintProvider {
    /// As a process of this machine.
    Process,
    /// In a container.
    Container,
}

impl FootprintProvider {
    /// The name that scenarios, results and reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Container => "container",
        }
    }
}

impl From<FootprintProvider> for Provider {
    fn from(provider: FootprintProvider) -> Self {
        match provider {
            FootprintProvider::Process => Self::Process,
            FootprintProvider::Container => Self::Container,
        }
    }
}

mod defaults {
    use std::num::NonZeroU16;
    use std::time::Duration;

    use super::FootprintProvider;

    pub(super) fn providers() -> Vec<FootprintProvider> {
        vec![FootprintProvider::Process, FootprintProvider::Container]
    }

    pub(super) fn clients() -> bool {
        true
    }

    pub(super) fn idle_clients() -> NonZeroU16 {
        const { NonZeroU16::new(100).unwrap() }
    }

    pub(super) fn settle() -> Duration {
        Duration::from_secs(2)
    }

    pub(super) fn window() -> Duration {
        Duration::from_secs(5)
    }
}

impl FootprintFile {
    /// Follows one `KEY=VALUE`; a key that is a list in the file takes values parted by commas.
    pub fn set(&mut self, assignment: &str) -> Result<(), OverrideError> {
        followed(assignment, &FOOTPRINT_KEYS, |key, value| {
            self.assign(key, value)
        })
    }

    fn assign(&mut self, key: &str, value: &str) -> Result<(), String> {
        let footprint = &mut self.footprint;
        match key {
            "footprint.servers" => footprint.servers = names(value)?,
            "footprint.providers" => footprint.providers = names(value)?,
            "footprint.clients" => footprint.clients = one(value)?,
            "footprint.idle_clients" => footprint.idle_clients = one(value)?,
            "footprint.settle" => footprint.settle = duration::parse(value)?,
            "footprint.window" => footprint.window = duration::parse(value)?,
            "trials" => self.trials = one(value)?,
            "seed" => self.seed = one(value)?,
            _ => return Err("no such key".to_owned()),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FOOTPRINT_KEYS, FootprintFile};
    use crate::scenario::AnyScenario;

    const LEAST: &str = r#"
        question = "What does it take?"
        seed = 1
        trials = 5

        [footprint]
        servers = ["nats", "redis"]
    "#;

    fn file(text: &str) -> FootprintFile {
        match AnyScenario::parse(Path::new("test.toml"), text).unwrap() {
            AnyScenario::Footprint(scenario) => scenario.file,
            AnyScenario::Messages(scenario) => unreachable!("{scenario:?}"),
        }
    }

    #[test]
    fn every_settable_key_changes_the_place_that_it_names() {
        for key in FOOTPRINT_KEYS {
            let value = match key {
                "footprint.servers" => "mosquitto,nats-jetstream",
                "footprint.providers" => "container",
                "footprint.clients" => "false",
                "footprint.settle" | "footprint.window" => "7s",
                _ => "7",
            };
            let mut changed = file(LEAST);
            changed.set(&format!("{key}={value}")).unwrap();
            let at = |file: &FootprintFile| {
                let value = serde_json::to_value(file).unwrap();
                value
                    .pointer(&format!("/{}", key.replace('.', "/")))
                    .cloned()
            };
            assert!(at(&changed).is_some(), "{key}");
            assert_ne!(at(&changed), at(&file(LEAST)), "{key}");
        }
    }

    #[test]
    fn what_cannot_be_followed_says_which_key_and_why() {
        let check = |assignment: &str, expected: &str| {
            let message = file(LEAST).set(assignment).unwrap_err().to_string();
            assert!(message.contains(expected), "{message:?} lacks {expected:?}");
        };
        check(
            "rate=1",
            "`--set rate`: no such key; one of footprint.servers,",
        );
        check("footprint.window=0s", "a duration above zero is expected");
        check("footprint.idle_clients=0", "number would be zero");
        check(
            "footprint.providers=external",
            "unknown variant `external`, expected `process` or `container`",
        );
        check("footprint.servers=kafka", "unknown variant `kafka`");
    }

    #[test]
    fn what_is_neither_kind_of_scenario_or_both_is_refused_with_its_place() {
        let check = |text: &str, expected: &str| {
            let error = AnyScenario::parse(Path::new("test.toml"), text).unwrap_err();
            let message = error.to_string();
            assert!(message.contains(expected), "{message:?} lacks {expected:?}");
            assert!(message.contains("line "), "{message:?} has no place");
        };
        let both = format!("{LEAST}\n[matrix]\nbus = [\"null\"]\n");
        check(&both, "unknown field `matrix`, expected one of `question`");
        check(&LEAST.replace("seed", "sead"), "unknown field `sead`");
        check(
            &LEAST.replace("servers", "server"),
            "unknown field `server`",
        );
        check(
            &LEAST.replace("\"nats\"", "\"kafka\""),
            "unknown variant `kafka`",
        );
        let external = format!("{LEAST}providers = [\"external\"]");
        check(&external, "unknown variant `external`");
        let neither = LEAST.replace("[footprint]", "[matrix]");
        check(&neither, "unknown field `servers`");
    }
}
