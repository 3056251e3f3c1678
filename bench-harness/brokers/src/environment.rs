//! What the environment variables say of servers.

use std::collections::BTreeMap;
use std::fmt;

/// The environment variables that begin with `BUSBENCH_`, and `PATH`, as they were when it was
/// made. Its `Debug` form shows names only: values may be passwords.
///
/// `BUSBENCH_BIN_{NATS,MOSQUITTO,REDIS}`: paths of server binaries.
/// `BUSBENCH_IMAGE_{NATS,MOSQUITTO,REDIS}`: names of images.
/// `BUSBENCH_CONTAINER_NETWORK`: `host` or `published`, instead of what suits the engine.
/// `BUSBENCH_{NATS,MOSQUITTO,REDIS}_{URL,USER,PASSWORD}`: servers that run already.
/// `BUSBENCH_NATS_MONITOR_URL`: where such a NATS server's monitoring answers.
/// `BUSBENCH_SERVERS`: a TOML file with the same in tables `[nats]`, `[mosquitto]` and `[redis]`.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// This program's environment.
    #[must_use]
    pub fn of_this_program() -> Self {
        Self::from_pairs(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// An environment of the given names and values.
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let variables = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .filter(|(name, _)| name == "PATH" || name.starts_with("BUSBENCH_"))
            .collect();
        Self { variables }
    }

    /// A copy with one variable more, or changed.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The names of the variables that are set, in order.
    pub(crate) fn set(&self) -> impl Iterator<Item = &str> {
        let names = self.variables.keys().map(String::as_str);
        names.filter(|name| *name != "PATH" && self.get(name).is_some())
    }

    /// A variable's value; `None` where it is unset or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_set()
            .entries(self.variables.keys())
            .finish()
    }
}
