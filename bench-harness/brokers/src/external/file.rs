//! The file that `BUSBENCH_SERVERS` names: addresses and logins of running servers.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::kind::Program;
use crate::{BrokerError, Environment};

/// The file: a table for each server.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServersFile {
    nats: Option<Entry>,
    mosquitto: Option<Entry>,
    redis: Option<Entry>,
}

/// What the file says of a server. Its `Debug` form hides everything: a URL may hold a login.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) url: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
}

impl ServersFile {
    pub(super) fn entry(&self, program: Program) -> Option<&Entry> {
        match program {
            Program::Nats => self.nats.as_ref(),
            Program::Mosquitto => self.mosquitto.as_ref(),
            Program::Redis => self.redis.as_ref(),
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").finish_non_exhaustive()
    }
}

/// Reads the file; an empty one where the environment names none.
pub(super) fn read(environment: &Environment) -> Result<ServersFile, BrokerError> {
    let Some(path) = environment.get("BUSBENCH_SERVERS").map(Path::new) else {
        return Ok(ServersFile::default());
    };
    let text = fs::read_to_string(path).map_err(|error| BrokerError::ServersFile {
        path: path.to_owned(),
        line: None,
        reason: error.to_string(),
    })?;
    toml::from_str(&text).map_err(|error| BrokerError::ServersFile {
        path: path.to_owned(),
        line: error.span().map(|span| line_of(&text, span.start)),
        reason: reason(&error),
    })
}

/// Counted from 1.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.get(..offset).unwrap_or(text).matches('\n').count()
}

/// What is wrong, without any value: an error's own text may show a password's line.
fn reason(error: &toml::de::Error) -> String {
    let message = error.message();
    if message.starts_with("unknown field") {
        message.to_owned()
    } else {
        "expected tables [nats], [mosquitto], [redis] with the texts url, user, password".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        let path = file.path().to_str().unwrap();
        let error = read(&Environment::default().with("BUSBENCH_SERVERS", path)).unwrap_err();
        let message = error.to_string().replace(path, "FILE");
        assert_eq!(message, expected);
        assert!(!format!("{error:?}").contains("sesame"), "{error:?}");
    }

    #[test]
    fn a_wrong_file_is_refused_by_line_without_showing_its_secrets() {
        check(
            "[nats]\nurl = \"nats://host\"\npasswort = \"sesame\"\n",
            "cannot read the servers of FILE, line 3: unknown field `passwort`, expected one of \
             `url`, `user`, `password`",
        );
        check(
            "[kafka]\npassword = \"sesame\"\n",
            "cannot read the servers of FILE, line 1: unknown field `kafka`, expected one of \
             `nats`, `mosquitto`, `redis`",
        );
    }

    #[test]
    fn a_password_that_is_no_text_is_not_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "[redis]\npassword = 5431763\n").unwrap();
        let path = file.path().to_str().unwrap();
        let error = read(&Environment::default().with("BUSBENCH_SERVERS", path)).unwrap_err();
        assert!(!error.to_string().contains("5431763"), "{error}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let environment = Environment::default().with("BUSBENCH_SERVERS", "/nowhere/servers.toml");
        let message = read(&environment).unwrap_err().to_string();
        assert!(message.contains("/nowhere/servers.toml"), "{message}");
    }
}
